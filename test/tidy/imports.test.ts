/** The walls between the layers hold. */
import { describe, expect, it } from "vitest";
import { findCycle, type Import, importsOf, shippedImports } from "./importGraph.ts";
import { type LayerOfFile, layerOf } from "./layers.ts";
import { listFiles } from "./sources.ts";

/** Why the import may not be; undefined when it may. */
function breachOf(imported: Import): string | undefined {
  const layer = layerOf(imported.file);
  if (layer === undefined) {
    return "the file belongs to no layer of test/tidy/layers.ts";
  }
  const reason =
    imported.target === undefined ? packageBreach(layer, imported.specifier) : fileBreach(layer, imported.target);
  return reason === undefined ? undefined : `"${layer.id}" may not import ${reason}`;
}

function packageBreach(layer: LayerOfFile, specifier: string): string | undefined {
  if (specifier.startsWith("node:")) {
    return layer.node === "all" || layer.node?.includes(specifier) ? undefined : `"${specifier}"`;
  }
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  return layer.packages?.includes(name) ? undefined : `the package "${name}"`;
}

function fileBreach(layer: LayerOfFile, target: string): string | undefined {
  if (target.startsWith("out/kernels/")) {
    return undefined;
  }
  const other = layerOf(target);
  if (other === undefined) {
    return `"${target}", which belongs to no layer`;
  }
  return other.id === layer.id || layer.layers.includes(other.name) ? undefined : `"${other.id}" (${target})`;
}

const imports = shippedImports();

describe("imports", () => {
  it("are found: named, type, side effect, dynamic and re-exported, not in comments", () => {
    const source = [
      'import { a } from "./a.ts";',
      'import type { B } from "../b.ts";',
      'import "./c.ts";',
      '/* import "./no.ts"; */',
      'const d = await import("node:fs");',
      'export { e } from "./e.ts";',
      "import {",
      "  f,",
      '} from "pkg/sub";',
    ].join("\n");
    const found = importsOf("x/y/z.ts", source).map(({ line, specifier, target }) => [line, specifier, target]);
    expect(found).toEqual([
      [1, "./a.ts", "x/y/a.ts"],
      [2, "../b.ts", "x/b.ts"],
      [3, "./c.ts", "x/y/c.ts"],
      [5, "node:fs", undefined],
      [6, "./e.ts", "x/y/e.ts"],
      [7, "pkg/sub", undefined],
    ]);
  });

  it("keep to the table of layers", () => {
    expect(imports.length).toBeGreaterThan(100);
    const breaches = imports.flatMap((imported) => {
      const breach = breachOf(imported);
      return breach === undefined ? [] : [`${imported.file}:${imported.line}: ${breach}`];
    });
    expect(breaches).toEqual([]);
  });

  it("a breach is told: a codec that imports a store driver, a server file that imports vscode, one driver another", () => {
    const at = (file: string, specifier: string): string | undefined =>
      breachOf(importsOf(file, `import { x } from "${specifier}";`)[0] as Import);
    expect(at("server/src/codecs/chunk/raw.ts", "../../storage/http/http.ts")).toContain("storage driver http");
    expect(at("server/src/lsp/server.ts", "vscode")).toContain('package "vscode"');
    expect(at("server/src/storage/http/http.ts", "../file/file.ts")).toContain("storage driver file");
    expect(at("server/src/storage/http/http.ts", "./ranges.ts")).toBeUndefined();
    expect(at("webview/src/slices/main.ts", "node:fs")).toContain("node:fs");
  });

  it("make no cycle, types included", () => {
    expect(
      findCycle(importsOf("a.ts", 'import "./b.ts";').concat(importsOf("b.ts", 'import type { A } from "./a.ts";'))),
    ).toEqual(["a.ts", "b.ts", "a.ts"]);
    expect(findCycle(imports)).toBeUndefined();
  });

  it("are not passed on: no barrel but the library's entry point", () => {
    const barrels = imports.filter(
      ({ file, target, isReExport }) => isReExport && target && file !== "server/src/index.ts",
    );
    expect(barrels.map(({ file, line }) => `${file}:${line}`)).toEqual([]);
  });

  it("name files that exist", () => {
    const files = new Set(listFiles());
    const missing = imports.filter(
      ({ target }) => target !== undefined && !target.startsWith("out/") && !files.has(target),
    );
    expect(missing.map(({ file, line, specifier }) => `${file}:${line}: ${specifier}`)).toEqual([]);
  });
});
