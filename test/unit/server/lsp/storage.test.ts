import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { isVolumeError } from "../../../../server/src/errors.ts";
import { createStorageHandlers, type StorageHandlers } from "../../../../server/src/lsp/storage.ts";
import { createFileDriver } from "../../../../server/src/storage/file/file.ts";
import { createHttpDriver } from "../../../../server/src/storage/http/http.ts";
import { createMemDriver } from "../../../../server/src/storage/mem/mem.ts";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";
import { createTextReader, readTextObject } from "../../../../server/src/storage/readText.ts";
import { createStoreOpener } from "../../../../server/src/storage/registry.ts";
import { defaultStoreOptions, type Store } from "../../../../server/src/storage/store.ts";
import { tagOf } from "../../../conformance/store.ts";
import { startFakeServer } from "../../../fakes/httpServer.ts";

interface Bench {
  readonly handlers: StorageHandlers;
  readonly openStore: (location: string) => Store;
}

/** Handlers over fresh stores, with these objects below `root`. */
async function createBench(objects: Readonly<Record<string, string>> = {}, root = "mem://bucket/data"): Promise<Bench> {
  const open = createStoreOpener([createMemDriver(), createFileDriver(), createHttpDriver()]);
  const openStore = (location: string): Store => open(parseLocation(location), { ...defaultStoreOptions, attempts: 1 });
  const handlers = createStorageHandlers({
    openStore,
    readText: createTextReader((bytes) => bytes),
    readTextObject: (store, key, options) => readTextObject(store, key, (bytes) => bytes, options),
    writeSample: async (directory) => ({ location: `file://${directory}` }),
  });
  for (const [key, text] of Object.entries(objects)) {
    await openStore(root).put?.(key, new TextEncoder().encode(text));
  }
  return { handlers, openStore };
}

const info = JSON.stringify({
  type: "image",
  data_type: "uint8",
  num_channels: 1,
  mesh: "mesh",
  scales: [
    { key: "4_4_40", size: [128, 128, 16], resolution: [4, 4, 40], chunk_sizes: [[64, 64, 16]], encoding: "raw" },
    { key: "deep/8_8_40", size: [64, 64, 16], resolution: [8, 8, 40], chunk_sizes: [[64, 64, 16]], encoding: "raw" },
  ],
});
const meshInfo = JSON.stringify({ "@type": "neuroglancer_legacy_mesh" });

test("sub-folders are recognised as layers, files have their size", async () => {
  const { handlers } = await createBench({
    "image/info": info,
    "image/4_4_40/0-64_0-64_0-16": "x",
    "plain/readme": "hello",
    "broken/info": "{",
    "notes.txt": "12345",
  });
  const { entries, layer, nextPageToken, chunks } = await handlers.listFolder({ location: "mem://bucket/data" }, {});
  expect(entries).toEqual([
    {
      name: "broken",
      kind: "folder",
      location: "mem://bucket/data/broken",
      layer: expect.objectContaining({ kind: "unknown" }),
    },
    {
      name: "image",
      kind: "folder",
      location: "mem://bucket/data/image",
      layer: expect.objectContaining({ kind: "image" }),
    },
    { name: "notes.txt", kind: "file", location: "mem://bucket/data/notes.txt", sizeBytes: 5 },
    { name: "plain", kind: "folder", location: "mem://bucket/data/plain" },
  ]);
  expect([layer, nextPageToken, chunks]).toEqual([undefined, undefined, undefined]);
});

test("in a layer the scale folders are left out", async () => {
  const { handlers } = await createBench({
    info,
    provenance: "{}",
    "4_4_40/0-64_0-64_0-16": "x",
    "deep/8_8_40/0-64_0-64_0-16": "x",
    "mesh/info": meshInfo,
  });
  const { entries, layer } = await handlers.listFolder({ location: "mem://bucket/data" }, {});
  expect(layer?.kind).toBe("image");
  expect(entries).toEqual([
    { name: "info", kind: "file", location: "mem://bucket/data/info", sizeBytes: info.length },
    { name: "mesh", kind: "folder", location: "mem://bucket/data/mesh", layer: { kind: "mesh" } },
    { name: "provenance", kind: "file", location: "mem://bucket/data/provenance", sizeBytes: 2 },
  ]);
});

