/** Makes `engine.files` of a host's stores, compressors and file system. */
import type { Cancellable } from "../base/abort.ts";
import { NotFoundError } from "../errors.ts";
import { type ContentHost, openParts, readPlace, statPlace, touchPlace, writePlace } from "./content.ts";
import { type CopyObject, createCopier } from "./copyObject.ts";
import { expandExpression } from "./expressions.ts";
import type {
  CopyFilesOptions,
  FilePair,
  Files,
  FilesSize,
  ListFilesOptions,
  RemovalResult,
  RemoveFilesOptions,
} from "./files.ts";
import { isGlob } from "./globs.ts";
import type { FileLimits } from "./limits.ts";
import { type FileEntry, isFolder, listPlace } from "./listing.ts";
import type { LocalFiles } from "./localFiles.ts";
import { addressOfPlace, localPathOf, type Place, type PlaceHost, placeOf } from "./place.ts";
import { type CopyPair, planCopy, type SkippedSource } from "./planCopy.ts";
import { planRemoval, removePlaces } from "./remove.ts";
import { type TransferResult, transfer } from "./transfer.ts";

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
  { limits, localFiles }: FilesHost,
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
    suffixes: localFiles.suffixes,
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
