/** Finds the files that ship beside the code: compiled kernels and the worker's script, under `out/` of the package. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { KernelModules } from "../codecs/workspace.ts";
import { InternalError } from "../errors.ts";

/** The `out` folder of the package that this code belongs to, whether it runs bundled or from its sources. */
function findOutFolder(): string {
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, "out");
    if (existsSync(path.join(candidate, "kernels"))) {
      return candidate;
    }
    if (folder === path.dirname(folder)) {
      throw new InternalError("the compiled kernels are not there; run `npm run build`");
    }
  }
}

/** Compiles every kernel of out/kernels. */
export function loadKernels(): KernelModules {
  const folder = path.join(findOutFolder(), "kernels");
  const names = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
  return new Map(
    names.map((name) => [path.basename(name, ".wasm"), new WebAssembly.Module(readFileSync(path.join(folder, name)))]),
  );
}

/** The bundled script of the worker threads. */
export function workerScript(): URL {
  return pathToFileURL(path.join(findOutFolder(), "server", "worker.js"));
}
