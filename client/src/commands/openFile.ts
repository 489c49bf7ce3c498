/** "What is in this file?": opens it as text. */
import * as vscode from "vscode";
import { uriOfLocation } from "../fileSystem/locationUri.ts";
import { type Command, placeOf } from "./command.ts";
import { reportFailure } from "./reportFailure.ts";

export const openFile: Command = async (_services, target) => {
  const location = placeOf(target)?.location;
  if (location === undefined) {
    return;
  }
  try {
    await vscode.commands.executeCommand("vscode.open", uriOfLocation(location));
  } catch (error) {
    await reportFailure(vscode.l10n.t("The file could not be opened"), error);
  }
};
