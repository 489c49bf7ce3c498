/** Long work on objects: progress with a cancel button, and what came of it. */
import * as vscode from "vscode";
import type { ObjectsOutcome } from "../../../schemas/protocol/objects.ts";
import type { ClientContext } from "../context.ts";
import { toServerError } from "../server/serverError.ts";
import { countText, outcomeText } from "./outcomeText.ts";
import { reportFailure } from "./reportFailure.ts";

export interface Job {
  /** What is done, for the progress and for messages: "Deleting seg". */
  readonly title: string;
  /** Where the totals are known beforehand. */
  readonly total?: { readonly bytes: number } | undefined;
}

export interface JobOptions {
  readonly job: number;
  readonly signal: AbortSignal;
}

/** Runs a request with progress. Undefined when it was cancelled or failed, which has been said then. */
export async function runJob<R>(
  { server }: ClientContext,
  { title, total }: Job,
  run: (options: JobOptions) => Promise<R>,
): Promise<R | undefined> {
  const job = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
  try {
    return await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        const controller = new AbortController();
        let toldBytes = 0;
        const subscription = vscode.Disposable.from(
          token.onCancellationRequested(() => controller.abort()),
          server.onDidProgress((done) => {
            if (done.job === job) {
              const message = countText({ ...done, isLowerBound: false }, vscode.l10n.t);
              const increment = total === undefined ? 0 : ((done.bytes - toldBytes) / Math.max(1, total.bytes)) * 100;
              toldBytes = done.bytes;
              progress.report(increment > 0 ? { message, increment } : { message });
            }
          }),
        );
        try {
          return await run({ job, signal: controller.signal });
        } finally {
          subscription.dispose();
        }
      },
    );
  } catch (error) {
    const { wire } = toServerError(error);
    if (wire.tag === "cancelled") {
      vscode.window.setStatusBarMessage(vscode.l10n.t("{0}: cancelled; what was done stays", title), 5_000);
    } else {
      await reportFailure(title, error);
    }
    return undefined;
  }
}

/** Says what came of it: in the status bar when all went well, as a warning when something did not. */
export async function reportOutcome(title: string, outcome: ObjectsOutcome): Promise<void> {
  const text = `${title}: ${outcomeText(outcome, vscode.l10n.t)}`;
  if (outcome.failed > 0) {
    await vscode.window.showWarningMessage(text);
  } else {
    vscode.window.setStatusBarMessage(text, 5_000);
  }
}
