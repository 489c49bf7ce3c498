/** The row that brings the next page. */
import * as vscode from "vscode";
import { commands } from "../contributions.ts";
import type { BranchNode, ExplorerNode } from "./explorerNode.ts";

export class LoadMoreNode implements ExplorerNode {
  readonly id: string;
  readonly parent: BranchNode;

  constructor(parent: BranchNode) {
    this.id = `${parent.id}#more`;
    this.parent = parent;
  }

  toTreeItem(): vscode.TreeItem {
    const label = vscode.l10n.t("Load more…");
    const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
    item.id = this.id;
    item.iconPath = new vscode.ThemeIcon("ellipsis");
    item.command = { command: commands.loadMore, title: label, arguments: [this] };
    item.accessibilityInformation = { label };
    return item;
  }
}
