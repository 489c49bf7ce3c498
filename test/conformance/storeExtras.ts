/** What stores promise beyond the least: facts, races, many at once, copies, pages. A store without a capability is skipped, visibly. */
import { expect, test } from "vitest";
import type { ListEntry, Store } from "../../server/src/storage/store.ts";
import { needed } from "./needed.ts";
import { tagOf } from "./tagOf.ts";

/** The store of the test that runs, and how objects come into it from outside. */
export interface StoreAccess {
  store(): Store;
  seed(key: string, bytes: Uint8Array): Promise<void>;
}

const ten = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
const writers = 16;
/** Services tell whole seconds. */
const slackMs = 2000;
const minuteMs = 60_000;

export function describeFacts(
  { store: at, seed }: StoreAccess,
  { keepsFacts = false }: { readonly keepsFacts?: boolean },
): void {
  test("stat tells the size and time of what was written", async ({ skip }) => {
    const store = needed(at(), skip, "stat");
    const started = Date.now();
    await seed("a", ten);
    const { sizeBytes, modifiedMs = started } = (await store.stat("a")) ?? {};
    expect(sizeBytes).toBe(10);
    expect(modifiedMs).toBeGreaterThan(started - slackMs);
    expect(modifiedMs).toBeLessThan(Date.now() + slackMs);
  });

  test("type and cache control are kept, or not told", async ({ skip }) => {
    const store = needed(at(), skip, "stat", "put");
    const facts = { contentType: "text/x-test", cacheControl: "no-cache, max-age=7" };
    await store.put("a", ten, facts);
    const { contentType, cacheControl } = (await store.stat("a")) ?? {};
    if (keepsFacts) {
      expect({ contentType, cacheControl }).toEqual(facts);
    }
    expect([undefined, facts.cacheControl]).toContain(cacheControl);
  });

  test("a version, where there is one, is another with every content", async ({ skip }) => {
    const store = needed(at(), skip, "stat");
    await seed("a", ten);
    const first = await store.stat("a");
    await seed("a", ten.slice(1));
    const second = await store.stat("a");
    expect(first?.version === undefined || first.version !== second?.version).toBe(true);
  });
}

export function describeConditions({ store: at }: StoreAccess): void {
  const race = async (write: (index: number) => Promise<void>): Promise<number[]> => {
    const tags = await Promise.all(Array.from({ length: writers }, (_, index) => tagOf(write(index))));
    expect(tags.filter((tag) => tag === "conflict")).toHaveLength(writers - 1);
    return tags.flatMap((tag, index) => (tag === "no error" ? [index] : []));
  };

  test(`of ${writers} writers that find nothing one wins, and its bytes stay`, async ({ skip }) => {
    const store = needed(at(), skip, "put");
    const [winner = -1, another] = await race((index) => store.put("race", Uint8Array.of(index), { onlyIf: "absent" }));
    expect(another).toBeUndefined();
    expect((await store.get("race"))?.bytes).toEqual(Uint8Array.of(winner));
  });

  test(`of ${writers} writers over the same content one wins, and its bytes stay`, async ({ skip }) => {
    const store = needed(at(), skip, "put");
    await store.put("race", ten);
    const etag = (await store.get("race"))?.etag ?? "";
    const [winner = -1, another] = await race((index) => store.put("race", Uint8Array.of(index), { onlyIf: { etag } }));
    expect(another).toBeUndefined();
    expect((await store.get("race"))?.bytes).toEqual(Uint8Array.of(winner));
  });

  test("an etag of nothing is a conflict, and writes nothing", async ({ skip }) => {
    const store = needed(at(), skip, "put");
    await store.put("other", ten);
    const etag = (await store.get("other"))?.etag ?? "";
    expect(await tagOf(store.put("none", ten, { onlyIf: { etag } }))).toBe("conflict");
    expect(await store.get("none")).toBeUndefined();
  });
}

export function describeDeletions({ store: at, seed }: StoreAccess): void {
  test("many are deleted at once, the absent too, and the others stay", async ({ skip }) => {
    const store = needed(at(), skip, "deleteAll");
    const keys = Array.from({ length: 1001 }, (_, index) => `many/${index}`); // more than one request of any service takes
    for (const key of ["many/0", "many/99", "many/100", "many/1000", "kept", "many/1001"]) {
      await seed(key, ten);
    }
    expect(await store.deleteAll(keys)).toEqual([]);
    expect(await Promise.all(["many/0", "many/99", "many/100", "many/1000"].map((key) => store.get(key)))).toEqual(
      Array.from({ length: 4 }),
    );
    expect((await store.get("kept"))?.bytes).toEqual(ten);
    expect((await store.get("many/1001"))?.bytes).toEqual(ten);
    expect(await store.deleteAll([])).toEqual([]);
  });

  test("keys with marks of XML and URLs are deleted literally", async ({ skip }) => {
    const store = needed(at(), skip, "deleteAll");
    const keys = ["a&b<c>", "d e%2F", "ü😀"];
    for (const key of [...keys, "a&amp;b<c>"]) {
      await seed(key, ten);
    }
    expect(await store.deleteAll(keys)).toEqual([]);
    expect(await Promise.all(keys.map((key) => store.get(key)))).toEqual([undefined, undefined, undefined]);
    expect((await store.get("a&amp;b<c>"))?.bytes).toEqual(ten);
  });

  test("a deletion of many that is aborted already deletes nothing", async ({ skip }) => {
    const store = needed(at(), skip, "deleteAll");
    await seed("a", ten);
    expect(await tagOf(store.deleteAll(["a"], { signal: AbortSignal.abort() }))).toBe("cancelled");
    expect((await store.get("a"))?.bytes).toEqual(ten);
  });
}

