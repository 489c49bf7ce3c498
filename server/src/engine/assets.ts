/** Finds the files that ship beside the code: compiled kernels and the worker's script, under `out/` of the package. */
import { existsSync, readFileSync } from "node:fs";
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

/** The kernels of out/kernels, each compiled when it is first asked for. */
export function createKernelModules(): KernelModules {
  const compiled = new Map<string, WebAssembly.Module>();
  return {
    get(name) {
      const known = compiled.get(name);
      if (known !== undefined) {
        return known;
      }
      const file = path.join(findOutFolder(), "kernels", `${name}.wasm`);
      if (!existsSync(file)) {
        return undefined;
      }
      const module = new WebAssembly.Module(readFileSync(file));
      compiled.set(name, module);
      return module;
    },
  };
}

/** The bundled script of the worker threads. */
export function workerScript(): URL {
  return pathToFileURL(path.join(findOutFolder(), "server", "worker.js"));
}
