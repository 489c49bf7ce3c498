/** "I go on in a notebook": copies the lines of Python that open the layer, at the scale that was chosen. */
import * as vscode from "vscode";
import { withoutQuery } from "../fileSystem/locationText.ts";
import { type Command, placeOf } from "./command.ts";
import { pythonSnippet } from "./pythonSnippet.ts";

export const copyAsPython: Command = async (_services, target) => {
  const place = placeOf(target);
  if (place !== undefined) {
    await vscode.env.clipboard.writeText(pythonSnippet(withoutQuery(place.location), place.mip));
  }
};
