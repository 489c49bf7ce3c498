/** "I need it on my disk": writes an object or a folder to a local folder, as it is stored. */
import * as vscode from "vscode";
import { downloadObjects, measureObjects } from "../../../schemas/protocol/objects.ts";
import type { Command } from "./command.ts";
import { objectsOf } from "./places.ts";
import { reportOutcome, runJob } from "./runJob.ts";

export const download: Command = async (services, target) => {
  const { ctx } = services;
  const objects = objectsOf(services, target);
  if (objects === undefined) {
    return;
  }
  const { place, name } = objects;
  const [picked] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: vscode.l10n.t('Download "{0}" To', name),
      openLabel: vscode.l10n.t("Download Here"),
    })) ?? [];
  const existing = picked === undefined ? undefined : await askExisting(vscode.Uri.joinPath(picked, name), name);
  if (picked === undefined || existing === undefined) {
    return;
  }
  const title = vscode.l10n.t("Downloading {0}", name);
  const places = [place];
  const total = await runJob(ctx, { title: vscode.l10n.t("Counting what is in {0}", name) }, ({ job, signal }) =>
    ctx.server.request(measureObjects, { places, job }, { signal }),
  );
  if (total === undefined) {
    return;
  }
  const outcome = await runJob(ctx, { title, total }, ({ job, signal }) =>
    ctx.server.request(downloadObjects, { places, folder: picked.fsPath, existing, job }, { signal }),
  );
  if (outcome !== undefined) {
    await reportOutcome(title, outcome);
  }
};

/** What to do with files that are there; undefined when the user thinks better of it. Nothing is asked where nothing is. */
async function askExisting(target: vscode.Uri, name: string): Promise<"keep" | "replace" | undefined> {
  const isThere = await vscode.workspace.fs.stat(target).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    return "keep";
  }
  const keep = vscode.l10n.t("Keep Them and Add What Is Missing");
  const replace = vscode.l10n.t("Replace");
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('There is a "{0}" already.', name),
    { modal: true, detail: vscode.l10n.t("Files that are there are kept, or replaced with what is stored.") },
    keep,
    replace,
  );
  return chosen === undefined ? undefined : chosen === keep ? "keep" : "replace";
}
