/** Decides where chunks are read: inline for a chunk or two and for stores of this thread, by the worker pool otherwise. */
import type { Cancellable } from "../base/abort.ts";
import { isAbort, throwIfAborted } from "../base/abort.ts";
import * as bbox from "../base/bbox.ts";
import type { Vec3 } from "../base/vec3.ts";
import { fillTarget } from "../codecs/target.ts";
import { createWorkspace, type KernelModules } from "../codecs/workspace.ts";
import { CancelledError } from "../errors.ts";
import { type ChunkReader, scratchBytes } from "../volume/chunkReader.ts";
import { type Layout, layoutOf, type Plan, planCutout } from "../volume/cutoutPlan.ts";
import { decodedBytes } from "../volume/scratch.ts";
import {
  ControlSlot,
  type CutoutJob,
  type CutoutRequest,
  type ReadExecutor,
  type ResultMemory,
  type SourceSpec,
} from "../workers/contract.ts";
import { createWorkerPool, type WorkerPool } from "../workers/pool.ts";
import { createSlabPool, type Slab, type SlabPool } from "../workers/slab.ts";
import { workerScript } from "./assets.ts";
import { createJobContext, type JobContext, runChunk, runCutout } from "./workerJobs.ts";

export interface ReadExecutorOptions {
  readonly kernels: KernelModules;
  /** Compiled kernels that the chunks of a source want. */
  kernelsOf(source: SourceSpec): ReadonlyMap<string, WebAssembly.Module>;
  /** What a read failed of whose decoder did not end. */
  stuckError(source: SourceSpec, position: Vec3): Error;
  /** The reader of a source in this thread. */
  readonly reader: (source: SourceSpec) => Promise<ChunkReader>;
  readonly workers: number;
  readonly slabBudgetBytes: number;
  readonly idleMs: number;
}

export interface EngineExecutor extends ReadExecutor {
  /** Chunk reads and cutouts begun, and how many are under way; for the status and for tests. */
  readonly counters: { started: number; active: number };
  forget(source: number): void;
  close(): Promise<void>;
}

/** Reads of at most this many chunks stay in the calling thread: a worker's round trip would cost more. */
const inlineChunks = 2;
/** Results of at most this many bytes are copied into plain memory: each shared memory reserves 10 GiB of addresses. */
const copyBytes = 4 * 2 ** 20;

export function createReadExecutor(options: ReadExecutorOptions): EngineExecutor {
  const slabs = createSlabPool(options.slabBudgetBytes);
  const sources = new Map<number, SourceSpec>();
  const inline = createJobContext(options.kernels, async (id) => options.reader(sources.get(id) as SourceSpec));
  const pool = createWorkerPool({
    size: options.workers,
    script: workerScript(),
    kernelsOf: (source) => options.kernelsOf(source),
    stuckError: (source, position) => options.stuckError(source, position),
    idleMs: options.idleMs,
    onIdle: () => slabs.dropIdle(),
  });
  const counters = { started: 0, active: 0 };

  /** Counts the work, and keeps the source at hand for jobs of this thread. */
  async function counted<T>(source: SourceSpec, work: () => Promise<T>): Promise<T> {
    sources.set(source.id, source);
    counters.started++;
    counters.active++;
    try {
      return await work();
    } finally {
      counters.active--;
    }
  }

  return {
    counters,
    readCutout: (request) => counted(request.source, () => readCutout({ options, slabs, pool, inline }, request)),
    readChunk: (source, position, { signal }: Cancellable = {}) =>
      counted(source, async () => {
        throwIfAborted(signal);
        const reader = await options.reader(source);
        const job = { source: source.id, position };
        const voxels = reader.store.capabilities.anyThread
          ? await pool.run("chunk", job, { source, signal })
          : await runChunk(inline, job, { signal: signal ?? new AbortController().signal, progress: () => undefined });
        return voxels && new Uint8Array(voxels);
      }),
    forget(source) {
      sources.delete(source);
      pool.forget(source);
    },
    async close() {
      slabs.dropIdle();
      await pool.close();
    },
  };
}

interface Means {
  readonly options: ReadExecutorOptions;
  readonly slabs: SlabPool;
  readonly pool: WorkerPool;
  readonly inline: JobContext;
}

async function readCutout(means: Means, request: CutoutRequest): Promise<ResultMemory> {
  const reader = await means.options.reader(request.source);
  const { channels, dtype } = reader.source.describe([0, 0, 0]);
  const layout = layoutOf(request.resultBox, channels, dtype);
  const isAnyThread = reader.store.capabilities.anyThread;
  const whole = planCutout(reader.source, request.box, means.options.workers);
  const threads = isAnyThread && whole.chunkCount > inlineChunks ? Math.min(means.options.workers, whole.unitCount) : 0;
  const slab = means.slabs.acquire({
    resultBytes: layout.totalBytes,
    arenaBytes: scratchBytes(reader),
    arenaCount: Math.max(threads, 1),
  });
  try {
    fillOutside(means, slab, layout, request);
    await runJobs(means, request, { reader, layout, plan: whole, slab, threads });
  } catch (error) {
    means.slabs.release(slab);
    throw request.signal?.aborted && isAbort(error)
      ? new CancelledError("the read was cancelled", {}, { cause: error })
      : error;
  }
  return resultOf(means.slabs, slab, layout);
}

