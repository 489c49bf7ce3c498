/** Local folders: `file:///path`. A key is a path below the folder; its file may have a compression suffix. */
import type { Stats } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import { join } from "node:path";
import { throwIfAborted } from "../../base/abort.ts";
import { InvalidArgumentError, UnsupportedError, withErrorFields } from "../../errors.ts";
import type { Location } from "../location.ts";
import { checkRange } from "../ranges.ts";
import type {
  GetOptions,
  ListEntry,
  ListOptions,
  LocalObject,
  ObjectStat,
  PutOptions,
  Store,
  StoreDriver,
  StoredObject,
  StoreOptions,
} from "../store.ts";
import { type Confinement, createConfinement } from "./confine.ts";
import { fileError, isAbsent } from "./fileErrors.ts";
import { listFiles } from "./listFiles.ts";
import { checkRegular, etagOf, openFileParts, readFile, readFileInto } from "./readFile.ts";
import { createSuffixOrder, type Suffix, type SuffixOrder } from "./suffixes.ts";
import { removeFile, writeFile } from "./writeFile.ts";

export function createFileDriver(): StoreDriver {
  return { schemes: ["file"], open: createFileStore };
}

/** What the calls of one store share. */
interface FileStore {
  readonly location: Location;
  readonly confinement: Confinement;
  readonly order: SuffixOrder;
  readonly maxObjectBytes: number;
}

function createFileStore(location: Location, { maxObjectBytes }: StoreOptions): Store {
  const files: FileStore = {
    location,
    confinement: createConfinement(location),
    order: createSuffixOrder(),
    maxObjectBytes,
  };
  const inTurn = createTurns();
  const named = async <T>(key: string, task: (path: string) => Promise<T>): Promise<T> => {
    try {
      return await task(files.confinement.pathOf(key));
    } catch (error) {
      throw describe(error, location, key);
    }
  };
  return {
    location,
    capabilities: { write: true, list: true, anyThread: true, concurrency: 16 },
    get: (key, options = {}) => named(key, (path) => getFile(files, path, options)),
    readInto: (key, into) => readInto(files, key, into),
    openLocal: (key) => openLocal(files, key),
    stat: (key, { signal } = {}) => named(key, (path) => statFile(files, path, signal)),
    put: (key, bytes, options = {}) => inTurn(key, () => named(key, (path) => putFile(files, path, bytes, options))),
    delete: (key, { signal } = {}) =>
      inTurn(key, () =>
        named(key, async (path) => {
          throwIfAborted(signal);
          if (await files.confinement.checkFolder(path)) {
            await removeFile(path);
          }
        }),
      ),
    list: (options) => listFolder(files, options),
  };
}

async function getFile(
  { confinement, order, maxObjectBytes }: FileStore,
  path: string,
  { signal, range, maxBytes = maxObjectBytes }: GetOptions,
): Promise<StoredObject | undefined> {
  throwIfAborted(signal);
  if (range !== undefined) {
    checkRange(range);
  }
  if (!(await confinement.checkFolder(path))) {
    return undefined;
  }
  for (const suffix of order.current) {
    throwIfAborted(signal);
    const object = await readFile(path + suffix.text, confinement, { range, maxBytes, signal });
    if (object !== undefined) {
      order.moveToFront(suffix);
      checkRangeable(range, suffix);
      return { ...object, ...encodingOf(suffix) };
    }
  }
  return undefined;
}

function readInto(files: FileStore, key: string, into: Uint8Array): ReturnType<NonNullable<Store["readInto"]>> {
  const found = findSync(files, key, (path, look) => readFileInto(path, files.confinement, into, look));
  if (found === undefined || found.result === "too_large") {
    return found && "too_large";
  }
  return { sizeBytes: found.result, ...encodingOf(found.suffix) };
}

