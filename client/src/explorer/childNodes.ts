/** From what a folder holds to the rows below it: the one place that knows every kind of node. */
import * as vscode from "vscode";
import type { FolderEntry } from "../../../schemas/protocol/storage.ts";
import { commands } from "../contributions.ts";
import { isServerGone } from "../server/serverError.ts";
import type { BranchNode, ExplorerNode, ExplorerServices } from "./explorerNode.ts";
import { FileNode } from "./fileNode.ts";
import type { FolderContents } from "./folderListing.ts";
import { FolderNode } from "./folderNode.ts";
import { chunksText } from "./format.ts";
import { LayerNode } from "./layerNode.ts";
import { LoadMoreNode } from "./loadMoreNode.ts";
import { type Message, MessageNode, problemMessage } from "./messageNode.ts";
import { ScaleNode } from "./scaleNode.ts";

/** Scales first, then folders and files in the order in which they were listed, then what is to be said. */
export function createChildNodes(services: ExplorerServices): ExplorerServices["childNodes"] {
  return (parent, contents, previous) => {
    const known = new Map(previous.filter(isKept).map((node) => [node.id, node]));
    const scales = (contents.layer?.scales ?? []).map((scale, mip) => new ScaleNode(parent, scale, mip));
    const entries = contents.entries.map((entry) => entryNode(services, parent, entry));
    const messages = messagesOf(contents).map((message) => new MessageNode(parent, message));
    const more = contents.hasMore && contents.problem === undefined ? [new LoadMoreNode(parent)] : [];
    return [...scales, ...entries.map((node) => known.get(node.id) ?? node), ...messages, ...more];
  };
}

/** A branch keeps what it has listed; the rest is as good when it is made again. */
function isKept(node: ExplorerNode): boolean {
  return node instanceof FolderNode || node instanceof LayerNode;
}

function entryNode(services: ExplorerServices, parent: BranchNode, entry: FolderEntry): ExplorerNode {
  if (entry.kind === "file") {
    return new FileNode(parent, entry);
  }
  const { name, location, layer } = entry;
  return layer === undefined
    ? new FolderNode(services, parent, { name, location })
    : new LayerNode(services, parent, { name, location, layer });
}

function messagesOf(contents: FolderContents): readonly Message[] {
  const t = vscode.l10n.t;
  const { chunks, problem, layer, entries } = contents;
  const messages: Message[] = [];
  if (layer?.problem !== undefined) {
    messages.push({
      label: t("The info cannot be used"),
      description: layer.problem,
      icon: "warning",
      details: layer.problem,
    });
  }
  if (chunks !== undefined) {
    messages.push({
      label: chunksText(chunks.count, t, chunks.isLowerBound),
      description: t("not listed"),
      icon: "package",
    });
  }
  if (problem !== undefined) {
    messages.push(problemMessage(problem));
    if (isServerGone(problem)) {
      messages.push({ label: t("Show Log"), icon: "output", command: commands.showLog });
    }
  } else if (contents.cannotList && entries.length === 0 && layer === undefined) {
    messages.push({
      label: t("This server cannot be listed"),
      description: t("add the full address of a layer instead"),
      icon: "info",
    });
  } else if (entries.length === 0 && chunks === undefined && layer === undefined) {
    messages.push({ label: t("No objects here"), icon: "info" });
  }
  return messages;
}
