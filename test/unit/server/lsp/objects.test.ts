import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ObjectsProgress, PlacedObjects } from "../../../../schemas/protocol/objects.ts";
import { UnreachableError } from "../../../../server/src/errors.ts";
import { createObjectHandlers, type ObjectHandlers } from "../../../../server/src/lsp/objects.ts";
import { createFileDriver } from "../../../../server/src/storage/file/file.ts";
import { createMemDriver } from "../../../../server/src/storage/mem/mem.ts";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";
import { createStoreOpener } from "../../../../server/src/storage/registry.ts";
import { defaultStoreOptions, type GetOptions, type Store } from "../../../../server/src/storage/store.ts";

const folder = (location: string): PlacedObjects => ({ location, kind: "folder" });
const file = (location: string): PlacedObjects => ({ location, kind: "file" });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let disk: string;
let handlers: ObjectHandlers;
let told: ObjectsProgress[];
let openStore: (location: string) => Store;
/** Replaces stores, for failures. */
let disturb: (store: Store) => Store;

beforeEach(async () => {
  disk = await mkdtemp(path.join(tmpdir(), "cloudvolume-objects-"));
  const open = createStoreOpener([createMemDriver(), createFileDriver()]);
  openStore = (location) => open(parseLocation(location), { ...defaultStoreOptions, attempts: 1 });
  disturb = (store) => store;
  told = [];
  handlers = createObjectHandlers({
    openStore: (location) => disturb(openStore(location)),
    progress: (progress) => told.push(progress),
  });
});
afterEach(() => rm(disk, { recursive: true }));

async function fill(location: string, objects: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, text] of Object.entries(objects)) {
    await openStore(location).put?.(key, bytes(text));
  }
}
async function keysOf(location: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { name } of openStore(location).list?.({ delimiter: false }) ?? []) {
    keys.push(name);
  }
  return keys;
}
const textAt = async (location: string, key: string): Promise<string | undefined> => {
  const object = await openStore(location).get(key);
  return object && new TextDecoder().decode(object.bytes);
};
const done = { failed: 0, failures: [], existing: 0 };

describe("counting", () => {
  it("counts what is below a folder and single objects, on a disk too, and leaves absent ones out", async () => {
    await fill("mem://b/data", { a: "12", "x/b": "345", "x/y/c": "6" });
    await fill(`file://${disk}`, { "d/e": "78" });
    const places = [
      folder("mem://b/data/x"),
      file("mem://b/data/a"),
      file("mem://b/data/no"),
      folder(`file://${disk}`),
    ];
    expect(await handlers.measure({ places, job: 7 }, {})).toEqual({ objects: 4, bytes: 8, isLowerBound: false });
    expect(told[0]).toEqual({ job: 7, objects: 1, bytes: expect.any(Number) });
  });

  it("gives the facts of an object, and tells an absent one", async () => {
    await fill("mem://b", { "x/info": "{}" });
    expect(await handlers.stat({ location: "mem://b/x/info" }, {})).toMatchObject({ sizeBytes: 2, etag: '"1"' });
    await expect(handlers.stat({ location: "mem://b/x/no" }, {})).rejects.toMatchObject({ tag: "not_found" });
  });
});

describe("deleting", () => {
  it("takes the object or the folder of one name, not its twin", async () => {
    await fill("mem://b", { twin: "1", "twin/below": "2", "twins/x": "3" });
    expect(await handlers.delete({ places: [file("mem://b/twin")] }, {})).toEqual({ objects: 1, bytes: 0, ...done });
    expect(await keysOf("mem://b")).toEqual(["twin/below", "twins/x"]);
    expect(await handlers.delete({ places: [folder("mem://b/twin")] }, {})).toEqual({ objects: 1, bytes: 1, ...done });
    expect(await keysOf("mem://b")).toEqual(["twins/x"]);
  });

  it("uses the service's own deletion of many, and describes what failed", async () => {
    await fill("mem://b", { "x/a": "1", "x/b": "2" });
    const asked: (readonly string[])[] = [];
    disturb = (store) => ({
      ...store,
      async deleteAll(keys) {
        asked.push(keys);
        return [{ key: "b", error: new UnreachableError("service is busy") }];
      },
    });
    expect(await handlers.delete({ places: [folder("mem://b/x")] }, {})).toEqual({
      objects: 1,
      bytes: 1,
      failed: 1,
      failures: [{ location: "mem://b/x/b", message: "service is busy" }],
      existing: 0,
    });
    expect(asked).toEqual([["a", "b"]]);
  });

  it("removes the folders that a disk keeps, and nothing that is not empty", async () => {
    await fill(`file://${disk}`, { "x/y/a": "1", "z/b": "2" });
    await handlers.delete({ places: [folder(`file://${disk}/x`)] }, {});
    expect(await readdir(disk)).toEqual(["z"]);
  });

  it("fails before anything is gone where a place cannot be written, and stops when it is cancelled", async () => {
    await fill("mem://b", { "x/a": "1", "y/a": "1" });
    const places = [folder("mem://b/x"), folder("mem://b/y")];
    disturb = (store) => ({ ...store, capabilities: { ...store.capabilities, write: store.location.path !== "y" } });
    await expect(handlers.delete({ places }, {})).rejects.toMatchObject({ tag: "read_only" });
    disturb = (store) => store;
    await expect(handlers.delete({ places }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      tag: "cancelled",
    });
    expect(await keysOf("mem://b")).toEqual(["x/a", "y/a"]);
  });
});

