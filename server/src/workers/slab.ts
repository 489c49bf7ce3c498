/**
 * Slabs: shared wasm memories that hold a result and the scratch arenas of the threads that write it.
 *
 * Layout: [0, 64 KiB) nobody's | result | arena 0 | arena 1 | … A slab is reused only after an explicit release, never by a finalizer: no
 * result may change under its holder. Shared memories do not count for V8's garbage collector, so each carries a ballast: an untouched
 * ArrayBuffer of its size, which costs no resident memory and makes the collector run in time.
 */
import { TooLargeError } from "../errors.ts";

const pageBytes = 65_536;
const maximumPages = 65_536;
/** Largest slab: one wasm memory, less a margin. */
export const maximumSlabBytes = 3.9 * 2 ** 30;
/** Neighbouring size classes differ by this factor, so that a slab serves many boxes. */
const classFactor = 1.25;

export interface Slab {
  readonly memory: WebAssembly.Memory;
  readonly sizeBytes: number;
  /** Address of the result. */
  readonly resultPointer: number;
  /** [start, end) of each thread's arena. */
  readonly arenas: readonly (readonly [start: number, end: number])[];
}

export interface SlabRequest {
  readonly resultBytes: number;
  readonly arenaBytes: number;
  readonly arenaCount: number;
}

export interface SlabPool {
  /** A slab of at least this room: an idle one, else a new one. Throws TooLargeError. */
  acquire(request: SlabRequest): Slab;
  /** Gives a slab back; idle slabs beyond the budget are dropped. */
  release(slab: Slab): void;
  /** Forgets the idle slabs. */
  dropIdle(): void;
  readonly idleBytes: number;
}

/** `budgetBytes` bounds what idle slabs hold. */
export function createSlabPool(budgetBytes: number): SlabPool {
  const idle: { readonly memory: WebAssembly.Memory; readonly sizeBytes: number }[] = [];
  const idleBytes = (): number => idle.reduce((sum, slab) => sum + slab.sizeBytes, 0);

  return {
    get idleBytes() {
      return idleBytes();
    },
    acquire(request) {
      const needed = pageBytes + roundUp(request.resultBytes, pageBytes) + request.arenaBytes * request.arenaCount;
      if (needed > maximumSlabBytes) {
        throw new TooLargeError(
          `the result does not fit into one memory: ${formatGiB(request.resultBytes)} of at most 3.9 GiB`,
          {
            hint: "read it in several boxes",
          },
        );
      }
      const sizeBytes = sizeClass(needed);
      const index = idle.findIndex((slab) => slab.sizeBytes === sizeBytes);
      const memory =
        index === -1 ? createMemory(sizeBytes) : (idle.splice(index, 1)[0] as { memory: WebAssembly.Memory }).memory;
      return carve(memory, sizeBytes, request);
    },
    release(slab) {
      if (idle.some(({ memory }) => memory === slab.memory)) {
        return;
      }
      idle.push({ memory: slab.memory, sizeBytes: slab.sizeBytes });
      while (idleBytes() > budgetBytes) {
        idle.shift();
      }
    },
    dropIdle() {
      idle.length = 0;
    },
  };
}

function carve(memory: WebAssembly.Memory, sizeBytes: number, request: SlabRequest): Slab {
  const firstArena = pageBytes + roundUp(request.resultBytes, pageBytes);
  const arenas = Array.from({ length: request.arenaCount }, (_, index) => {
    const start = firstArena + index * request.arenaBytes;
    return [start, start + request.arenaBytes] as const;
  });
  return { memory, sizeBytes, resultPointer: pageBytes, arenas };
}

function createMemory(sizeBytes: number): WebAssembly.Memory {
  try {
    const memory = new WebAssembly.Memory({ initial: sizeBytes / pageBytes, maximum: maximumPages, shared: true });
    addBallast(memory, sizeBytes);
    return memory;
  } catch (error) {
    throw new TooLargeError(
      `no memory for a result of ${formatGiB(sizeBytes)}`,
      { hint: "release earlier results, or read smaller boxes" },
      { cause: error },
    );
  }
}

const ballasts = new WeakMap<object, ArrayBuffer>();

/** Lets the collector of this thread see the size of a shared memory. Every thread that holds the memory calls it once. */
export function addBallast(memory: WebAssembly.Memory, sizeBytes: number): void {
  if (!ballasts.has(memory.buffer)) {
    ballasts.set(memory.buffer, new ArrayBuffer(sizeBytes));
  }
}

function sizeClass(bytes: number): number {
  const exponent = Math.ceil(Math.log(Math.max(bytes, 2 ** 20) / 2 ** 20) / Math.log(classFactor));
  const classBytes = 2 ** 20 * classFactor ** exponent;
  return Math.min(roundUp(Math.max(classBytes, bytes), pageBytes), maximumPages * pageBytes);
}

const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;
const formatGiB = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
