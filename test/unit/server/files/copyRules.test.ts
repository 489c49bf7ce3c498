/** Which object goes where. Expected trees are those that CloudFiles 4.28 made of the same folder by the same command, but where a title says otherwise. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError, NotFoundError } from "../../../../server/src/errors.ts";
import type { Store } from "../../../../server/src/storage/store.ts";
import { namesOf, openBench, read, utf8, writeAll, writeSources } from "./harness.ts";

const everything = ["a.txt", "a1.dat", "a2.dat", "b.txt", "c.txt.gz", "sub/d.txt", "sub/deep/e.bin", "sub/f.txt.br"];
const below = (folder: string): string[] => everything.map((name) => `${folder}/${name}`);

interface Case {
  readonly sources: readonly string[];
  readonly to: string;
  readonly recursive?: boolean;
  /** Files beside dst/old and the sources. */
  readonly made: readonly string[];
}

const cases: readonly Case[] = [
  { sources: ["src/a.txt"], to: "dst", made: ["dst/a.txt"] },
  { sources: ["src/a.txt"], to: "dst/", made: ["dst/a.txt"] },
  { sources: ["src/a.txt"], to: "dst/n.txt", made: ["dst/n.txt"] },
  { sources: ["src/a.txt"], to: "new", made: ["new"] },
  { sources: ["src/a.txt"], to: "new/", made: ["new/a.txt"] },
  { sources: ["src/a.txt", "src/b.txt"], to: "dst", made: ["dst/a.txt", "dst/b.txt"] },
  { sources: ["src/a.txt", "src/b.txt"], to: "new/", made: ["new/a.txt", "new/b.txt"] },
  { sources: ["src"], to: "dst", recursive: true, made: below("dst/src") },
  { sources: ["src/"], to: "dst", recursive: true, made: below("dst/src") },
  { sources: ["src"], to: "new", recursive: true, made: below("new") },
  { sources: ["src/"], to: "new/", recursive: true, made: below("new/src") },
  { sources: ["src/**"], to: "dst", made: below("dst") },
  { sources: ["src/a*"], to: "dst", made: ["dst/a.txt", "dst/a1.dat", "dst/a2.dat"] },
  { sources: ["src/*.txt"], to: "new", made: ["new/a.txt", "new/b.txt", "new/c.txt.gz"] },
  {
    sources: ["src/**.txt"],
    to: "dst",
    made: ["dst/a.txt", "dst/b.txt", "dst/c.txt.gz", "dst/sub/d.txt", "dst/sub/f.txt.br"],
  },
  { sources: ["src/sub/de**"], to: "dst", made: ["dst/deep/e.bin"] },
  {
    sources: ["src/sub", "src/a.txt"],
    to: "dst",
    recursive: true,
    made: ["dst/a.txt", "dst/sub/d.txt", "dst/sub/deep/e.bin", "dst/sub/f.txt.br"],
  },
  { sources: ["src/c.txt"], to: "dst", made: ["dst/c.txt.gz"] },
  { sources: ["src/c.txt"], to: "dst/n.txt", made: ["dst/n.txt.gz"] },
  { sources: ["src/c.txt.gz"], to: "dst/q.gz", made: ["dst/q.gz"] },
  { sources: ["src"], to: "dst", made: [] },
];

