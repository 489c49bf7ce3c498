import { describe, expect, it } from "vitest";
import { pathsOfRanges } from "../../../../client/src/editors/problems.ts";

const text = `{
  "type": "image",
  "scales": [
    { "key": "a", "chunk_sizes": [[64, 0, 64]] },
    { "key": "b" }
  ]
}`;

function pathOf(part: string, from = text): unknown {
  const start = from.indexOf(part);
  return pathsOfRanges(from, [{ start, end: start + part.length }])[0];
}

describe("the path of a problem", () => {
  it.each([
    ['"image"', ["type"]],
    ["0, 64", ["scales", 0, "chunk_sizes", 0]],
    ["0", ["scales", 0, "chunk_sizes", 0, 1]],
    ["[64, 0, 64]", ["scales", 0, "chunk_sizes", 0]],
    ["[[64, 0, 64]]", ["scales", 0, "chunk_sizes"]],
    ['{ "key": "b" }', ["scales", 1]],
    ['"b"', ["scales", 1, "key"]],
    [text, []],
  ])("of a range over %s", (part, path) => {
    expect(pathOf(part)).toEqual(path);
  });

  it("on a key is that of its value", () => {
    expect(pathOf('"scales"')).toEqual(["scales"]);
    expect(pathOf('"chunk_sizes"')).toEqual(["scales", 0, "chunk_sizes"]);
  });

  it("between values is that of what holds them", () => {
    expect(pathOf(",\n    {")).toEqual(["scales"]);
  });

  it("in broken JSON is that of what could be read", () => {
    expect(pathOf('"b"', '{"a": [1 2], "b": "b"}')).toEqual(["b"]);
    expect(pathOf("oops", "oops")).toEqual([]);
    expect(pathOf("x", "")).toEqual([]);
  });

  it("keeps the order of the ranges", () => {
    expect(
      pathsOfRanges('{"a":1,"b":2}', [
        { start: 11, end: 12 },
        { start: 5, end: 6 },
      ]),
    ).toEqual([["b"], ["a"]]);
  });
});
