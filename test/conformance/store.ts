/** What every store promises, as a suite: one call with a parameter block for each driver. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isVolumeError } from "../../server/src/errors.ts";
import type { ContentEncoding, ListEntry, ListOptions, Store } from "../../server/src/storage/store.ts";
import { describeConditions, describeCopies, describeDeletions, describeFacts, describePages } from "./storeExtras.ts";
import { tagOf } from "./tagOf.ts";

export interface StoreUnderTest {
  readonly name: string;
  /** An empty store, and how an object comes into it from outside. */
  open(limits: { readonly maxObjectBytes: number }): Promise<OpenedStore>;
  /** Does it say the compression of what was put? */
  readonly hasEncodings: boolean;
  /**
   * name (default) = by the UTF-16 code units of names; key = as services sort: by the UTF-8 bytes of whole keys, a folder where its name with the
   * "/" stands, which `after` then has too.
   */
  readonly listOrder?: "name" | "key";
  /** Does it keep the type and cache control of what is put? Default: it need not. */
  readonly keepsFacts?: boolean;
}
export interface OpenedStore {
  readonly store: Store;
  seed(key: string, bytes: Uint8Array, encoding?: ContentEncoding): Promise<void>;
  close(): Promise<void>;
}

const ten = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
const maxObjectBytes = 1000;

/** Keys that a careless path or URL would change. */
const oddKeys = [
  "4_4_40/0-64_0-64_0-16",
  "a b/c d",
  "50%",
  "%41",
  "%2e%2e/x",
  "a+b",
  "ünïcödé/日本語/😀",
  "id:0",
  "q?x=1",
  "h#y",
  "a&b=c;d,e",
  "quote'\"`<>|",
  "back\\slash",
  "tilde~(1)*!",
  "..a/b..",
  ".hidden",
];

/** Keys that lead out of the store, or would not come back from a path. */
const refusedKeys = ["", "..", "../x", "a/../../x", "a/..", "/etc/passwd", "a//b", "a/", "./a", "a/./b", "nul\0"];

export { tagOf };

export function describeStore(subject: StoreUnderTest): void {
  describe(`a ${subject.name} store`, () => {
    let opened: OpenedStore;
    let store: Store;
    beforeEach(async () => {
      opened = await subject.open({ maxObjectBytes });
      store = opened.store;
    });
    afterEach(async () => {
      await store.dispose?.();
      await opened.close();
    });
    const access: Access = { store: () => store, seed: (...args) => opened.seed(...args) };

    describeReads(access, subject);
    describeRanges(access, subject);
    describeKeys(access);
    describeWrites(access, subject);
    describeLists(access, subject);
    describeReadInto(access);
    describeFacts(access, subject);
    describeConditions(access);
    describeDeletions(access);
    describeCopies(access);
    describePages(access);
  });
}

interface Access {
  store(): Store;
  readonly seed: OpenedStore["seed"];
}

