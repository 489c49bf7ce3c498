/** "I need it in another program": copies the location as a plain URL, for a browser, for Python or for Neuroglancer. */
import * as vscode from "vscode";
import { describePlace } from "../../../schemas/protocol/storage.ts";
import type { Command } from "./command.ts";
import { linksOf } from "./links.ts";
import { objectsOf } from "./places.ts";
import { reportFailure } from "./reportFailure.ts";

export const copyLink: Command = async (services, target) => {
  const objects = objectsOf(services, target);
  if (objects === undefined) {
    return;
  }
  const { node, name } = objects;
  try {
    const place = await services.ctx.server.request(describePlace, { text: node.location });
    const items = linksOf(place, node.layer, vscode.l10n.t).map((link) => ({ ...link, detail: link.text }));
    const chosen = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t("Copy Link to {0}", name),
      matchOnDetail: true,
    });
    if (chosen !== undefined) {
      await vscode.env.clipboard.writeText(chosen.text);
    }
  } catch (error) {
    await reportFailure(vscode.l10n.t("The link could not be made"), error);
  }
};
