/** What the worker threads do: the bodies of the jobs of workers/contract.ts. Also used in the main thread for small reads. */
import { throwIfAborted } from "../base/abort.ts";
import type { Vec3 } from "../base/vec3.ts";
import { createWorkspace, type KernelModules } from "../codecs/workspace.ts";
import {
  type ChunkReader,
  type CutoutTarget,
  isMissingChunk,
  readChunkInto,
  scratchBytes,
} from "../volume/chunkReader.ts";
import { layoutOf, positionAt } from "../volume/cutoutPlan.ts";
import { readPlanesInto, readsPlanes } from "../volume/readPlanes.ts";
import { readRowInto, readsRows } from "../volume/readRow.ts";
import { type ChunkDone, type ChunkJob, ControlSlot, type CutoutDone, type CutoutJob } from "../workers/contract.ts";
import { createMemoryBook, createSlabPool, type SlabPool } from "../workers/slab.ts";

/** What a thread has of its own. */
export interface JobContext {
  readonly modules: KernelModules;
  /** Scratch memories for single chunks. */
  readonly slabs: SlabPool;
  /** The object of this thread for a memory that was posted to it. */
  readonly memoryOf: ReturnType<typeof createMemoryBook>;
  /** The reader of a source that was announced to this thread. */
  reader(source: number): Promise<ChunkReader>;
}

export interface JobCall {
  readonly signal: AbortSignal;
  progress(chunks: number, storedBytes: number): void;
}

export function createJobContext(modules: KernelModules, reader: JobContext["reader"]): JobContext {
  return { modules, slabs: createSlabPool(64 * 2 ** 20), memoryOf: createMemoryBook(), reader };
}

/** Decodes units of a cutout until the shared counter has none left, or someone stops it. */
export async function runCutout(context: JobContext, job: CutoutJob, call: JobCall): Promise<CutoutDone> {
  const reader = await context.reader(job.source);
  const memory = context.memoryOf(job.memoryId, job.memory);
  const workspace = createWorkspace(memory, context.modules, job.arenaStart, job.arenaEnd);
  const target: CutoutTarget = { workspace, pointer: job.resultPointer, layout: job.layout, fill: job.fill };
  const control = new Int32Array(job.control);
  const units = takeUnits(control, job);
  const totals = { chunks: 0, bytes: 0 };
  const lane = async (): Promise<void> => {
    for (const unit of units) {
      await yieldToMessages();
      await runUnit(reader, target, job, unit, call, control, totals);
    }
  };
  const stopOthers = (error: unknown): never => {
    Atomics.store(control, ControlSlot.Stop, 1);
    throw error;
  };
  // All lanes end before the job does: the memory may be reused as soon as it is answered.
  const ended = await Promise.allSettled(Array.from({ length: job.lanes }, () => lane().catch(stopOthers)));
  const failure = ended.find((lane) => lane.status === "rejected");
  if (failure !== undefined) {
    throw failure.reason;
  }
  return { chunksRead: totals.chunks, storedBytes: totals.bytes };
}

/** This worker's first unit, then whatever the shared counter gives; the lanes of a thread share one generator. */
function* takeUnits(control: Int32Array, job: CutoutJob): Generator<number> {
  for (let unit = job.firstUnit; unit < job.plan.unitCount; unit = Atomics.add(control, ControlSlot.NextUnit, 1)) {
    if (Atomics.load(control, ControlSlot.Stop) !== 0) {
      return;
    }
    yield unit;
  }
}

async function runUnit(
  reader: ChunkReader,
  target: CutoutTarget,
  { plan, hasListener }: CutoutJob,
  unit: number,
  call: JobCall,
  control: Int32Array,
  totals: { chunks: number; bytes: number },
): Promise<void> {
  const isStopped = (): boolean => Atomics.load(control, ControlSlot.Stop) !== 0;
  const first = unit * plan.unitChunks;
  const positions = Array.from({ length: plan.unitChunks }, (_, index) => positionAt(plan, first + index));
  let storedBytes = 0;
  if (readsPlanes(reader)) {
    storedBytes = await readPlanesInto(reader, positions, target, { signal: call.signal, isStopped });
  } else if (positions.length > 1 && readsRows(reader)) {
    storedBytes = await readRowInto(reader, positions, target, { signal: call.signal, isStopped });
  } else {
    for (const position of positions) {
      if (isStopped()) {
        return;
      }
      throwIfAborted(call.signal);
      storedBytes += await readChunkInto(reader, position, target, call.signal);
    }
  }
  if (isStopped()) {
    return;
  }
  totals.chunks += plan.unitChunks;
  totals.bytes += storedBytes;
  if (hasListener) {
    call.progress(plan.unitChunks, storedBytes);
  }
}

/** One whole chunk as plain memory; `undefined` when it is not stored. */
export async function runChunk(context: JobContext, job: ChunkJob, call: JobCall): Promise<ChunkDone> {
  const reader = await context.reader(job.source);
  return readWholeChunk(context, reader, job.position, call.signal);
}

async function readWholeChunk(
  { modules, slabs }: JobContext,
  reader: ChunkReader,
  position: Vec3,
  signal: AbortSignal,
): Promise<ChunkDone> {
  const { channels, dtype } = reader.source.describe(position);
  const layout = layoutOf(reader.source.boxOf(position), channels, dtype);
  const arenaBytes = scratchBytes(reader);
  const slab = slabs.acquire({ resultBytes: layout.totalBytes, arenaBytes, arenaCount: 1 });
  const [arenaStart, arenaEnd] = slab.arenas[0] as readonly [number, number];
  const workspace = createWorkspace(slab.memory, modules, arenaStart, arenaEnd);
  const target: CutoutTarget = {
    workspace,
    pointer: slab.resultPointer,
    layout,
    fill: { missing: false, pattern: 0n },
  };
  try {
    await readChunkInto(reader, position, target, signal);
    const voxels = new Uint8Array(layout.totalBytes);
    voxels.set(workspace.view(slab.resultPointer, layout.totalBytes));
    return voxels.buffer;
  } catch (error) {
    if (isMissingChunk(error)) {
      return undefined;
    }
    throw error;
  } finally {
    slabs.release(slab);
  }
}

/** Lets "cancel" and other jobs in between two units. */
function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
