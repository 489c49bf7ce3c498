/** Folders of a store as a tree shows them: layers recognised, the chunks of a scale counted, page by page. */
import type {
  FolderEntry,
  LayerSummary,
  ListFolderParams,
  ListFolderResult,
} from "../../../schemas/protocol/storage.ts";
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import {
  describeError,
  InvalidArgumentError,
  NotFoundError,
  PermissionDeniedError,
  UnsupportedError,
} from "../errors.ts";
import { locationName, parentLocation } from "../storage/location.ts";
import type { ListEntry, Store } from "../storage/store.ts";
import { describeInfoText } from "./describeLayer.ts";
import { describeEntries, describeFile, describeReference, type FolderHost, isBadInfo } from "./folderEntries.ts";

const defaultPageSize = 200;
const maxPageSize = 1000;
/** Names that one page looks at; the rest of a chunk folder is told as a lower bound. */
const maxNamesSeen = 100_000;
/** `x0-x1_y0-y1_z0-z1`, or a shard. */
const chunkName = /^(-?\d+--?\d+_-?\d+--?\d+_-?\d+--?\d+|[0-9a-f]+\.shard)$/;

/**
 * One page of a folder. Throws NotFoundError where there is no such folder, and what the store says. A sub-folder that cannot be looked into
 * is listed without a layer.
 */
export async function listFolder(
  host: FolderHost,
  { location, pageToken, pageSize = defaultPageSize, prefixFilter = "" }: ListFolderParams,
  { signal }: Cancellable = {},
): Promise<ListFolderResult> {
  const store = host.openStore(location);
  const { layer, error: infoError } = await readOwnLayer(host, store, signal);
  const found = layer === undefined ? {} : { layer };
  if (store.list === undefined) {
    return { ...found, entries: await entriesOfInfo(host, store, layer, signal), cannotList: true };
  }
  const token = parseToken(pageToken);
  const limit = Math.min(Math.max(1, pageSize), maxPageSize);
  let page: Page;
  try {
    page = await readPage(store, { layer, token, limit, prefixFilter, signal });
  } catch (error) {
    if (error instanceof UnsupportedError && infoError !== undefined) {
      throw infoError;
    }
    const denied = error instanceof PermissionDeniedError && store.location.scheme !== "file" ? error : undefined;
    if (denied === undefined && !(error instanceof UnsupportedError)) {
      throw error;
    }
    return unlistedFolder(host, store, { layer: infoError === undefined ? layer : undefined, denied, signal });
  }
  if (page.isEmpty && layer === undefined && pageToken === undefined && prefixFilter === "") {
    await checkFolder(host, store, signal);
  }
  const { chunkCount, lastName } = page;
  return {
    ...found,
    entries: await describeEntries(host, store, page.entries, signal),
    ...(chunkCount > 0 && { chunks: { count: chunkCount, isLowerBound: lastName !== undefined } }),
    ...(lastName !== undefined && { nextPageToken: `${chunkCount}:${lastName}` }),
  };
}

interface Token {
  readonly chunkCount: number;
  readonly after: string | undefined;
}

/** `CHUNKS:NAME`: the chunks counted so far and the last name that was seen. */
function parseToken(text: string | undefined): Token {
  if (text === undefined) {
    return { chunkCount: 0, after: undefined };
  }
  const [, count, after] = /^(\d{1,15}):(.+)$/s.exec(text) ?? [];
  if (count === undefined || after === undefined) {
    throw new InvalidArgumentError("not a page token of an earlier answer");
  }
  return { chunkCount: Number(count), after };
}

interface PageOptions extends Cancellable {
  readonly layer: LayerSummary | undefined;
  readonly token: Token;
  readonly limit: number;
  readonly prefixFilter: string;
}
interface Page {
  readonly entries: readonly ListEntry[];
  readonly chunkCount: number;
  /** Where the next page goes on, a folder with a "/" behind it; absent at the end. */
  readonly lastName?: string;
  readonly isEmpty: boolean;
}

