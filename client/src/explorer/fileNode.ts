/** A file in a folder: `info`, `provenance` and whatever else lies there. */
import * as vscode from "vscode";
import type { FolderEntry } from "../../../schemas/protocol/storage.ts";
import { commands, nodeContexts } from "../contributions.ts";
import { localPathOf } from "../fileSystem/locationText.ts";
import { uriOfLocation } from "../fileSystem/locationUri.ts";
import type { BranchNode, PlaceNode } from "./explorerNode.ts";
import { bytesText } from "./format.ts";

export class FileNode implements PlaceNode {
  readonly id: string;
  readonly parent: BranchNode;
  readonly kind = "file";
  readonly #entry: FolderEntry;

  constructor(parent: BranchNode, entry: FolderEntry) {
    // A folder beside it may have the same name.
    this.id = `file:${parent.id}/${entry.name}`;
    this.parent = parent;
    this.#entry = entry;
  }

  get name(): string {
    return this.#entry.name;
  }

  get location(): string {
    return this.#entry.location;
  }

  toTreeItem(): vscode.TreeItem {
    const { name, location, sizeBytes } = this.#entry;
    const size = sizeBytes === undefined ? undefined : bytesText(sizeBytes);
    const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.None);
    item.id = this.id;
    item.resourceUri = uriOfLocation(location);
    item.iconPath = vscode.ThemeIcon.File;
    const words = [nodeContexts.file, this.parent.isAllowed ? nodeContexts.writable : nodeContexts.locked];
    item.contextValue = [...words, ...(localPathOf(location) === undefined ? [] : [nodeContexts.local])].join(" ");
    item.accessibilityInformation = { label: size === undefined ? name : `${name}, ${size}` };
    if (size !== undefined) {
      item.description = size;
    }
    item.command = { command: commands.openFile, title: vscode.l10n.t("Open"), arguments: [this] };
    return item;
  }
}
