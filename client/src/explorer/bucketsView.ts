/** The Buckets view: the tree over the roots, and what commands do to it. */
import * as vscode from "vscode";
import { listFolder } from "../../../schemas/protocol/storage.ts";
import { DisposableStore } from "../base/disposable.ts";
import type { ClientContext } from "../context.ts";
import { views } from "../contributions.ts";
import { keyOf } from "../fileSystem/locationText.ts";
import { createChildNodes } from "./childNodes.ts";
import { BranchNode, type ExplorerNode, type ExplorerServices, type PlaceNode } from "./explorerNode.ts";
import { FileNode } from "./fileNode.ts";
import { isVolume } from "./format.ts";
import { readDetails } from "./objectDetails.ts";
import { RootNode } from "./rootNode.ts";
import { createRoots, type Roots } from "./roots.ts";
import { createTreeDrops, type DropFiles } from "./treeDrops.ts";
import { tooltip } from "./treeItems.ts";

export interface BucketsView extends vscode.Disposable {
  /** Adds a root, and shows it opened. */
  add(location: string): Promise<void>;
  remove(location: string): Promise<void>;
  /** Lists a node again, or everything. */
  refresh(node?: ExplorerNode): void;
  /** Lists again what could not be listed. */
  retryFailed(): void;
  /** The top of the tree. */
  readRoots(): Promise<readonly ExplorerNode[]>;
  /** The rows below a node, listed if need be. */
  readChildren(node: ExplorerNode): Promise<readonly ExplorerNode[]>;
  /** The row that is selected, or the first of them. */
  readonly selected: ExplorerNode | undefined;
  readonly onDidSelect: vscode.Event<ExplorerNode | undefined>;
  /** Volumes that have been listed so far, for choices. */
  knownVolumes(): readonly PlaceNode[];
}

export function createBucketsView(ctx: ClientContext, dropFiles: DropFiles): BucketsView {
  return new BucketsTree(ctx, dropFiles);
}

class BucketsTree implements BucketsView, vscode.TreeDataProvider<ExplorerNode> {
  readonly #disposables = new DisposableStore();
  readonly #changed = this.#disposables.add(new vscode.EventEmitter<ExplorerNode | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #roots: Roots;
  readonly #services: ExplorerServices;
  readonly #view: vscode.TreeView<ExplorerNode>;
  readonly #selected = this.#disposables.add(new vscode.EventEmitter<ExplorerNode | undefined>());
  readonly onDidSelect = this.#selected.event;
  readonly #ctx: ClientContext;
  readonly #added = new Set<string>();
  #rootNodes: readonly RootNode[] = [];

  constructor(ctx: ClientContext, dropFiles: DropFiles) {
    const services: ExplorerServices = {
      list: (params, options) => ctx.server.request(listFolder, params, options),
      t: vscode.l10n.t,
      childNodes: (...args) => childNodes(...args),
      isAllowed: (location) => ctx.changes.isAllowed(location),
      changed: (node) => this.#changed.fire(node),
    };
    const childNodes = createChildNodes(services);
    this.#ctx = ctx;
    this.#services = services;
    this.#roots = this.#disposables.add(createRoots(ctx.workspaceState));
    this.#disposables.add(this.#roots.onDidChange(() => this.#changed.fire(undefined)));
    this.#view = this.#disposables.add(
      vscode.window.createTreeView(views.buckets, {
        treeDataProvider: this,
        showCollapseAll: true,
        dragAndDropController: createTreeDrops(dropFiles),
      }),
    );
    this.#disposables.add(this.#view.onDidChangeSelection(() => this.#selected.fire(this.selected)));
    this.#disposables.add(ctx.changes.onDidChange(() => this.#changed.fire(undefined)));
    this.#disposables.add(
      this.#view.onDidCollapseElement(({ element }) => {
        if (element instanceof BranchNode) {
          element.cancel();
        }
      }),
    );
    this.#disposables.add(ctx.server.onDidRestart(() => this.retryFailed()));
  }

  getTreeItem(node: ExplorerNode): vscode.TreeItem {
    return node.toTreeItem();
  }

  /** The details of a file are asked for when they are to be shown. */
  async resolveTreeItem(
    item: vscode.TreeItem,
    node: ExplorerNode,
    token: vscode.CancellationToken,
  ): Promise<vscode.TreeItem> {
    if (node instanceof FileNode) {
      const controller = new AbortController();
      const subscription = token.onCancellationRequested(() => controller.abort());
      item.tooltip = tooltip(
        node.name,
        await readDetails({ server: this.#ctx.server, t: vscode.l10n.t }, node.location, { signal: controller.signal }),
      );
      subscription.dispose();
    }
    return item;
  }

  get selected(): ExplorerNode | undefined {
    return this.#view.selection[0];
  }

  getParent(node: ExplorerNode): ExplorerNode | undefined {
    return node.parent;
  }

  getChildren(node?: ExplorerNode): Promise<ExplorerNode[]> {
    return (node === undefined ? this.readRoots() : this.readChildren(node)).then((nodes) => [...nodes]);
  }

  async readRoots(): Promise<readonly ExplorerNode[]> {
    const roots = await this.#roots.read();
    const known = new Map(this.#rootNodes.map((node) => [node.id, node]));
    this.#rootNodes = roots.map((root) => {
      const isExpanded = roots.length === 1 || this.#added.has(keyOf(root.location));
      const node = new RootNode(this.#services, root, { isExpanded });
      return known.get(node.id) ?? node;
    });
    return this.#rootNodes;
  }

  async readChildren(node: ExplorerNode): Promise<readonly ExplorerNode[]> {
    return node instanceof BranchNode ? node.readChildren() : [];
  }

  async add(location: string): Promise<void> {
    this.#added.add(keyOf(location));
    await this.#roots.add(location);
    const nodes = await this.readRoots();
    const node = nodes.find(
      (candidate) => candidate instanceof RootNode && keyOf(candidate.location) === keyOf(location),
    );
    if (node !== undefined) {
      await this.#view.reveal(node, { select: true, focus: true, expand: true });
    }
  }

  async remove(location: string): Promise<void> {
    this.#added.delete(keyOf(location));
    this.#rootNodes.find((node) => node.location === location)?.cancel();
    await this.#roots.remove(location);
  }

  refresh(node?: ExplorerNode): void {
    if (node instanceof BranchNode) {
      node.refresh();
      return;
    }
    for (const root of this.#rootNodes) {
      root.cancel();
    }
    this.#rootNodes = [];
    this.#changed.fire(undefined);
  }

  retryFailed(): void {
    for (const node of this.#branches().filter(({ problem }) => problem !== undefined)) {
      node.refresh();
    }
  }

  knownVolumes(): readonly PlaceNode[] {
    return this.#branches().filter(({ layer }) => layer !== undefined && isVolume(layer));
  }

  dispose(): void {
    for (const node of this.#branches()) {
      node.cancel();
    }
    this.#disposables.dispose();
  }

  /** Every node that can have children, as far as they are known. */
  #branches(): readonly BranchNode[] {
    const found: BranchNode[] = [];
    const pending: ExplorerNode[] = [...this.#rootNodes];
    for (let node = pending.shift(); node !== undefined; node = pending.shift()) {
      if (node instanceof BranchNode) {
        found.push(node);
        pending.push(...node.knownChildren);
      }
    }
    return found;
  }
}
