import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../../../server/src/errors.ts";
import type { ListOptions, Store } from "../../../../server/src/storage/store.ts";
import { namesOf, openBench, utf8, writeAll, writeSources } from "./harness.ts";

const all = ["a.txt", "a1.dat", "a2.dat", "b.txt", "c.txt", "sub/d.txt", "sub/deep/e.bin", "sub/f.txt"];

describe("list", () => {
  // Expected values are CloudFiles' for the same folder.
  it.each([
    ["src", all],
    ["src/", all],
    ["src/sub", ["d.txt", "deep/e.bin", "f.txt"]],
    ["src/*", ["a.txt", "a1.dat", "a2.dat", "b.txt", "c.txt", "sub/"]],
    ["src/a*", ["a.txt", "a1.dat", "a2.dat"]],
    ["src/*.txt", ["a.txt", "b.txt", "c.txt"]],
    ["src/su*", ["sub/"]],
    ["src/a", ["a.txt", "a1.dat", "a2.dat"]],
    ["src/**.txt", ["a.txt", "b.txt", "c.txt", "sub/d.txt", "sub/f.txt"]],
    ["src/*/", ["sub/"]],
    ["nothing", []],
    ["src/a/", []],
  ])("names what %s stands for", async (location, expected) => {
    const { files, folder } = openBench();
    writeSources(folder);
    const suffix = location.endsWith("/") ? "/" : "";
    expect(await namesOf(files.list(`${folder}/${location.replace(/\/$/, "")}${suffix}`))).toEqual(expected);
  });

  it("gives one level, folders with a slash, when asked", async () => {
    const { files, folder } = openBench();
    writeSources(folder);
    expect(await namesOf(files.list(`${folder}/src`, { recursive: false }))).toEqual([
      "a.txt",
      "a1.dat",
      "a2.dat",
      "b.txt",
      "c.txt",
      "sub/",
    ]);
  });

  it("gives locations that can be opened again, and sizes as stored", async () => {
    const { files } = openBench();
    await files.write("mem://bucket/a b/info", utf8("12345"), {});
    const entries = [];
    for await (const entry of files.list("mem://bucket", { withSizes: true })) {
      entries.push(entry);
    }
    expect(entries).toEqual([{ location: "mem://bucket/a b/info", name: "a b/info", kind: "object", sizeBytes: 5 }]);
    expect(await files.exists(entries[0]?.location ?? "")).toBe(true);
  });

  it("asks for the sizes that a listing leaves out", async () => {
    const { files, folder } = openBench();
    writeAll(folder, { x: "123", "d/y": "4567" });
    const sizes: unknown[] = [];
    for await (const { name, sizeBytes } of files.list(folder, { withSizes: true })) {
      sizes.push([name, sizeBytes]);
    }
    expect(sizes).toEqual([
      ["d/y", 4],
      ["x", 3],
    ]);
  });

  it("starts a listing by prefix near the prefix and stops after it", async () => {
    const asked: ListOptions[] = [];
    let given = 0;
    const wrap = (store: Store): Store => ({
      ...store,
      async *list(options = {}) {
        asked.push(options);
        for await (const entry of store.list?.(options) ?? []) {
          given++;
          yield entry;
        }
      },
    });
    const { files } = openBench({ wrap });
    for (let i = 0; i < 1000; i++) {
      await files.write(`mem://bucket/${String(i).padStart(3, "0")}`, utf8(""));
    }
    expect(await namesOf(files.list("mem://bucket/51*"))).toHaveLength(10);
    expect(asked).toMatchObject([{ prefix: "", after: "50~", delimiter: true }]);
    expect(given).toBe(11);
  });

  it("finds names in services that order them by code point", async () => {
    const ordered = ["\uff00", "\u{1f600}a", "\u{1f600}b"];
    const wrap = (store: Store): Store => ({
      ...store,
      async *list() {
        yield* ordered.map((name) => ({ name, kind: "object" as const }));
      },
    });
    const { files } = openBench({ wrap });
    expect(await namesOf(files.list("mem://b/\u{1f600}*"))).toEqual(ordered.slice(1));
  });

  it("says that a store cannot list, and what to do", async () => {
    const { files } = openBench({ wrap: ({ list: _, ...store }) => store });
    await expect(namesOf(files.list("mem://bucket/x"))).rejects.toMatchObject({
      tag: "unsupported",
      message: "names cannot be listed here: mem://bucket",
      fields: { hint: expect.stringContaining("name the objects one by one") },
    });
  });
});

describe("a folder", () => {
  it("is there when something is below it, or when the file system has one", async () => {
    const { files, folder } = openBench();
    writeAll(folder, { "full/x": "", file: "", "fil/y": "" });
    mkdirSync(`${folder}/empty`);
    const names = ["full", "full/", "empty", "empty/", "file", "nothing", "ful"];
    const found = await Promise.all(names.map((name) => files.isFolder(`${folder}/${name}`)));
    expect(found).toEqual([true, true, true, true, false, false, false]);
    expect(await files.isFolder("mem://bucket")).toBe(true);
  });

  it("is told from an object of the same name", async () => {
    const { files } = openBench();
    await files.write("mem://b/x", utf8("object"));
    await files.write("mem://b/x/y", utf8("below"));
    expect(await files.isFolder("mem://b/x")).toBe(true);
    expect(await files.exists("mem://b/x")).toBe(true);
    expect(await files.exists("mem://b/x/")).toBe(true);
    expect(await files.exists("mem://b/z/")).toBe(false);
    await expect(files.read("mem://b/x/")).rejects.toThrow(InvalidArgumentError);
  });
});

describe("size", () => {
  it("counts objects and their stored bytes", async () => {
    const { files, folder } = openBench();
    writeAll(folder, { "d/x": "123", "d/e/y": "4567", z: "1" });
    expect(await files.size(`${folder}/d`)).toEqual({ count: 2, bytes: 7 });
    expect(await files.size(`${folder}/z`)).toEqual({ count: 1, bytes: 1 });
    expect(await files.size(`${folder}/**y`)).toEqual({ count: 1, bytes: 4 });
    expect(await files.size(`${folder}/nothing`)).toEqual({ count: 0, bytes: 0 });
  });
});
