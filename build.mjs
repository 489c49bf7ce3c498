/**
 * Builds everything into out/: kernels (AssemblyScript -> wasm), server, worker, CLI and library bundles, client, webviews.
 * `--watch` rebuilds on change; `--production` minifies and leaves source maps out; `--kernels` builds what codecs
 * need at run time, kernels and libraries, and nothing else.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { writeNotices } from "./notices.mjs";

const root = path.dirname(fileURLToPath(import.meta.url));
const isProduction = process.argv.includes("--production");
const isWatching = process.argv.includes("--watch");
const isKernelsOnly = process.argv.includes("--kernels");

const shared = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  sourcemap: isProduction ? false : "linked",
  minify: isProduction,
  logLevel: "warning",
  legalComments: "none",
  // Its UMD build calls a require that no bundler follows.
  alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
};

/** Bundles of plain Node: ES modules whose CommonJS dependencies may still call require(). */
const node = {
  ...shared,
  platform: "node",
  target: "node20",
  format: "esm",
  banner: {
    js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);',
  },
};

const webviews = ["slices", "metadata"];

const bundles = [
  {
    ...node,
    entryPoints: {
      main: "server/src/main.ts",
      worker: "server/src/engine/worker.ts",
      cli: "server/src/cli/main.ts",
      index: "server/src/index.ts",
    },
    outdir: "out/server",
    // What is imported on first use, such as a cloud's library, is a file of its own, shared by the programs. Beside them, for paths are relative.
    splitting: true,
    chunkNames: "part-[hash]",
  },
  {
    ...shared,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode"],
    entryPoints: { extension: "client/src/extension.ts" },
    outdir: "out/client",
    outExtension: { ".js": ".cjs" },
  },
  {
    ...shared,
    platform: "browser",
    target: "es2022",
    format: "iife",
    entryPoints: Object.fromEntries(webviews.map((name) => [name, `webview/src/${name}/main.ts`])),
    outdir: "out/webview",
  },
];

/**
 * Libraries of codecs whose wasm lies beside them: CommonJS, as they were written, loaded on first use by codecs/library.ts.
 * Out of the bundles, for most sessions need none of them.
 */
const libraries = {
  ...shared,
  sourcemap: false,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["*.wasm"],
  entryPoints: {
    jpeg: "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs",
    zstd: "@foxglove/wasm-zstd",
    bzip2: "@foxglove/wasm-bz2",
    xz: "xz-decompress",
    draco: "draco3d/draco_decoder_nodejs.js",
  },
  outdir: "out/vendor",
  outExtension: { ".js": ".cjs" },
};

/** The libraries look for these names in their own folder. */
const libraryBinaries = [
  "@cornerstonejs/codec-libjpeg-turbo-8bit/dist/libjpegturbowasm_decode.wasm",
  "@foxglove/wasm-zstd/dist/wasm-zstd.wasm",
  "@foxglove/wasm-bz2/wasm/module.wasm",
  "draco3d/draco_decoder.wasm",
  "icodec/dist/jxl-dec.wasm",
  "icodec/dist/jxl-enc.wasm",
  "@jsquash/jxl/codec/dec/jxl_dec.wasm",
];

/** Memory is imported and shared; the first 64 KiB belong to nobody, so kernels keep no static data. */
const kernelOptions = [
  "--runtime",
  "stub",
  "--importMemory",
  "--noExportMemory",
  "--sharedMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "65536",
  "--enable",
  "simd",
  "--enable",
  "bulk-memory",
  "--enable",
  "threads",
  "-O3",
  "--noAssert",
];

/** Compiles the kernels whose source, or a helper that they share, is newer than their wasm. */
async function buildKernels() {
  mkdirSync(path.join(root, "out/kernels"), { recursive: true });
  const sources = readdirSync(path.join(root, "server/kernels")).filter((name) => name.endsWith(".ts"));
  const helpers = readdirSync(path.join(root, "server/kernels/shared")).map((name) => `server/kernels/shared/${name}`);
  const waiting = sources.filter((source) => {
    const output = kernelFile(source);
    const changedMs = Math.max(...[kernelSource(source), ...helpers].map((file) => statSync(file).mtimeMs));
    return !existsSync(output) || statSync(output).mtimeMs < changedMs;
  });
  // One compiler a core, the longest kernels first.
  waiting.sort((a, b) => statSync(kernelSource(b)).size - statSync(kernelSource(a)).size);
  const compile = async () => {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
      const program = ["node_modules/assemblyscript/bin/asc.js", kernelSource(source), "-o", kernelFile(source)];
      await run(process.execPath, [...program, ...kernelOptions]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compile));
}

function kernelSource(source) {
  return path.join("server/kernels", source);
}

function kernelFile(source) {
  return path.join("out/kernels", source.replace(/\.ts$/, ".wasm"));
}

async function buildLibraries() {
  const result = await esbuild.build(libraries);
  for (const binary of libraryBinaries) {
    cpSync(path.join(root, "node_modules", binary), path.join(root, "out/vendor", path.basename(binary)));
  }
  return result;
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${args[0]} exited with ${code}`))));
  });
}

function copyAssets() {
  const codicons = path.join(root, "node_modules/@vscode/codicons/dist");
  mkdirSync(path.join(root, "out/webview"), { recursive: true });
  for (const name of ["codicon.css", "codicon.ttf"]) {
    cpSync(path.join(codicons, name), path.join(root, "out/webview", name));
  }
}

/** Parts that an earlier build made, and this one did not. */
function removeOldParts(results) {
  const made = new Set(results.flatMap(({ metafile }) => Object.keys(metafile.outputs)));
  for (const name of readdirSync(path.join(root, "out/server"))) {
    if (name.startsWith("part-") && !made.has(`out/server/${name}`)) {
      rmSync(path.join(root, "out/server", name));
    }
  }
}

await buildKernels();
const librariesResult = await buildLibraries();
if (isKernelsOnly) {
  process.exit(0);
}
copyAssets();
if (isWatching) {
  for (const bundle of bundles) {
    await (await esbuild.context(bundle)).watch();
  }
  console.log("watching");
} else {
  const results = await Promise.all(bundles.map((bundle) => esbuild.build(bundle)));
  removeOldParts(results);
  writeNotices(
    root,
    [...results, librariesResult].map((result) => result.metafile),
  );
}