test("chunks and shards are counted, not listed", async () => {
  const names = [
    "0-64_0-64_0-16",
    "-64-0_0-64_0-16",
    "-64--32_-5-0_0-16",
    "0a.shard",
    "1f.shard",
    "notchunk-0_1",
    "readme",
  ];
  const { handlers } = await createBench(Object.fromEntries(names.map((name) => [name, "x"])));
  const { entries, chunks } = await handlers.listFolder({ location: "mem://bucket/data" }, {});
  expect(chunks).toEqual({ count: 5, isLowerBound: false });
  expect(entries.map(({ name }) => name)).toEqual(["notchunk-0_1", "readme"]);
});

test("pages go on where the one before ended, and count on", async () => {
  const names = ["0-64_0-64_0-16", "64-128_0-64_0-16", "a", "b", "c:d", "e/f"];
  const { handlers } = await createBench(Object.fromEntries(names.map((name) => [name, "x"])));
  const seen: string[] = [];
  const counts: unknown[] = [];
  let pageToken: string | undefined;
  do {
    const page = await handlers.listFolder(
      { location: "mem://bucket/data", pageSize: 1, ...(pageToken && { pageToken }) },
      {},
    );
    seen.push(...page.entries.map(({ name }) => name));
    counts.push(page.chunks);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  expect(seen).toEqual(["a", "b", "c:d", "e"]);
  expect(counts.at(0)).toEqual({ count: 2, isLowerBound: true });
  expect(counts.at(-1)).toEqual({ count: 2, isLowerBound: false });
  expect(await tagOf(handlers.listFolder({ location: "mem://bucket/data", pageToken: "nonsense" }, {}))).toBe(
    "invalid_argument",
  );
});

test("a folder that is not there is not found; one that is empty is", async () => {
  const { handlers } = await createBench({ "there/x": "x", file: "x" });
  expect(await tagOf(handlers.listFolder({ location: "mem://bucket/data/nowhere" }, {}))).toBe("not_found");
  expect(await tagOf(handlers.listFolder({ location: "mem://bucket/data/file" }, {}))).toBe("not_found");
  const folder = await mkdtemp(path.join(tmpdir(), "list-"));
  try {
    expect(await handlers.listFolder({ location: folder }, {})).toEqual({ entries: [] });
    expect(await tagOf(handlers.listFolder({ location: path.join(folder, "none") }, {}))).toBe("not_found");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a layer behind a link out of the folder is recognised", async () => {
  const parent = await mkdtemp(path.join(tmpdir(), "list-"));
  try {
    await mkdir(path.join(parent, "elsewhere"));
    await mkdir(path.join(parent, "root"));
    await writeFile(path.join(parent, "elsewhere/info"), info);
    await symlink(path.join(parent, "elsewhere"), path.join(parent, "root/linked"));
    const { handlers } = await createBench();
    const { entries } = await handlers.listFolder({ location: path.join(parent, "root") }, {});
    expect(entries).toMatchObject([{ name: "linked", kind: "folder", layer: { kind: "image" } }]);
  } finally {
    await rm(parent, { recursive: true });
  }
});

test("a server that cannot list shows what the info names", async () => {
  const server = await startFakeServer();
  try {
    server.objects.set("layer/info", { bytes: new TextEncoder().encode(info) });
    server.objects.set("layer/mesh/info", { bytes: new TextEncoder().encode(meshInfo) });
    const { handlers } = await createBench();
    const location = `${server.origin}/layer`;
    expect(await handlers.listFolder({ location }, {})).toEqual({
      layer: expect.objectContaining({ kind: "image" }),
      entries: [
        { name: "mesh", kind: "folder", location: `${location}/mesh`, layer: { kind: "mesh" } },
        { name: "info", kind: "file", location: `${location}/info`, sizeBytes: info.length },
      ],
      cannotList: true,
    });
    expect(await handlers.listFolder({ location: server.origin }, {})).toEqual({ entries: [], cannotList: true });
    server.fail("layer/info", [{ kind: "status", status: 403 }]);
    expect(await tagOf(handlers.listFolder({ location }, {}))).toBe("permission_denied");
  } finally {
    await server.close();
  }
});

test("a reference to local files in a remote info is not followed", async () => {
  const server = await startFakeServer();
  try {
    const hostile = JSON.stringify({ ...JSON.parse(info), mesh: "file:///etc", skeletons: "../../../.." });
    server.objects.set("layer/info", { bytes: new TextEncoder().encode(hostile) });
    const { handlers } = await createBench();
    const { entries } = await handlers.listFolder({ location: `${server.origin}/layer` }, {});
    expect(entries.map(({ name }) => name)).toEqual(["info"]);
  } finally {
    await server.close();
  }
});

test("few sub-folders are looked into at once, and an abort ends the listing", async () => {
  const objects = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}/x`, "x"]));
  const { openStore } = await createBench(objects);
  const filled = openStore("mem://bucket/data");
  for (const key of Object.keys(objects)) {
    await filled.put?.(key, new Uint8Array(1));
  }
  let active = 0;
  let most = 0;
  const abort = new AbortController();
  const handlers = createStorageHandlers({
    openStore: () => filled,
    async readText(_store, key) {
      active++;
      most = Math.max(most, active);
      await Promise.resolve();
      active--;
      if (key === "f49/info") {
        abort.abort();
      }
      return undefined;
    },
    readTextObject: async () => undefined,
    writeSample: async () => ({ location: "" }),
  });
  const { entries } = await handlers.listFolder({ location: "mem://bucket/data" }, {});
  expect([entries.length, most <= 16, most > 1]).toEqual([50, true, true]);
  expect(await tagOf(handlers.listFolder({ location: "mem://bucket/data" }, { signal: abort.signal }))).toBe(
    "cancelled",
  );
});

test("a text object is read by its full location, also one called info", async () => {
  const { handlers } = await createBench({ "layer/info": info, "layer/provenance": "{}", "layer/50% a/info": "x" });
  const read = async (location: string): Promise<string> => (await handlers.readText({ location }, {})).text;
  expect(await read("mem://bucket/data/layer/info")).toBe(info);
  expect(await read("precomputed://mem://bucket/data/layer/provenance")).toBe("{}");
  expect(await read("mem://bucket/data/layer/50% a/info")).toBe("x");
});

test("a text object that is absent, or no location of an object, is an error with what to do", async () => {
  const { handlers } = await createBench({ "layer/info": info });
  const error: unknown = await handlers
    .readText({ location: "mem://bucket/data/layer/none" }, {})
    .catch((thrown: unknown) => thrown);
  expect(isVolumeError(error) && [error.tag, error.fields.key, error.fields.hint]).toEqual([
    "not_found",
    "none",
    "check the path",
  ]);
  expect(await tagOf(handlers.readText({ location: "mem://bucket" }, {}))).toBe("invalid_location");
  expect(await tagOf(handlers.readText({ location: "what://ever" }, {}))).toBe("invalid_location");
});

test("the query of a location goes with the read", async () => {
  const server = await startFakeServer();
  try {
    server.objects.set("layer/info", { bytes: new TextEncoder().encode(info) });
    const { handlers } = await createBench();
    await handlers.readText({ location: `${server.origin}/layer/info?key=1` }, {});
    expect(server.seen.map(({ url }) => url)).toEqual(["/layer/info?key=1"]);
  } finally {
    await server.close();
  }
});

test("the sample is written where it is asked for", async () => {
  const { handlers } = await createBench();
  expect(await handlers.writeSample({ directory: "/x" }, {})).toEqual({ location: "file:///x" });
});
