/**
 * Loads the third-party libraries of codecs, CommonJS with its wasm beside it, from `out/vendor` of the package.
 *
 * They stay out of the bundles: each is hundreds of kilobytes that most sessions never need, and finds its wasm by its own folder. The
 * build makes `out/vendor`; code that runs from its sources uses the same files.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { InternalError } from "../errors.ts";

/** The libraries that the build puts there. */
export type LibraryName = "jpeg" | "zstd" | "bzip2" | "xz";

/** The exports of a library; `T` states what its caller uses of them. Throws InternalError when the build did not make it. */
export function loadLibrary<T>(name: LibraryName): T {
  const here = fileURLToPath(import.meta.url);
  for (let folder = path.dirname(here); ; folder = path.dirname(folder)) {
    const file = path.join(folder, "out", "vendor", `${name}.cjs`);
    if (existsSync(file)) {
      return createRequire(here)(file) as T;
    }
    if (folder === path.dirname(folder)) {
      throw new InternalError(`library is missing: "out/vendor/${name}.cjs"`, { hint: "run `npm run build`" });
    }
  }
}
