/** A location in the words of other programs. */
import type { LayerSummary, PlaceDescription } from "../../../schemas/protocol/storage.ts";
import type { Translate } from "../base/l10n.ts";
import { pythonSnippet } from "./pythonSnippet.ts";

export interface Link {
  readonly label: string;
  readonly text: string;
}

/** The links that make sense for a place; those for layers only where it is one. */
export function linksOf(place: PlaceDescription, layer: LayerSummary | undefined, t: Translate): readonly Link[] {
  const { url, https, neuroglancer } = place.links;
  const links: Link[] = [{ label: t("Location"), text: url }];
  if (https !== undefined && https !== url) {
    links.push({ label: t("URL for a browser"), text: https });
  }
  if (layer === undefined) {
    return links;
  }
  links.push({ label: t("Python"), text: pythonSnippet(url) });
  if (neuroglancer !== undefined) {
    links.push(
      { label: t("Neuroglancer source"), text: neuroglancer },
      { label: t("Neuroglancer link"), text: neuroglancerLink(neuroglancer, place.name, layer.kind) },
    );
  }
  return links;
}

/** Opens one layer in the public Neuroglancer, which must be able to read it. */
function neuroglancerLink(source: string, name: string, kind: LayerSummary["kind"]): string {
  const types: Readonly<Partial<Record<LayerSummary["kind"], string>>> = {
    image: "image",
    segmentation: "segmentation",
    mesh: "segmentation",
    skeletons: "segmentation",
    annotations: "annotation",
  };
  const state = { layers: [{ type: types[kind] ?? "auto", source, name }] };
  return `https://neuroglancer-demo.appspot.com/#!${encodeURIComponent(JSON.stringify(state))}`;
}
