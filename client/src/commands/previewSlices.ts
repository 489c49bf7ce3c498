/** "Show me what is in this volume": opens its slices. From a menu, the layer; from the palette, the info in front, or an address. */
import * as vscode from "vscode";
import { askLocation } from "./askLocation.ts";
import type { Command } from "./command.ts";
import { layerInFront, layerOf } from "./target.ts";

export const previewSlices: Command = async ({ ctx, panels }, target) => {
  const location = layerOf(target) ?? layerInFront() ?? (await askLocation(ctx, vscode.l10n.t("Preview Slices")));
  if (location !== undefined) {
    panels.open([location]);
  }
};