function openLocal(files: FileStore, key: string): LocalObject | undefined {
  const found = findSync(files, key, (path, look) => openFileParts(path, files.confinement, look));
  if (found === undefined) {
    return undefined;
  }
  const { result, suffix } = found;
  const readParts = (into: Uint8Array, offset: number): number => {
    try {
      return result.readInto(into, offset);
    } catch (error) {
      throw describe(error, files.location, key);
    }
  };
  return { ...result, readInto: readParts, ...encodingOf(suffix) };
}

/** The suffix that was right last is tried at once; the others are looked for first, as a failed open costs ten times a look. */
function findSync<T>(
  { location, confinement, order }: FileStore,
  key: string,
  attempt: (path: string, look: { readonly lookFirst: boolean }) => T | undefined,
): { readonly result: T; readonly suffix: Suffix } | undefined {
  try {
    const path = confinement.pathOf(key);
    if (!confinement.checkFolderSync(path)) {
      return undefined;
    }
    for (const suffix of order.current) {
      const result = attempt(path + suffix.text, { lookFirst: suffix !== order.current[0] });
      if (result !== undefined) {
        order.moveToFront(suffix);
        return { result, suffix };
      }
    }
    return undefined;
  } catch (error) {
    throw describe(error, location, key);
  }
}

async function statFile(
  { confinement, order }: FileStore,
  path: string,
  signal: AbortSignal | undefined,
): Promise<ObjectStat | undefined> {
  if (!(await confinement.checkFolder(path))) {
    return undefined;
  }
  for (const suffix of order.current) {
    throwIfAborted(signal);
    const stats = await statOne(path + suffix.text, confinement);
    if (stats !== undefined && !stats.isDirectory()) {
      checkRegular(stats);
      return {
        sizeBytes: stats.size,
        etag: etagOf(stats),
        modifiedMs: Math.trunc(stats.mtimeMs),
        ...encodingOf(suffix),
      };
    }
  }
  return undefined;
}

async function statOne(path: string, confinement: Confinement): Promise<Stats | undefined> {
  try {
    const stats = await lstat(path);
    const target = stats.isSymbolicLink() ? await confinement.checkLink(path) : path;
    return target === path ? stats : target === undefined ? undefined : await stat(target);
  } catch (error) {
    if (isAbsent(error)) {
      return undefined;
    }
    throw error;
  }
}

async function putFile(
  { confinement }: FileStore,
  path: string,
  bytes: Uint8Array,
  options: PutOptions,
): Promise<void> {
  throwIfAborted(options.signal);
  await confinement.checkWay(path);
  await writeFile(path, bytes, options);
}

async function* listFolder(
  { location, confinement }: FileStore,
  { signal, prefix = "", delimiter = true, after = "" }: ListOptions = {},
): AsyncIterable<ListEntry> {
  throwIfAborted(signal);
  if (prefix !== "" && !prefix.endsWith("/")) {
    throw new InvalidArgumentError(`a prefix ends in "/": "${prefix}"`, { location: location.text });
  }
  try {
    const folder = prefix === "" ? location.path : confinement.pathOf(prefix.slice(0, -1));
    if (await confinement.checkFolder(join(folder, "any"))) {
      yield* listFiles(folder, { delimiter, after, signal });
    }
  } catch (error) {
    throw describe(error, location, prefix);
  }
}

function checkRangeable(range: GetOptions["range"], { encoding }: Suffix): void {
  if (range !== undefined && encoding !== undefined) {
    throw new UnsupportedError(`a range of an object compressed with ${encoding}`);
  }
}

function encodingOf({ encoding }: Suffix): Pick<ObjectStat, "encoding"> {
  return encoding === undefined ? {} : { encoding };
}

function describe(error: unknown, location: Location, key: string): Error {
  const where = { location: location.text, key };
  return withErrorFields(fileError(error, where), where);
}

/** Writes of one key one after the other: each removes the twins of the others. */
function createTurns(): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, task) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(task, task);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) {
        last.delete(key);
      }
    }
  };
}
