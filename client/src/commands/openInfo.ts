/** "Show me the metadata": opens the layer's info as a form; the text is one "Reopen Editor With…" away. */
import * as vscode from "vscode";
import { customEditors } from "../contributions.ts";
import { infoUriOf } from "../fileSystem/locationUri.ts";
import { askLocation } from "./askLocation.ts";
import type { Command } from "./command.ts";
import { reportFailure } from "./reportFailure.ts";
import { layerInFront, layerOf } from "./target.ts";

export const openInfo: Command = async ({ ctx }, target) => {
  const location = layerOf(target) ?? layerInFront() ?? (await askLocation(ctx, vscode.l10n.t("Open Info")));
  if (location === undefined) {
    return;
  }
  const uri = target instanceof vscode.Uri ? target : infoUriOf(location);
  try {
    await vscode.commands.executeCommand("vscode.openWith", uri, customEditors.info);
  } catch (error) {
    await reportFailure(vscode.l10n.t("The info could not be opened"), error);
  }
};