function describeReads({ store, seed }: Access, { hasEncodings }: StoreUnderTest): void {
  test("an object comes as it was stored, with an etag", async () => {
    await seed("a/b", ten);
    const object = await store().get("a/b");
    expect(object?.bytes).toEqual(ten);
    expect(object?.encoding).toBeUndefined();
    expect(object?.etag).toEqual(expect.any(String));
  });

  test("a missing object is undefined, not an error", async () => {
    await seed("a/b", ten);
    expect(await store().get("a/c")).toBeUndefined();
    expect(await store().get("c/d/e")).toBeUndefined();
    expect(await store().stat?.("a/c")).toBeUndefined();
  });

  test("an empty object is present", async () => {
    await seed("empty", new Uint8Array(0));
    expect((await store().get("empty"))?.bytes).toEqual(new Uint8Array(0));
    expect((await store().stat?.("empty"))?.sizeBytes).toBe(0);
  });

  test("a folder is no object", async () => {
    await seed("folder/object", ten);
    expect(await store().get("folder")).toBeUndefined();
    expect(await store().stat?.("folder")).toBeUndefined();
  });

  test("a name below an object is absent", async () => {
    await seed("object", ten);
    expect(await store().get("object/below")).toBeUndefined();
  });

  test.runIf(hasEncodings)("compressed bytes come as stored, with the name of the compression", async () => {
    for (const encoding of ["gzip", "br", "zstd", "xz", "bzip2"] as const) {
      await seed(`c/${encoding}`, ten, encoding);
      expect(await store().get(`c/${encoding}`)).toMatchObject({ bytes: ten, encoding });
      expect(await store().stat?.(`c/${encoding}`)).toMatchObject({ sizeBytes: 10, encoding });
    }
  });

  test("stat and get agree on the etag, and another content has another one", async () => {
    await seed("a", ten);
    const first = await store().get("a");
    expect((await store().stat?.("a"))?.etag).toBe(first?.etag);
    await seed("a", ten.slice(1));
    expect((await store().get("a"))?.etag).not.toBe(first?.etag);
  });

  test("an object beyond the store's limit, or the caller's, is refused", async () => {
    await seed("large", new Uint8Array(maxObjectBytes + 1));
    await seed("ten", ten);
    expect(await tagOf(store().get("large"))).toBe("too_large");
    expect(await tagOf(store().get("ten", { maxBytes: 9 }))).toBe("too_large");
    expect((await store().get("ten", { maxBytes: 10 }))?.bytes).toEqual(ten);
  });

  test("an error names the location and the key", async () => {
    await seed("ten", ten);
    const error: unknown = await store()
      .get("ten", { maxBytes: 9 })
      .catch((thrown: unknown) => thrown);
    expect(isVolumeError(error) && error.fields).toMatchObject({ location: store().location.text, key: "ten" });
  });

  test("a call whose signal is aborted already does nothing", async () => {
    await seed("a", ten);
    const signal = AbortSignal.abort();
    expect(await tagOf(store().get("a", { signal }))).toBe("cancelled");
    expect(await tagOf(Promise.resolve(store().stat?.("a", { signal })))).toBe("cancelled");
  });

  test("an abort in flight rejects the call", async () => {
    await seed("a", ten);
    const abort = new AbortController();
    const pending = tagOf(store().get("a", { signal: abort.signal }));
    abort.abort();
    expect(["cancelled", "no error"]).toContain(await pending); // a store without waiting may have been done
  });

  test("many reads at once all arrive", async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `many/${index}`);
    await Promise.all(keys.map((key, index) => seed(key, Uint8Array.of(index))));
    const objects = await Promise.all(keys.map((key) => store().get(key)));
    expect(objects.map((object) => object?.bytes[0])).toEqual(keys.map((_, index) => index));
  });
}

function describeRanges({ store, seed }: Access, { hasEncodings }: StoreUnderTest): void {
  test.each([
    ["from the start", { start: 0, end: 3 }, [0, 1, 2]],
    ["inside", { start: 4, end: 6 }, [4, 5]],
    ["to the end", { start: 8 }, [8, 9]],
    ["the whole", { start: 0 }, [...ten]],
    ["over the end", { start: 8, end: 100 }, [8, 9]],
    ["past the end", { start: 100, end: 200 }, []],
    ["at the end", { start: 10 }, []],
    ["of zero bytes", { start: 3, end: 3 }, []],
    ["of the last bytes", { start: -3 }, [7, 8, 9]],
    ["of more last bytes than there are", { start: -30 }, [...ten]],
  ])("a range %s", async (_what, range, expected) => {
    await seed("ten", ten);
    expect([...((await store().get("ten", { range }))?.bytes ?? ["absent"])]).toEqual(expected);
  });

  test("a range of a missing object is absent, also one of zero bytes", async () => {
    expect(await store().get("nothing", { range: { start: 0, end: 4 } })).toBeUndefined();
    expect(await store().get("nothing", { range: { start: 2, end: 2 } })).toBeUndefined();
  });

  test("any range of an empty object is empty", async () => {
    await seed("empty", new Uint8Array(0));
    for (const range of [{ start: 0, end: 4 }, { start: -4 }, { start: 0 }]) {
      expect((await store().get("empty", { range }))?.bytes).toEqual(new Uint8Array(0));
    }
  });

  test("a range counts against the limit, not the object", async () => {
    await seed("large", new Uint8Array(maxObjectBytes + 100));
    expect((await store().get("large", { range: { start: 1090 } }))?.bytes.byteLength).toBe(10);
    expect(await tagOf(store().get("large", { range: { start: 0, end: 20 }, maxBytes: 19 }))).toBe("too_large");
  });

  test.each([{ start: 0.5 }, { start: 5, end: 3 }, { start: -5, end: 3 }, { start: Number.NaN }])(
    "the range %j is refused",
    async (range) => {
      await seed("ten", ten);
      expect(await tagOf(store().get("ten", { range }))).toBe("invalid_argument");
    },
  );

  test.runIf(hasEncodings)("a range of a compressed object is refused", async () => {
    await seed("packed", ten, "gzip");
    expect(await tagOf(store().get("packed", { range: { start: 0, end: 3 } }))).toBe("unsupported");
  });
}