describe("copy", () => {
  it.each(cases)("of $sources to $to (recursive: $recursive)", async ({ sources, to, recursive, made }) => {
    const { files, folder, tree } = openBench();
    writeSources(folder);
    await files.copy(
      sources.map((source) => `${folder}/${source}`),
      `${folder}/${to}`,
      { recursive },
    );
    expect(tree()).toEqual([...below("src"), "dst/old", ...made].sort());
    expect(read(folder, "src/a.txt")).toBe("hello");
  });

  it("of a pattern leaves folders out, or takes them along, where CloudFiles fails", async () => {
    const { files, folder, tree } = openBench();
    writeSources(folder);
    const skipped: string[] = [];
    await files.copy([`${folder}/src/*`], `${folder}/dst`, { onSkipped: ({ location }) => skipped.push(location) });
    expect(tree("dst")).toEqual(["a.txt", "a1.dat", "a2.dat", "b.txt", "c.txt.gz", "old"]);
    expect(skipped).toEqual([`file://${folder}/src/sub/`]);
    await files.copy([`${folder}/src/*`], `${folder}/dst`, { recursive: true });
    expect(tree("dst")).toEqual([...everything, "old"].sort());
  });

  it("of several sources to what is no folder is refused", async () => {
    const { files, folder, tree } = openBench();
    writeSources(folder);
    await expect(files.copy([`${folder}/src/a.txt`, `${folder}/src/b.txt`], `${folder}/new`)).rejects.toMatchObject({
      tag: "invalid_argument",
      fields: { hint: 'end it in "/" to make one' },
    });
    expect(tree("dst")).toEqual(["old"]);
  });

  it("of what is not there fails, or is told when that is allowed", async () => {
    const { files, folder, tree } = openBench();
    writeSources(folder);
    for (const source of ["src/missing", "src/su", "src/*.none", "missing/"]) {
      await expect(files.copy([`${folder}/${source}`], `${folder}/dst`, { recursive: true })).rejects.toThrow(
        NotFoundError,
      );
    }
    const skipped: string[] = [];
    const result = await files.copy([`${folder}/src/missing`, `${folder}/src/a.txt`], `${folder}/dst`, {
      allowMissing: true,
      onSkipped: ({ error }) => skipped.push(error.message),
    });
    expect(result).toEqual({ count: 1, bytes: 5, missingCount: 1 });
    expect(skipped).toEqual([`nothing is there: file://${folder}/src/missing`]);
    expect(tree("dst")).toEqual(["a.txt", "old"]);
  });

  it("of two objects to one name is refused", async () => {
    const { files, folder } = openBench();
    writeAll(folder, { "x/a": "1", "y/a": "2" });
    await expect(files.copy([`${folder}/x/a`, `${folder}/y/a`], `${folder}/new/`)).rejects.toMatchObject({
      tag: "invalid_argument",
      message: `two sources would become one object: file://${folder}/new/a`,
    });
  });

  it("of a folder into itself is refused", async () => {
    const { files, folder, tree } = openBench();
    writeAll(folder, { "x/a": "1" });
    await expect(files.copy([`${folder}/x`], `${folder}/x/y/`, { recursive: true })).rejects.toThrow(
      InvalidArgumentError,
    );
    await expect(files.copy([`${folder}/x`], `${folder}/x`, { recursive: true })).rejects.toThrow(InvalidArgumentError);
    expect(tree()).toEqual(["x/a"]);
  });
});

describe("names that are one file here", () => {
  it.each([1, 20])("are refused before one takes the other away (%i at once)", async (concurrency) => {
    for (const names of [
      ["x", "x.gz"],
      ["x.gz", "x"],
    ]) {
      const { files, folder, tree } = openBench();
      const pairs = names.map((name) => ({ from: `mem://b/${name}`, to: `${folder}/${name}` }));
      for (const name of names) {
        await files.write(`mem://b/${name}`, utf8(name));
      }
      const outcome = await files.copyPairs(pairs, { concurrency, removeSources: true }).catch((error: Error) => error);
      const left = await namesOf(files.list("mem://b"));
      expect([...left, ...tree()].sort()).toEqual(["x", "x.gz"]);
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ tag: "conflict", message: expect.stringContaining("would become one file") });
      }
    }
  });

  it("are two in a bucket, and one object with its compression may take the place of another", async () => {
    const { files, folder, tree } = openBench();
    writeAll(folder, { "x.gz": gzipSync("1") });
    await files.write("mem://b/x", utf8("2"));
    await files.write("mem://b/x.gz", utf8("3"));
    await files.copy(["mem://b/**"], "mem://c/");
    expect((await files.size("mem://c")).count).toBe(2);
    await files.copy(["mem://b/x"], `${folder}/x`);
    expect(tree()).toEqual(["x"]);
  });

  it("do not lead out of the destination", async () => {
    const wrap = (store: Store): Store => ({
      ...store,
      async *list() {
        yield { name: "../../outside", kind: "object" as const, sizeBytes: 100 };
      },
      stat: async () => ({ sizeBytes: 100 }),
      get: async (_, options) => ({
        bytes: new Uint8Array((options?.range?.end ?? 100) - (options?.range?.start ?? 0)),
      }),
    });
    const { files, folder, tree } = openBench({
      limits: { partBytes: 10 },
      wrap: (store) => (store.location.scheme === "mem" ? wrap(store) : store),
    });
    writeAll(folder, { "a/b/here": "" });
    await expect(files.copy(["mem://b/x/"], `${folder}/a/b`, { recursive: true })).rejects.toMatchObject({
      tag: "invalid_argument",
      message: expect.stringContaining("a key must stay inside its store"),
    });
    expect(tree()).toEqual(["a/b/here"]);
  });
});

