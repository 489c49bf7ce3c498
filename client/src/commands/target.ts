/** Which layer a command is meant for: a tree node, a location as text, the resource of an info, or the editor in front. */
import * as vscode from "vscode";
import { layerLocationOf } from "../fileSystem/locationUri.ts";
import { documentKindOf } from "../server/documentSelector.ts";
import { placeOf } from "./command.ts";

/** Location of the layer that `target` stands for. */
export function layerOf(target: unknown): string | undefined {
  if (typeof target === "string") {
    return target;
  }
  return target instanceof vscode.Uri ? layerLocationOf(target) : placeOf(target)?.location;
}

/** Location of the layer whose `info` is in front, as text or in its form. */
export function layerInFront(): string | undefined {
  const document = vscode.window.activeTextEditor?.document;
  if (document !== undefined && documentKindOf(document.getText()) === "info") {
    return layerLocationOf(document.uri);
  }
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom ? layerLocationOf(input.uri) : undefined;
}
