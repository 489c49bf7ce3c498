import { describe, expect, it } from "vitest";
import { editDistance, suggest } from "../../../../server/src/lint/spelling.ts";
import { encodings, scaleKeys } from "../../../../server/src/lint/vocabulary.ts";

describe("suggest", () => {
  it.each([
    ["compresed_segmentation", "compressed_segmentation"],
    ["jepg", "jpeg"],
    ["jpegxl", "jxl"],
    ["PNG", "png"],
  ])("takes %s for %s", (word, meant) => {
    expect(suggest(word, encodings)).toBe(meant);
  });

  it("knows that offset is voxel_offset", () => {
    expect(suggest("offset", scaleKeys)).toBe("voxel_offset");
  });

  it.each(["gzip", "x", "", "lossless"])("has nothing for %j", (word) => {
    expect(suggest(word, encodings)).toBeUndefined();
  });
});

describe("editDistance", () => {
  it("counts insertions, deletions, substitutions and swaps of neighbours", () => {
    expect(editDistance("size", "sizes", 2)).toBe(1);
    expect(editDistance("sizes", "size", 2)).toBe(1);
    expect(editDistance("size", "sine", 2)).toBe(1);
    expect(editDistance("szie", "size", 2)).toBe(1);
    expect(editDistance("size", "size", 2)).toBe(0);
  });

  it("gives up beyond the limit", () => {
    expect(editDistance("size", "resolution", 2)).toBeUndefined();
    expect(editDistance("abcd", "wxyz", 2)).toBeUndefined();
  });
});
