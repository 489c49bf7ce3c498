/** The file commands, from outside. What they print and leave is CloudFiles' for the same folder, but where a title says otherwise. */
import { existsSync, utimesSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { everything, lines, openBench } from "./fileCommands.ts";

describe("ls", () => {
  it("lists everything below, without suffixes of compression", async () => {
    const { run, at } = openBench();
    const names = ["a.txt", "a1.dat", "a2.dat", "b.txt", "c.txt", "sub/d.txt", "sub/deep/e.bin", "sub/f.txt"];
    expect(await run("ls", "src")).toEqual({ code: 0, stdout: at(...names.map((name) => `src/${name}`)), stderr: "" });
  });
});

describe("cat", () => {
  it("prints objects decompressed, one after the other", async () => {
    const { runWith, run } = openBench();
    expect(await run("cat", "src/a.txt", "src/c.txt", "src/sub/f.txt")).toMatchObject({
      code: 0,
      stdout: "hellozipped textbrotli text",
    });
    expect((await runWith({ input: lines("src/a.txt", "src/b.txt") }, "cat", "-")).stdout).toBe("helloworld");
  });
});

describe("head", () => {
  it("shows what a store knows", async () => {
    const { folder, run } = openBench();
    utimesSync(path.join(folder, "src/c.txt.gz"), 1e9, 1e9);
    const { code, stdout } = await run("head", "src/c.txt");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^src\/c\.txt\n {2}size {11}\d+ \(\d+ B\)\n {2}encoding {7}gzip\n {2}etag {11}\S+\n {2}modified {7}2001-09-09T01:46:40\.000Z\n$/,
    );
    const [facts] = JSON.parse((await run("head", "--json", "src/c.txt")).stdout) as [Record<string, unknown>];
    expect(facts).toMatchObject({
      location: "src/c.txt",
      content_encoding: "gzip",
      modified: "2001-09-09T01:46:40.000Z",
    });
    expect((await run("head", "src/missing")).code).toBe(3);
  });
});

describe("cp", () => {
  it("copies objects and folders by CloudFiles' rules", async () => {
    const { run, tree } = openBench();
    await run("cp", "src/a.txt", "src/c.txt", "dst");
    expect(tree("dst")).toEqual(["a.txt", "c.txt.gz", "old"]);
    await run("cp", "-r", "src", "dst");
    expect(tree("dst/src")).toEqual(everything);
    await run("cp", "-r", "src", "new");
    expect(tree("new")).toEqual(everything);
    await run("cp", "src/**.txt", "some/");
    expect(tree("some")).toEqual(["a.txt", "b.txt", "c.txt.gz", "sub/d.txt", "sub/f.txt.br"]);
  });

  it("copies what is there, and tells what is not (exit code 3; CloudFiles' is 0)", async () => {
    const { folder, run, tree } = openBench();
    expect(await run("cp", "src/missing", "src/a.txt", "dst")).toEqual({
      code: 3,
      stdout: "",
      stderr: `not_found: nothing is there: file://${folder}/src/missing; check the name\n`,
    });
    expect(tree("dst")).toEqual(["a.txt", "old"]);
    expect(await run("cp", "src", "dst")).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("copy it with -r"),
    });
    expect(await run("cp", "src/a.txt", "src/b.txt", "new")).toMatchObject({ code: 5 });
    expect(await run("cp", "src/a.txt")).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("destination is missing"),
    });
  });
});

describe("mv", () => {
  it("moves objects and folders", async () => {
    const { folder, run, tree } = openBench();
    await run("mv", "src/c.txt", "src/cc.txt");
    expect(tree("src")).toEqual(everything.map((name) => name.replace("c.txt", "cc.txt")));
    await run("mv", "src", "dst");
    expect(tree("dst/src")).toHaveLength(8);
    expect(existsSync(path.join(folder, "src"))).toBe(false);
    expect(await run("mv", "missing", "dst")).toMatchObject({ code: 3 });
  });
});

describe("rm", () => {
  it("deletes objects, and says how many", async () => {
    const { runWith, run, tree } = openBench();
    expect(await run("rm", "src/a.txt", "src/c.txt")).toEqual({ code: 0, stdout: "deleted 2 objects\n", stderr: "" });
    expect(await run("rm", "src/missing")).toMatchObject({ code: 0, stdout: "deleted 0 objects\n" });
    expect((await runWith({ input: lines("src/b.txt", "src/sub/d.txt") }, "rm", "-")).stdout).toBe(
      "deleted 2 objects\n",
    );
    expect(tree("src")).toEqual(["a1.dat", "a2.dat", "sub/deep/e.bin", "sub/f.txt.br"]);
  });
});

describe("du", () => {
  it("fails where nothing is, and prints sums as JSON", async () => {
    const { run } = openBench();
    expect(await run("du", "missing")).toMatchObject({ code: 3 });
    expect(JSON.parse((await run("du", "--json", "src/sub")).stdout)).toEqual({
      locations: [{ location: "src/sub", count: 3, bytes: 22 }],
      total: { count: 3, bytes: 22 },
    });
  });
});