function describeKeys({ store, seed }: Access): void {
  test.each(oddKeys)("the key %j is taken literally", async (key) => {
    await seed(key, ten);
    expect((await store().get(key))?.bytes).toEqual(ten);
    expect(await store().get(`${key}x`)).toBeUndefined();
  });

  test.each(refusedKeys)("the key %j is refused", async (key) => {
    expect(await tagOf(store().get(key))).toBe("invalid_argument");
    expect(await tagOf(Promise.resolve(store().stat?.(key)))).toBe(store().stat ? "invalid_argument" : "no error");
    if (store().put) {
      expect(await tagOf(Promise.resolve(store().put?.(key, ten)))).toBe("invalid_argument");
      expect(await tagOf(Promise.resolve(store().delete?.(key)))).toBe("invalid_argument");
    }
  });
}

function describeWrites({ store }: Access, { hasEncodings }: StoreUnderTest): void {
  const put = async (...args: Parameters<NonNullable<Store["put"]>>): Promise<void> => store().put?.(...args);

  test("a store says truly whether it can be written", () => {
    expect(store().put !== undefined).toBe(store().capabilities.write);
    expect(store().delete !== undefined).toBe(store().capabilities.write);
    expect(store().list !== undefined).toBe(store().capabilities.list);
  });

  test("what is put can be read, in folders that were not there", async () => {
    if (store().capabilities.write) {
      await put("new/folder/object", ten);
      expect((await store().get("new/folder/object"))?.bytes).toEqual(ten);
      await put("new/folder/object", ten.slice(5));
      expect((await store().get("new/folder/object"))?.bytes).toEqual(ten.slice(5));
    }
  });

  test("a write with another compression replaces the object", async () => {
    if (store().capabilities.write && hasEncodings) {
      for (const encoding of ["gzip", undefined, "br", "zstd", "gzip"] as const) {
        await put("twin", ten, { ...(encoding && { encoding }) });
        expect((await store().get("twin"))?.encoding).toBe(encoding);
      }
    }
  });

  test("a deleted object is absent; deleting it again is no error", async () => {
    if (store().capabilities.write) {
      await put("a", ten, { encoding: "gzip" });
      await store().delete?.("a");
      expect(await store().get("a")).toBeUndefined();
      await store().delete?.("a");
      await store().delete?.("never/was");
    }
  });

  test("a conditional write goes through only where its condition holds", async () => {
    if (store().capabilities.write) {
      await put("once", ten, { onlyIf: "absent" });
      expect(await tagOf(put("once", ten, { onlyIf: "absent" }))).toBe("conflict");
      expect(await tagOf(put("once", ten, { onlyIf: "absent", encoding: "gzip" }))).toBe("conflict");
      const etag = (await store().get("once"))?.etag ?? "";
      await put("once", ten.slice(1), { onlyIf: { etag } });
      expect(await tagOf(put("once", ten, { onlyIf: { etag } }))).toBe("conflict");
      expect((await store().get("once"))?.bytes).toEqual(ten.slice(1));
    }
  });

  test("an aborted write leaves the old object", async () => {
    if (store().capabilities.write) {
      await put("kept", ten);
      expect(await tagOf(put("kept", new Uint8Array(5), { signal: AbortSignal.abort() }))).toBe("cancelled");
      expect((await store().get("kept"))?.bytes).toEqual(ten);
    }
  });
}

async function collect(store: Store, options: ListOptions = {}): Promise<string[]> {
  const names: string[] = [];
  const entries: AsyncIterable<ListEntry> | readonly ListEntry[] = store.list?.(options) ?? [];
  for await (const { name, kind } of entries) {
    names.push(kind === "folder" ? `${name}/` : name);
  }
  return names;
}

