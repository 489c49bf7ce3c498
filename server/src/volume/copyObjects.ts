/** Copies and moves of objects and folders, inside the service where it can. */
import type { ObjectsOutcome, PlacedObjects } from "../../../schemas/protocol/objects.ts";
import { throwIfAborted } from "../base/abort.ts";
import { eachAtOnce } from "../base/eachAtOnce.ts";
import { ConflictError, InvalidArgumentError, NotFoundError, ReadOnlyError } from "../errors.ts";
import type { Location } from "../storage/location.ts";
import type { PutOptions, Store } from "../storage/store.ts";
import { folderAt, objectAt, type StoreHost } from "./objectAt.ts";
import { checkDeletes, deleteBatch, type FoundObject, objectsOf, storeOf, type WorkOptions } from "./placedObjects.ts";
import { createTally, type Tally } from "./tally.ts";

/** Objects copied at once. */
const atOnce = 8;
/** Keys of one deletion. */
const batchSize = 1_000;

export interface CopyRequest {
  readonly from: PlacedObjects;
  /** Full location that the object or folder gets. */
  readonly to: string;
  readonly existing: "keep" | "replace";
}

/** Copies an object or folder. Throws NotFoundError where there is nothing to copy, InvalidArgumentError for a copy into itself. */
export async function copyObjectsAt(
  host: StoreHost,
  request: CopyRequest,
  options: WorkOptions,
): Promise<ObjectsOutcome> {
  return (await copyAll(host, request, options)).tally.outcome();
}

/** Copies, and deletes the originals once every one has arrived; after a failure, or with an object that was kept, nothing is deleted. */
export async function moveObjectsAt(
  host: StoreHost,
  request: CopyRequest,
  options: WorkOptions,
): Promise<ObjectsOutcome> {
  const { from } = request;
  checkDeletes(storeOf(host, from, options));
  const { tally, copied } = await copyAll(host, request, options);
  const outcome = tally.outcome();
  if (outcome.failed > 0 || outcome.existing > 0) {
    return outcome;
  }
  const deletions = createTally();
  for (let start = 0; start < copied.length; start += batchSize) {
    await deleteBatch(copied.slice(start, start + batchSize), deletions, options);
  }
  const { failed, failures } = deletions.outcome();
  return { ...outcome, failed, failures };
}

async function copyAll(
  host: StoreHost,
  { from, to, existing }: CopyRequest,
  options: WorkOptions,
): Promise<{ readonly tally: Tally; readonly copied: readonly FoundObject[] }> {
  const target = targetOf(host, from, to, options);
  const tally = createTally(options.onProgress);
  const copied: FoundObject[] = [];
  let found = 0;
  const { signal } = options;
  await eachAtOnce(objectsOf(host, [from], options), { atOnce, signal }, async (object) => {
    found++;
    if (await tryCopy(object, { store: target.store, key: target.keyOf(object.key), existing }, tally, signal)) {
      copied.push(object);
    }
  });
  if (found === 0) {
    throw new NotFoundError(`there is nothing to copy: ${from.location}`, { location: from.location });
  }
  return { tally, copied };
}

interface Target {
  readonly store: Store;
  keyOf(key: string): string;
}

function targetOf(host: StoreHost, from: PlacedObjects, to: string, { start }: WorkOptions): Target {
  const isFile = from.kind === "file";
  const source = isFile ? objectAt(host, from.location, start) : folderAt(host, from.location, start);
  const target = isFile ? objectAt(host, to, start) : folderAt(host, to, start);
  if (isInside(target.location, source.location, isFile)) {
    throw new InvalidArgumentError(`a copy into itself: ${target.location.text}`, {
      location: target.location.text,
      hint: "choose another place",
    });
  }
  if (target.store.put === undefined || !target.store.capabilities.write) {
    throw new ReadOnlyError(`nothing can be written here: ${target.store.location.text}`, {
      location: target.store.location.text,
    });
  }
  return { store: target.store, keyOf: (key) => ("key" in target ? target.key : key) };
}

function isInside(target: Location, source: Location, isFile: boolean): boolean {
  const place = ({ scheme, authority, endpoint, path }: Location): string =>
    `${scheme}://${endpoint ?? ""}/${authority}/${path}`;
  return place(target) === place(source) || (!isFile && `${place(target)}/`.startsWith(`${place(source)}/`));
}

/** Did the object arrive? A failure is counted. */
async function tryCopy(
  from: FoundObject,
  to: { readonly store: Store; readonly key: string; readonly existing: "keep" | "replace" },
  tally: Tally,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const onlyIf = to.existing === "keep" ? { onlyIf: "absent" as const } : {};
    const isCopied = await to.store.copyFrom?.(from.store, from.key, to.key, { ...onlyIf, signal });
    const sizeBytes = isCopied === true ? (from.sizeBytes ?? 0) : await copyBytes(from, to, onlyIf, signal);
    tally.add(sizeBytes);
    return true;
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof ConflictError) {
      tally.exists();
    } else {
      tally.fail(from, error);
    }
    return false;
  }
}

/** Through this process: between services that know nothing of each other. Gives the bytes that were written. */
async function copyBytes(
  from: FoundObject,
  to: { readonly store: Store; readonly key: string },
  onlyIf: Pick<PutOptions, "onlyIf">,
  signal: AbortSignal | undefined,
): Promise<number> {
  const object = await from.store.get(from.key, { signal });
  if (object === undefined) {
    throw new NotFoundError(`the object is gone: "${from.key}"`, { location: from.store.location.text, key: from.key });
  }
  const { contentType, cacheControl } = (await from.store.stat?.(from.key, { signal })) ?? {};
  await to.store.put?.(to.key, object.bytes, {
    ...onlyIf,
    signal,
    ...(object.encoding !== undefined && { encoding: object.encoding }),
    ...(contentType !== undefined && { contentType }),
    ...(cacheControl !== undefined && { cacheControl }),
  });
  return object.bytes.length;
}
