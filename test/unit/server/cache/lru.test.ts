import { expect, it } from "vitest";
import { createLruCache } from "../../../../server/src/cache/lru.ts";

it("drops what was used longest ago when it is full", () => {
  const cache = createLruCache<string>(10);
  cache.set("a", "A", 4);
  cache.set("b", "B", 4);
  cache.get("a");
  cache.set("c", "C", 4);
  expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual(["A", undefined, "C"]);
  expect(cache.sizeBytes).toBe(8);
});

it("does not keep what is larger than itself, and replaces a key", () => {
  const cache = createLruCache<string>(10);
  cache.set("a", "A", 4);
  cache.set("huge", "H", 11);
  cache.set("a", "A2", 6);
  expect([cache.get("huge"), cache.get("a"), cache.sizeBytes]).toEqual([undefined, "A2", 6]);
  cache.deleteWhere((key) => key === "a");
  expect(cache.sizeBytes).toBe(0);
});
