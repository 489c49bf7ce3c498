/** The one way in which a command tells that it failed. */
import * as vscode from "vscode";
import { commands } from "../contributions.ts";
import { toServerError } from "../server/serverError.ts";

/** Shows what failed and why, with a way to the log. A cancellation is no failure. */
export async function reportFailure(what: string, error: unknown): Promise<void> {
  const { wire } = toServerError(error);
  if (wire.tag === "cancelled") {
    return;
  }
  const showLog = vscode.l10n.t("Show Log");
  const chosen = await vscode.window.showErrorMessage(`${what}: ${wire.message}`, showLog);
  if (chosen === showLog) {
    await vscode.commands.executeCommand(commands.showLog);
  }
}
