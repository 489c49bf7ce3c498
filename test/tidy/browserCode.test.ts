/** Code that must also run in a browser reaches no module of Node, however far its imports go. */
import { describe, expect, it } from "vitest";
import { shippedImports } from "./importGraph.ts";
import { readSource } from "./sources.ts";

const entries = [
  "server/src/codecs/bytes/browser.ts",
  "server/src/codecs/bytes/bloscStream.ts",
  "server/src/codecs/bytes/lz4.ts",
  "server/src/codecs/bytes/lz4frame.ts",
  "server/src/codecs/bytes/lz4java.ts",
  "server/src/codecs/bytes/inflateKernel.ts",
];

const imports = shippedImports();

/** The files that an entry needs, itself included. */
function reachable(entry: string): Set<string> {
  const files = new Set([entry]);
  for (const file of files) {
    for (const { target } of imports.filter((one) => one.file === file)) {
      if (target !== undefined) {
        files.add(target);
      }
    }
  }
  return files;
}

describe("code for browsers", () => {
  it.each(entries)("%s imports no node: module and uses no Buffer", (entry) => {
    const files = reachable(entry);
    expect(files.size).toBeGreaterThan(2);
    expect(imports.filter(({ file, specifier }) => files.has(file) && specifier.startsWith("node:"))).toEqual([]);
    expect([...files].filter((file) => /\bBuffer[.<]/.test(readSource(file)))).toEqual([]);
  });

  it("would be found out", () => {
    const files = reachable("server/src/codecs/bytes/gzip.ts");
    expect(imports.some(({ file, specifier }) => files.has(file) && specifier === "node:zlib")).toBe(true);
  });
});
