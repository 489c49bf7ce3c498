/** How layers, scales and files read in the tree. Plain text in, plain text out; `tooltip` parts are for Markdown and are escaped by the caller. */
import type { LayerSummary, ScaleSummary } from "../../../schemas/protocol/storage.ts";
import type { Triple } from "../../../schemas/protocol/volume.ts";
import type { Translate } from "../base/l10n.ts";

/** One row of a tooltip. */
export type Detail = readonly [label: string, value: string];

/** `segmentation · uint64 · 1024×1024×512 · 8×8×40 nm`. A layer without scales says its kind. */
export function describeLayer(layer: LayerSummary, t: Translate): string {
  const [finest] = layer.scales ?? [];
  const parts = [
    kindText(layer, t),
    layer.dtype,
    finest === undefined ? undefined : sizeText(finest.size),
    finest === undefined ? undefined : resolutionText(finest.resolutionNm),
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}

/** Rows of a layer's tooltip. */
export function layerDetails(layer: LayerSummary, t: Translate): readonly Detail[] {
  const [finest] = layer.scales ?? [];
  const rows: (Detail | undefined)[] = [
    [t("Type"), kindText(layer, t)],
    layer.dtype === undefined ? undefined : [t("Data type"), layer.dtype],
    layer.channels === undefined ? undefined : [t("Channels"), countText(layer.channels)],
    finest === undefined ? undefined : [t("Size"), `${sizeText(finest.size)} ${t("voxels")}`],
    finest === undefined ? undefined : [t("Resolution"), resolutionText(finest.resolutionNm)],
    finest === undefined ? undefined : [t("Extent"), extentText(finest)],
    layer.scales === undefined ? undefined : [t("Scales"), countText(layer.scales.length)],
    ...Object.entries(layer.references ?? {}),
    layer.problem === undefined ? undefined : [t("Problem"), layer.problem],
  ];
  return rows.filter((row) => row !== undefined);
}

/** `512×512×256 · 16×16×40 nm · jpeg · 83,214 chunks`. */
export function describeScale(scale: ScaleSummary, t: Translate): string {
  return [
    sizeText(scale.size),
    resolutionText(scale.resolutionNm),
    scale.encoding,
    chunksText(scale.chunkCount, t),
    ...(scale.isSharded ? [t("sharded")] : []),
  ].join(" · ");
}

/** Rows of a scale's tooltip. */
export function scaleDetails(scale: ScaleSummary, t: Translate): readonly Detail[] {
  return [
    [t("Key"), scale.key],
    [t("Size"), `${sizeText(scale.size)} ${t("voxels")}`],
    [t("Resolution"), resolutionText(scale.resolutionNm)],
    [t("Extent"), extentText(scale)],
    [t("Encoding"), scale.encoding],
    [t("Chunks"), countText(scale.chunkCount)],
    [t("Storage"), scale.isSharded ? t("sharded") : t("one file a chunk")],
  ];
}

/** `83,214 chunks`; `1 chunk`. */
export function chunksText(count: number, t: Translate, isLowerBound = false): string {
  if (isLowerBound) {
    return t("more than {0} chunks", countText(count));
  }
  return count === 1 ? t("1 chunk") : t("{0} chunks", countText(count));
}

/** `1.4 MB`; decimal units, as file managers show them. */
export function bytesText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  const digits = power > 0 && value < 10 ? 1 : 0;
  return `${countText(Number(value.toFixed(digits)))} ${power === 0 && bytes === 1 ? "byte" : units[power]}`;
}

/** Name of the icon of a layer, from VS Code's own set. */
export function layerIcon(layer: LayerSummary): string {
  if (layer.problem !== undefined) {
    return "warning";
  }
  const icons: Readonly<Record<LayerSummary["kind"], string>> = {
    image: "file-media",
    segmentation: "symbol-color",
    mesh: "symbol-misc",
    skeletons: "git-branch",
    annotations: "location",
    segment_properties: "list-flat",
    unknown: "question",
  };
  return icons[layer.kind];
}

/** Can its slices be shown? */
export function isVolume(layer: LayerSummary): boolean {
  return layer.kind === "image" || layer.kind === "segmentation";
}

/** `1024×1024×512`. */
export function sizeText(size: Triple): string {
  return size.join("×");
}

/** `8×8×40 nm`. */
export function resolutionText(resolutionNm: Triple): string {
  return `${resolutionNm.map((value) => Number(value.toPrecision(6))).join("×")} nm`;
}

function kindText(layer: LayerSummary, t: Translate): string {
  const names: Readonly<Record<LayerSummary["kind"], string>> = {
    image: t("image"),
    segmentation: t("segmentation"),
    mesh: t("meshes"),
    skeletons: t("skeletons"),
    annotations: t("annotations"),
    segment_properties: t("segment properties"),
    unknown: t("unknown kind of layer"),
  };
  return names[layer.kind];
}

/** The physical size: `8.19 × 8.19 × 20.5 µm`. */
function extentText({ size, resolutionNm }: ScaleSummary): string {
  const extents = size.map((voxels, axis) => voxels * (resolutionNm[axis] ?? 0));
  const [unit, nm] = lengthUnit(Math.max(...extents));
  return `${extents.map((extent) => Number((extent / nm).toPrecision(3))).join(" × ")} ${unit}`;
}

function lengthUnit(nm: number): readonly [unit: string, nm: number] {
  if (nm >= 1e6) {
    return ["mm", 1e6];
  }
  return nm >= 1e3 ? ["µm", 1e3] : ["nm", 1];
}

function countText(count: number): string {
  return count.toLocaleString("en-US");
}
