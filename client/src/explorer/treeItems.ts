/** The parts of tree items that several kinds of node share. */
import * as vscode from "vscode";
import type { LayerSummary } from "../../../schemas/protocol/storage.ts";
import { commands, nodeContexts } from "../contributions.ts";
import type { BranchNode } from "./explorerNode.ts";
import { type Detail, describeLayer, isVolume, layerDetails, layerIcon } from "./format.ts";

/** A tooltip of a title and rows. Every text is escaped: names and values come from buckets. */
export function tooltip(title: string, details: readonly Detail[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.appendMarkdown("**").appendText(title).appendMarkdown("**\n\n");
  for (const [label, value] of details) {
    markdown.appendMarkdown("- ").appendText(`${label}: ${value}`).appendMarkdown("\n");
  }
  return markdown;
}

/** Makes `item` the row of a layer: description, icon, tooltip, and slices on a click. */
export function dressAsLayer(item: vscode.TreeItem, name: string, location: string, layer: LayerSummary): void {
  const t = vscode.l10n.t;
  const description = describeLayer(layer, t);
  item.description = description;
  item.iconPath = new vscode.ThemeIcon(layerIcon(layer));
  item.tooltip = tooltip(name, [...layerDetails(layer, t), [t("Location"), location]]);
  item.accessibilityInformation = { label: `${name}, ${description}` };
  if (isVolume(layer)) {
    item.command = {
      command: commands.previewSlices,
      title: t("Preview Slices"),
      arguments: [location],
    };
  }
}

/** Says in a row what a reader must know about what is below: that a filter hides some of it, that it may be changed. */
export function dressAsBranch(
  item: vscode.TreeItem,
  { filter, isAllowed, parent }: Pick<BranchNode, "filter" | "isAllowed" | "parent">,
): void {
  const t = vscode.l10n.t;
  const isAllowedHere = isAllowed && parent?.isAllowed !== true; // what is below need not say it again
  const marks = [
    ...(filter === undefined ? [] : [t("filter: {0}", filter)]),
    ...(isAllowedHere ? [t("changes allowed")] : []),
  ];
  if (marks.length > 0) {
    const said = typeof item.description === "string" && item.description !== "" ? [item.description] : [];
    item.description = [...marks, ...said].join(" · ");
    item.accessibilityInformation = { label: [item.accessibilityInformation?.label, ...marks].join(", ") };
  }
}

/** The words of `contextValue` for a folder that may be a layer. */
export function placeContext(parts: {
  readonly kind: keyof typeof nodeContexts;
  readonly node: Pick<BranchNode, "layer" | "isLocal" | "isAllowed" | "filter">;
}): string {
  const { kind } = parts;
  const { layer, isLocal, isAllowed, filter } = parts.node;
  const words: string[] = [nodeContexts[kind], isAllowed ? nodeContexts.writable : nodeContexts.locked];
  if (layer !== undefined) {
    words.push(nodeContexts.layer);
  }
  if (layer !== undefined && isVolume(layer)) {
    words.push(nodeContexts.volume);
  }
  if (isLocal) {
    words.push(nodeContexts.local);
  }
  if (filter !== undefined) {
    words.push(nodeContexts.filtered);
  }
  return [...new Set(words)].join(" ");
}
