/** Names in stores: below a folder, with a prefix, or by a pattern. */
import type { Cancellable } from "../base/abort.ts";
import type { ListEntry } from "../storage/store.ts";
import { mapInOrder } from "./concurrent.ts";
import { beforeStem, type Glob, isGlob, parseGlob } from "./globs.ts";
import { addressOfKey, listBelow, nameOfKey, type Place, prefixOf } from "./place.ts";

/** Facts asked for at once, for stores whose listings leave them out. */
const statPlaces = 16;

/** One name of a listing. */
export interface FileEntry {
  /** The whole location, as it may be given again; a folder's ends in "/". */
  readonly location: string;
  /** Relative to the folder that was listed, or that all of a pattern's matches lie below; a folder's ends in "/". */
  readonly name: string;
  readonly kind: "object" | "folder";
  /** Stored size. */
  readonly sizeBytes?: number;
  /** In ms since 1970. */
  readonly modifiedMs?: number;
  readonly etag?: string;
}

/** An entry with its key; a folder's without the "/". */
export interface PlacedEntry extends FileEntry {
  readonly key: string;
}

export interface ListingOptions extends Cancellable {
  /** Names in all folders below, without the folders; default true. A pattern says it itself: false only keeps it from looking below. */
  readonly recursive?: boolean;
  /** Sizes and times also where they take a request for each object; default false. */
  readonly withSizes?: boolean;
}

/**
 * Lists what a place names, in ascending order: the matches of a pattern; else what is below the folder; else, where there is no such folder and
 * the text had no "/" at its end, what begins with the key. Nothing at all is an empty listing.
 */
export async function* listPlace(place: Place, options: ListingOptions = {}): AsyncGenerator<PlacedEntry, void> {
  const entries = namesOf(place, options);
  yield* options.withSizes === true ? withSizes(place, entries, options) : entries;
}

/** Is there a folder: something below the key, or an empty folder of a file system? The root always is one. */
export async function isFolder(place: Place, { signal }: Cancellable = {}): Promise<boolean> {
  const { key } = place;
  if (key === "") {
    return true;
  }
  for await (const _ of listBelow(place, { prefix: `${key}/`, pageSize: 1, signal })) {
    return true;
  }
  if (place.store.openLocal === undefined) {
    return false; // only a file system has empty folders
  }
  const name = nameOfKey(key);
  const prefix = key.slice(0, key.length - name.length);
  for await (const entry of listBelow(place, { prefix, after: beforeStem(name), signal })) {
    if (entry.name >= name) {
      // A folder and an object of one name are neighbours, the object first.
      if (entry.name !== name || entry.kind === "folder") {
        return entry.name === name;
      }
    }
  }
  return false;
}

async function* namesOf(place: Place, { signal, recursive = true }: ListingOptions): AsyncGenerator<PlacedEntry, void> {
  const { key } = place;
  if (isGlob(key)) {
    yield* matchesOf(place, parseGlob(key), { signal, recursive });
    return;
  }
  const prefix = prefixOf(key);
  let isEmpty = true;
  for await (const entry of listBelow(place, { prefix, delimiter: !recursive, signal })) {
    isEmpty = false;
    yield placed(place, prefix, entry);
  }
  if (isEmpty && !place.isFolder) {
    const stem = nameOfKey(key);
    const folder = key.slice(0, key.length - stem.length);
    yield* withStem(place, { folder, stem }, { signal, recursive });
  }
}

async function* matchesOf(
  place: Place,
  glob: Glob,
  { signal, recursive }: { readonly signal: AbortSignal | undefined; readonly recursive: boolean },
): AsyncGenerator<PlacedEntry, void> {
  for await (const entry of withStem(place, glob, { signal, recursive: recursive && glob.isRecursive })) {
    const isWanted = entry.kind === "folder" || !place.isFolder;
    if (isWanted && glob.matches(entry.name.replace(/\/$/, ""))) {
      yield entry;
    }
  }
}

/** What is below the folder and begins with the stem. */
async function* withStem(
  place: Place,
  { folder, stem }: { readonly folder: string; readonly stem: string },
  { signal, recursive }: { readonly signal: AbortSignal | undefined; readonly recursive: boolean },
): AsyncGenerator<PlacedEntry, void> {
  const after = beforeStem(stem);
  // Some services order names by code point, where surrogates come last.
  const canStop = !/[\ud800-\uffff]/.test(stem);
  const options = { prefix: folder, delimiter: !recursive, signal, ...(after !== "" && { after }) };
  for await (const entry of listBelow(place, options)) {
    if (entry.name.startsWith(stem)) {
      yield placed(place, folder, entry);
    } else if (canStop && entry.name > stem) {
      return; // names come in ascending order
    }
  }
}

function placed({ store }: Place, prefix: string, { name, kind, sizeBytes, modifiedMs, etag }: ListEntry): PlacedEntry {
  const key = prefix + name;
  const tail = kind === "folder" ? "/" : "";
  return {
    location: addressOfKey(store, key) + tail,
    name: name + tail,
    key,
    kind,
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(modifiedMs !== undefined && { modifiedMs }),
    ...(etag !== undefined && { etag }),
  };
}

/** An object that goes while it is listed keeps its entry, without a size. */
async function* withSizes(
  { store }: Place,
  entries: AsyncIterable<PlacedEntry>,
  options: Cancellable,
): AsyncGenerator<PlacedEntry, void> {
  const complete = async (entry: PlacedEntry, signal: AbortSignal): Promise<PlacedEntry> => {
    if (entry.kind === "folder" || entry.sizeBytes !== undefined || store.stat === undefined) {
      return entry;
    }
    const { sizeBytes, modifiedMs, etag } = (await store.stat(entry.key, { signal })) ?? {};
    return {
      ...entry,
      ...(sizeBytes !== undefined && { sizeBytes }),
      ...(modifiedMs !== undefined && { modifiedMs }),
      ...(etag !== undefined && { etag }),
    };
  };
  yield* mapInOrder(entries, statPlaces, complete, options);
}
