/** The question "which layer shall be added?": those beside the ones that are shown, those of the tree, or an address. */
import * as vscode from "vscode";
import { listFolder } from "../../../schemas/protocol/storage.ts";
import type { ClientContext } from "../context.ts";
import type { PlaceNode } from "../explorer/explorerNode.ts";
import { describeLayer, isVolume, layerIcon } from "../explorer/format.ts";
import { keyOf, nameOf, parentOf, withoutQuery } from "../fileSystem/locationText.ts";

interface LayerItem extends vscode.QuickPickItem {
  readonly location?: string;
}

export interface PickLayerOptions {
  readonly ctx: ClientContext;
  /** Volumes that the tree knows. */
  readonly knownVolumes: () => readonly PlaceNode[];
  /** Asks for an address. */
  readonly askLocation: (title: string) => Promise<string | undefined>;
}

/** Makes the question for a panel. It is given the locations that the panel shows, which are left out of the choice. */
export function createPickLayer(
  options: PickLayerOptions,
): (locations: readonly string[]) => Promise<string | undefined> {
  return async (locations) => {
    const title = vscode.l10n.t("Add Layer");
    const enter: LayerItem = { label: vscode.l10n.t("Enter Location…"), iconPath: new vscode.ThemeIcon("edit") };
    const items = layerItems(options, locations).then((found): LayerItem[] => [...found, enter]);
    const picked = await vscode.window.showQuickPick<LayerItem>(items, {
      title,
      placeHolder: vscode.l10n.t("A layer to draw above those that are shown"),
      matchOnDescription: true,
    });
    if (picked === undefined) {
      return undefined;
    }
    return picked.location ?? options.askLocation(title);
  };
}

async function layerItems({ ctx, knownVolumes }: PickLayerOptions, locations: readonly string[]): Promise<LayerItem[]> {
  const seen = new Set(locations.map(keyOf));
  const candidates = [...(await siblings(ctx, locations)), ...knownVolumes()];
  const items: LayerItem[] = [];
  for (const { location, layer } of candidates) {
    if (layer !== undefined && isVolume(layer) && !seen.has(keyOf(location))) {
      seen.add(keyOf(location));
      items.push({
        location,
        label: nameOf(location),
        description: describeLayer(layer, vscode.l10n.t),
        detail: withoutQuery(location),
        iconPath: new vscode.ThemeIcon(layerIcon(layer)),
      });
    }
  }
  return items;
}

/** Layers in the folders of those that are shown. A folder that cannot be listed has none to offer. */
async function siblings(
  ctx: ClientContext,
  locations: readonly string[],
): Promise<readonly Pick<PlaceNode, "location" | "layer">[]> {
  const folders = new Set(locations.map(parentOf).filter((folder) => folder !== undefined));
  const listings = await Promise.all(
    [...folders].map((location) =>
      ctx.server.request(listFolder, { location }).catch((error: unknown) => {
        ctx.log.debug(`no siblings from ${withoutQuery(location)}: ${String(error)}`);
        return { entries: [] };
      }),
    ),
  );
  return listings.flatMap(({ entries }) => entries);
}
