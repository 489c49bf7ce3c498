/** "I want to edit here": everything is read-only until changes are allowed below a location, for this workspace. */
import * as vscode from "vscode";
import { describePlace } from "../../../schemas/protocol/storage.ts";
import { lastPartOf, withoutQuery } from "../fileSystem/locationText.ts";
import { layerLocationOf } from "../fileSystem/locationUri.ts";
import { type Command, type CommandServices, placeOf } from "./command.ts";
import { reportFailure } from "./reportFailure.ts";

interface Scope extends vscode.QuickPickItem {
  readonly location: string;
}

export const allowChanges: Command = async (services, target) => {
  const location = locationOf(services, target);
  if (location === undefined) {
    return;
  }
  try {
    if (!(await services.ctx.server.request(describePlace, { text: location })).canWrite) {
      await vscode.window.showInformationMessage(
        vscode.l10n.t("This kind of location can only be read: {0}", withoutQuery(location)),
      );
      return;
    }
  } catch (error) {
    await reportFailure(vscode.l10n.t("Changes were not allowed"), error);
    return;
  }
  const chosen = await vscode.window.showQuickPick(scopesOf(target, location), {
    title: vscode.l10n.t("Allow Changes in This Location"),
    placeHolder: vscode.l10n.t(
      "What is stored here can then be edited, uploaded, moved and deleted from this workspace",
    ),
  });
  if (chosen !== undefined) {
    await services.ctx.changes.allow(chosen.location);
  }
};

/** "I am done editing": takes the permission back. */
export const makeReadOnly: Command = async (services, target) => {
  const location = locationOf(services, target);
  if (location !== undefined) {
    await services.ctx.changes.forbid(location);
  }
};

/** A row of the tree, or the document in front. */
function locationOf({ buckets }: CommandServices, target: unknown): string | undefined {
  const uri = target instanceof vscode.Uri ? target : vscode.window.activeTextEditor?.document.uri;
  const place = placeOf(target) ?? placeOf(buckets.selected);
  return place?.location ?? (uri === undefined ? undefined : layerLocationOf(uri));
}

/** The place itself, and those above it as far as the tree shows them. */
function scopesOf(target: unknown, location: string): readonly Scope[] {
  const locations = [location];
  for (let node = placeOf(target)?.parent; node !== undefined; node = node.parent) {
    locations.push(node.location);
  }
  return [...new Set(locations)].map((scope) => ({
    label: `$(unlock) ${lastPartOf(scope)}`,
    description: withoutQuery(scope),
    location: scope,
  }));
}
