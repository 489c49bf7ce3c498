/** "There are thousands of names here": shows only those that begin with a text, asked of the service, or contain it, among those listed. */
import * as vscode from "vscode";
import { BranchNode } from "../explorer/explorerNode.ts";
import type { Command } from "./command.ts";
import { folderOf } from "./places.ts";

export const filter: Command = async (services, target) => {
  const folder = folderOf(services, target);
  if (folder === undefined) {
    return;
  }
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t("Filter"),
    prompt: vscode.l10n.t(
      "Names that begin with this are asked of the service; among those listed already, names that contain it are shown too.",
    ),
    value: folder.filter ?? "",
  });
  if (text !== undefined) {
    folder.setFilter(text);
  }
};

/** "Show everything again". */
export const clearFilter: Command = (_services, target) => {
  if (target instanceof BranchNode) {
    target.setFilter(undefined);
  }
};
