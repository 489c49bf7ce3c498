/** "Where is this on my disk?": shows a local file or folder in the file manager. */
import * as vscode from "vscode";
import { localPathOf } from "../fileSystem/locationText.ts";
import { type Command, placeOf } from "./command.ts";

export const revealInOs: Command = async (_services, target) => {
  const path = localPathOf(placeOf(target)?.location ?? "");
  if (path !== undefined) {
    await vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(path));
  }
};
