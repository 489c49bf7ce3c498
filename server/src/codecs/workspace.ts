/**
 * A workspace: one wasm memory, the kernels instantiated on it, and an arena of scratch bytes inside it.
 *
 * A cutout's result lies in the same memory, so that kernels write it in place. Two threads may have workspaces on the same
 * shared memory; their arenas do not overlap.
 */
import { InternalError, TooLargeError } from "../errors.ts";

/** Compiled kernels by name. The main thread compiles each once, at the first use of a codec that names it, and posts it to the workers. */
export type KernelModules = Pick<ReadonlyMap<string, WebAssembly.Module>, "get">;

/** Scratch memory with the lifetime of one chunk: allocate, use, reset. */
export interface Arena {
  /** Address of `sizeBytes` bytes, 16-byte aligned, of undefined content. Throws TooLargeError when the arena is full. */
  allocate(sizeBytes: number): number;
  /** Bytes that `allocate` can still give. */
  readonly freeBytes: number;
  /** Forgets all allocations since `mark`; without it, all. */
  reset(mark?: number): void;
  mark(): number;
}

export interface Workspace {
  readonly memory: WebAssembly.Memory;
  readonly arena: Arena;
  /** Exports of a kernel, instantiated on this memory on first use. `T` states its signature, as the kernel's source does. */
  kernel<T extends object>(name: string): T;
  /** Drops the instances of all kernels on this memory, so that the next use makes new ones: for after a trap. */
  forgetKernels(): void;
  /** A view of bytes of the memory. */
  view(pointer: number, sizeBytes: number): Uint8Array;
}

/** The arena [start, end) of a memory. */
export function createArena(start: number, end: number): Arena {
  const first = Math.ceil(start / 16) * 16;
  let next = first;
  return {
    get freeBytes() {
      return end - next;
    },
    allocate(sizeBytes) {
      const pointer = next;
      const after = pointer + Math.ceil(sizeBytes / 16) * 16;
      if (!(sizeBytes >= 0) || after > end) {
        throw new TooLargeError(
          `a chunk needs more scratch memory than the arena has: ${sizeBytes} of ${end - next} bytes`,
        );
      }
      next = after;
      return pointer;
    },
    mark: () => next,
    reset(mark = first) {
      next = mark;
    },
  };
}

/** A workspace on `memory` whose scratch bytes are [arenaStart, arenaEnd). The first 64 KiB of a memory are nobody's. */
export function createWorkspace(
  memory: WebAssembly.Memory,
  modules: KernelModules,
  arenaStart: number,
  arenaEnd: number,
): Workspace {
  const instances = instancesOf.get(memory) ?? new Map<string, WebAssembly.Exports>();
  instancesOf.set(memory, instances);
  return {
    memory,
    arena: createArena(arenaStart, arenaEnd),
    kernel<T extends object>(name: string): T {
      let exports = instances.get(name);
      if (exports === undefined) {
        const module = modules.get(name);
        if (module === undefined) {
          throw new InternalError(`kernel was not loaded: "${name}"`);
        }
        exports = new WebAssembly.Instance(module, { env: { memory, abort: onKernelAbort } }).exports;
        instances.set(name, exports);
      }
      // The kernel's source is the only place that states its signature; the codec that names it repeats it as T.
      return exports as unknown as T;
    },
    forgetKernels: () => instances.clear(),
    view: (pointer, sizeBytes) => new Uint8Array(memory.buffer, pointer, sizeBytes),
  };
}

/** A memory that is used again keeps its kernels. */
const instancesOf = new WeakMap<WebAssembly.Memory, Map<string, WebAssembly.Exports>>();

function onKernelAbort(): never {
  throw new InternalError("a kernel aborted");
}

/** Address of `bytes` in the workspace's memory: where they are if they lie in it, else a copy in the arena. */
export function placeInMemory(workspace: Workspace, bytes: Uint8Array): number {
  if (bytes.buffer === workspace.memory.buffer) {
    return bytes.byteOffset;
  }
  const pointer = workspace.arena.allocate(bytes.byteLength);
  workspace.view(pointer, bytes.byteLength).set(bytes);
  return pointer;
}
