/** "This can go": deletes an object after a question, and what is below a folder after its name was typed, with its count and bytes in view. */
import * as vscode from "vscode";
import { deleteObjects as deleteRequest, measureObjects } from "../../../schemas/protocol/objects.ts";
import { withoutQuery } from "../fileSystem/locationText.ts";
import type { Command, CommandServices } from "./command.ts";
import { countText } from "./outcomeText.ts";
import { checkAllowed, objectsOf, type TargetObjects } from "./places.ts";
import { reportOutcome, runJob } from "./runJob.ts";

export const deleteObjects: Command = async (services, target) => {
  const objects = objectsOf(services, target);
  const { ctx, buckets } = services;
  if (objects !== undefined && objects.node.parent === undefined) {
    await buckets.remove(objects.node.location); // what a person pins to the view is taken out of it, never deleted
    return;
  }
  if (objects === undefined || !(await checkAllowed(services, objects.node))) {
    return;
  }
  const { node, place, name } = objects;
  const isMeant = place.kind === "file" ? await confirmFile(objects) : await confirmFolder(services, objects);
  if (!isMeant) {
    return;
  }
  const title = vscode.l10n.t("Deleting {0}", name);
  const outcome = await runJob(ctx, { title }, ({ job, signal }) =>
    ctx.server.request(deleteRequest, { places: [place], job }, { signal }),
  );
  node.parent?.refresh();
  if (outcome !== undefined) {
    await reportOutcome(title, outcome);
  }
};

async function confirmFile({ place, name }: TargetObjects): Promise<boolean> {
  const confirm = vscode.l10n.t("Delete");
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Delete "{0}"?', name),
    { modal: true, detail: vscode.l10n.t("{0}\nThis cannot be undone here.", withoutQuery(place.location)) },
    confirm,
  );
  return chosen === confirm;
}

async function confirmFolder({ ctx }: CommandServices, { place, name }: TargetObjects): Promise<boolean> {
  const counting = vscode.l10n.t("Counting what is in {0}", name);
  const count = await runJob(ctx, { title: counting }, ({ job, signal }) =>
    ctx.server.request(measureObjects, { places: [place], job }, { signal }),
  );
  if (count === undefined) {
    return false;
  }
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Delete {0}", countText(count, vscode.l10n.t)),
    prompt: vscode.l10n.t(
      'All of it below {0}; this cannot be undone here. Type "{1}" to delete it.',
      withoutQuery(place.location),
      name,
    ),
    placeHolder: name,
    ignoreFocusOut: true,
    validateInput: (text) => (text === name || text === "" ? undefined : vscode.l10n.t('Type "{0}"', name)),
  });
  return typed === name;
}