async function readPage(store: Store, { layer, token, limit, prefixFilter, signal }: PageOptions): Promise<Page> {
  const scaleFolders = new Set(layer?.scales?.map(({ key }) => key.split("/", 1)[0]));
  const entries: ListEntry[] = [];
  let { chunkCount } = token;
  let seen = 0;
  let lastName: string | undefined;
  const after = token.after ?? nameBefore(prefixFilter);
  for await (const entry of store.list?.({ signal, ...(after !== "" && { after }) }) ?? []) {
    if (!entry.name.startsWith(prefixFilter)) {
      if (entry.name > prefixFilter) {
        break;
      }
      continue;
    }
    const isFull = entries.length >= limit || seen >= maxNamesSeen;
    if (isFull && entry.name !== lastName?.replace(/\/$/, "")) {
      return { entries, chunkCount, isEmpty: false, ...(lastName !== undefined && { lastName }) };
    }
    seen++;
    lastName = entry.kind === "folder" ? `${entry.name}/` : entry.name;
    if (entry.kind === "object" && chunkName.test(entry.name)) {
      chunkCount++;
    } else if (entry.kind === "object" || !scaleFolders.has(entry.name)) {
      entries.push(entry);
    }
  }
  return { entries, chunkCount, isEmpty: seen === 0 };
}

/**
 * A name before all that begin with `prefix`, and after nearly all others before them: where a service starts its listing. Names are in the order of
 * their UTF-16 units or their UTF-8 bytes; this holds in both.
 */
function nameBefore(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1);
  const isPlain = last > 0x20 && last !== 0x30 && (last < 0xd800 || last > 0xe000); // what comes before "0" is "/"
  return isPlain ? `${prefix.slice(0, -1)}${String.fromCharCode(last - 1)}\uffee` : prefix.slice(0, -1);
}

interface Unlisted extends Cancellable {
  readonly layer: LayerSummary | undefined;
  readonly denied: PermissionDeniedError | undefined;
}

/** A store that does not list may still give single objects: what a layer's info names. */
async function unlistedFolder(
  host: FolderHost,
  store: Store,
  { layer, denied, signal }: Unlisted,
): Promise<ListFolderResult> {
  const entries = await entriesOfInfo(host, store, layer, signal);
  const listing = { ...(layer !== undefined && { layer }), cannotList: true };
  if (denied === undefined) {
    return { ...listing, entries };
  }
  // Where nothing may be listed, "forbidden" is also said of what is not there: only what answers is shown.
  const known = entries.filter(({ kind, sizeBytes }) => kind === "folder" || sizeBytes !== undefined);
  return { ...listing, entries: known, isDenied: true, deniedReason: describeError(denied) };
}

/** What was found out about a folder's own layer; `error` where its info could not be had. */
interface OwnLayer {
  readonly layer?: LayerSummary;
  readonly error?: unknown;
}

/** The folder's own layer. Where names can be listed, an `info` that cannot be read does not hide them. */
async function readOwnLayer(host: FolderHost, store: Store, signal: AbortSignal | undefined): Promise<OwnLayer> {
  try {
    const text = await host.readText(store, "info", { signal });
    return text === undefined ? {} : { layer: describeInfoText(text) };
  } catch (error) {
    throwIfAborted(signal);
    const layer: LayerSummary = { kind: "unknown", problem: describeError(error) };
    if (isBadInfo(error)) {
      return { layer };
    }
    if (store.list === undefined) {
      throw error;
    }
    return { layer, error };
  }
}

/** What is known of a folder that cannot be listed: the documents of a layer and the folders that its info names. */
async function entriesOfInfo(
  host: FolderHost,
  store: Store,
  layer: LayerSummary | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly FolderEntry[]> {
  if (layer === undefined) {
    return [];
  }
  const folders = Object.values(layer.references ?? {}).map((reference) =>
    describeReference(host, store, reference, signal),
  );
  const files = ["info", "provenance"].map((name) => describeFile(store, { name, kind: "object" }, signal));
  const known = await Promise.all([...folders, ...files]);
  return known.filter((entry) => entry !== undefined);
}

/** Throws NotFoundError where an empty listing means that there is no such folder: its parent does not name it. */
async function checkFolder(host: FolderHost, { location }: Store, signal: AbortSignal | undefined): Promise<void> {
  const parent = parentLocation(location);
  if (parent === undefined) {
    return;
  }
  const name = locationName(location);
  let kind: ListEntry["kind"] | undefined;
  try {
    for await (const entry of host.openStore(parent.text).list?.({ signal }) ?? []) {
      if (entry.name >= name) {
        kind = entry.name === name ? entry.kind : kind;
        break;
      }
    }
  } catch {
    throwIfAborted(signal);
    return; // a parent that cannot be listed proves nothing
  }
  if (kind !== "folder") {
    throw new NotFoundError(`there is no folder here: ${location.text}`, {
      location: location.text,
      hint: kind === "object" ? "this is a file: open the folder that holds it" : "check the path",
    });
  }
}
