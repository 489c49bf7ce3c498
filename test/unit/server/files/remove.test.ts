import { mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError, PermissionDeniedError } from "../../../../server/src/errors.ts";
import { openBench, utf8, writeAll, writeSources } from "./harness.ts";

const everything = ["a.txt", "a1.dat", "a2.dat", "b.txt", "c.txt.gz", "sub/d.txt", "sub/deep/e.bin", "sub/f.txt.br"];
const without = (gone: RegExp): string[] => everything.filter((name) => !gone.test(name));

describe("remove", () => {
  // As CloudFiles 4.28 leaves the same folder.
  it.each([
    [["a.txt"], false, without(/a\.txt/)],
    [["c.txt"], false, without(/c\.txt/)],
    [["missing"], false, everything],
    [["sub"], true, without(/sub/)],
    [["a*"], false, without(/^a/)],
    [["a.txt", "b.txt"], false, without(/[ab]\.txt/)],
    [["a"], true, everything],
    [["*.txt"], false, without(/^[a-c]\.txt/)],
    [["su"], true, everything],
    [["**"], false, []],
  ])("of %j (recursive: %s)", async (names, recursive, left) => {
    const { files, folder, tree } = openBench();
    writeSources(folder);
    const { count, failures } = await files.remove(
      names.map((name) => `${folder}/src/${name}`),
      { recursive },
    );
    expect(tree("src")).toEqual(left);
    expect({ count, failures }).toEqual({ count: everything.length - left.length, failures: [] });
  });

  it("of a folder wants to be told so", async () => {
    const { files, folder, tree } = openBench();
    writeSources(folder);
    await expect(files.remove([`${folder}/src`])).rejects.toThrow(InvalidArgumentError);
    await expect(files.remove([`${folder}/src/`])).rejects.toMatchObject({
      fields: { hint: expect.stringContaining("-r") },
    });
    const skipped: string[] = [];
    await files.remove([`${folder}/src/*`], { onSkipped: (location) => skipped.push(location) });
    expect(skipped).toEqual([`file://${folder}/src/sub/`]);
    expect(tree("src")).toEqual(["sub/d.txt", "sub/deep/e.bin", "sub/f.txt.br"]);
  });

  it("of a folder takes the empty folders, and nothing behind a link", async () => {
    const { files, folder, tree } = openBench();
    writeAll(folder, { "x/a": "1", "other/b": "2" });
    mkdirSync(`${folder}/x/empty/deep`, { recursive: true });
    await files.remove([`${folder}/x`], { recursive: true });
    expect(await files.isFolder(`${folder}/x`)).toBe(false);
    mkdirSync(`${folder}/y`);
    symlinkSync(`${folder}/other`, `${folder}/y/link`);
    await files.remove([`${folder}/y`], { recursive: true });
    expect(tree()).toContain("other/b");
  });

  it("in a dry run names all and deletes nothing", async () => {
    const { files, folder, tree } = openBench();
    writeAll(folder, { "x/a": "1", "x/b": "2" });
    const named: string[] = [];
    const options = { recursive: true, dryRun: true, onObject: (location: string) => named.push(location) };
    expect(await files.remove([`${folder}/x`], options)).toEqual({ count: 2, failures: [] });
    expect(named).toEqual([`file://${folder}/x/a`, `file://${folder}/x/b`]);
    expect(tree()).toEqual(["x/a", "x/b"]);
  });

  it("tells what failed, and does the rest, one by one or many at once", async () => {
    const denied = new PermissionDeniedError("not allowed");
    for (const isBatched of [false, true]) {
      const batches: number[] = [];
      const { files } = openBench({
        wrap: (store) => ({
          ...store,
          delete: async (key, options) => {
            if (key === "k0003") {
              throw denied;
            }
            await store.delete?.(key, options);
          },
          ...(isBatched && {
            deleteAll: async (keys) => {
              batches.push(keys.length);
              await Promise.all(keys.filter((key) => key !== "k0003").map((key) => store.delete?.(key)));
              return keys.includes("k0003") ? [{ key: "k0003", error: denied }] : [];
            },
          }),
        }),
      });
      for (let i = 0; i < 1500; i++) {
        await files.write(`mem://a/k${String(i).padStart(4, "0")}`, utf8(""));
      }
      const { count, failures } = await files.remove(["mem://a/"], { recursive: true });
      expect(count).toBe(1499);
      expect(failures).toMatchObject([{ location: "mem://a/k0003", error: { message: "not allowed" } }]);
      expect(batches).toEqual(isBatched ? [1000, 500] : []);
      expect((await files.size("mem://a")).count).toBe(1);
    }
  });

  it("where nothing can be deleted fails for each", async () => {
    const { files } = openBench({ wrap: ({ delete: _, ...store }) => store });
    await files.write("mem://a/x", utf8(""));
    expect(await files.remove(["mem://a/x"])).toMatchObject({ count: 0, failures: [{ error: { tag: "read_only" } }] });
  });
});