function describeLists({ store, seed }: Access, { listOrder = "name" }: StoreUnderTest): void {
  const isByKey = listOrder === "key";
  const sort = (names: readonly string[]): string[] =>
    isByKey ? [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) : [...names].sort();
  const keys = ["b", "a/1", "a/2", "a-b/x", "a/deep/er/z", "ä", "Z", "😀", "\uFB01", "a.txt"];
  const fill = async (): Promise<boolean> => {
    await Promise.all(keys.map((key) => seed(key, ten)));
    return store().capabilities.list;
  };

  test("names of one level are sorted, folders once", async () => {
    if (await fill()) {
      const byName = ["Z", "a/", "a-b/", "a.txt", "b", "ä", "😀", "\uFB01"];
      const byKey = ["Z", "a-b/", "a.txt", "a/", "b", "ä", "\uFB01", "😀"];
      expect(await collect(store())).toEqual(isByKey ? byKey : byName);
      expect(await collect(store(), { prefix: "a/" })).toEqual(["1", "2", "deep/"]);
      expect(await collect(store(), { prefix: "a/deep/" })).toEqual(["er/"]);
    }
  });

  test("all names below a prefix are sorted as whole names", async () => {
    if (await fill()) {
      expect(await collect(store(), { delimiter: false })).toEqual(sort(keys));
      expect(await collect(store(), { delimiter: false, prefix: "a/" })).toEqual(["1", "2", "deep/er/z"]);
    }
  });

  test("a listing goes on after any of its names", async () => {
    if (await fill()) {
      for (const delimiter of [true, false]) {
        const all = await collect(store(), { delimiter });
        for (const [index, name] of all.entries()) {
          expect(await collect(store(), { delimiter, after: name })).toEqual(all.slice(index + 1));
        }
      }
    }
  });

  test("a prefix without objects gives nothing", async () => {
    if (await fill()) {
      expect(await collect(store(), { prefix: "none/" })).toEqual([]);
      expect(await collect(store(), { prefix: "b/" })).toEqual([]);
    }
  });

  test("a listing stops when its signal is aborted", async () => {
    if (await fill()) {
      expect(await tagOf(collect(store(), { signal: AbortSignal.abort() }))).toBe("cancelled");
    }
  });
}

function describeReadInto({ store, seed }: Access): void {
  test("a local store opens objects whose parts are read into memory of the caller", async () => {
    await seed("ten", ten);
    await seed("packed", ten, "gzip");
    const into = new Uint8Array(new SharedArrayBuffer(16), 2, 4);
    if (store().openLocal) {
      const object = store().openLocal?.("ten");
      expect([object?.sizeBytes, object?.encoding]).toEqual([10, undefined]);
      expect([object?.readInto(into, 3), ...into]).toEqual([4, ...ten.subarray(3, 7)]);
      expect([object?.readInto(into, 8), object?.readInto(into, 10), object?.readInto(into, 99)]).toEqual([2, 0, 0]);
      object?.close();
      const packed = store().openLocal?.("packed");
      expect(packed?.encoding).toBe("gzip");
      packed?.close();
      expect(store().openLocal?.("missing")).toBeUndefined();
      expect(store().openLocal?.("ten/below")).toBeUndefined();
      expect(() => store().openLocal?.("../x")).toThrow(/inside its store/);
    }
  });

  test("a local store reads into memory of the caller, also shared memory", async () => {
    await seed("ten", ten);
    await seed("packed", ten, "gzip");
    const into = new Uint8Array(new SharedArrayBuffer(16), 2, 10);
    const read = (key: string, size = 10): unknown => store().readInto?.(key, into.subarray(0, size));
    if (store().readInto) {
      expect(read("ten")).toEqual({ sizeBytes: 10 });
      expect([...into]).toEqual([...ten]);
      expect(read("packed")).toEqual({ sizeBytes: 10, encoding: "gzip" });
      expect(read("ten", 9)).toBe("too_large");
      expect(read("missing")).toBeUndefined();
      expect(read("ten/below")).toBeUndefined();
      expect(() => read("../x")).toThrow(/inside its store/);
    }
  });
}
