/** File operations over every store: `engine.files`. Locations are texts; one may name an object, a folder, or a pattern with `*` and `**`. */
import type { Cancellable } from "../base/abort.ts";
import { NotFoundError } from "../errors.ts";
import type { ObjectStat } from "../storage/store.ts";
import {
  type ContentHost,
  type FileContent,
  openParts,
  type ReadFileOptions,
  readPlace,
  statPlace,
  touchPlace,
  type WriteFileOptions,
  writePlace,
} from "./content.ts";
import { type CopyObject, createCopier } from "./copyObject.ts";
import { expandExpression } from "./expressions.ts";
import { isGlob } from "./globs.ts";
import type { FileLimits } from "./limits.ts";
import { type FileEntry, isFolder, type ListingOptions, listPlace } from "./listing.ts";
import type { LocalFiles } from "./localFiles.ts";
import { addressOfPlace, localPathOf, type Place, type PlaceHost, placeOf } from "./place.ts";
import { type CopyPair, planCopy, type SkippedSource } from "./planCopy.ts";
import type { Recompression } from "./recompress.ts";
import { planRemoval, type RemovalFailure, removePlaces } from "./remove.ts";
import { type FilesProgress, type TransferResult, transfer } from "./transfer.ts";

export interface CopyFilesOptions extends Cancellable {
  /** Folders with everything below them; default false for copies, true for moves. */
  readonly recursive?: boolean | undefined;
  /** Sources are objects, not patterns, and each keeps its path below the folder that all of them lie in. Default false. */
  readonly keepFolders?: boolean | undefined;
  /** Default "same". */
  readonly recompress?: Recompression | undefined;
  /** Of the compressor; default as CloudFiles. */
  readonly level?: number | undefined;
  /** Large downloads keep what they have when they fail, beside the target as NAME.part, and go on from there. Default false. */
  readonly resumable?: boolean | undefined;
  /** False: ConflictError where a target is there already. Default true. */
  readonly overwrite?: boolean | undefined;
  /** Sources that are not there are left out; default false: NotFoundError. */
  readonly allowMissing?: boolean | undefined;
  /** Objects at once; default 20. */
  readonly concurrency?: number | undefined;
  readonly onProgress?: ((progress: FilesProgress) => void) | undefined;
  /** Told of folders that are left out, for want of `recursive`; of sources that are not there, if they are allowed to be. */
  readonly onSkipped?: ((skipped: SkippedSource) => void) | undefined;
}

export interface ListFilesOptions extends ListingOptions {
  /** `[abc]`, `[a-c]` and `[abc]{2}` in the location stand for several locations, which are listed one after the other. Default false. */
  readonly isExpression?: boolean | undefined;
}

export interface RemoveFilesOptions extends Cancellable {
  /** Folders with everything below them; default false: InvalidArgumentError. */
  readonly recursive?: boolean | undefined;
  /** Only say what would be deleted; default false. */
  readonly dryRun?: boolean | undefined;
  readonly concurrency?: number | undefined;
  /** Told of each object before it is deleted. */
  readonly onObject?: ((location: string) => void) | undefined;
  readonly onProgress?: ((progress: { readonly doneCount: number; readonly totalCount: number }) => void) | undefined;
  /** Told of folders that a pattern matches and that stay. */
  readonly onSkipped?: ((location: string) => void) | undefined;
}

export interface RemovalResult {
  /** Objects deleted; in a dry run those that would be. */
  readonly count: number;
  readonly failures: readonly RemovalFailure[];
}

/**
 * All throw InvalidLocationError for a text that is no location, PermissionDeniedError, UnreachableError, and CancelledError;
 * UnsupportedError where names are wanted of a store that cannot list.
 */
