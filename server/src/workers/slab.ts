/**
 * Slabs: shared wasm memories that hold a result and the scratch arenas of the threads that write it.
 *
 * Layout: [0, 64 KiB) nobody's | result | arena 0 | arena 1 | … A slab is reused only after an explicit release, never by a finalizer: no
 * result may change under its holder. Shared memories do not count for V8's garbage collector, so each carries a ballast: an untouched
 * ArrayBuffer, which costs no resident memory and makes the collector run in time. It has a quarter of the size: with all of it, each cutout of
 * labels was a collection.
 */
import { totalmem } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { TooLargeError } from "../errors.ts";

const pageBytes = 65_536;
const maximumPages = 65_536;
/** Largest slab: one wasm memory, less a margin. */
export const maximumSlabBytes = 3.9 * 2 ** 30;
/** Neighbouring size classes differ by this factor, so that a slab serves many boxes. */
const classFactor = 1.25;

export interface Slab {
  readonly memory: WebAssembly.Memory;
  /** Names the memory, in this process. */
  readonly id: number;
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
  const idle: Block[] = [];
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
      return carve(index === -1 ? createBlock(sizeBytes) : (idle.splice(index, 1)[0] as Block), request);
    },
    release(slab) {
      if (idle.some(({ memory }) => memory === slab.memory)) {
        return;
      }
      idle.push({ memory: slab.memory, id: slab.id, sizeBytes: slab.sizeBytes });
      while (idleBytes() > budgetBytes) {
        idle.shift();
      }
    },
    dropIdle() {
      idle.length = 0;
    },
  };
}

function carve(block: Block, request: SlabRequest): Slab {
  const firstArena = pageBytes + roundUp(request.resultBytes, pageBytes);
  const arenas = Array.from({ length: request.arenaCount }, (_, index) => {
    const start = firstArena + index * request.arenaBytes;
    return [start, start + request.arenaBytes] as const;
  });
  return { ...block, resultPointer: pageBytes, arenas };
}

/** One memory, whole. */
type Block = Pick<Slab, "memory" | "id" | "sizeBytes">;

let nextId = 1;

function createBlock(sizeBytes: number): Block {
  try {
    const memory = new WebAssembly.Memory({ initial: sizeBytes / pageBytes, maximum: maximumPages, shared: true });
    ballasts.set(memory.buffer, new ArrayBuffer(sizeBytes / ballastShare));
    return { memory, id: nextId++, sizeBytes };
  } catch (error) {
    throw new TooLargeError(
      `no memory for a result of ${formatGiB(sizeBytes)}`,
      { hint: "release earlier results, or read smaller boxes" },
      { cause: error },
    );
  }
}

const ballastShare = 4;

/** Lets the collector of the thread that made a memory see its size. */
const ballasts = new WeakMap<object, ArrayBuffer>();

/** Shared bytes that a thread may have been given before its collector is made to look. */
const unseenBytes = Math.min(2 ** 30, totalmem() / 8);

/**
 * For threads that are given memories: the memory that this thread knows by this id, or the one given. Memories that nobody holds go back to the
 * system only when every thread has collected its object for them, and their bytes do not count for the collector. So the thread collects by
 * itself, once for each GiB that it was given (less on small machines); a ballast in each thread costs a collection for each small cutout instead.
 * A collection takes 20 ms of a thread, and as much of V8's own: with 512 MiB, a tenth of the time of cutouts of labels.
 */
export function createMemoryBook(): (id: number, memory: WebAssembly.Memory) => WebAssembly.Memory {
  const known = new Map<number, WeakRef<WebAssembly.Memory>>();
  let collect: (() => void) | undefined;
  let unseen = 0;
  return (id, memory) => {
    const earlier = known.get(id)?.deref();
    if (earlier !== undefined) {
      return earlier;
    }
    unseen += memory.buffer.byteLength;
    if (unseen >= unseenBytes) {
      unseen = 0;
      collect ??= findCollector();
      collect?.();
      for (const [other, reference] of known) {
        if (reference.deref() === undefined) {
          known.delete(other);
        }
      }
    }
    known.set(id, new WeakRef(memory));
    return memory;
  };
}

/**
 * V8's own `gc`, which only a context made under its flag has. The flag is the whole process's and stays on: were it taken back, another
 * thread could lose it between its two steps, and would never collect.
 */
function findCollector(): (() => void) | undefined {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("globalThis.gc");
  return typeof collect === "function" ? () => collect() : undefined;
}

function sizeClass(bytes: number): number {
  const exponent = Math.ceil(Math.log(Math.max(bytes, 2 ** 20) / 2 ** 20) / Math.log(classFactor));
  const classBytes = 2 ** 20 * classFactor ** exponent;
  return Math.min(roundUp(Math.max(classBytes, bytes), pageBytes), maximumPages * pageBytes);
}

const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;
const formatGiB = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
