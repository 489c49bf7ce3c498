/**
 * Chunks of stores that answer later are asked for before their turn, so that a thread decodes one batch while the next is on its way.
 *
 * A thread that waited for each chunk in turn would leave its connections idle; one that took all units at once would leave none to the others.
 */
import { setMaxListeners } from "node:events";
import type { Vec3 } from "../base/vec3.ts";
import type { StoredChunk } from "../formats/format.ts";
import { type ChunkReader, type FetchChunkOptions, readStored, type StoredChunks } from "../volume/chunkReader.ts";

/** Plain memory for stored bytes, used again: new memory for each chunk costs page faults, and collections of garbage. */
export interface BufferPool {
  acquire(sizeBytes: number): Uint8Array;
  /** Takes memory back that `acquire` gave; other memory is left alone. */
  release(bytes: Uint8Array): void;
}

/** Buffers come in powers of two; at most `maxIdleBytes` of them are kept. */
export function createBufferPool(maxIdleBytes: number): BufferPool {
  const idle = new Map<number, ArrayBuffer[]>();
  const lent = new WeakSet<ArrayBufferLike>();
  let idleBytes = 0;
  return {
    acquire(sizeBytes) {
      const capacity = 2 ** Math.max(12, Math.ceil(Math.log2(Math.max(1, sizeBytes))));
      const earlier = idle.get(capacity)?.pop();
      if (earlier !== undefined) {
        idleBytes -= capacity;
        lent.add(earlier);
        return new Uint8Array(earlier, 0, sizeBytes);
      }
      const buffer = new ArrayBuffer(capacity);
      lent.add(buffer);
      return new Uint8Array(buffer, 0, sizeBytes);
    },
    release({ buffer }) {
      const isLent = buffer instanceof ArrayBuffer && lent.delete(buffer);
      if (!isLent || idleBytes + buffer.byteLength > maxIdleBytes) {
        return;
      }
      const free = idle.get(buffer.byteLength) ?? [];
      free.push(buffer);
      idle.set(buffer.byteLength, free);
      idleBytes += buffer.byteLength;
    },
  };
}

/** Chunks whose turn has come; their bytes are there, or on their way. */
export interface FetchedBatch {
  readonly positions: readonly Vec3[];
  readonly stored: StoredChunks;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** Where bytes are put while they wait. */
  readonly buffers: BufferPool;
  /** Chunks that may be on their way, or wait for their turn; a single batch may have more. */
  readonly chunksAhead: number;
}

/**
 * The batches in their order, each when those before it are done with. `batches` is asked for a batch only when there is room for it.
 * Whoever leaves early ends the fetches that are left.
 */
export async function* fetchAhead(
  reader: ChunkReader,
  batches: Iterable<readonly Vec3[]>,
  { signal, buffers, chunksAhead }: FetchOptions,
): AsyncGenerator<FetchedBatch> {
  const own = new AbortController();
  setMaxListeners(0, own.signal); // each fetch listens
  const abort = (): void => own.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const source = batches[Symbol.iterator]();
  const waiting: FetchedBatch[] = [];
  let chunksWaiting = 0;
  const fetchMore = (): void => {
    while (chunksWaiting < chunksAhead) {
      const next = source.next();
      if (next.done === true) {
        return;
      }
      chunksWaiting += next.value.length;
      waiting.push(fetchBatch(reader, next.value, { signal: own.signal, allocate: buffers.acquire }));
    }
  };
  try {
    for (fetchMore(); ; fetchMore()) {
      const batch = waiting.shift();
      if (batch === undefined) {
        return;
      }
      yield batch;
      for (const position of batch.positions) {
        releaseStored(await batch.stored(position), buffers);
      }
      chunksWaiting -= batch.positions.length;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    own.abort();
  }
}

function fetchBatch(reader: ChunkReader, positions: readonly Vec3[], options: FetchChunkOptions): FetchedBatch {
  const fetches = new Map<Vec3, Promise<StoredChunk | undefined>>(
    positions.map((position) => [position, readStored(reader, position, options)]),
  );
  for (const fetched of fetches.values()) {
    fetched.catch(() => undefined); // whoever takes the chunk reports it
  }
  return { positions, stored: (position) => fetches.get(position) ?? readStored(reader, position, options) };
}

/** Decoded chunks need their stored bytes no more. */
function releaseStored(chunk: StoredChunk | undefined, buffers: BufferPool): void {
  if (chunk !== undefined) {
    buffers.release(chunk.bytes);
  }
}