describe("copying and moving", () => {
  it("renames a folder with all that is below", async () => {
    await fill("mem://b", { "x/a": "1", "x/y/b": "2" });
    const request = { from: folder("mem://b/x"), to: "mem://b/new name", existing: "keep" as const };
    expect(await handlers.move(request, {})).toEqual({ objects: 2, bytes: 2, ...done });
    expect(await keysOf("mem://b")).toEqual(["new name/a", "new name/y/b"]);
  });

  it("copies between stores with the encoding", async () => {
    await openStore("mem://b").put?.("a", gzipSync("text"), { encoding: "gzip" });
    await handlers.copy({ from: file("mem://b/a"), to: `file://${disk}/c`, existing: "keep" }, {});
    expect(await readFile(path.join(disk, "c.gz"))).toEqual(gzipSync("text"));
  });

  it("asks the service to copy where it can", async () => {
    await fill("mem://b", { a: "1" });
    disturb = (store) => ({
      ...store,
      async copyFrom(from, fromKey, key, { onlyIf } = {}) {
        await store.put?.(key, bytes(`${from.location.text} ${fromKey} ${JSON.stringify(onlyIf)}`));
        return true;
      },
      put: async () => Promise.reject(new Error("bytes came here")),
    });
    await handlers.copy({ from: file("mem://b/a"), to: "mem://b/c", existing: "keep" }, {});
    expect(await textAt("mem://b", "c")).toBe('mem://b a "absent"');
  });

  it("deletes nothing when an object was there already, or did not arrive", async () => {
    await fill("mem://b", { "x/a": "1", "x/b": "2", "y/b": "old" });
    const request = { from: folder("mem://b/x"), to: "mem://b/y", existing: "keep" as const };
    expect(await handlers.move(request, {})).toEqual({ objects: 1, bytes: 1, ...done, existing: 1 });
    expect(await keysOf("mem://b")).toEqual(["x/a", "x/b", "y/a", "y/b"]);
    expect(await textAt("mem://b", "y/b")).toBe("old");
    expect((await handlers.move({ ...request, existing: "replace" }, {})).objects).toBe(2);
    expect(await keysOf("mem://b")).toEqual(["y/a", "y/b"]);
    expect(await textAt("mem://b", "y/b")).toBe("2");
  });

  it.each([
    ["itself", folder("mem://b/x"), "mem://b/x", "invalid_argument"],
    ["a folder in itself", folder("mem://b/x"), "mem://b/x/y", "invalid_argument"],
    ["nothing", folder("mem://b/no"), "mem://b/y", "not_found"],
  ])("refuses a copy of %s", async (_name, from, to, tag) => {
    await fill("mem://b", { "x/a": "1" });
    await expect(handlers.copy({ from, to, existing: "keep" }, {})).rejects.toMatchObject({ tag });
  });
});

