/** A workspace on a small shared memory, with every kernel that was built. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createWorkspace, type KernelModules, type Workspace } from "../../server/src/codecs/workspace.ts";

const kernelFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../out/kernels");
const pageBytes = 65_536;

/** The kernels in out/kernels; `node build.mjs --kernels` makes them. */
export function loadKernels(): KernelModules {
  const names = readdirSync(kernelFolder).filter((name) => name.endsWith(".wasm"));
  return new Map(
    names.map((name) => [
      path.basename(name, ".wasm"),
      new WebAssembly.Module(readFileSync(path.join(kernelFolder, name))),
    ]),
  );
}

export interface FakeWorkspace extends Workspace {
  /** Address of memory that is not the arena's: where results go. */
  readonly resultPointer: number;
  readonly resultBytes: number;
}

/** The first 64 KiB are nobody's; then the result, then the arena. */
export function createFakeWorkspace(resultBytes: number, arenaBytes: number): FakeWorkspace {
  const arenaStart = pageBytes + Math.ceil(resultBytes / pageBytes) * pageBytes;
  const pages = Math.ceil((arenaStart + arenaBytes) / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const workspace = createWorkspace(memory, loadKernels(), arenaStart, pages * pageBytes);
  return Object.assign(workspace, { resultPointer: pageBytes, resultBytes });
}
