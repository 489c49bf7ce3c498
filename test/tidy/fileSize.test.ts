/** A file has one subject: 400 lines are the limit. */
import { describe, expect, it } from "vitest";
import { isCode, listFiles, readSource } from "./sources.ts";

const hardLimit = 400;

describe("source files", () => {
  it(`have at most ${hardLimit} lines`, () => {
    const files = listFiles((file) => isCode(file) || file.endsWith(".css"));
    expect(files.length).toBeGreaterThan(100);
    const long = files
      .map((file) => ({ file, lines: readSource(file).split("\n").length - 1 }))
      .filter(({ lines }) => lines > hardLimit);
    expect(long).toEqual([]);
  });
});
