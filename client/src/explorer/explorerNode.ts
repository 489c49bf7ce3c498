/** What a node of the Buckets tree is, and what those with children share. */
import type * as vscode from "vscode";
import type { WireError } from "../../../schemas/errors.ts";
import type { LayerSummary } from "../../../schemas/protocol/storage.ts";
import type { Translate } from "../base/l10n.ts";
import { localPathOf } from "../fileSystem/locationText.ts";
import { type FolderContents, FolderListing, type ListFolder } from "./folderListing.ts";

/** A row of the tree. `id` stays the same over refreshes, so that VS Code keeps what is expanded and selected. */
export interface ExplorerNode {
  readonly id: string;
  readonly parent: BranchNode | undefined;
  toTreeItem(): vscode.TreeItem;
}

/** A node that stands for something stored, which menus can act upon. */
export interface PlaceNode extends ExplorerNode {
  readonly location: string;
  readonly layer?: LayerSummary | undefined;
  /** A file, a folder with all that is below, or a scale, whose location is its layer's. */
  readonly kind: "file" | "folder" | "scale";
  /** Set on a scale. */
  readonly mip?: number;
}

/** What nodes need from the outside. */
export interface ExplorerServices {
  readonly list: ListFolder;
  readonly t: Translate;
  /** The nodes below `parent`; those of `previous` are used again where the id is the same. */
  readonly childNodes: (
    parent: BranchNode,
    contents: FolderContents,
    previous: readonly ExplorerNode[],
  ) => readonly ExplorerNode[];
  /** May the place be changed? */
  readonly isAllowed: (location: string) => boolean;
  /** Has the row of `node`, and what is below, drawn again. */
  readonly changed: (node: ExplorerNode) => void;
}

/** A node that lists a folder: root, folder, layer. */
export abstract class BranchNode implements PlaceNode {
  readonly id: string;
  readonly parent: BranchNode | undefined;
  readonly location: string;
  readonly kind = "folder";
  /** Made here, and nothing is in it yet: object stores know no empty folders. */
  readonly #newFolders = new Set<string>();
  protected readonly services: ExplorerServices;
  readonly #listing: FolderListing;
  #children: readonly ExplorerNode[] = [];

  constructor(services: ExplorerServices, place: { id: string; location: string; parent: BranchNode | undefined }) {
    this.services = services;
    this.id = place.id;
    this.location = place.location;
    this.parent = place.parent;
    this.#listing = new FolderListing(services.list, place.location);
  }

  abstract toTreeItem(): vscode.TreeItem;

  /** What the folder is, if it is a layer and that is known. */
  get layer(): LayerSummary | undefined {
    return this.#listing.contents?.layer;
  }

  /** Why the last listing failed, if it did. */
  get problem(): WireError | undefined {
    return this.#listing.contents?.problem;
  }

  /** May what is below be changed? */
  get isAllowed(): boolean {
    return this.services.isAllowed(this.location);
  }

  /** What the names below begin with, when not all are shown. */
  get filter(): string | undefined {
    return this.#listing.filter;
  }

  /** Shows only the names that a filter lets through. */
  setFilter(filter: string | undefined): void {
    this.#listing.setFilter(filter === "" ? undefined : filter);
    this.#children = [];
    this.services.changed(this);
  }

  /** Names of folders that were made below and that no listing has shown yet. */
  get newFolders(): ReadonlySet<string> {
    return this.#newFolders;
  }

  /** Shows a folder that is not stored: it comes to be with the first object in it. */
  addNewFolder(name: string): void {
    this.#newFolders.add(name);
    this.refresh();
  }

  /** Is the folder on this machine? */
  get isLocal(): boolean {
    return localPathOf(this.location) !== undefined;
  }

  /** The rows below; a failure is one of them. */
  async readChildren(): Promise<readonly ExplorerNode[]> {
    const before = this.layer;
    return this.#show(await this.#listing.read(), before);
  }

  /** Adds the next page of rows. */
  async loadMore(): Promise<void> {
    const before = this.layer;
    this.#show(await this.#listing.readMore(), before);
    this.services.changed(this);
  }

  /** Lists again, now or when it is next expanded. */
  refresh(): void {
    this.#listing.reset();
    this.#children = [];
    this.services.changed(this);
  }

  /** Stops a listing that nobody waits for any more. */
  cancel(): void {
    this.#listing.cancel();
  }

  /** The rows that are there, without asking. */
  get knownChildren(): readonly ExplorerNode[] {
    return this.#children;
  }

  #show(contents: FolderContents, layerBefore: LayerSummary | undefined): readonly ExplorerNode[] {
    for (const { name, kind } of contents.entries) {
      if (kind === "folder") {
        this.#newFolders.delete(name);
      }
    }
    this.#children = this.services.childNodes(this, contents, this.#children);
    if (this.layer !== undefined && layerBefore === undefined) {
      this.learned();
    }
    return this.#children;
  }

  /** The folder turned out to be a layer. */
  protected learned(): void {}
}

/** Is `value`, as a menu hands it over, a node that stands for something stored? */
export function isPlaceNode(value: unknown): value is PlaceNode {
  return typeof value === "object" && value !== null && "location" in value && "toTreeItem" in value;
}
