/** Objects deleted, in as few requests as their services allow. */
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import { InvalidArgumentError, ReadOnlyError, withErrorFields } from "../errors.ts";
import type { Store } from "../storage/store.ts";
import { forEachBounded } from "./concurrent.ts";
import { statPlace } from "./content.ts";
import { isGlob } from "./globs.ts";
import { isFolder, listPlace } from "./listing.ts";
import { addressOfKey, addressOfPlace, type Place, placeBeside } from "./place.ts";

/** Keys of one request; the drivers divide them further where a service takes fewer. */
const batchKeys = 1000;

export interface RemovalFailure {
  readonly location: string;
  readonly error: Error;
}

export interface Remover {
  /** Deletes the object now, or with others of its store. Throws ReadOnlyError, and what the store throws for it alone. */
  remove(place: Place, options?: Cancellable): Promise<void>;
  /** Deletes what waits; what failed. */
  flush(options?: Cancellable): Promise<readonly RemovalFailure[]>;
}

/** Gathers keys for stores that delete many at once. */
export function createRemover(onRemoved: (count: number) => void = () => undefined): Remover {
  const waiting = new Map<Store, string[]>();
  const failures: RemovalFailure[] = [];

  async function flushStore(store: Store, options: Cancellable): Promise<void> {
    const keys = waiting.get(store) ?? [];
    waiting.delete(store);
    if (keys.length === 0 || store.deleteAll === undefined) {
      return;
    }
    const failed = await store.deleteAll(keys, options);
    failures.push(...failed.map(({ key, error }) => ({ location: addressOfKey(store, key), error })));
    onRemoved(keys.length - failed.length);
  }

  return {
    async remove(place, options = {}) {
      const { store, key } = place;
      throwIfAborted(options.signal);
      if (store.delete === undefined || !store.capabilities.write) {
        throw readOnly(place);
      }
      if (store.deleteAll === undefined) {
        await store.delete(key, options);
        onRemoved(1);
        return;
      }
      const keys = waiting.get(store) ?? [];
      keys.push(key);
      waiting.set(store, keys);
      if (keys.length >= batchKeys) {
        await flushStore(store, options);
      }
    },
    async flush(options = {}) {
      await Promise.all([...waiting.keys()].map((store) => flushStore(store, options)));
      return failures.splice(0);
    },
  };
}

export interface RemovalOptions extends Cancellable {
  /** Folders with everything below them; otherwise InvalidArgumentError. */
  readonly recursive: boolean;
  /** Folders that a pattern matches are passed over when they are not to be removed. */
  readonly onSkipped: (location: string) => void;
}

/** The objects that places name, as patterns, folders or themselves. An object that is not there gives nothing: that is what is wanted. */
export async function* planRemoval(places: readonly Place[], options: RemovalOptions): AsyncGenerator<Place, void> {
  for (const place of places) {
    yield* objectsOf(place, options);
  }
}

async function* objectsOf(place: Place, options: RemovalOptions): AsyncGenerator<Place, void> {
  const { signal, recursive, onSkipped } = options;
  if (isGlob(place.key)) {
    for await (const { key, kind } of listPlace(place, { signal })) {
      const found = placeBeside(place, key, kind === "folder");
      if (kind === "object") {
        yield found;
      } else if (recursive) {
        yield* objectsBelow(found, options);
      } else {
        onSkipped(addressOfPlace(found));
      }
    }
  } else if (!place.isFolder && (await statPlace(place, { signal })) !== undefined) {
    yield place;
  } else if (await isFolder(place, { signal })) {
    if (!recursive) {
      throw new InvalidArgumentError(`a folder: ${addressOfPlace(place)}`, {
        location: addressOfPlace(place),
        hint: "remove it and everything below it with -r",
      });
    }
    yield* objectsBelow(place, options);
  }
}

async function* objectsBelow(folder: Place, { signal }: Cancellable): AsyncGenerator<Place, void> {
  for await (const { key } of listPlace(placeBeside(folder, folder.key, true), { signal })) {
    yield placeBeside(folder, key, false);
  }
}

export interface RemoveOptions extends Cancellable {
  readonly concurrency: number;
  readonly onRemoved: (count: number) => void;
}

/** Deletes objects; what failed, for the others are gone. Only cancelling ends it early. */
export async function removePlaces(
  places: AsyncIterable<Place>,
  { concurrency, onRemoved, signal }: RemoveOptions,
): Promise<readonly RemovalFailure[]> {
  const remover = createRemover(onRemoved);
  const failures: RemovalFailure[] = [];
  const work = async (place: Place): Promise<void> => {
    try {
      await remover.remove(place, { signal });
    } catch (error) {
      throwIfAborted(signal);
      failures.push({
        location: addressOfPlace(place),
        error: withErrorFields(error, { location: addressOfPlace(place) }),
      });
    }
  };
  await forEachBounded(places, concurrency, work, { signal });
  return [...failures, ...(await remover.flush({ signal }))];
}

function readOnly(place: Place): ReadOnlyError {
  return new ReadOnlyError(`nothing can be removed here: ${addressOfPlace(place)}`, {
    location: addressOfPlace(place),
    hint: "choose a folder or a bucket that can be written (file://, gs://, s3://)",
  });
}