/** Writes the fill value everywhere when the result is larger than what will be read. */
function fillOutside(means: Means, slab: Slab, layout: Layout, request: CutoutRequest): void {
  if (bbox.equals(request.box, request.resultBox)) {
    return;
  }
  const [start, end] = slab.arenas[0] as readonly [number, number];
  const [x, y, z, channels] = layout.shape;
  const target = {
    ...layout,
    workspace: createWorkspace(slab.memory, means.options.kernels, start, end),
    pointer: slab.resultPointer,
    from: [0, 0, 0],
    to: [x, y, z],
  } as const;
  const { dtype } = request.source.metadata;
  fillTarget(target, { size: [x, y, z], channels, dtype, parameters: {} }, request.fill.pattern);
}

interface CutoutWork {
  readonly reader: ChunkReader;
  readonly layout: Layout;
  readonly plan: Plan;
  readonly slab: Slab;
  /** Worker threads; 0 = this thread. */
  readonly threads: number;
}

async function runJobs(means: Means, request: CutoutRequest, work: CutoutWork): Promise<void> {
  const { plan, slab, threads, reader } = work;
  const jobs = Math.max(threads, 1);
  const control = new SharedArrayBuffer(ControlSlot.Length * 4);
  const slots = new Int32Array(control);
  slots[ControlSlot.NextUnit] = jobs;
  const chunksAhead = countAhead(reader, plan, jobs);
  const stop = (): void => void Atomics.store(slots, ControlSlot.Stop, 1);
  const job = (index: number): CutoutJob => ({
    source: request.source.id,
    memory: slab.memory,
    memoryId: slab.id,
    hasListener: request.onProgress !== undefined,
    resultPointer: slab.resultPointer,
    layout: work.layout,
    plan,
    fill: request.fill,
    arenaStart: (slab.arenas[index] as readonly [number, number])[0],
    arenaEnd: (slab.arenas[index] as readonly [number, number])[1],
    control,
    firstUnit: index,
    chunksAhead,
  });
  const progress = progressOf(request, plan);
  request.signal?.addEventListener("abort", stop, { once: true });
  try {
    throwIfAborted(request.signal);
    const never = new AbortController().signal;
    const running =
      threads === 0
        ? [runCutout(means.inline, job(0), { signal: request.signal ?? never, progress })]
        : Array.from({ length: threads }, (_, index) =>
            means.pool.run(
              "cutout",
              job(index),
              { source: request.source, signal: request.signal, onProgress: progress },
              index,
            ),
          );
    // Every thread has ended before the memory is anybody else's.
    const stopping = (error: unknown): never => {
      stop();
      throw error;
    };
    const ended = await Promise.allSettled(running.map((job) => job.catch(stopping)));
    const failure = ended.find((result) => result.status === "rejected");
    if (failure !== undefined) {
      throw failure.reason;
    }
    throwIfAborted(request.signal);
  } finally {
    request.signal?.removeEventListener("abort", stop);
  }
}

/** Stored bytes that one thread may hold before they are decoded, where chunks are as large as their voxels. */
const aheadBytes = 128 * 2 ** 20;

/** For each thread its share of the store's concurrency twice over, for what is on its way and what waits, but no more than its share of the chunks. */
function countAhead({ store, source }: ChunkReader, { chunkCount }: Plan, threads: number): number {
  if (store.readInto !== undefined) {
    return Number.POSITIVE_INFINITY; // read when their turn comes
  }
  const wanted = Math.min(2 * store.capabilities.concurrency, chunkCount) / threads;
  return Math.max(1, Math.min(Math.ceil(wanted), Math.floor(aheadBytes / decodedBytes(source.describe([0, 0, 0])))));
}

function progressOf({ onProgress }: CutoutRequest, plan: Plan): (chunks: number, storedBytes: number) => void {
  let chunksDone = 0;
  let storedBytes = 0;
  return (chunks, bytes) => {
    chunksDone += chunks;
    storedBytes += bytes;
    onProgress?.({ chunksDone, chunksTotal: plan.chunkCount, storedBytes });
  };
}

/** Small results in plain memory of their own; large ones stay where they are, until they are released or collected. */
function resultOf(slabs: SlabPool, slab: Slab, layout: Layout): ResultMemory {
  if (layout.totalBytes > copyBytes) {
    return { buffer: slab.memory.buffer, byteOffset: slab.resultPointer, release: () => slabs.release(slab) };
  }
  const copy = new Uint8Array(layout.totalBytes);
  copy.set(new Uint8Array(slab.memory.buffer, slab.resultPointer, layout.totalBytes));
  slabs.release(slab);
  return { buffer: copy.buffer, byteOffset: 0, release: () => undefined };
}
