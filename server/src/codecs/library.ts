/**
 * Loads the third-party libraries of codecs, CommonJS with its wasm beside it, from `out/vendor` of the package.
 *
 * They stay out of the bundles: each is hundreds of kilobytes that most sessions never need, and finds its wasm by its own folder. The
 * build makes `out/vendor`; code that runs from its sources uses the same files.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { InternalError } from "../errors.ts";

/** The libraries that the build puts there. */
export type LibraryName = "jpeg" | "zstd" | "bzip2" | "xz" | "draco";

/** The exports of a library; `T` states what its caller uses of them. Throws InternalError when the build did not make it. */
export function loadLibrary<T>(name: LibraryName): T {
  return createRequire(import.meta.url)(findFile(`${name}.cjs`)) as T;
}

/** The compiled wasm of a library, for those that are told how to instantiate it. */
export function loadLibraryModule(fileName: string): WebAssembly.Module {
  return new WebAssembly.Module(loadLibraryBytes(fileName));
}

/** The wasm of a library as bytes of the caller's own. */
export function loadLibraryBytes(fileName: string): Uint8Array<ArrayBuffer> {
  return readFileSync(findFile(fileName));
}

function findFile(name: string): string {
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    const file = path.join(folder, "out", "vendor", name);
    if (existsSync(file)) {
      return file;
    }
    if (folder === path.dirname(folder)) {
      throw new InternalError(`library is missing: "out/vendor/${name}"`, { hint: "run `npm run build`" });
    }
  }
}
