import { expect, it } from "vitest";
import { createSlabPool } from "../../../../server/src/workers/slab.ts";

const request = { resultBytes: 3 * 2 ** 20, arenaBytes: 2 ** 20, arenaCount: 2 };

it("places the result behind the first 64 KiB and the arenas behind it, none overlapping", () => {
  const slab = createSlabPool(2 ** 30).acquire(request);
  const [first, second] = slab.arenas as [readonly [number, number], readonly [number, number]];
  expect(slab.resultPointer).toBe(65_536);
  expect(first[0]).toBeGreaterThanOrEqual(slab.resultPointer + request.resultBytes);
  expect(second).toEqual([first[1], first[1] + request.arenaBytes]);
  expect(slab.memory.buffer.byteLength).toBeGreaterThanOrEqual(second[1]);
});

it("gives new memory until one is released, then that one", () => {
  const pool = createSlabPool(2 ** 30);
  const first = pool.acquire(request);
  expect(pool.acquire(request).memory).not.toBe(first.memory);
  pool.release(first);
  pool.release(first);
  expect(pool.acquire(request).memory).toBe(first.memory);
  expect(pool.acquire(request).memory).not.toBe(first.memory);
});

it("keeps no idle memory beyond its budget", () => {
  const pool = createSlabPool(0);
  pool.release(pool.acquire(request));
  expect(pool.idleBytes).toBe(0);
});

it("refuses a result that no memory can hold, with its size", () => {
  expect(() => createSlabPool(0).acquire({ ...request, resultBytes: 5 * 2 ** 30 })).toThrow(/5\.00 GiB/);
});
