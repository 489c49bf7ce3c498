/** What the worker threads do: the bodies of the jobs of workers/contract.ts. Also used in the main thread for small reads. */
import { throwIfAborted } from "../base/abort.ts";
import type { Vec3 } from "../base/vec3.ts";
import { createWorkspace, type KernelModules } from "../codecs/workspace.ts";
import {
  type ChunkReader,
  type CutoutTarget,
  isMissingChunk,
  readChunkInto,
  type StoredChunks,
  scratchBytes,
} from "../volume/chunkReader.ts";
import { chunksOfUnit, layoutOf, positionAt } from "../volume/cutoutPlan.ts";
import { readPlanesInto, readsPlanes } from "../volume/readPlanes.ts";
import { type RowOptions, readRowInto, readsRows } from "../volume/readRow.ts";
import { type ChunkDone, type ChunkJob, ControlSlot, type CutoutDone, type CutoutJob } from "../workers/contract.ts";
import { createMemoryBook, createSlabPool, type SlabPool } from "../workers/slab.ts";
import { type BufferPool, createBufferPool, fetchAhead } from "./fetchAhead.ts";

/** What a thread has of its own. */
export interface JobContext {
  readonly modules: KernelModules;
  /** Scratch memories for single chunks. */
  readonly slabs: SlabPool;
  /** Memory for stored bytes of stores that answer later. */
  readonly buffers: BufferPool;
  /** The object of this thread for a memory that was posted to it. */
  readonly memoryOf: ReturnType<typeof createMemoryBook>;
  /** The reader of a source that was announced to this thread. */
  reader(source: number): Promise<ChunkReader>;
}

export interface JobCall {
  readonly signal: AbortSignal;
  progress(chunks: number, storedBytes: number): void;
}

/** Memory for stored bytes that a thread keeps between chunks. */
const idleBufferBytes = 64 * 2 ** 20;

export function createJobContext(modules: KernelModules, reader: JobContext["reader"]): JobContext {
  return {
    modules,
    slabs: createSlabPool(64 * 2 ** 20),
    buffers: createBufferPool(idleBufferBytes),
    memoryOf: createMemoryBook(),
    reader,
  };
}

/** Decodes units of a cutout until the shared counter has none left, or someone stops it. */
export async function runCutout(context: JobContext, job: CutoutJob, call: JobCall): Promise<CutoutDone> {
  const reader = await context.reader(job.source);
  const memory = context.memoryOf(job.memoryId, job.memory);
  const workspace = createWorkspace(memory, context.modules, job.arenaStart, job.arenaEnd);
  const target: CutoutTarget = { workspace, pointer: job.resultPointer, layout: job.layout, fill: job.fill };
  const control = new Int32Array(job.control);
  const batches = takeBatches(control, job);
  const totals = { chunks: 0, bytes: 0 };
  const isStopped = (): boolean => Atomics.load(control, ControlSlot.Stop) !== 0;
  const readBatch = async (positions: readonly Vec3[], stored?: StoredChunks): Promise<void> => {
    await yieldToMessages();
    const storedBytes = await readInto(reader, positions, target, { signal: call.signal, isStopped, stored });
    if (isStopped()) {
      return;
    }
    totals.chunks += positions.length;
    totals.bytes += storedBytes;
    if (job.hasListener) {
      call.progress(positions.length, storedBytes);
    }
  };
  try {
    if (reader.store.readInto !== undefined) {
      for (const positions of batches) {
        await readBatch(positions);
      }
    } else {
      const fetches = { signal: call.signal, buffers: context.buffers, chunksAhead: job.chunksAhead };
      for await (const { positions, stored } of fetchAhead(reader, batches, fetches)) {
        await readBatch(positions, stored);
      }
    }
  } catch (error) {
    Atomics.store(control, ControlSlot.Stop, 1);
    throw error;
  }
  return { chunksRead: totals.chunks, storedBytes: totals.bytes };
}

/** The chunks of this worker's first unit, then of whatever the shared counter gives; of long units a part at a time. */
function* takeBatches(control: Int32Array, { plan, firstUnit, chunksAhead }: CutoutJob): Generator<readonly Vec3[]> {
  for (let unit = firstUnit; unit < plan.unitCount; unit = Atomics.add(control, ControlSlot.NextUnit, 1)) {
    const { first: start, end } = chunksOfUnit(plan, unit);
    for (let first = start; first < end; first += chunksAhead) {
      if (Atomics.load(control, ControlSlot.Stop) !== 0) {
        return;
      }
      const count = Math.min(chunksAhead, end - first);
      yield Array.from({ length: count }, (_, index) => positionAt(plan, first + index));
    }
  }
}

/** Reads chunks that differ in x only, in the way that suits their store and encoding; the number of stored bytes. */
async function readInto(
  reader: ChunkReader,
  positions: readonly Vec3[],
  target: CutoutTarget,
  options: RowOptions,
): Promise<number> {
  if (readsPlanes(reader)) {
    return readPlanesInto(reader, positions, target, options);
  }
  if (positions.length > 1 && readsRows(reader, options)) {
    return readRowInto(reader, positions, target, options);
  }
  let storedBytes = 0;
  for (const position of positions) {
    if (options.isStopped()) {
      break;
    }
    throwIfAborted(options.signal);
    storedBytes += await readChunkInto(reader, position, target, options);
  }
  return storedBytes;
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
    await readChunkInto(reader, position, target, { signal });
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
