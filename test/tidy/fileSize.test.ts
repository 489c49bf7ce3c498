/** A file has one subject: 400 lines are the limit; a kernel is one file, whose functions share pointers and layout. */
import { describe, expect, it } from "vitest";
import { isCode, listFiles, readSource } from "./sources.ts";

const hardLimit = 400;
const kernelLimit = 1500;

describe("source files", () => {
  it(`have at most ${hardLimit} lines, kernels ${kernelLimit}`, () => {
    const files = listFiles((file) => isCode(file) || file.endsWith(".css"));
    expect(files.length).toBeGreaterThan(100);
    const long = files
      .map((file) => ({ file, lines: readSource(file).split("\n").length - 1 }))
      .filter(({ file, lines }) => lines > (file.startsWith("server/kernels/") ? kernelLimit : hardLimit));
    expect(long).toEqual([]);
  });
});
