/** The server in the status bar: shown only while there is something to say about it. */
import * as vscode from "vscode";
import { DisposableStore } from "../base/disposable.ts";
import { commands } from "../contributions.ts";
import type { ServerLink, ServerState } from "./link.ts";

/** Shows starts, pauses and failures; a failure also asks, once, whether to start again. */
export function registerStatusItem(server: ServerLink): vscode.Disposable {
  const disposables = new DisposableStore();
  const item = disposables.add(vscode.window.createStatusBarItem("cloudvolume.server", vscode.StatusBarAlignment.Left));
  item.name = vscode.l10n.t("CloudVolume Server");
  disposables.add(
    server.onDidChangeState((state) => {
      show(item, state);
      if (state === "failed") {
        void askToRestart();
      }
    }),
  );
  return disposables;
}

function show(item: vscode.StatusBarItem, state: ServerState): void {
  const t = vscode.l10n.t;
  switch (state) {
    case "stopped":
    case "running":
      item.hide();
      return;
    case "starting":
    case "waiting":
      item.text = "$(loading~spin) CloudVolume";
      item.tooltip = state === "starting" ? t("The server starts") : t("The server stopped and starts again");
      item.command = commands.showLog;
      break;
    case "failed":
      item.text = "$(error) CloudVolume";
      item.tooltip = t("The server does not run: choose to start it again");
      item.command = commands.restartServer;
      break;
    default:
      assertNever(state);
  }
  item.accessibilityInformation = { label: `CloudVolume, ${String(item.tooltip)}` };
  item.show();
}

async function askToRestart(): Promise<void> {
  const restart = vscode.l10n.t("Restart Server");
  const showLog = vscode.l10n.t("Show Log");
  const chosen = await vscode.window.showErrorMessage(
    vscode.l10n.t("The CloudVolume server does not run, and is not started again by itself."),
    restart,
    showLog,
  );
  if (chosen !== undefined) {
    await vscode.commands.executeCommand(chosen === restart ? commands.restartServer : commands.showLog);
  }
}

function assertNever(state: never): never {
  throw new Error(`unknown server state: ${String(state)}`);
}
