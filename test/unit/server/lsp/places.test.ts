/** Texts that are written over exactly what was read, filtered and forbidden listings, places in other words. */
import { expect, test } from "vitest";
import { PermissionDeniedError, UnsupportedError } from "../../../../server/src/errors.ts";
import { createStorageHandlers, type StorageHandlers } from "../../../../server/src/lsp/storage.ts";
import { createHttpDriver } from "../../../../server/src/storage/http/http.ts";
import { createMemDriver } from "../../../../server/src/storage/mem/mem.ts";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";
import { createTextReader, readTextObject } from "../../../../server/src/storage/readText.ts";
import { createStoreOpener } from "../../../../server/src/storage/registry.ts";
import { defaultStoreOptions, type ListEntry, type Store } from "../../../../server/src/storage/store.ts";
import { describePlace } from "../../../../server/src/volume/describePlace.ts";
import { tagOf } from "../../../conformance/store.ts";

interface Bench {
  readonly handlers: StorageHandlers;
  readonly openStore: (location: string) => Store;
}

/** Handlers over fresh stores, with these objects below `mem://bucket/data`. */
async function createBench(objects: Readonly<Record<string, string>> = {}): Promise<Bench> {
  const open = createStoreOpener([createMemDriver(), createHttpDriver()]);
  const openStore = (location: string): Store => open(parseLocation(location), { ...defaultStoreOptions, attempts: 1 });
  const handlers = createStorageHandlers({
    openStore,
    readText: createTextReader((bytes) => bytes),
    readTextObject: (store, key, options) => readTextObject(store, key, (bytes) => bytes, options),
    writeSample: async (directory) => ({ location: `file://${directory}` }),
  });
  for (const [key, text] of Object.entries(objects)) {
    await openStore("mem://bucket/data").put?.(key, new TextEncoder().encode(text));
  }
  return { handlers, openStore };
}

const info = JSON.stringify({
  type: "image",
  data_type: "uint8",
  num_channels: 1,
  mesh: "mesh",
  scales: [{ key: "4_4_40", size: [8, 8, 8], resolution: [4, 4, 40], chunk_sizes: [[8, 8, 8]], encoding: "raw" }],
});

test("a text object is read with its etag, and written over exactly that", async () => {
  const { handlers, openStore } = await createBench({ "layer/info": "{}" });
  const location = "mem://bucket/data/layer/info";
  const first = await handlers.readText({ location }, {});
  const { etag } = await handlers.writeText({ location, text: "mine", onlyIf: { etag: first.etag ?? "" } }, {});
  expect(await handlers.readText({ location }, {})).toEqual({ text: "mine", etag });
  await openStore("mem://bucket/data/layer").put?.("info", new TextEncoder().encode("theirs"));
  const stored = (await handlers.readText({ location }, {})).etag;
  await expect(handlers.writeText({ location, text: "lost", onlyIf: { etag: etag ?? "" } }, {})).rejects.toMatchObject({
    tag: "conflict",
    fields: { etag: stored },
  });
  await expect(handlers.writeText({ location, text: "lost", onlyIf: "absent" }, {})).rejects.toMatchObject({
    tag: "conflict",
  });
  expect((await handlers.readText({ location }, {})).text).toBe("theirs");
});

test("what was written over before it could be read back has no etag", async () => {
  const { handlers, openStore } = await createBench({ "a.txt": "x" });
  const store = openStore("mem://bucket/data");
  const put = store.put?.bind(store);
  const hasty: Store = {
    ...store,
    async put(key, bytes, options) {
      await put?.(key, bytes, options);
      await put?.(key, new TextEncoder().encode("theirs"));
    },
  };
  const late = createStorageHandlers({
    openStore: () => hasty,
    readText: createTextReader((bytes) => bytes),
    readTextObject: (from, key, options) => readTextObject(from, key, (bytes) => bytes, options),
    writeSample: async () => ({ location: "" }),
  });
  expect(await late.writeText({ location: "mem://bucket/data/a.txt", text: "mine" }, {})).toEqual({});
  expect((await handlers.readText({ location: "mem://bucket/data/a.txt" }, {})).text).toBe("theirs");
});

