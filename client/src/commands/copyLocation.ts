/** "I need the address elsewhere": copies the location, without a query. */
import * as vscode from "vscode";
import { withoutQuery } from "../fileSystem/locationText.ts";
import { type Command, placeOf } from "./command.ts";

export const copyLocation: Command = async (_services, target) => {
  const location = placeOf(target)?.location;
  if (location !== undefined) {
    await vscode.env.clipboard.writeText(withoutQuery(location));
  }
};
