/** Only the command line prints: a server's stdout belongs to its protocol. */
import { describe, expect, it } from "vitest";
import { findLines, listFiles } from "./sources.ts";

describe("shipped code", () => {
  it("prints nothing outside server/src/cli", () => {
    const files = listFiles(
      (file) => /^(schemas|server\/src|client|webview)\/.*\.ts$/.test(file) && !file.startsWith("server/src/cli/"),
    );
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((file) => findLines(file, /(?<![.\w])console\.\w+\(|\bprocess\.stdout\b/))).toEqual([]);
  });
});