test("a place that cannot be written says so", async () => {
  const { handlers } = await createBench();
  const location = "https://127.0.0.1:1/layer/info";
  expect(await tagOf(handlers.writeText({ location, text: "x" }, {}))).toBe("read_only");
});

test("a prefix filter lists the names that begin so, page by page, and begins there", async () => {
  const names = ["a", "a0", "b", "ba", "bb/x", "b\u{1f600}", "c"];
  const { openStore } = await createBench(Object.fromEntries(names.map((name) => [name, "x"])));
  const store = openStore("mem://bucket/data");
  const begun: (string | undefined)[] = [];
  const watched: Store = {
    ...store,
    list(options) {
      begun.push(options?.after);
      return store.list?.(options) as AsyncIterable<ListEntry>;
    },
  };
  const handlers = createStorageHandlers({
    openStore: () => watched,
    readText: async () => undefined,
    readTextObject: async () => undefined,
    writeSample: async () => ({ location: "" }),
  });
  const list = async (prefixFilter: string, pageToken?: string) => {
    const page = { location: "mem://bucket/data", prefixFilter, pageSize: 2, ...(pageToken && { pageToken }) };
    const { entries, nextPageToken } = await handlers.listFolder(page, {});
    return [entries.map(({ name }) => name), nextPageToken] as const;
  };
  const [first, token] = await list("b");
  expect(first).toEqual(["b", "ba"]);
  expect(begun[0]?.startsWith("a")).toBe(true);
  expect(await list("b", token)).toEqual([["bb", "b\u{1f600}"], undefined]);
  expect(await list("a0")).toEqual([["a0"], undefined]);
  expect(await list("zz")).toEqual([[], undefined]);
});

test("an object and a folder of one name are two entries", async () => {
  const { handlers } = await createBench({ twin: "x", "twin/below": "y" });
  const { entries } = await handlers.listFolder({ location: "mem://bucket/data" }, {});
  expect(entries.map(({ name, kind }) => [name, kind])).toEqual([
    ["twin", "file"],
    ["twin", "folder"],
  ]);
});

test("a store that does not let this caller list is told from one that is empty, and what the info names is offered", async () => {
  const { openStore } = await createBench({ "seg/info": info });
  const denied = (location: string): Store => ({
    ...openStore(location),
    // biome-ignore lint/correctness/useYield: it fails before the first name
    async *list() {
      throw new PermissionDeniedError("no listing", { location });
    },
  });
  const handlers = createStorageHandlers({
    openStore: denied,
    readText: createTextReader((bytes) => bytes),
    readTextObject: async () => undefined,
    writeSample: async () => ({ location: "" }),
  });
  expect(await handlers.listFolder({ location: "mem://bucket/data" }, {})).toEqual({
    entries: [],
    cannotList: true,
    isDenied: true,
    deniedReason: expect.any(String),
  });
  const layer = await handlers.listFolder({ location: "mem://bucket/data/seg" }, {});
  expect(layer).toMatchObject({ cannotList: true, isDenied: true, layer: { kind: "image" } });
  expect(layer.entries.map(({ name }) => name)).toEqual(["mesh", "info"]);
});

test.each([
  ["mem://b/x", { name: "x", bucket: "b", canWrite: true, canList: true, links: { url: "mem://b/x" } }, undefined],
  [
    "precomputed://https://host:8443/a%20b?token=secret",
    {
      location: "precomputed://https://host:8443/a%20b?token=secret",
      name: "a b",
      canWrite: false,
      links: {
        url: "https://host:8443/a%20b",
        https: "https://host:8443/a%20b",
        neuroglancer: "precomputed://https://host:8443/a%20b",
      },
    },
    "https://host:8443",
  ],
])("%s is described with its links, without the query", async (text, description, origin) => {
  const { handlers } = await createBench();
  const found = handlers.describePlace({ text });
  expect(found).toMatchObject(description);
  expect(found.origin).toBe(origin);
});

