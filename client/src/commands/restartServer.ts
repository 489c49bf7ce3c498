/** "Start it again": ends the server if it runs and starts it afresh; panels and the tree follow. */
import * as vscode from "vscode";
import type { Command } from "./command.ts";
import { reportFailure } from "./reportFailure.ts";

export const restartServer: Command = async ({ ctx, buckets }) => {
  try {
    await ctx.server.restart();
    buckets.retryFailed();
  } catch (error) {
    await reportFailure(vscode.l10n.t("The CloudVolume server did not start"), error);
  }
};
