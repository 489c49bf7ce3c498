/** "This belongs elsewhere": renames an object or folder, or moves it to another full location. */
import * as vscode from "vscode";
import { type CopyObjectsParams, moveObjects } from "../../../schemas/protocol/objects.ts";
import { childOf, isWithin, parentOf, withoutQuery } from "../fileSystem/locationText.ts";
import type { Command } from "./command.ts";
import { nameProblem } from "./names.ts";
import { checkAllowed, objectsOf } from "./places.ts";
import { reportOutcome, runJob } from "./runJob.ts";

export const move: Command = async (services, target) => {
  const objects = objectsOf(services, target);
  if (objects?.node.parent === undefined || !(await checkAllowed(services, objects.node))) {
    return;
  }
  const { ctx } = services;
  const { node, place, name } = objects;
  const above = parentOf(withoutQuery(place.location)) ?? place.location;
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Rename or Move"),
    prompt: vscode.l10n.t("A name, or a full location where changes are allowed"),
    value: name,
    valueSelection: [0, name.length],
    validateInput: (text) => targetProblem(text, above, ctx.changes.isAllowed),
  });
  if (typed === undefined || typed === "" || typed === name) {
    return;
  }
  const title = vscode.l10n.t("Moving {0}", name);
  const request = { from: place, to: locationOf(typed, above), existing: "keep" } satisfies CopyObjectsParams;
  const outcome = await runJob(ctx, { title }, ({ job, signal }) =>
    ctx.server.request(moveObjects, { ...request, job }, { signal }),
  );
  node.parent?.refresh();
  if (outcome !== undefined && outcome.existing > 0) {
    await vscode.window.showWarningMessage(
      vscode.l10n.t(
        "{0}: objects of that name are there already. Nothing was replaced, and nothing was deleted.",
        title,
      ),
    );
  } else if (outcome !== undefined) {
    await reportOutcome(title, outcome);
  }
};

const isLocation = (text: string): boolean => /:\/\/|^\//.test(text);

function locationOf(typed: string, above: string): string {
  return isLocation(typed) ? typed.trim() : childOf(above, typed);
}

function targetProblem(text: string, above: string, isAllowed: (location: string) => boolean): string | undefined {
  if (!isLocation(text)) {
    return nameProblem(text, vscode.l10n.t);
  }
  const isKnown = isAllowed(text) || isWithin(text, above);
  return isKnown ? undefined : vscode.l10n.t("Changes are not allowed there");
}