test("links of buckets are those that the services document", () => {
  const store = createStoreOpener([createMemDriver()])(parseLocation("mem://b"), defaultStoreOptions);
  const linksOf = (text: string) => describePlace({ openStore: () => store }, text, {}).links;
  expect(linksOf("gs://bucket/a b/seg")).toEqual({
    url: "gs://bucket/a b/seg",
    https: "https://storage.googleapis.com/bucket/a%20b/seg",
    neuroglancer: "precomputed://gs://bucket/a b/seg",
  });
  expect(linksOf("zarr://s3://bucket/x")).toEqual({
    url: "s3://bucket/x",
    https: "https://bucket.s3.amazonaws.com/x",
    neuroglancer: "zarr://s3://bucket/x",
  });
  expect(linksOf("s3://my.bucket/x").https).toBe("https://s3.amazonaws.com/my.bucket/x");
  expect(linksOf("s3://https://minio.example/bucket/x")).toEqual({
    url: "s3://https://minio.example/bucket/x",
    https: "https://minio.example/bucket/x",
    neuroglancer: "precomputed://https://minio.example/bucket/x",
  });
});

test.each([
  ["gs://b/x", {}, "https://storage.googleapis.com"],
  ["gs://b/x", { STORAGE_EMULATOR_HOST: "127.0.0.1:9000" }, "https://127.0.0.1:9000"],
  ["gs://b/x", { STORAGE_EMULATOR_HOST: "http://127.0.0.1:9000/" }, "http://127.0.0.1:9000"],
  ["s3://b/x", {}, "https://s3.amazonaws.com"],
  ["s3://b/x", { AWS_ENDPOINT_URL: "http://a:1", AWS_ENDPOINT_URL_S3: "http://b:2" }, "http://b:2"],
  ["s3://https://own.example/b/x", { AWS_ENDPOINT_URL: "http://a:1" }, "https://own.example"],
  ["middleauth+https://host/x", {}, "https://host"],
])("credentials for %s with %j are sent to %s", (text, environment, origin) => {
  const store = createStoreOpener([createMemDriver()])(parseLocation("mem://b"), defaultStoreOptions);
  expect(describePlace({ openStore: () => store }, text, { environment }).origin).toBe(origin);
});

test("nobody is asked who they are on a disk", async () => {
  const { handlers } = await createBench();
  expect(await handlers.readIdentity({ location: "mem://bucket/data" }, {})).toEqual({});
});

test("a store that finds out that it cannot list is no failure, but an info that cannot be had is", async () => {
  const { openStore } = await createBench({ "seg/info": info });
  let infoError: Error | undefined;
  const handlers = createStorageHandlers({
    openStore: (location) => ({
      ...openStore(location),
      // biome-ignore lint/correctness/useYield: it fails before the first name
      async *list() {
        throw new UnsupportedError("no index page");
      },
    }),
    readText: async (store, key, options) => {
      if (infoError !== undefined) {
        throw infoError;
      }
      return createTextReader((bytes) => bytes)(store, key, options);
    },
    readTextObject: async () => undefined,
    writeSample: async () => ({ location: "" }),
  });
  const found = await handlers.listFolder({ location: "mem://bucket/data/seg" }, {});
  expect(found).toMatchObject({ cannotList: true, layer: { kind: "image" } });
  expect(found).not.toHaveProperty("isDenied");
  expect(await handlers.listFolder({ location: "mem://bucket/data" }, {})).toEqual({ entries: [], cannotList: true });
  infoError = new PermissionDeniedError("forbidden");
  expect(await tagOf(handlers.listFolder({ location: "mem://bucket/data" }, {}))).toBe("permission_denied");
});
