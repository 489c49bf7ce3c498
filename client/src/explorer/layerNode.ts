/** A folder with an `info`: its scales and what else is in it lie below; a click shows its slices. */
import * as vscode from "vscode";
import type { LayerSummary } from "../../../schemas/protocol/storage.ts";
import { BranchNode, type ExplorerServices } from "./explorerNode.ts";
import { dressAsBranch, dressAsLayer, placeContext } from "./treeItems.ts";

export interface LayerPlace {
  readonly name: string;
  readonly location: string;
  readonly layer: LayerSummary;
}

export class LayerNode extends BranchNode {
  readonly #name: string;
  readonly #summary: LayerSummary;

  constructor(services: ExplorerServices, parent: BranchNode, place: LayerPlace) {
    super(services, { id: `${parent.id}/${place.name}`, location: place.location, parent });
    this.#name = place.name;
    this.#summary = place.layer;
  }

  /** What its own listing said last, else what its parent's said. */
  override get layer(): LayerSummary {
    return super.layer ?? this.#summary;
  }

  override toTreeItem(): vscode.TreeItem {
    const item = new vscode.TreeItem(this.#name, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = this.id;
    dressAsLayer(item, this.#name, this.location, this.layer);
    item.contextValue = placeContext({ kind: "layer", node: this });
    dressAsBranch(item, this);
    return item;
  }
}
