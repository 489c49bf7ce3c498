/** What is shipped: the VSIX and the npm package hold what runs, and nothing else. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { repository } from "./sources.ts";

const mostVsixBytes = 12e6;

async function listOf(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { cwd: repository });
  return stdout;
}

describe("the VSIX", () => {
  it("holds bundles, kernels, media and texts, no source and no map", async () => {
    const vsce = path.join(repository, "node_modules/@vscode/vsce/vsce");
    const files = (await listOf(vsce, ["ls", "--no-dependencies"])).trim().split("\n");
    for (const needed of [
      "out/client/extension.cjs",
      "out/server/main.js",
      "out/server/worker.js",
      "out/webview/slices.js",
      "LICENSE",
    ]) {
      expect(files).toContain(needed);
    }
    for (const program of ["out/server/main.js", "out/server/worker.js"]) {
      for (const [, part] of readFileSync(path.join(repository, program), "utf8").matchAll(
        /["']\.\/(part-[\w-]+\.js)["']/g,
      )) {
        expect(files).toContain(`out/server/${part}`);
      }
    }
    const allowed =
      /^(?:out\/(?:client|server|webview|kernels|vendor)\/[\w.-]+\.(?:js|cjs|css|ttf|wasm)|out\/ThirdPartyNotices\.txt|docs\/rules\.md|media\/[\w.-]+\.(?:svg|png)|schemas\/formats\/[\w./-]+\.json|package(?:\.nls[\w.-]*)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
    expect(files.filter((file) => !allowed.test(file))).toEqual([]);
    const packedBytes = files.reduce(
      (sum, file) => sum + deflateRawSync(readFileSync(path.join(repository, file))).byteLength,
      0,
    );
    expect(packedBytes).toBeLessThan(mostVsixBytes);
  }, 60_000);
});

describe("the licences of what is bundled", () => {
  it("are shipped, each with its text", async () => {
    const notices = await import("node:fs/promises").then((fs) =>
      fs.readFile(path.join(repository, "out/ThirdPartyNotices.txt"), "utf8"),
    );
    for (const name of ["undici", "vscode-languageserver", "jsonc-parser", "@vscode/codicons", "@foxglove/wasm-zstd"]) {
      expect(notices).toContain(`\n${name} `);
    }
    expect(notices).toContain("Permission is hereby granted");
  });
});
