/**
 * What is copied where: CloudFiles' rules for sources and a destination.
 *
 * - An object goes into a destination that is a folder, or ends in "/", under its own name; else it gets the destination's name.
 * - A folder, with `recursive`, goes into a folder that is there, or a destination that ends in "/", under its own name; else its content becomes the
 *   destination's.
 * - The matches of a pattern keep their names below the pattern's folder, and the destination is a folder.
 * - Several sources need a destination that is a folder.
 */
import type { Cancellable } from "../base/abort.ts";
import { InvalidArgumentError, NotFoundError, UnsupportedError, type VolumeError } from "../errors.ts";
import { statPlace } from "./content.ts";
import { isGlob } from "./globs.ts";
import { isFolder, listPlace } from "./listing.ts";
import { addressOfPlace, checkIsObject, nameOfKey, type Place, placeBeside, prefixOf } from "./place.ts";

/** One object to be copied. */
export interface CopyPair {
  readonly from: Place;
  readonly to: Place;
  /** Of the source, where a listing said it. */
  readonly sizeBytes?: number | undefined;
}

/** A source that is left out, and why. */
export interface SkippedSource {
  readonly location: string;
  readonly error: VolumeError;
  /** It was not named itself: a pattern matches it. */
  readonly isMatch: boolean;
}

export interface PlanOptions extends Cancellable {
  /** Folders with everything below them; otherwise they are left out. */
  readonly recursive: boolean;
  /** Sources are objects, and each keeps its path below the folder that all of them lie in. */
  readonly keepFolders: boolean;
  /** Told of every source that is left out: a folder without `recursive`, what is not there. */
  readonly onSkipped: (skipped: SkippedSource) => void;
}

/** The pairs, one after the other as they are found. Throws InvalidArgumentError for a destination or sources that no rule fits. */
export async function* planCopy(
  sources: readonly Place[],
  destination: Place,
  options: PlanOptions,
): AsyncGenerator<CopyPair, void> {
  if (options.keepFolders) {
    yield* pairsOfList(sources, destination);
    return;
  }
  const folderThere = destination.isFolder || (await isFolderThere(destination, options));
  if (sources.length > 1 && !folderThere) {
    throw new InvalidArgumentError(`several sources need a folder to go to: ${addressOfPlace(destination)}`, {
      hint: `end it in "/" to make one`,
    });
  }
  const taken = new Set<string>();
  for (const source of sources) {
    for await (const pair of pairsOf(
      source,
      { key: destination.key, store: destination.store, folderThere },
      options,
    )) {
      if (sources.length > 1) {
        checkNotTaken(taken, pair);
      }
      yield pair;
    }
  }
}

interface Target {
  readonly store: Place["store"];
  readonly key: string;
  /** Is there a folder, or is one asked for? */
  readonly folderThere: boolean;
}

async function* pairsOf(source: Place, target: Target, options: PlanOptions): AsyncGenerator<CopyPair, void> {
  if (isGlob(source.key)) {
    yield* pairsOfGlob(source, target, options);
    return;
  }
  const object = source.isFolder ? undefined : await statPlace(source, options);
  if (object !== undefined) {
    const name = target.folderThere ? prefixOf(target.key) + nameOfKey(source.key) : target.key;
    yield { from: source, to: placeAt(target, name), sizeBytes: object.sizeBytes };
    return;
  }
  const isThere = options.recursive ? await isFolder(source, options) : await isFolderThere(source, options);
  if (!isThere) {
    options.onSkipped({ location: addressOfPlace(source), error: notThere(source), isMatch: false });
    return;
  }
  if (!options.recursive) {
    options.onSkipped({ location: addressOfPlace(source), error: isAFolder(source), isMatch: false });
    return;
  }
  const into = target.folderThere && source.key !== "" ? prefixOf(target.key) + nameOfKey(source.key) : target.key;
  yield* pairsBelow(source, { ...target, key: into }, options);
}

function* pairsOfList(sources: readonly Place[], { store, key }: Place): Generator<CopyPair, void> {
  const folder = sharedFolder(sources);
  for (const from of sources) {
    checkIsObject(from);
    yield { from, to: { store, key: prefixOf(key) + from.key.slice(folder.length), isFolder: false } };
  }
}

/** The prefix of the innermost folder that all keys lie in. Throws InvalidArgumentError for objects of several roots. */
function sharedFolder(sources: readonly Place[]): string {
  let shared: string | undefined;
  for (const { store, key } of sources) {
    if (store !== sources[0]?.store) {
      throw new InvalidArgumentError("a list of objects of several buckets or hosts", { hint: "give a list for each" });
    }
    const folder = key.slice(0, key.lastIndexOf("/") + 1);
    shared ??= folder;
    while (!folder.startsWith(shared)) {
      shared = shared.slice(0, shared.slice(0, -1).lastIndexOf("/") + 1);
    }
  }
  return shared ?? "";
}

async function* pairsOfGlob(source: Place, target: Target, options: PlanOptions): AsyncGenerator<CopyPair, void> {
  let isEmpty = true;
  for await (const { name, key, kind, sizeBytes } of listPlace(
    source,
    options.signal ? { signal: options.signal } : {},
  )) {
    isEmpty = false;
    const found = placeBeside(source, key, kind === "folder");
    const to = prefixOf(target.key) + name.replace(/\/$/, "");
    if (kind === "object") {
      yield { from: found, to: placeAt(target, to), sizeBytes };
    } else if (options.recursive) {
      yield* pairsBelow(found, { ...target, key: to }, options);
    } else {
      options.onSkipped({ location: addressOfPlace(found), error: isAFolder(found), isMatch: true });
    }
  }
  if (isEmpty) {
    options.onSkipped({ location: addressOfPlace(source), error: notThere(source), isMatch: false });
  }
}

async function* pairsBelow(folder: Place, target: Target, { signal }: PlanOptions): AsyncGenerator<CopyPair, void> {
  const isInside = target.store === folder.store && prefixOf(target.key).startsWith(prefixOf(folder.key));
  if (isInside && target.key !== folder.key) {
    throw new InvalidArgumentError(`the destination lies inside the source: ${addressOfPlace(folder)}`, {
      hint: "copy to a folder beside it first",
    });
  }
  for await (const { name, key, sizeBytes } of listPlace(placeBeside(folder, folder.key, true), { signal })) {
    const from = placeBeside(folder, key, false);
    yield { from, to: placeAt(target, prefixOf(target.key) + name), sizeBytes };
  }
}

const placeAt = ({ store }: Target, key: string): Place => ({ store, key, isFolder: key === "" });

/** A store that cannot list has no folders that could be found. */
async function isFolderThere(place: Place, options: Cancellable): Promise<boolean> {
  try {
    return await isFolder(place, options);
  } catch (error) {
    if (error instanceof UnsupportedError) {
      return place.isFolder;
    }
    throw error;
  }
}

function checkNotTaken(taken: Set<string>, { to }: CopyPair): void {
  const address = addressOfPlace(to);
  if (taken.has(address)) {
    throw new InvalidArgumentError(`two sources would become one object: ${address}`, {
      location: address,
      hint: "copy them to folders of their own",
    });
  }
  taken.add(address);
}

function notThere(place: Place): NotFoundError {
  const location = addressOfPlace(place);
  return new NotFoundError(`nothing is there: ${location}`, { location, hint: "check the name" });
}

function isAFolder(place: Place): InvalidArgumentError {
  const location = addressOfPlace(place);
  return new InvalidArgumentError(`a folder is left out: ${location}`, { location, hint: "copy it with -r" });
}
