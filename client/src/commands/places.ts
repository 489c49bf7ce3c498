/** Which objects a command of the tree is meant for. */
import * as vscode from "vscode";
import type { PlacedObjects } from "../../../schemas/protocol/objects.ts";
import { commands } from "../contributions.ts";
import { BranchNode, type PlaceNode } from "../explorer/explorerNode.ts";
import { lastPartOf } from "../fileSystem/locationText.ts";
import { type CommandServices, placeOf } from "./command.ts";

export interface TargetObjects {
  readonly node: PlaceNode;
  readonly place: PlacedObjects;
  readonly name: string;
}

/** The file or folder of a row; undefined for rows that stand for nothing stored of their own, such as a scale. */
export function objectsOf({ buckets }: CommandServices, target: unknown): TargetObjects | undefined {
  const node = placeOf(target) ?? placeOf(buckets.selected);
  if (node === undefined || node.kind === "scale") {
    return undefined;
  }
  const { location, kind } = node;
  return { node, place: { location, kind }, name: lastPartOf(location) };
}

/** The folder of a row, or that in which its file lies. */
export function folderOf({ buckets }: CommandServices, target: unknown): BranchNode | undefined {
  const node = placeOf(target) ?? placeOf(buckets.selected);
  return node instanceof BranchNode ? node : node?.parent;
}

/** May this be changed? Says what to do where not. */
export async function checkAllowed({ ctx }: CommandServices, target: PlaceNode): Promise<boolean> {
  if (ctx.changes.isAllowed(target.location)) {
    return true;
  }
  const allow = vscode.l10n.t("Allow Changes in This Location…");
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('"{0}" is read-only in this workspace.', lastPartOf(target.location)),
    allow,
  );
  if (chosen === allow) {
    await vscode.commands.executeCommand(commands.allowChanges, target);
  }
  return ctx.changes.isAllowed(target.location);
}
