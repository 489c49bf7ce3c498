/** "Put these files there": uploads local files and folders; what is stored already is replaced only after a question. */
import path from "node:path";
import * as vscode from "vscode";
import { type UploadFilesParams, uploadFiles } from "../../../schemas/protocol/objects.ts";
import type { ClientContext } from "../context.ts";
import { commands } from "../contributions.ts";
import type { BranchNode } from "../explorer/explorerNode.ts";
import { lastPartOf, withoutQuery } from "../fileSystem/locationText.ts";
import type { Command } from "./command.ts";
import { checkAllowed, folderOf } from "./places.ts";
import { reportOutcome, runJob } from "./runJob.ts";

export const upload: Command = async (services, target) => {
  const folder = folderOf(services, target);
  if (folder === undefined || !(await checkAllowed(services, folder))) {
    return;
  }
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: true,
    canSelectFolders: true,
    canSelectMany: true,
    title: vscode.l10n.t("Upload to {0}", withoutQuery(folder.location)),
    openLabel: vscode.l10n.t("Upload"),
  });
  if (picked !== undefined && picked.length > 0) {
    await send(
      services.ctx,
      folder,
      picked.map(({ fsPath }) => fsPath),
    );
  }
};

/** Uploads files that were dropped, once the user has said that this was meant. */
export async function uploadInto(ctx: ClientContext, folder: BranchNode, files: readonly string[]): Promise<void> {
  if (!ctx.changes.isAllowed(folder.location)) {
    await vscode.commands.executeCommand(commands.allowChanges, folder);
  }
  if (!ctx.changes.isAllowed(folder.location)) {
    return;
  }
  const names = files.map((file) => path.basename(file));
  const shown = names.length > 3 ? `${names.slice(0, 3).join(", ")} …` : names.join(", ");
  const confirm = vscode.l10n.t("Upload");
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Upload {0} to "{1}"?', shown, lastPartOf(folder.location)),
    { modal: true, detail: withoutQuery(folder.location) },
    confirm,
  );
  if (chosen === confirm) {
    await send(ctx, folder, files);
  }
}

async function send(ctx: ClientContext, folder: BranchNode, paths: readonly string[]): Promise<void> {
  const title = vscode.l10n.t("Uploading to {0}", lastPartOf(folder.location));
  const run = (existing: UploadFilesParams["existing"]) =>
    runJob(ctx, { title }, ({ job, signal }) =>
      ctx.server.request(uploadFiles, { paths, location: folder.location, existing, job }, { signal }),
    );
  const first = await run("keep");
  folder.refresh();
  if (first === undefined) {
    return;
  }
  await reportOutcome(title, first);
  if (first.existing > 0 && (await askReplace(first.existing))) {
    const second = await run("replace");
    folder.refresh();
    if (second !== undefined) {
      await reportOutcome(title, second);
    }
  }
}

async function askReplace(count: number): Promise<boolean> {
  const replace = vscode.l10n.t("Replace");
  const chosen = await vscode.window.showWarningMessage(
    count === 1
      ? vscode.l10n.t("1 object was there already.")
      : vscode.l10n.t("{0} objects were there already.", count),
    { modal: true, detail: vscode.l10n.t("They were kept. All files are sent again to replace them.") },
    replace,
  );
  return chosen === replace;
}
