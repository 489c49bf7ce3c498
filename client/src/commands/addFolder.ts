/** "I have layers on this machine": picks a folder and shows it in the Buckets view. */
import * as vscode from "vscode";
import type { Command } from "./command.ts";

export const addFolder: Command = async ({ buckets }) => {
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    canSelectMany: true,
    openLabel: vscode.l10n.t("Add to Buckets"),
    title: vscode.l10n.t("Add a Folder with Layers"),
  });
  for (const uri of picked ?? []) {
    await buckets.add(uri.fsPath);
  }
};
