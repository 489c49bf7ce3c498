/** The input box for a location, for every command that needs one. */
import * as vscode from "vscode";
import { locationProblem } from "../fileSystem/locationText.ts";

/** Asks for a location and checks its form while it is typed; undefined when the user thinks better of it. */
export async function askLocation(title: string): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t(
      "A layer or a folder of layers: {0}, {1} or {2}",
      "https://host/dataset/layer",
      "precomputed://gs://bucket/layer",
      "/data/layers",
    ),
    placeHolder: "precomputed://https://host/dataset/layer",
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === "" ? undefined : locationProblem(text)),
  });
  const location = typed?.trim();
  return location === "" ? undefined : location;
}