describe("downloading", () => {
  it("writes objects below the folder as they are stored, and keeps files that are there", async () => {
    await fill("mem://b/data", { "x/a": "1", "x/y/b": "2" });
    await openStore("mem://b/data").put?.("x/c", gzipSync("3"), { encoding: "gzip" });
    await mkdir(path.join(disk, "x"));
    await writeFile(path.join(disk, "x", "a"), "mine");
    const request = { places: [folder("mem://b/data/x")], folder: disk };
    const kept = await handlers.download({ ...request, existing: "keep" }, {});
    expect(kept).toMatchObject({ objects: 2, failed: 0, existing: 1 });
    expect((await readdir(disk, { recursive: true })).sort()).toEqual(["x", "x/a", "x/c.gz", "x/y", "x/y/b"]);
    expect(await readFile(path.join(disk, "x", "a"), "utf8")).toBe("mine");
    await handlers.download({ ...request, existing: "replace" }, {});
    expect(await readFile(path.join(disk, "x", "a"), "utf8")).toBe("1");
  });

  it("goes on with a large object that was cut short, as long as it is the same", async () => {
    const size = 20 * 2 ** 20;
    const content = new Uint8Array(size).map((_, index) => index % 251);
    await openStore("mem://b").put?.("big", content);
    const ranges: GetOptions["range"][] = [];
    let cut = true;
    disturb = (store) => ({
      ...store,
      async get(key, options) {
        ranges.push(options?.range);
        if (cut && ranges.length === 3) {
          throw new UnreachableError("connection lost");
        }
        return store.get(key, options);
      },
    });
    const request = { places: [file("mem://b/big")], folder: disk, existing: "keep" as const };
    expect(await handlers.download(request, {})).toMatchObject({ objects: 0, failed: 1 });
    expect((await readdir(disk)).map((name) => name.replace(/[0-9a-f]{16}/, "ID"))).toEqual([".big.ID.part"]);
    cut = false;
    expect(await handlers.download(request, {})).toMatchObject({ objects: 1, failed: 0, bytes: size });
    expect(ranges.map((range) => (range?.start ?? -1) / 2 ** 20)).toEqual([0, 8, 16, 16]);
    expect(await readdir(disk)).toEqual(["big"]);
    expect(Buffer.compare(await readFile(path.join(disk, "big")), content)).toBe(0);
  });

  it("does not mix two versions of an object", async () => {
    await openStore("mem://b").put?.("big", new Uint8Array(9 * 2 ** 20));
    disturb = (store) => ({
      ...store,
      async get(key, options) {
        const object = await store.get(key, options);
        return object && { ...object, etag: '"other"' };
      },
    });
    const outcome = await handlers.download({ places: [file("mem://b/big")], folder: disk, existing: "keep" }, {});
    expect(outcome).toMatchObject({
      objects: 0,
      failed: 1,
      failures: [{ message: expect.stringContaining("changed") }],
    });
    expect(await readdir(disk)).toEqual([]);
  });

  it("does not replace a file that appears while it downloads, and leaves no parts", async () => {
    await fill("mem://b", { a: "stored" });
    disturb = (store) => ({
      ...store,
      async get(key, options) {
        await writeFile(path.join(disk, "a"), "mine");
        return store.get(key, options);
      },
    });
    const request = { places: [file("mem://b/a")], folder: disk, existing: "keep" as const };
    expect(await handlers.download(request, {})).toMatchObject({ objects: 0, existing: 1, failed: 0 });
    expect(await readFile(path.join(disk, "a"), "utf8")).toBe("mine");
    expect(await readdir(disk)).toEqual(["a"]);
  });

  it("never writes outside the folder", async () => {
    disturb = (store) => ({
      ...store,
      async *list() {
        yield { name: "../escaped", kind: "object" as const };
        yield { name: "a//b", kind: "object" as const };
      },
    });
    const outcome = await handlers.download(
      { places: [folder("mem://b/x")], folder: path.join(disk, "in"), existing: "replace" },
      {},
    );
    expect(outcome).toMatchObject({ objects: 0, failed: 2 });
    expect(await readdir(disk)).toEqual([]);
  });

  it("wants a full path, and says which object is gone", async () => {
    const request = { places: [file("mem://b/gone")], existing: "keep" as const };
    await expect(handlers.download({ ...request, folder: "here" }, {})).rejects.toMatchObject({
      tag: "invalid_argument",
    });
    expect((await handlers.download({ ...request, folder: disk }, {})).failures[0]).toMatchObject({
      location: "mem://b/gone",
    });
  });
});

describe("uploading", () => {
  it("sends a file as it is, and a folder as CloudVolume reads it", async () => {
    await writeFile(path.join(disk, "notes.txt.gz"), "as it is");
    await mkdir(path.join(disk, "layer", "4_4_40"), { recursive: true });
    await writeFile(path.join(disk, "layer", "info"), "{}");
    await writeFile(path.join(disk, "layer", "4_4_40", "0-1_0-1_0-1.gz"), gzipSync("x"));
    const paths = [path.join(disk, "notes.txt.gz"), path.join(disk, "layer")];
    const outcome = await handlers.upload({ paths, location: "mem://b/in", existing: "keep" }, {});
    expect(outcome).toEqual({ objects: 3, bytes: 10 + gzipSync("x").length, ...done });
    expect(await keysOf("mem://b/in")).toEqual(["layer/4_4_40/0-1_0-1_0-1", "layer/info", "notes.txt.gz"]);
    expect((await openStore("mem://b/in").get("layer/4_4_40/0-1_0-1_0-1"))?.encoding).toBe("gzip");
    expect((await openStore("mem://b/in").get("notes.txt.gz"))?.encoding).toBeUndefined();
  });

  it("says the type of what it sends", async () => {
    await writeFile(path.join(disk, "info"), "{}");
    await writeFile(path.join(disk, "picture.PNG"), "");
    const types: unknown[] = [];
    disturb = (store) => ({
      ...store,
      put: async (key, _bytes, options) => void types.push([key, options?.contentType]),
    });
    const paths = [path.join(disk, "info"), path.join(disk, "picture.PNG")];
    await handlers.upload({ paths, location: "mem://b", existing: "keep" }, {});
    expect(types).toEqual(
      expect.arrayContaining([
        ["info", "application/json"],
        ["picture.PNG", "image/png"],
      ]),
    );
  });

  it("replaces nothing unless told so", async () => {
    await fill("mem://b", { a: "theirs" });
    await writeFile(path.join(disk, "a"), "mine");
    const request = { paths: [path.join(disk, "a")], location: "mem://b" };
    expect(await handlers.upload({ ...request, existing: "keep" }, {})).toMatchObject({ objects: 0, existing: 1 });
    expect(await textAt("mem://b", "a")).toBe("theirs");
    expect(await handlers.upload({ ...request, existing: "replace" }, {})).toMatchObject({ objects: 1, existing: 0 });
    expect(await textAt("mem://b", "a")).toBe("mine");
  });
});
