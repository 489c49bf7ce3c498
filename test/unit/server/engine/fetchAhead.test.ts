/** Chunks that are asked for before their turn: in which order, how many at once, and what becomes of them. */
import { describe, expect, it } from "vitest";
import type { Vec3 } from "../../../../server/src/base/vec3.ts";
import { createBufferPool, fetchAhead } from "../../../../server/src/engine/fetchAhead.ts";
import { CancelledError, NotFoundError } from "../../../../server/src/errors.ts";
import type { GetOptions, StoredObject } from "../../../../server/src/storage/store.ts";
import type { ChunkReader } from "../../../../server/src/volume/chunkReader.ts";

interface Asked {
  readonly key: string;
  readonly options: GetOptions;
  answer(object: StoredObject | undefined): void;
  refuse(error: Error): void;
}

/** A reader whose store answers when the test says so. */
function slowReader(): { readonly reader: ChunkReader; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const store = {
    get: (key: string, options: GetOptions) =>
      new Promise<StoredObject | undefined>((answer, refuse) => {
        asked.push({ key, options, answer, refuse });
        options.signal?.addEventListener("abort", () => refuse(new CancelledError("cancelled")));
      }),
  };
  const source = {
    keyOf: ([x]: Vec3) => `c${x}`,
    describe: () => ({ size: [2, 2, 2], channels: 1, dtype: "uint8", parameters: {} }),
  };
  return { reader: { store, source } as unknown as ChunkReader, asked }; // all that fetching looks at
}

const rows = (count: number, width: number): Vec3[][] =>
  Array.from({ length: count }, (_, row) => Array.from({ length: width }, (_, x): Vec3 => [row * width + x, 0, 0]));
const options = (chunksAhead: number, signal = new AbortController().signal) => ({
  signal,
  chunksAhead,
  buffers: createBufferPool(1 << 20),
});

describe("chunks that are fetched ahead", () => {
  it("come batch by batch, while no more are on their way than are allowed", async () => {
    const { reader, asked } = slowReader();
    const batches = fetchAhead(reader, rows(5, 2), options(4));
    const seen: string[] = [];
    for await (const { positions, stored } of batches) {
      expect(asked.length).toBe(Math.min(10, seen.length + 4));
      for (const request of asked.slice(seen.length, seen.length + 2)) {
        request.answer({ bytes: new TextEncoder().encode(request.key) });
      }
      for (const position of positions) {
        seen.push(new TextDecoder().decode((await stored(position))?.bytes));
      }
    }
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => `c${i}`));
  });

  it("take a batch that is larger than that whole, alone", async () => {
    const { reader, asked } = slowReader();
    const batches = fetchAhead(reader, rows(2, 3), options(1));
    await batches.next();
    expect(asked).toHaveLength(3);
    await batches.return(undefined);
  });

  it("end with whoever wanted them", async () => {
    const { reader, asked } = slowReader();
    const batches = fetchAhead(reader, rows(4, 1), options(3));
    await batches.next();
    await batches.return(undefined);
    expect(asked.map(({ options: { signal } }) => signal?.aborted)).toEqual([true, true, true]);
  });

  it("end with the signal, and tell whoever waits", async () => {
    const { reader } = slowReader();
    const abort = new AbortController();
    const batches = fetchAhead(reader, rows(1, 1), options(1, abort.signal));
    const { value } = await batches.next();
    const waiting = value?.stored(value.positions[0] as Vec3);
    abort.abort();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    await batches.return(undefined);
  });

  it("fail at the chunk that failed, and nowhere else", async () => {
    const { reader, asked } = slowReader();
    const [row] = rows(1, 2) as [Vec3[]];
    const { value } = await fetchAhead(reader, [row], options(2)).next();
    asked[1]?.refuse(new NotFoundError("gone"));
    asked[0]?.answer(undefined);
    expect(await value?.stored(row[0] as Vec3)).toBeUndefined();
    await expect(value?.stored(row[1] as Vec3)).rejects.toThrow("gone");
  });

  it("lie in memory that is used again when they are decoded", async () => {
    const { reader, asked } = slowReader();
    const used: ArrayBufferLike[] = [];
    for await (const { positions, stored } of fetchAhead(reader, rows(6, 1), options(2))) {
      const request = asked[used.length] as Asked;
      request.answer({ bytes: request.options.allocate?.(100) ?? new Uint8Array(0) });
      used.push((await stored(positions[0] as Vec3))?.bytes.buffer as ArrayBufferLike);
    }
    expect(used).toHaveLength(6);
    expect(new Set(used).size).toBe(1);
  });
});

describe("a pool of buffers", () => {
  it("gives exact sizes, and takes back only what it gave", () => {
    const pool = createBufferPool(1 << 20);
    const bytes = pool.acquire(5000);
    expect([bytes.byteLength, bytes.buffer.byteLength]).toEqual([5000, 8192]);
    pool.release(new Uint8Array(8192));
    expect(pool.acquire(5000).buffer).not.toBe(bytes.buffer);
    pool.release(bytes.subarray(10));
    expect(pool.acquire(8000).buffer).toBe(bytes.buffer);
  });

  it("keeps no more than it may", () => {
    const pool = createBufferPool(4096);
    const [one, two] = [pool.acquire(10), pool.acquire(10)];
    pool.release(one);
    pool.release(two);
    expect([pool.acquire(10).buffer === one.buffer, pool.acquire(10).buffer === two.buffer]).toEqual([true, false]);
  });

  it("takes the same memory back once", () => {
    const pool = createBufferPool(1 << 20);
    const bytes = pool.acquire(10);
    pool.release(bytes);
    pool.release(bytes);
    expect(pool.acquire(10).buffer).not.toBe(pool.acquire(10).buffer);
  });
});
