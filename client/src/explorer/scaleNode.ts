/** One scale of a layer, as its `info` tells it; its chunks are counted, never listed. */
import * as vscode from "vscode";
import type { ScaleSummary } from "../../../schemas/protocol/storage.ts";
import { commands, nodeContexts } from "../contributions.ts";
import type { BranchNode, PlaceNode } from "./explorerNode.ts";
import { describeScale, scaleDetails } from "./format.ts";
import { tooltip } from "./treeItems.ts";

export class ScaleNode implements PlaceNode {
  readonly id: string;
  readonly parent: BranchNode;
  readonly kind = "scale";
  readonly mip: number;
  readonly #scale: ScaleSummary;

  constructor(parent: BranchNode, scale: ScaleSummary, mip: number) {
    this.id = `${parent.id}#${mip}`;
    this.parent = parent;
    this.mip = mip;
    this.#scale = scale;
  }

  /** That of the layer: a scale is no place of its own for those who open volumes. */
  get location(): string {
    return this.parent.location;
  }

  toTreeItem(): vscode.TreeItem {
    const t = vscode.l10n.t;
    const label = t("Mip {0}", this.mip);
    const description = describeScale(this.#scale, t);
    const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
    item.id = this.id;
    item.description = description;
    item.iconPath = new vscode.ThemeIcon("layers");
    item.tooltip = tooltip(label, scaleDetails(this.#scale, t));
    item.contextValue = nodeContexts.scale;
    item.accessibilityInformation = { label: `${label}, ${description}` };
    item.command = { command: commands.previewSlices, title: t("Preview Slices"), arguments: [this.location] };
    return item;
  }
}
