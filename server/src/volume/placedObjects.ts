/** The objects of places: single ones, and everything below a folder. Counting and deleting them. */
import type { ObjectCount, ObjectFacts, ObjectsOutcome, PlacedObjects } from "../../../schemas/protocol/objects.ts";
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import { eachAtOnce } from "../base/eachAtOnce.ts";
import { NotFoundError, ReadOnlyError, UnsupportedError } from "../errors.ts";
import type { PathStart } from "../storage/localPath.ts";
import type { Store } from "../storage/store.ts";
import { folderAt, objectAt, type StoreHost } from "./objectAt.ts";
import { createTally, type OnProgress } from "./tally.ts";

/** Objects that one count looks at, at most. */
const maxCounted = 1_000_000;
/** Keys of one deletion request. */
const batchSize = 1_000;
/** Requests for single objects at once. */
const atOnce = 16;

export interface WorkOptions extends Cancellable {
  /** Where relative paths start. */
  readonly start?: PathStart;
  readonly onProgress?: OnProgress | undefined;
}

/** One object of a place. */
export interface FoundObject {
  readonly store: Store;
  readonly key: string;
  /** Below the folder that holds the place: `NAME`, or `FOLDER/KEY`. */
  readonly path: string;
  readonly sizeBytes?: number;
}

/** Facts of an object; throws NotFoundError when it is absent. */
export async function statObjectAt(
  host: StoreHost,
  text: string,
  { start, signal }: WorkOptions,
): Promise<ObjectFacts> {
  const { store, key } = objectAt(host, text, start);
  if (store.stat === undefined) {
    throw new UnsupportedError(`nothing tells the facts of objects here: ${store.location.text}`);
  }
  const facts = await store.stat(key, { signal });
  if (facts === undefined) {
    throw new NotFoundError(`there is no "${key}" here: ${store.location.text}`, {
      location: store.location.text,
      key,
    });
  }
  return facts;
}

/** The objects of places, as they are listed. A single object is not looked for. Throws UnsupportedError for a folder that cannot be listed. */
export async function* objectsOf(
  host: StoreHost,
  places: readonly PlacedObjects[],
  { start, signal }: WorkOptions,
): AsyncGenerator<FoundObject> {
  for (const { location, kind } of places) {
    throwIfAborted(signal);
    if (kind === "file") {
      const { store, key } = objectAt(host, location, start);
      yield { store, key, path: key };
      continue;
    }
    const { store, name } = folderAt(host, location, start);
    if (store.list === undefined) {
      throw new UnsupportedError(`this place cannot be listed: ${store.location.text}`, {
        location: store.location.text,
        hint: "name single objects",
      });
    }
    for await (const entry of store.list({ delimiter: false, signal })) {
      const { sizeBytes } = entry;
      yield { store, key: entry.name, path: `${name}/${entry.name}`, ...(sizeBytes !== undefined && { sizeBytes }) };
    }
  }
}

/** Counts the objects of places and their bytes, up to a million. Absent objects do not count. */
export async function measureObjectsAt(
  host: StoreHost,
  places: readonly PlacedObjects[],
  options: WorkOptions,
): Promise<ObjectCount> {
  const tally = createTally(options.onProgress);
  const { signal } = options;
  let seen = 0;
  await eachAtOnce(take(maxCounted, objectsOf(host, places, options)), { atOnce, signal }, async (object) => {
    seen++;
    const sizeBytes = object.sizeBytes ?? (await sizeOf(object, signal));
    if (sizeBytes !== undefined) {
      tally.add(sizeBytes);
    }
  });
  return { ...tally.count(), isLowerBound: seen >= maxCounted };
}

async function* take<T>(count: number, items: AsyncIterable<T>): AsyncGenerator<T> {
  let taken = 0;
  for await (const item of items) {
    if (taken++ >= count) {
      return;
    }
    yield item;
  }
}

/** The size of an object that was listed without; `undefined` when it is absent. */
async function sizeOf({ store, key }: FoundObject, signal: AbortSignal | undefined): Promise<number | undefined> {
  if (store.stat === undefined) {
    return 0;
  }
  const facts = await store.stat(key, { signal });
  return facts && (facts.sizeBytes ?? 0);
}

/** Deletes the objects of places. Throws ReadOnlyError before anything is gone where one place cannot be written. */
export async function deleteObjectsAt(
  host: StoreHost,
  places: readonly PlacedObjects[],
  options: WorkOptions,
): Promise<ObjectsOutcome> {
  for (const place of places) {
    checkDeletes(storeOf(host, place, options));
  }
  const tally = createTally(options.onProgress);
  let batch: FoundObject[] = [];
  for await (const object of objectsOf(host, places, options)) {
    if (batch.length >= batchSize || (batch[0] !== undefined && batch[0].store !== object.store)) {
      await deleteBatch(batch, tally, options);
      batch = [];
    }
    batch.push(object);
  }
  await deleteBatch(batch, tally, options);
  return tally.outcome();
}

/** The store that holds a place. */
export function storeOf(host: StoreHost, { location, kind }: PlacedObjects, { start }: WorkOptions): Store {
  return (kind === "file" ? objectAt(host, location, start) : folderAt(host, location, start)).store;
}

/** Throws ReadOnlyError where nothing can be deleted. */
export function checkDeletes(store: Store): void {
  const { text } = store.location;
  if (!store.capabilities.write || (store.delete === undefined && store.deleteAll === undefined)) {
    throw new ReadOnlyError(`nothing can be deleted here: ${text}`, { location: text });
  }
}

/** Deletes objects of one store. */
export async function deleteBatch(
  objects: readonly FoundObject[],
  tally: ReturnType<typeof createTally>,
  { signal }: Cancellable,
): Promise<void> {
  const [first] = objects;
  if (first === undefined) {
    return;
  }
  throwIfAborted(signal);
  const { store } = first;
  const failed = new Map<string, unknown>();
  if (store.deleteAll !== undefined) {
    const keys = objects.map(({ key }) => key);
    for (const { key, error } of await store.deleteAll(keys, { signal })) {
      failed.set(key, error);
    }
  } else {
    await eachAtOnce(objects, { atOnce, signal }, async ({ key }) => {
      try {
        await store.delete?.(key, { signal });
      } catch (error) {
        throwIfAborted(signal);
        failed.set(key, error);
      }
    });
  }
  for (const object of objects) {
    if (failed.has(object.key)) {
      tally.fail(object, failed.get(object.key));
    } else {
      tally.add(object.sizeBytes ?? 0);
    }
  }
}
