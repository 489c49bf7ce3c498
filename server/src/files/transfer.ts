/** Many objects copied or moved, with a bound on how many at once. */
import type { Cancellable } from "../base/abort.ts";
import { ConflictError, NotFoundError, ReadOnlyError } from "../errors.ts";
import { forEachBounded } from "./concurrent.ts";
import { statPlace } from "./content.ts";
import type { CopiedObject, CopyObject, CopyObjectOptions } from "./copyObject.ts";
import { createLocalNames } from "./localNames.ts";
import { addressOfPlace, type Place } from "./place.ts";
import type { CopyPair, SkippedSource } from "./planCopy.ts";
import { createRemover } from "./remove.ts";

/** What has been done so far. */
export interface FilesProgress {
  readonly doneCount: number;
  /** Objects found so far: it grows while folders are listed. */
  readonly totalCount: number;
  /** Stored bytes that arrived. */
  readonly bytes: number;
}

export interface TransferOptions extends Cancellable, Omit<CopyObjectOptions, "sizeBytes" | "onBytes"> {
  readonly concurrency: number;
  /** Sources that are not there are left out; otherwise NotFoundError. */
  readonly allowMissing: boolean;
  /** Delete each source that was copied. */
  readonly removeSources: boolean;
  /** What the names of compressed local files end in. */
  readonly suffixes: readonly string[];
  readonly onProgress?: ((progress: FilesProgress) => void) | undefined;
  /** Told of sources that are not there, where they may be missing. */
  readonly onSkipped?: ((skipped: SkippedSource) => void) | undefined;
}

export interface TransferResult {
  readonly count: number;
  readonly bytes: number;
  /** Sources that were not there. */
  readonly missingCount: number;
}

/**
 * Copies all pairs. The first failure ends it: what is copied stays, what is not is untouched, and no target is ever there in part.
 * A source is deleted only when its copy is whole.
 */
export async function transfer(
  pairs: AsyncIterable<CopyPair>,
  copyObject: CopyObject,
  options: TransferOptions,
): Promise<TransferResult> {
  const { signal, onProgress, concurrency, removeSources, allowMissing } = options;
  const counts = { doneCount: 0, totalCount: 0, bytes: 0, missingCount: 0 };
  const report = (): void =>
    onProgress?.({ doneCount: counts.doneCount, totalCount: counts.totalCount, bytes: counts.bytes });
  const onBytes = (sizeBytes: number): void => {
    counts.bytes += sizeBytes;
    report();
  };
  const remover = createRemover();
  const names = createLocalNames(options.suffixes);

  const work = async ({ from, to, sizeBytes }: CopyPair, stop: AbortSignal): Promise<void> => {
    try {
      names.enter(to);
      if (removeSources) {
        checkRemovable(from);
      }
      const copied = await copyObject(from, to, { ...options, signal: stop, sizeBytes, onBytes });
      if (removeSources && copied.isCopied) {
        await checkUnchanged(from, copied, stop);
        await remover.remove(from, { signal: stop });
      }
    } catch (error) {
      if (!allowMissing || !(error instanceof NotFoundError) || !(await isMissing(from, stop))) {
        throw error;
      }
      counts.missingCount++;
      options.onSkipped?.({ location: addressOfPlace(from), error, isMatch: false });
    } finally {
      names.leave(to);
    }
    counts.doneCount++;
    report();
  };
  const counted = async function* (): AsyncGenerator<CopyPair, void> {
    for await (const pair of pairs) {
      counts.totalCount++;
      yield pair;
    }
  };
  try {
    await forEachBounded(counted(), concurrency, work, { signal });
  } catch (error) {
    await remover.flush().catch(() => []); // their copies are whole; the first failure is what is told
    throw error;
  }
  const [failure] = await remover.flush({ signal });
  if (failure !== undefined) {
    throw failure.error;
  }
  return { count: counts.doneCount - counts.missingCount, bytes: counts.bytes, missingCount: counts.missingCount };
}

function checkRemovable(from: Place): void {
  if (from.store.delete === undefined || !from.store.capabilities.write) {
    throw new ReadOnlyError(`nothing can be moved away from here: ${addressOfPlace(from)}`, {
      location: addressOfPlace(from),
      hint: "copy it",
    });
  }
}

/** Of local files, where it costs next to nothing, and where two names may be one file: `A` and `a`, or links. */
async function checkUnchanged(from: Place, { etag }: CopiedObject, signal: AbortSignal): Promise<void> {
  if (from.store.openLocal === undefined || etag === undefined) {
    return;
  }
  const stat = await statPlace(from, { signal });
  if (stat !== undefined && stat.etag !== etag) {
    throw new ConflictError(`the source changed while it was moved: ${addressOfPlace(from)}`, {
      location: addressOfPlace(from),
      hint: "the copy is there; look at both before deleting one",
    });
  }
}

/** A target's bucket that is not there is no missing source. */
async function isMissing(from: Place, signal: AbortSignal): Promise<boolean> {
  return (await statPlace(from, { signal })) === undefined;
}
