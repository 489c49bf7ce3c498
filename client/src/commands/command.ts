/** What a command is and what it may use. */
import type { ClientContext } from "../context.ts";
import type { BucketsView } from "../explorer/bucketsView.ts";
import { type BranchNode, type ExplorerNode, isPlaceNode, type PlaceNode } from "../explorer/explorerNode.ts";
import type { SlicePanels } from "../panels/slicePanels.ts";

/** What commands act upon. */
export interface CommandServices {
  readonly ctx: ClientContext;
  readonly buckets: BucketsView;
  readonly panels: SlicePanels;
}

/** Runs a command. `target` is what a menu, a key binding or another extension passed: unknown until looked at. */
export type Command = (services: CommandServices, target?: unknown) => Promise<void> | void;

/** The node that a menu was opened on; undefined for anything else. */
export function placeOf(target: unknown): PlaceNode | undefined {
  return isPlaceNode(target) ? target : undefined;
}

/** The parent of a row that says something, such as "Load more…"; undefined for anything else. */
export function branchAbove(target: unknown): BranchNode | undefined {
  const isNode = typeof target === "object" && target !== null && "toTreeItem" in target && "parent" in target;
  // Everything with `toTreeItem` is a node of the tree.
  return isNode ? (target as ExplorerNode).parent : undefined;
}
