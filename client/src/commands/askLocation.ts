/** The input box for a location, for every command that needs one. */
import * as vscode from "vscode";
import { describePlace } from "../../../schemas/protocol/storage.ts";
import type { ClientContext } from "../context.ts";
import { locationProblem } from "../fileSystem/locationText.ts";
import { isServerGone, toServerError } from "../server/serverError.ts";

/**
 * Asks for a location in any form that the server understands: a path, a URL, a page of a cloud console, a whole command. What is wrong is said
 * while it is typed. Gives the location that it means; undefined when the user thinks better of it.
 */
export async function askLocation({ server }: ClientContext, title: string): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t(
      "A layer, a folder or a bucket: {0}, {1}, {2}, {3} or the page of a cloud console",
      "gs://bucket/layer",
      "s3://bucket/layer",
      "https://host/dataset/layer",
      "/data/layers",
    ),
    placeHolder: "precomputed://gs://bucket/layer",
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === "" ? undefined : problemOf(server, text)),
  });
  const text = typed?.trim() ?? "";
  return text === "" ? undefined : canonical(server, text);
}

async function problemOf(server: ClientContext["server"], text: string): Promise<string | undefined> {
  const problem = locationProblem(text);
  if (problem !== undefined) {
    return problem;
  }
  try {
    await server.request(describePlace, { text });
    return undefined;
  } catch (error) {
    const { wire } = toServerError(error);
    const hint = wire.data?.hint;
    // Without a server nothing can be said about the text; the tree will.
    return isServerGone(wire) ? undefined : `${wire.message}${typeof hint === "string" ? `; ${hint}` : ""}`;
  }
}

/** The location that a text means; the text itself where that cannot be had. */
async function canonical(server: ClientContext["server"], text: string): Promise<string> {
  try {
    return (await server.request(describePlace, { text })).location;
  } catch {
    return text;
  }
}
