/** Counts what a request about many objects has done, and tells of it now and then. */
import type { ObjectFailure, ObjectsOutcome } from "../../../schemas/protocol/objects.ts";
import { describeError } from "../errors.ts";
import type { Store } from "../storage/store.ts";

/** Told the objects and bytes so far, after each object. */
export type OnProgress = (done: { readonly objects: number; readonly bytes: number }) => void;

/** Failures that are described; the others are counted. */
const maxDescribed = 20;

export interface Tally {
  /** An object is done. */
  add(sizeBytes: number): void;
  /** Bytes of an object that is under way. */
  addBytes(bytes: number): void;
  /** An object failed, or was there already. */
  fail(object: { readonly store: Store; readonly key: string }, error: unknown): void;
  failAt(location: string, error: unknown): void;
  exists(): void;
  count(): { readonly objects: number; readonly bytes: number };
  outcome(): ObjectsOutcome;
}

export function createTally(onProgress?: OnProgress): Tally {
  let objects = 0;
  let bytes = 0;
  let failed = 0;
  let existing = 0;
  const failures: ObjectFailure[] = [];
  const tell = (): void => onProgress?.({ objects, bytes });
  const failAt = (location: string, error: unknown): void => {
    failed++;
    if (failures.length < maxDescribed) {
      failures.push({ location, message: describeError(error) });
    }
  };
  return {
    add(sizeBytes) {
      objects++;
      bytes += sizeBytes;
      tell();
    },
    addBytes(more) {
      bytes += more;
      tell();
    },
    fail: ({ store, key }, error) => failAt(`${store.location.text.replace(/\/$/, "")}/${key}`, error),
    failAt,
    exists() {
      existing++;
    },
    count: () => ({ objects, bytes }),
    outcome: () => ({ objects, bytes, failed, failures, existing }),
  };
}
