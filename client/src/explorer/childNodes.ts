/** From what a folder holds to the rows below it: the one place that knows every kind of node. */
import * as vscode from "vscode";
import type { WireError } from "../../../schemas/errors.ts";
import type { FolderEntry, ScaleSummary } from "../../../schemas/protocol/storage.ts";
import { commands } from "../contributions.ts";
import { childOf, lastPartOf } from "../fileSystem/locationText.ts";
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
    const scales = scalesOf(contents).map(([mip, scale]) => new ScaleNode(parent, scale, mip));
    const entries = [...newFolderEntries(parent), ...contents.entries].map((entry) =>
      entryNode(services, parent, entry),
    );
    const messages = messagesOf(contents, parent).map((message) => new MessageNode(parent, message));
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

/** With their mip; a filter is for names, and a scale is named by its key. */
function scalesOf({ layer, filter }: FolderContents): readonly (readonly [mip: number, scale: ScaleSummary])[] {
  const wanted = filter?.toLowerCase() ?? "";
  return [...(layer?.scales ?? []).entries()].filter(([, { key }]) => key.toLowerCase().includes(wanted));
}

function newFolderEntries({ location, newFolders }: BranchNode): readonly FolderEntry[] {
  return [...newFolders].map((name) => ({ name, kind: "folder", location: childOf(location, name) }));
}

function messagesOf(contents: FolderContents, parent: BranchNode): readonly Message[] {
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
    return [...messages, ...problemMessages(problem, parent)];
  }
  if (contents.cannotList && layer === undefined) {
    return [...messages, ...unlistedMessages(contents)];
  }
  if (entries.length === 0 && chunks === undefined && (layer === undefined || contents.filter !== undefined)) {
    messages.push(emptyMessage(contents, parent));
  }
  return messages;
}

function problemMessages(problem: WireError, parent: BranchNode): readonly Message[] {
  if (problem.tag === "not_found" && isNewFolder(parent)) {
    return [newFolderMessage()];
  }
  const messages = [problemMessage(problem)];
  if (isServerGone(problem)) {
    messages.push({ label: vscode.l10n.t("Show Log"), icon: "output", command: commands.showLog });
  }
  if (problem.tag === "permission_denied" && !parent.isLocal) {
    messages.push(signInMessage());
  }
  return messages;
}

/** Nothing is said about what is there: it is not known. */
function unlistedMessages({ isDenied, deniedReason }: FolderContents): readonly Message[] {
  const t = vscode.l10n.t;
  const open = { label: t("Open a Layer by Its Path…"), icon: "folder-opened", command: commands.openPath };
  const denied = {
    label: t("Listing is not allowed here"),
    description: deniedReason ?? t("single layers may be readable"),
    icon: "lock",
    ...(deniedReason === undefined ? {} : { details: deniedReason }),
  };
  return isDenied === true
    ? [denied, open, signInMessage()]
    : [{ label: t("This server cannot be listed"), description: t("it gives single layers only"), icon: "info" }, open];
}

function signInMessage(): Message {
  return { label: vscode.l10n.t("Sign In…"), icon: "account", command: commands.signIn };
}

function emptyMessage({ filter }: FolderContents, parent: BranchNode): Message {
  const t = vscode.l10n.t;
  if (filter !== undefined) {
    return { label: t('No name begins with "{0}"', filter), icon: "filter" };
  }
  return isNewFolder(parent) ? newFolderMessage() : { label: t("No objects here"), icon: "info" };
}

function newFolderMessage(): Message {
  const t = vscode.l10n.t;
  return { label: t("Empty"), description: t("kept here until something is uploaded"), icon: "info" };
}

/** Was the folder made here, without anything in it yet? */
function isNewFolder({ parent, location }: BranchNode): boolean {
  return parent?.newFolders.has(lastPartOf(location)) === true;
}