export interface Files {
  /** Names, in ascending order: below a folder, matching a pattern, or beginning with the text; none is an empty listing. */
  list(location: string, options?: ListFilesOptions): AsyncIterable<FileEntry>;
  /** Is there a folder, with or without something in it? */
  isFolder(location: string, options?: Cancellable): Promise<boolean>;
  /** Facts of an object; `undefined` when there is none. */
  stat(location: string, options?: Cancellable): Promise<ObjectStat | undefined>;
  /** Is there an object; for a location that ends in "/", a folder? */
  exists(location: string, options?: Cancellable): Promise<boolean>;
  /** The content; `undefined` when there is no object. */
  read(location: string, options?: ReadFileOptions): Promise<FileContent | undefined>;
  /** The content in parts, in bounded memory where it is not compressed; each is valid until the next one is asked for. `undefined` when there is no object. */
  readParts(
    location: string,
    options?: Pick<ReadFileOptions, "raw" | "signal">,
  ): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Replaces an object as a whole. Throws ReadOnlyError, and ConflictError where `onlyIf` says so. */
  write(location: string, bytes: Uint8Array, options?: WriteFileOptions): Promise<void>;
  /** Makes an empty object where there is none; true if it did. */
  touch(location: string, options?: Cancellable): Promise<boolean>;
  /** Deletes what the locations name: objects, patterns, folders. What failed is told; the rest is gone. */
  remove(locations: readonly string[], options?: RemoveFilesOptions): Promise<RemovalResult>;
  /** Copies by CloudFiles' rules (planCopy.ts). A failed or cancelled copy leaves each target as it was, or whole. */
  copy(sources: readonly string[], destination: string, options?: CopyFilesOptions): Promise<TransferResult>;
  /** Copies, then deletes each source whose copy is whole. */
  move(sources: readonly string[], destination: string, options?: CopyFilesOptions): Promise<TransferResult>;
  /** Copies each object to exactly this target. */
  copyPairs(
    pairs: Iterable<FilePair>,
    options?: CopyFilesOptions & { readonly removeSources?: boolean },
  ): Promise<TransferResult>;
  /** Objects, and their stored bytes, that a location names. */
  size(location: string, options?: Cancellable): Promise<FilesSize>;
}

/** An object and where it goes. */
export interface FilePair {
  readonly from: string;
  readonly to: string;
}

export interface FilesSize {
  readonly count: number;
  readonly bytes: number;
}

/** What the operations are made of. */
export interface FilesHost extends PlaceHost, ContentHost {
  readonly localFiles: LocalFiles;
  readonly limits: FileLimits;
}

export function createFiles(host: FilesHost): Files {
  const copyObject = createCopier(host);
  const at = (location: string): Place => placeOf(location, host);
  const copy = (sources: readonly string[], destination: string, options: CopyFilesOptions, isMove: boolean) =>
    copyBetween(sources.map(at), at(destination), { host, copyObject, options, isMove });
  return {
    list: (location, options) => listing(location, at, options),
    isFolder: async (location, options) => isFolder(at(location), options),
    stat: async (location, options) => statPlace(at(location), options),
    exists: async (location, options) => existsAt(at(location), options),
    read: async (location, options) => readPlace(at(location), host, options),
    readParts: async (location, options) => openParts(at(location), host, options),
    write: async (location, bytes, options) => writePlace(at(location), bytes, host, options),
    touch: async (location, options) => touchPlace(at(location), options),
    remove: async (locations, options = {}) => remove(locations.map(at), host, options),
    copy: async (sources, destination, options = {}) => copy(sources, destination, options, false),
    move: async (sources, destination, options = {}) => copy(sources, destination, options, true),
    copyPairs: async (pairs, { removeSources = false, ...options } = {}) =>
      transfer(placesOf(pairs, at), copyObject, transferOptions(host, options, removeSources)),
    size: async (location, options) => sizeOf(at(location), options),
  };
}

/** Keys stay inside. */
async function* listing(
  location: string,
  at: (location: string) => Place,
  { isExpression = false, ...options }: ListFilesOptions = {},
): AsyncGenerator<FileEntry, void> {
  for (const text of isExpression ? expandExpression(location) : [location]) {
    for await (const { key: _, ...entry } of listPlace(at(text), options)) {
      yield entry;
    }
  }
}

