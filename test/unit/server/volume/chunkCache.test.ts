import { expect, it } from "vitest";
import type { Vec3 } from "../../../../server/src/base/vec3.ts";
import { InvalidChunkError } from "../../../../server/src/errors.ts";
import { createChunkCache } from "../../../../server/src/volume/chunkCache.ts";
import type { ReadExecutor, SourceSpec } from "../../../../server/src/workers/contract.ts";

const source = { id: 1 } as SourceSpec;

/** An executor whose reads are settled by the test. */
function manualExecutor() {
  const reads: {
    position: Vec3;
    signal: AbortSignal;
    resolve(bytes?: Uint8Array): void;
    reject(error: Error): void;
  }[] = [];
  const executor = {
    readChunk: (_source, position, { signal } = {}) =>
      new Promise((resolve, reject) => {
        reads.push({ position, signal: signal as AbortSignal, resolve, reject });
      }),
  } as Pick<ReadExecutor, "readChunk"> as ReadExecutor;
  return { reads, executor };
}

it("reads a chunk once for all who wait, then from memory", async () => {
  const { reads, executor } = manualExecutor();
  const cache = createChunkCache(executor, 1000);
  const both = [cache.get(source, [0, 0, 0], undefined), cache.get(source, [0, 0, 0], undefined)];
  reads[0]?.resolve(new Uint8Array([1, 2]));
  expect(await Promise.all(both)).toEqual([new Uint8Array([1, 2]), new Uint8Array([1, 2])]);
  await cache.get(source, [0, 0, 0], undefined);
  expect(reads.length).toBe(1);
  expect(cache.sizeBytes).toBe(2);
});

it("stops a read only when the last who waits has cancelled", async () => {
  const { reads, executor } = manualExecutor();
  const cache = createChunkCache(executor, 1000);
  const [first, second] = [new AbortController(), new AbortController()];
  const gets = [cache.get(source, [1, 0, 0], first.signal), cache.get(source, [1, 0, 0], second.signal)];
  first.abort();
  await expect(gets[0]).rejects.toMatchObject({ tag: "cancelled" });
  expect(reads[0]?.signal.aborted).toBe(false);
  second.abort();
  await expect(gets[1]).rejects.toMatchObject({ tag: "cancelled" });
  expect(reads[0]?.signal.aborted).toBe(true);
});

it("reads again after a failure, and after everyone had cancelled", async () => {
  const { reads, executor } = manualExecutor();
  const cache = createChunkCache(executor, 1000);
  const failed = cache.get(source, [2, 0, 0], undefined);
  reads[0]?.reject(new InvalidChunkError("broken"));
  await expect(failed).rejects.toMatchObject({ tag: "invalid_chunk" });
  const cancel = new AbortController();
  const cancelled = cache.get(source, [2, 0, 0], cancel.signal);
  cancel.abort();
  await expect(cancelled).rejects.toMatchObject({ tag: "cancelled" });
  const third = cache.get(source, [2, 0, 0], undefined);
  expect(reads.length).toBe(3);
  reads[2]?.resolve();
  expect(await third).toBe("missing");
});
