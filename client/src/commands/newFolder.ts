/** "I want to put things in a place of their own": object stores have no folders, so the view remembers it until something is in it. */
import * as vscode from "vscode";
import { childOf, localPathOf } from "../fileSystem/locationText.ts";
import type { Command } from "./command.ts";
import { nameProblem } from "./names.ts";
import { checkAllowed, folderOf } from "./places.ts";
import { reportFailure } from "./reportFailure.ts";

export const newFolder: Command = async (services, target) => {
  const folder = folderOf(services, target);
  if (folder === undefined || !(await checkAllowed(services, folder))) {
    return;
  }
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t("New Folder"),
    prompt: vscode.l10n.t("Name of the folder; it is stored with the first object in it"),
    validateInput: (text) => nameProblem(text, vscode.l10n.t),
  });
  if (name === undefined || name === "") {
    return;
  }
  const local = localPathOf(childOf(folder.location, name));
  try {
    if (local !== undefined) {
      await vscode.workspace.fs.createDirectory(vscode.Uri.file(local));
      folder.refresh();
      return;
    }
  } catch (error) {
    await reportFailure(vscode.l10n.t("The folder could not be made"), error);
    return;
  }
  folder.addNewFolder(name);
};
