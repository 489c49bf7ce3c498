/**
 * Decoded chunks for readers of many small pieces (tiles, probes): a cache in memory, with one read per chunk however many wait for it.
 * A read stops when the last one who waits for it has cancelled.
 */
import { throwIfAborted } from "../base/abort.ts";
import type { Vec3 } from "../base/vec3.ts";
import { createLruCache } from "../cache/lru.ts";
import { CancelledError } from "../errors.ts";
import type { ReadExecutor, SourceSpec } from "../workers/contract.ts";

/** A dense decoded chunk; "missing" = not stored. */
export type CachedChunk = Uint8Array | "missing";

export interface ChunkCache {
  get(source: SourceSpec, position: Vec3, signal: AbortSignal | undefined): Promise<CachedChunk>;
  /** Drops the chunks of a source. */
  forget(source: number): void;
  readonly sizeBytes: number;
}

interface SharedRead {
  readonly controller: AbortController;
  readonly chunk: Promise<CachedChunk>;
  waiting: number;
}

/** What a remembered "missing" counts as. */
const missingBytes = 64;

export function createChunkCache(executor: ReadExecutor, capacityBytes: number): ChunkCache {
  const cache = createLruCache<CachedChunk>(capacityBytes);
  const reads = new Map<string, SharedRead>();

  function startRead(key: string, source: SourceSpec, position: Vec3): SharedRead {
    const controller = new AbortController();
    const chunk = executor
      .readChunk(source, position, { signal: controller.signal })
      .then((voxels): CachedChunk => {
        const value = voxels ?? "missing";
        cache.set(key, value, voxels?.byteLength ?? missingBytes);
        return value;
      })
      .finally(() => {
        if (reads.get(key) === read) {
          reads.delete(key);
        }
      });
    const read: SharedRead = { controller, chunk, waiting: 0 };
    // Everyone who waits has cancelled: nobody is left to be told.
    chunk.catch(() => undefined);
    reads.set(key, read);
    return read;
  }

  return {
    get sizeBytes() {
      return cache.sizeBytes;
    },
    async get(source, position, signal) {
      throwIfAborted(signal);
      const key = `${source.id}/${position.join(",")}`;
      const cached = cache.get(key);
      if (cached !== undefined) {
        return cached;
      }
      const read = reads.get(key) ?? startRead(key, source, position);
      return waitFor(read, signal, () => reads.get(key) === read && reads.delete(key));
    },
    forget(source) {
      cache.deleteWhere((key) => key.startsWith(`${source}/`));
    },
  };
}

/** Waits for a shared read; the last to leave aborts it. */
async function waitFor(read: SharedRead, signal: AbortSignal | undefined, abandon: () => void): Promise<CachedChunk> {
  read.waiting++;
  const leave = (): void => {
    if (--read.waiting === 0) {
      abandon();
      read.controller.abort();
    }
  };
  if (signal === undefined) {
    return read.chunk;
  }
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      leave();
      reject(new CancelledError("the chunk is not wanted any more"));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    read.chunk.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