export function describeCopies({ store: at }: StoreAccess): void {
  test("a copy has the bytes and the compression of its source", async ({ skip }) => {
    const store = needed(at(), skip, "copyFrom", "put");
    await store.put("from/ü b", ten, { encoding: "gzip" });
    expect(await store.copyFrom(store, "from/ü b", "to/new")).toBe(true);
    expect(await store.get("to/new")).toMatchObject({ bytes: ten, encoding: "gzip" });
    expect((await store.get("from/ü b"))?.bytes).toEqual(ten);
  });

  test("a copy of nothing is not found, and takes nothing's place", async ({ skip }) => {
    const store = needed(at(), skip, "copyFrom", "put");
    await store.put("to", ten);
    expect(await tagOf(store.copyFrom(store, "none", "to"))).toBe("not_found");
    expect((await store.get("to"))?.bytes).toEqual(ten);
  });

  test("a copy only where nothing is", async ({ skip }) => {
    const store = needed(at(), skip, "copyFrom", "put");
    await store.put("from", ten);
    await store.put("to", ten.slice(1));
    expect(await tagOf(store.copyFrom(store, "from", "to", { onlyIf: "absent" }))).toBe("conflict");
    expect((await store.get("to"))?.bytes).toEqual(ten.slice(1));
    expect(await store.copyFrom(store, "from", "new", { onlyIf: "absent" })).toBe(true);
  });

  test.for(["", "../x", "a/../../x", "/etc/passwd"])(
    "the key %j is no target and no source of a copy",
    async (key, { skip }) => {
      const store = needed(at(), skip, "copyFrom", "put");
      await store.put("from", ten);
      expect(await tagOf(store.copyFrom(store, "from", key))).toBe("invalid_argument");
      expect(await tagOf(store.copyFrom(store, key, "to"))).toBe("invalid_argument");
    },
  );
}

export function describePages({ store: at, seed }: StoreAccess): void {
  const collect = async (
    store: Required<Pick<Store, "list">>,
    options: Parameters<typeof store.list>[0],
  ): Promise<ListEntry[]> => {
    const entries: ListEntry[] = [];
    for await (const entry of store.list(options)) {
      entries.push(entry);
    }
    return entries;
  };

  test("pages of any size hold the same names, each once", async ({ skip }) => {
    const store = needed(at(), skip, "list");
    for (const key of ["a/1", "a/2", "b", "c/d/1", "c/d/2", "c/e", "f", "ü"]) {
      await seed(key, ten);
    }
    for (const delimiter of [true, false]) {
      const all = await collect(store, { delimiter });
      expect(all.length).toBe(delimiter ? 5 : 8);
      for (const pageSize of [1, 2, 3, 100]) {
        expect(await collect(store, { delimiter, pageSize })).toEqual(all);
      }
    }
  });

  test("what a listing tells of an object is what the object tells", async ({ skip }) => {
    const store = needed(at(), skip, "list");
    await seed("a", ten);
    await seed("folder/b", ten);
    const [object, folder] = await collect(store, {});
    const facts = { ...(await store.get("a")), ...(await store.stat?.("a")) };
    const { etag = facts.etag, sizeBytes = 10, modifiedMs = 0 } = object ?? {};
    expect([object?.kind, etag, sizeBytes]).toEqual(["object", facts.etag, 10]);
    if (modifiedMs !== 0 && facts.modifiedMs !== undefined) {
      expect(Math.abs(modifiedMs - facts.modifiedMs)).toBeLessThan(minuteMs); // pages of web servers tell minutes
    }
    expect(folder).toMatchObject({ name: "folder", kind: "folder" });
  });

  test("a reader that has seen enough may stop", async ({ skip }) => {
    const store = needed(at(), skip, "list");
    for (const key of ["a", "b", "c"]) {
      await seed(key, ten);
    }
    for await (const { name } of store.list({ pageSize: 1 })) {
      expect(name).toBe("a");
      break;
    }
    expect(await collect(store, {})).toHaveLength(3);
  });
}
