/**
 * Chunks of stores that answer later are asked for before their turn, so that a thread decodes one batch while the next is on its way.
 *
 * A thread that waited for each chunk in turn would leave its connections idle; one that took all units at once would leave none to the others.
 */
import { setMaxListeners } from "node:events";
import type { Vec3 } from "../base/vec3.ts";
import type { StoredChunk } from "../formats/format.ts";
import { type ChunkReader, readStored, type StoredChunks } from "../volume/chunkReader.ts";

/** Chunks whose turn has come; their bytes are there, or on their way. */
export interface FetchedBatch {
  readonly positions: readonly Vec3[];
  readonly stored: StoredChunks;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
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
  { signal, chunksAhead }: FetchOptions,
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
      waiting.push(fetchBatch(reader, next.value, own.signal));
    }
  };
  try {
    for (fetchMore(); ; fetchMore()) {
      const batch = waiting.shift();
      if (batch === undefined) {
        return;
      }
      yield batch;
      chunksWaiting -= batch.positions.length;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    own.abort();
  }
}

function fetchBatch(reader: ChunkReader, positions: readonly Vec3[], signal: AbortSignal): FetchedBatch {
  const fetches = new Map<Vec3, Promise<StoredChunk | undefined>>(
    positions.map((position) => [position, readStored(reader, position, { signal })]),
  );
  for (const fetched of fetches.values()) {
    fetched.catch(() => undefined); // whoever takes the chunk reports it
  }
  return { positions, stored: (position) => fetches.get(position) ?? readStored(reader, position, { signal }) };
}
