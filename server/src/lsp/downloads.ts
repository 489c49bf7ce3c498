/**
 * Objects to local files: as stored, with the suffix of their compression, which is how CloudVolume keeps them on a disk.
 *
 * A large object comes in parts, into `.NAME.ETAG.part` beside its place; a run that was cut short goes on there as long as the object is the
 * same, and the file gets its name in one step.
 */
import { createHash } from "node:crypto";
import { type FileHandle, link, mkdir, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { DownloadObjectsParams, ObjectsOutcome } from "../../../schemas/protocol/objects.ts";
import { throwIfAborted } from "../base/abort.ts";
import { eachAtOnce } from "../base/eachAtOnce.ts";
import { ConflictError, InvalidArgumentError, NotFoundError } from "../errors.ts";
import type { StoreHost } from "../volume/objectAt.ts";
import { type FoundObject, objectsOf, type WorkOptions } from "../volume/placedObjects.ts";
import { createTally, type Tally } from "../volume/tally.ts";

const atOnce = 8;
/** Objects up to this size are read in one piece. */
const partBytes = 8 * 2 ** 20;
/** As `file://` locations know them. */
const suffixes = { gzip: ".gz", br: ".br", zstd: ".zstd", xz: ".xz", bzip2: ".bz2" } as const;

/** Downloads objects into a local folder. What fails is counted; throws InvalidArgumentError for a folder that is no full path. */
export async function downloadObjects(
  host: StoreHost,
  { places, folder, existing }: DownloadObjectsParams,
  options: WorkOptions,
): Promise<ObjectsOutcome> {
  if (!path.isAbsolute(folder)) {
    throw new InvalidArgumentError(`a folder to download to is a full path: "${folder}"`);
  }
  const tally = createTally(options.onProgress);
  const { signal } = options;
  await eachAtOnce(objectsOf(host, places, options), { atOnce, signal }, async (object) => {
    try {
      await download(object, { file: fileOf(folder, object.path), replaces: existing === "replace" }, tally, signal);
    } catch (error) {
      throwIfAborted(signal);
      tally.fail(object, error);
    }
  });
  return tally.outcome();
}

/** Where an object goes. Names come from a listing: none leads out of the folder, or to what this system cannot hold. */
function fileOf(folder: string, name: string): string {
  const parts = name.split("/");
  const isWindows = path.sep === "\\";
  const isBad = (part: string): boolean =>
    part === "" ||
    part === "." ||
    part === ".." ||
    part.includes("\0") ||
    (isWindows && /[\\:*?"<>|]|[. ]$/.test(part));
  if (parts.some(isBad)) {
    throw new InvalidArgumentError(`no file of this machine can have this name: ${JSON.stringify(name)}`);
  }
  return path.join(folder, ...parts);
}

interface Target {
  readonly file: string;
  readonly replaces: boolean;
}

async function download(
  { store, key }: FoundObject,
  target: Target,
  tally: Tally,
  signal: AbortSignal | undefined,
): Promise<void> {
  const facts = await store.stat?.(key, { signal });
  if (facts === undefined && store.stat !== undefined) {
    throw new NotFoundError(`the object is gone: "${key}"`, { location: store.location.text, key });
  }
  const file = target.file + (facts?.encoding === undefined ? "" : suffixes[facts.encoding]);
  if (!target.replaces && (await isThere(file))) {
    tally.exists();
    return;
  }
  await mkdir(path.dirname(file), { recursive: true });
  const id = createHash("sha256")
    .update(facts?.etag ?? String(Math.random()))
    .digest("hex")
    .slice(0, 16);
  const part = path.join(path.dirname(file), `.${path.basename(file).slice(0, 200)}.${id}.part`);
  const inParts = facts?.encoding === undefined && (facts?.sizeBytes ?? 0) > partBytes && facts?.etag !== undefined;
  try {
    await (inParts
      ? fetchParts({ store, key }, { part, sizeBytes: facts.sizeBytes ?? 0, etag: facts.etag }, tally, signal)
      : fetchWhole({ store, key }, part, tally, signal));
  } catch (error) {
    if (!inParts || error instanceof ConflictError) {
      await rm(part, { force: true }); // nothing that could be gone on with
    }
    throw error;
  }
  await moveIntoPlace(part, { ...target, file }, tally);
}

type Source = Pick<FoundObject, "store" | "key">;

async function fetchWhole(
  { store, key }: Source,
  part: string,
  tally: Tally,
  signal: AbortSignal | undefined,
): Promise<void> {
  const object = await store.get(key, { signal });
  if (object === undefined) {
    throw new NotFoundError(`the object is gone: "${key}"`, { location: store.location.text, key });
  }
  await withFile(part, "w", (file) => file.writeFile(object.bytes));
  tally.addBytes(object.bytes.length);
}

/** Every part is of the object that was looked at first: one that changed meanwhile fails (ConflictError) and begins afresh the next time. */
async function fetchParts(
  { store, key }: Source,
  { part, sizeBytes, etag }: { readonly part: string; readonly sizeBytes: number; readonly etag: string },
  tally: Tally,
  signal: AbortSignal | undefined,
): Promise<void> {
  const got = Math.min((await isThere(part)) ? (await stat(part)).size : 0, sizeBytes);
  tally.addBytes(got);
  await withFile(part, "a", async (file) => {
    for (let start = got; start < sizeBytes; ) {
      const end = Math.min(start + partBytes, sizeBytes);
      const object = await store.get(key, { range: { start, end }, signal });
      if (object === undefined || object.bytes.length !== end - start || (object.etag ?? etag) !== etag) {
        throw new ConflictError(`the object changed while it was downloaded: "${key}"`, { key, hint: "try again" });
      }
      await file.writeFile(object.bytes);
      tally.addBytes(object.bytes.length);
      start = end;
    }
  });
}

async function withFile(name: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(name, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

/** Gives the file its name in one step. One that appeared meanwhile is not replaced unasked. */
async function moveIntoPlace(part: string, { file, replaces }: Target, tally: Tally): Promise<void> {
  const outcome = replaces ? "moved" : await linkNew(part, file);
  if (outcome === "exists") {
    await rm(part);
    tally.exists();
    return;
  }
  await (outcome === "linked" ? rm(part) : rename(part, file));
  tally.add(0);
}

/** Only where nothing is. Some file systems have no links: there, a look before the move has to do. */
async function linkNew(part: string, file: string): Promise<"linked" | "exists" | "moved"> {
  try {
    await link(part, file);
    return "linked";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || (code !== "ENOENT" && (await isThere(file)))) {
      return "exists";
    }
    if (code === "EPERM" || code === "ENOTSUP" || code === "ENOSYS") {
      return "moved";
    }
    throw error;
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return false;
    }
    throw error;
  }
}
