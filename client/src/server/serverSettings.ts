/** Settings that the server is told at its start: when one changes, it starts afresh. It keeps nothing that is lost by that. */
import type * as vscode from "vscode";
import { debounce } from "../base/debounce.ts";
import { DisposableStore } from "../base/disposable.ts";
import type { ClientContext } from "../context.ts";
import { settings } from "../contributions.ts";

const atStart = [settings.lintRules, settings.lintTargets, settings.cacheSizeMB] as const;
/** Pause in changes before the server is started afresh: the settings editor writes at each keystroke. */
const pauseMs = 1_000;

export function registerServerSettings(ctx: ClientContext): vscode.Disposable {
  const disposables = new DisposableStore();
  const restart = disposables.add(
    debounce(() => {
      if (ctx.server.state !== "stopped") {
        ctx.server.restart().catch((error: unknown) => ctx.log.error(String(error)));
      }
    }, pauseMs),
  );
  disposables.add(
    ctx.settings.onDidChange((event) => {
      if (atStart.some((setting) => event.affectsConfiguration(setting))) {
        restart();
      }
    }),
  );
  return disposables;
}
