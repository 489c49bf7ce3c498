import { expect, test } from "vitest";
import { createMemDriver } from "../../../../../server/src/storage/mem/mem.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { defaultStoreOptions } from "../../../../../server/src/storage/store.ts";
import { describeStore } from "../../../../conformance/store.ts";

const location = parseLocation("mem://bucket/a/layer");

describeStore({
  name: "mem",
  hasEncodings: true,
  async open(limits) {
    const store = createMemDriver().open(location, { ...defaultStoreOptions, ...limits });
    return {
      store,
      seed: async (key, bytes, encoding) => store.put?.(key, bytes, { ...(encoding && { encoding }) }),
      async close() {},
    };
  },
});

test("stores of one driver share their bucket, stores of two do not", async () => {
  const driver = createMemDriver();
  await driver.open(location, defaultStoreOptions).put?.("key", Uint8Array.of(1));
  const parent = driver.open(parseLocation("mem://bucket/a"), defaultStoreOptions);
  expect((await parent.get("layer/key"))?.bytes).toEqual(Uint8Array.of(1));
  expect(await createMemDriver().open(location, defaultStoreOptions).get("key")).toBeUndefined();
});

test("what was put or read is a copy", async () => {
  const store = createMemDriver().open(location, defaultStoreOptions);
  const bytes = Uint8Array.of(1);
  await store.put?.("key", bytes);
  bytes[0] = 2;
  const read = await store.get("key");
  read?.bytes.fill(3);
  expect((await store.get("key"))?.bytes).toEqual(Uint8Array.of(1));
});
