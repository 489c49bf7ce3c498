/** Downloads that go on where an earlier one failed. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { UnreachableError } from "../../../../server/src/errors.ts";
import { noise, openBench, read, writeAll } from "./harness.ts";

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("a resumable copy", () => {
  /** Fails once at a byte, and counts what is read. */
  function flaky(start: number) {
    const asked: number[] = [];
    let isBroken = true;
    const bench = openBench({
      limits: { partBytes: 1000, partsAhead: 0 },
      wrap: (store) => ({
        ...store,
        async get(key, options) {
          const from = options?.range?.start;
          if (store.location.scheme === "mem" && from !== undefined) {
            asked.push(from);
            if (from === start && isBroken) {
              isBroken = false;
              throw new UnreachableError("the server hung up");
            }
          }
          return store.get(key, options);
        },
      }),
    });
    const copy = () => bench.files.copy(["mem://b/big"], `${bench.folder}/dst/big`, { resumable: true });
    return { ...bench, asked, copy };
  }

  it("goes on where it failed", async () => {
    const { files, folder, tree, asked, copy } = flaky(3000);
    await files.write("mem://b/big", noise(5500));
    writeAll(folder, { "dst/big": "old" });
    await expect(copy()).rejects.toThrow(UnreachableError);
    expect(tree("dst")).toEqual(["big", "big.part", "big.part.json"]);
    expect(read(folder, "dst/big")).toBe("old");
    expect(JSON.parse(read(folder, "dst/big.part.json"))).toMatchObject({ sizeBytes: 5500, nextOffset: 3000 });
    const { bytes } = await copy();
    expect(bytes).toBe(5500);
    expect(asked).toEqual([0, 1000, 2000, 3000, 3000, 4000, 5000]);
    expect(tree("dst")).toEqual(["big"]);
    expect(digest(readFileSync(`${folder}/dst/big`))).toBe(digest(noise(5500)));
  });

  it("starts again when the object is another one", async () => {
    const { files, folder, asked, copy } = flaky(3000);
    await files.write("mem://b/big", noise(5500));
    await expect(copy()).rejects.toThrow(UnreachableError);
    await files.write("mem://b/big", noise(5500, "other"));
    await copy();
    expect(asked.slice(4)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
    expect(digest(readFileSync(`${folder}/dst/big`))).toBe(digest(noise(5500, "other")));
  });

  it.each([
    ["cut short", (note: string) => note.slice(0, 20)],
    ["not about an object", () => "[1]"],
    ["ahead of the file", (note: string) => note.replace("3000", "4000")],
    ["beyond the object", (note: string) => note.replace("3000", "9000")],
    ["below zero", (note: string) => note.replace("3000", "-1")],
  ])("starts again when its note is %s", async (_, damage) => {
    const { files, folder, tree, copy } = flaky(3000);
    await files.write("mem://b/big", noise(5500));
    await expect(copy()).rejects.toThrow(UnreachableError);
    writeAll(folder, { "dst/big.part.json": damage(read(folder, "dst/big.part.json")) });
    await copy();
    expect(digest(readFileSync(`${folder}/dst/big`))).toBe(digest(noise(5500)));
    expect(tree("dst")).toEqual(["big"]);
  });

  it("takes bytes off the file that its note knows nothing of", async () => {
    const { files, folder, copy } = flaky(3000);
    await files.write("mem://b/big", noise(5500));
    await expect(copy()).rejects.toThrow(UnreachableError);
    writeAll(folder, { "dst/big.part": Buffer.concat([readFileSync(`${folder}/dst/big.part`), noise(9000, "rest")]) });
    await copy();
    expect(digest(readFileSync(`${folder}/dst/big`))).toBe(digest(noise(5500)));
  });
});
