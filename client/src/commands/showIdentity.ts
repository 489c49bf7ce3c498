/** "Who am I here?": the menu of the status bar item. */
import * as vscode from "vscode";
import { commands } from "../contributions.ts";
import type { Command } from "./command.ts";

export const showIdentity: Command = async ({ buckets }, target) => {
  const t = vscode.l10n.t;
  const items = [
    { label: `$(account) ${t("Sign In…")}`, command: commands.signIn },
    { label: `$(key) ${t("Use Credential File…")}`, command: commands.useCredentialFile },
    { label: `$(trash) ${t("Forget")}`, command: commands.forgetCredentials },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: t("Who Am I Here?") });
  if (chosen !== undefined) {
    await vscode.commands.executeCommand(chosen.command, target ?? buckets.selected);
  }
};
