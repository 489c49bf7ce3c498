/** "I want to try it": writes the built-in sample where the extension keeps its files, and shows it in the Buckets view. */
import * as vscode from "vscode";
import { writeSample } from "../../../schemas/protocol/storage.ts";
import { views } from "../contributions.ts";
import type { Command } from "./command.ts";
import { reportFailure } from "./reportFailure.ts";

export const openSample: Command = async ({ ctx, buckets }) => {
  const directory = vscode.Uri.joinPath(ctx.storageUri, "sample").fsPath;
  await vscode.window.withProgress({ location: { viewId: views.buckets } }, async () => {
    try {
      const { location } = await ctx.server.request(writeSample, { directory });
      await buckets.add(location);
    } catch (error) {
      await reportFailure(vscode.l10n.t("The sample could not be written"), error);
    }
  });
};
