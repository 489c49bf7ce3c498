/** "What is this exactly?": the facts of an object, or the count and bytes of a folder; a chosen row is copied. */
import * as vscode from "vscode";
import { measureObjects } from "../../../schemas/protocol/objects.ts";
import type { Detail } from "../explorer/format.ts";
import { layerDetails } from "../explorer/format.ts";
import { readDetails } from "../explorer/objectDetails.ts";
import { withoutQuery } from "../fileSystem/locationText.ts";
import type { Command, CommandServices } from "./command.ts";
import { countText } from "./outcomeText.ts";
import { objectsOf, type TargetObjects } from "./places.ts";
import { runJob } from "./runJob.ts";

export const showProperties: Command = async (services, target) => {
  const objects = objectsOf(services, target);
  if (objects === undefined) {
    return;
  }
  const t = vscode.l10n.t;
  const { server } = services.ctx;
  const { place, name } = objects;
  const details =
    place.kind === "file" ? await readDetails({ server, t }, place.location) : await folderDetails(services, objects);
  const chosen = await vscode.window.showQuickPick(
    details.map(([label, value]) => ({ label, description: value, value })),
    { title: t("Properties of {0}", name), placeHolder: t("Choose a row to copy it"), matchOnDescription: true },
  );
  if (chosen !== undefined) {
    await vscode.env.clipboard.writeText(chosen.value);
  }
};

async function folderDetails(
  { ctx }: CommandServices,
  { node, place, name }: TargetObjects,
): Promise<readonly Detail[]> {
  const t = vscode.l10n.t;
  const layer = node.layer === undefined ? [] : layerDetails(node.layer, t);
  const title = t("Counting what is in {0}", name);
  const count = await runJob(ctx, { title }, ({ job, signal }) =>
    ctx.server.request(measureObjects, { places: [place], job }, { signal }),
  );
  const stored: readonly Detail[] = count === undefined ? [] : [[t("Stored"), countText(count, t)]];
  return [...layer, ...stored, [t("Location"), withoutQuery(place.location)]];
}
