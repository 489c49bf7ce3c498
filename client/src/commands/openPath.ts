/** "I may not list this bucket, but I know where my layer is": asks for a path below a location and shows what is there. */
import * as vscode from "vscode";
import { childOf } from "../fileSystem/locationText.ts";
import { branchAbove, type Command } from "./command.ts";
import { folderOf } from "./places.ts";

export const openPath: Command = async (services, target) => {
  const folder = folderOf(services, branchAbove(target) ?? target);
  if (folder === undefined) {
    return;
  }
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Open a Layer by Its Path"),
    prompt: vscode.l10n.t("Path below {0}", folder.location),
    placeHolder: "dataset/segmentation",
  });
  const path = typed?.trim().replace(/^\/+|\/+$/g, "");
  if (path !== undefined && path !== "") {
    await services.buckets.add(childOf(folder.location, path));
  }
};