async function existsAt(place: Place, options: Cancellable | undefined): Promise<boolean> {
  return place.isFolder ? isFolder(place, options) : (await statPlace(place, options)) !== undefined;
}

async function sizeOf(place: Place, { signal }: Cancellable = {}): Promise<FilesSize> {
  const stat = isGlob(place.key) ? undefined : await statPlace(place, { signal });
  if (stat !== undefined) {
    return { count: 1, bytes: stat.sizeBytes ?? 0 };
  }
  let count = 0;
  let bytes = 0;
  for await (const { kind, sizeBytes = 0 } of listPlace(place, { withSizes: true, signal })) {
    count += kind === "object" ? 1 : 0;
    bytes += sizeBytes;
  }
  return { count, bytes };
}

interface CopyTask {
  readonly host: FilesHost;
  readonly copyObject: CopyObject;
  readonly options: CopyFilesOptions;
  readonly isMove: boolean;
}

async function copyBetween(
  sources: readonly Place[],
  destination: Place,
  { host, copyObject, options, isMove }: CopyTask,
): Promise<TransferResult> {
  const { recursive = isMove, keepFolders = false, allowMissing = false, signal, onSkipped } = options;
  let missingCount = 0;
  const skip = (skipped: SkippedSource): void => {
    const isMissing = skipped.error instanceof NotFoundError;
    if (isMissing && !allowMissing) {
      throw skipped.error;
    }
    missingCount += isMissing ? 1 : 0;
    onSkipped?.(skipped);
  };
  const pairs = planCopy(sources, destination, { recursive, keepFolders, signal, onSkipped: skip });
  const result = await transfer(pairs, copyObject, transferOptions(host, options, isMove));
  if (isMove) {
    await removeEmptyFolders(sources, host);
  }
  return { ...result, missingCount: result.missingCount + missingCount };
}

function transferOptions(
  { limits }: FilesHost,
  options: CopyFilesOptions,
  removeSources: boolean,
): Parameters<typeof transfer>[2] {
  return {
    signal: options.signal,
    recompress: options.recompress ?? "same",
    level: options.level,
    resumable: options.resumable ?? false,
    overwrite: options.overwrite ?? true,
    allowMissing: options.allowMissing ?? false,
    concurrency: Math.max(1, options.concurrency ?? limits.concurrency),
    onProgress: options.onProgress,
    onSkipped: options.onSkipped,
    removeSources,
  };
}

async function* placesOf(pairs: Iterable<FilePair>, at: (location: string) => Place): AsyncGenerator<CopyPair, void> {
  for (const { from, to } of pairs) {
    yield { from: at(from), to: at(to) };
  }
}

async function remove(places: readonly Place[], host: FilesHost, options: RemoveFilesOptions): Promise<RemovalResult> {
  const { recursive = false, dryRun = false, signal, onObject, onProgress, onSkipped = () => undefined } = options;
  const concurrency = Math.max(1, options.concurrency ?? host.limits.concurrency);
  let totalCount = 0;
  let count = 0;
  const objects = async function* (): AsyncGenerator<Place, void> {
    for await (const place of planRemoval(places, { recursive, onSkipped, signal })) {
      totalCount++;
      onObject?.(addressOfPlace(place));
      yield place;
    }
  };
  if (dryRun) {
    for await (const _ of objects()) {
      count++;
    }
    return { count, failures: [] };
  }
  const onRemoved = (more: number): void => {
    count += more;
    onProgress?.({ doneCount: count, totalCount });
  };
  const failures = await removePlaces(objects(), { concurrency, onRemoved, signal });
  if (recursive) {
    await removeEmptyFolders(places, host);
  }
  return { count, failures };
}

/** A folder of a file system stays when all that was in it is gone; elsewhere there are none. */
async function removeEmptyFolders(places: readonly Place[], { localFiles }: FilesHost): Promise<void> {
  for (const place of places) {
    const path = isGlob(place.key) || place.key === "" ? undefined : localPathOf(place);
    if (path !== undefined) {
      await localFiles.removeEmptyFolders(path);
    }
  }
}
