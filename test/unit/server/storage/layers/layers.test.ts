import { describe, expect, test } from "vitest";
import { createBudget, createByteLimiter, withBudget } from "../../../../../server/src/storage/layers/withBudget.ts";
import { withReadOnly } from "../../../../../server/src/storage/layers/withReadOnly.ts";
import { createMemDriver } from "../../../../../server/src/storage/mem/mem.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { defaultStoreOptions, type Store } from "../../../../../server/src/storage/store.ts";
import { describeStore, tagOf } from "../../../../conformance/store.ts";

const location = parseLocation("mem://bucket/layer");
const openMem = (limits = {}): Store => createMemDriver().open(location, { ...defaultStoreOptions, ...limits });

describeStore({
  name: "mem, with a budget,",
  hasEncodings: true,
  async open(limits) {
    const store = withBudget(openMem(limits), createBudget({ maxRequests: 2, maxBytes: 2000, unknownBytes: 1000 }));
    return {
      store,
      seed: async (key, bytes, encoding) => store.put?.(key, bytes, { ...(encoding && { encoding }) }),
      async close() {},
    };
  },
});

test("a read-only store reads and lists, and has no way to write", async () => {
  const store = openMem();
  await store.put?.("a", Uint8Array.of(1));
  const reads = withReadOnly(store);
  expect((await reads.get("a"))?.bytes).toEqual(Uint8Array.of(1));
  expect([reads.put, reads.delete, reads.capabilities.write]).toEqual([undefined, undefined, false]);
  expect(store.capabilities.write).toBe(true);
});

/** A store whose reads end when they are told to. */
function gated(): { readonly store: Store; readonly active: () => number; readonly release: () => Promise<void> } {
  const gates: (() => void)[] = [];
  const store: Store = {
    ...openMem(),
    async get() {
      await new Promise<void>((resolve) => gates.push(resolve));
      return undefined;
    },
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    store,
    active: () => gates.length,
    async release() {
      gates.shift()?.();
      await settle();
    },
  };
}

describe("a budget", () => {
  test("bounds the requests on their way", async () => {
    const { store, active, release } = gated();
    const bounded = withBudget(store, createBudget({ maxRequests: 2, maxBytes: 1e9 }));
    const reads = [1, 2, 3].map(() => bounded.get("a"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(active()).toBe(2);
    await release();
    expect(active()).toBe(2);
    await release();
    await release();
    await Promise.all(reads);
  });

  test("bounds the bytes that they may bring; what does not say counts as the usual", async () => {
    const { store, active, release } = gated();
    const bounded = withBudget(store, createBudget({ maxRequests: 9, maxBytes: 100, unknownBytes: 50 }));
    const reads = [
      bounded.get("a", { range: { start: 0, end: 60 } }),
      bounded.get("b"),
      bounded.get("c", { maxBytes: 10 }),
    ];
    await new Promise((resolve) => setImmediate(resolve));
    expect(active()).toBe(1); // first come first served: 60, then 50 must wait, and 10 behind it
    await release();
    expect(active()).toBe(2);
    await release();
    await release();
    await Promise.all(reads);
  });

  test("lets what is larger than the whole run alone", async () => {
    const limiter = createByteLimiter(10);
    expect(await limiter.run(1000, async () => "done")).toBe("done");
  });

  test("a call that is aborted while it waits never starts and frees its place", async () => {
    const limiter = createByteLimiter(10);
    const abort = new AbortController();
    let finish = (): void => {};
    const first = limiter.run(10, () => new Promise<void>((resolve) => (finish = resolve)));
    const second = tagOf(limiter.run(10, async () => expect.unreachable(), { signal: abort.signal }));
    const third = limiter.run(10, async () => "third");
    abort.abort();
    expect(await second).toBe("cancelled");
    finish();
    await first;
    expect(await third).toBe("third");
  });

  test("a failed call gives its bytes back", async () => {
    const limiter = createByteLimiter(10);
    await expect(limiter.run(10, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(await limiter.run(10, async () => "next")).toBe("next");
  });
});
