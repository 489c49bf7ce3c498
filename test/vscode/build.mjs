/** What a run in real VS Code needs built: the product, its VSIX, the extension tests' bundles and the sample. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import esbuild from "esbuild";
import { outPath, repository } from "./paths.mjs";
import { runOrThrow } from "./processes.mjs";

/** Builds the product into out/. */
export async function buildProduct() {
  await runOrThrow(process.execPath, ["build.mjs"], { cwd: repository, isQuiet: true });
}

/**
 * Packs what is built into a VSIX.
 * @param {string} file
 */
export async function packExtension(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  const vsce = path.join(repository, "node_modules/@vscode/vsce/vsce");
  const flags = ["--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links"];
  const args = [vsce, "package", ...flags, "--out", file];
  await runOrThrow(process.execPath, args, { cwd: repository, isQuiet: true });
  return file;
}

/** Bundles the suites and their entry point; `vscode` and `mocha` stay outside. */
export async function buildExtensionTests() {
  const suites = path.join(repository, "test/extension/suite");
  const names = readdirSync(suites).filter((name) => name.endsWith(".test.ts"));
  rmSync(outPath("test/extension"), { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: repository,
    entryPoints: ["test/extension/index.ts", ...names.map((name) => path.join(suites, name))],
    outbase: "test/extension",
    outdir: "out/test/extension",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode", "mocha"],
    // As the product's bundles do: the other form of some packages requires files that a bundle does not have.
    mainFields: ["module", "main"],
    sourcemap: "inline",
    logLevel: "warning",
  });
}

/**
 * Writes the sample with the built command line, which keeps a complete one as it is.
 * @param {string} directory
 */
export async function writeSample(directory) {
  const cli = outPath("server/cli.js");
  await runOrThrow(process.execPath, [cli, "sample", directory], { cwd: repository, isQuiet: true });
  return directory;
}