describe("a list of objects", () => {
  it.each([
    [
      ["src/a.txt", "src/sub/d.txt"],
      ["a.txt", "old", "sub/d.txt"],
    ],
    [["src/sub/d.txt"], ["d.txt", "old"]],
    [
      ["src/sub/d.txt", "src/sub/deep/e.bin"],
      ["d.txt", "deep/e.bin", "old"],
    ],
  ])("%j keeps the folders below the one that they share", async (names, made) => {
    const { files, folder, tree } = openBench();
    writeSources(folder);
    await files.copy(
      names.map((name) => `${folder}/${name}`),
      `${folder}/dst`,
      { keepFolders: true },
    );
    expect(tree("dst")).toEqual(made);
  });

  it("shares folders by their whole names", async () => {
    const { files, folder, tree } = openBench();
    writeAll(folder, { "ab/x": "", "ac/y": "" });
    await files.copy([`${folder}/ab/x`, `${folder}/ac/y`], `${folder}/dst`, { keepFolders: true });
    expect(tree("dst")).toEqual(["ab/x", "ac/y"]);
  });

  it("is of one bucket, and tells what is not there", async () => {
    const { files, folder } = openBench();
    const list = ["mem://a/x/1", "mem://a/x/2"];
    await files.write("mem://a/x/1", new Uint8Array(1));
    await expect(files.copy([...list, "mem://b/x"], `${folder}/`, { keepFolders: true })).rejects.toThrow(
      InvalidArgumentError,
    );
    await expect(files.copy(list, `${folder}/`, { keepFolders: true })).rejects.toThrow(NotFoundError);
    const skipped: string[] = [];
    await files.copy(list, `${folder}/`, {
      keepFolders: true,
      allowMissing: true,
      onSkipped: ({ location }) => skipped.push(location),
    });
    expect(skipped).toEqual(["mem://a/x/2"]);
  });
});

describe("move", () => {
  const rest = (gone: RegExp): string[] => below("w").filter((name) => !gone.test(name));
  it.each([
    { sources: ["w/a.txt"], to: "dst", left: rest(/a\.txt/), made: ["dst/a.txt"] },
    { sources: ["w/a.txt"], to: "dst/n", left: rest(/a\.txt/), made: ["dst/n"] },
    { sources: ["w/a.txt", "w/b.txt"], to: "dst", left: rest(/[ab]\.txt/), made: ["dst/a.txt", "dst/b.txt"] },
    { sources: ["w"], to: "dst", left: [], made: below("dst/w") },
    { sources: ["w/"], to: "dst", left: [], made: below("dst/w") },
    {
      sources: ["w/sub"],
      to: "dst",
      left: rest(/sub/),
      made: ["dst/sub/d.txt", "dst/sub/deep/e.bin", "dst/sub/f.txt.br"],
    },
    { sources: ["w/c.txt"], to: "w/cc.txt", left: rest(/c\.txt/), made: ["w/cc.txt.gz"] },
    { sources: ["w/a.txt"], to: "w/a.txt", left: below("w"), made: [] },
  ])("of $sources to $to", async ({ sources, to, left, made }) => {
    const { files, folder, tree } = openBench();
    writeSources(folder);
    await files.copy([`${folder}/src`], `${folder}/w`, { recursive: true });
    await files.remove([`${folder}/src`], { recursive: true });
    await files.move(
      sources.map((source) => `${folder}/${source}`),
      `${folder}/${to}`,
    );
    expect(tree()).toEqual([...left, ...made, "dst/old"].sort());
  });

  it("replaces what was there", async () => {
    const { files, folder, tree } = openBench();
    writeAll(folder, { a: "new", b: "old" });
    await files.move([`${folder}/a`], `${folder}/b`);
    expect(tree()).toEqual(["b"]);
    expect(read(folder, "b")).toBe("new");
  });

  it("takes all of a pattern, folders too, each to its name (CloudFiles puts a folder into itself)", async () => {
    const { files, folder, tree } = openBench();
    writeSources(folder);
    await files.move([`${folder}/src/*`], `${folder}/dst`);
    expect(tree()).toEqual([...below("dst"), "dst/old"].sort());
  });
});
