/** "My layers are on a server": asks for an address and shows it in the Buckets view. A text as argument is taken as it is. */
import * as vscode from "vscode";
import { locationProblem } from "../fileSystem/locationText.ts";
import { askLocation } from "./askLocation.ts";
import type { Command } from "./command.ts";

export const addLocation: Command = async ({ ctx, buckets }, target) => {
  const given = typeof target === "string" && locationProblem(target) === undefined ? target.trim() : undefined;
  const location = given ?? (await askLocation(ctx, vscode.l10n.t("Add Bucket or Location")));
  if (location !== undefined) {
    await buckets.add(location);
  }
};
