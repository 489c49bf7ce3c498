/** A folder that is no layer. */
import * as vscode from "vscode";
import { nameOf } from "../fileSystem/locationText.ts";
import { BranchNode, type ExplorerServices } from "./explorerNode.ts";
import { dressAsBranch, placeContext, tooltip } from "./treeItems.ts";

export class FolderNode extends BranchNode {
  readonly #name: string;

  constructor(
    services: ExplorerServices,
    parent: BranchNode,
    entry: { readonly name: string; readonly location: string },
  ) {
    super(services, { id: `${parent.id}/${entry.name}`, location: entry.location, parent });
    this.#name = entry.name === "" ? nameOf(entry.location) : entry.name;
  }

  override toTreeItem(): vscode.TreeItem {
    const item = new vscode.TreeItem(this.#name, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = this.id;
    item.iconPath = vscode.ThemeIcon.Folder;
    item.tooltip = tooltip(this.#name, [[vscode.l10n.t("Location"), this.location]]);
    item.contextValue = placeContext({ kind: "folder", node: this });
    item.accessibilityInformation = { label: vscode.l10n.t("{0}, folder", this.#name) };
    dressAsBranch(item, this);
    return item;
  }
}
