/** A location that was added to the view, or a workspace folder with layers in it. Becomes a layer's row when it is one. */
import * as vscode from "vscode";
import { nodeContexts } from "../contributions.ts";
import { keyOf, nameOf, withoutQuery } from "../fileSystem/locationText.ts";
import { BranchNode, type ExplorerServices } from "./explorerNode.ts";
import type { Root } from "./roots.ts";
import { dressAsBranch, dressAsLayer, placeContext, tooltip } from "./treeItems.ts";

export class RootNode extends BranchNode {
  readonly root: Root;
  /** Expanded when it is new: who adds a location wants to see what is in it. */
  readonly #isExpanded: boolean;

  constructor(services: ExplorerServices, root: Root, options: { readonly isExpanded: boolean }) {
    super(services, { id: `root:${keyOf(root.location)}`, location: root.location, parent: undefined });
    this.root = root;
    this.#isExpanded = options.isExpanded;
  }

  override toTreeItem(): vscode.TreeItem {
    const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const name = this.root.label ?? nameOf(this.location);
    const shown = withoutQuery(this.location);
    const item = new vscode.TreeItem(name, this.#isExpanded ? Expanded : Collapsed);
    item.id = this.id;
    item.description = shown;
    item.iconPath = new vscode.ThemeIcon(this.isLocal ? "folder-library" : "cloud");
    item.tooltip = tooltip(name, [[vscode.l10n.t("Location"), shown]]);
    item.accessibilityInformation = { label: `${name}, ${shown}` };
    if (this.layer !== undefined) {
      dressAsLayer(item, name, shown, this.layer);
    }
    const context = placeContext({ kind: "root", node: this });
    item.contextValue = this.root.isRemovable ? `${context} ${nodeContexts.removable}` : context;
    dressAsBranch(item, this);
    return item;
  }

  protected override learned(): void {
    this.services.changed(this);
  }
}
