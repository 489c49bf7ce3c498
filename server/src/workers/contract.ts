/**
 * What worker threads do, by name, apart from how: typed job payloads, and the executor that the volume layer calls.
 *
 * The result of a cutout lies in shared wasm memory, and the kernels of the workers write it in place. A unit of work is one x-row of chunks,
 * so that two workers do not fault the same page; units are taken from a shared counter.
 */

import type { Cancellable } from "../base/abort.ts";
import type { Bbox } from "../base/bbox.ts";
import type { Vec3 } from "../base/vec3.ts";
import type { VolumeMetadata } from "../formats/format.ts";
import type { Location } from "../storage/location.ts";
import type { StoreOptions } from "../storage/store.ts";
import type { Layout, Plan } from "../volume/cutoutPlan.ts";

/** Everything that another thread needs to read chunks of one scale; plain data. */
export interface SourceSpec {
  /** Names the source in later jobs; unique in this process. */
  readonly id: number;
  readonly location: Location;
  readonly storeOptions: StoreOptions;
  /** Grows when the engine's credentials change: stores of one epoch are shared. Default 0. */
  readonly storeEpoch?: number;
  readonly metadata: VolumeMetadata;
  readonly mip: number;
}

/** What stands for voxels that are not stored. */
export interface FillPolicy {
  /** Are missing chunks legal? Else the first one fails the read (NotFoundError). */
  readonly missing: boolean;
  /** Bit pattern of one voxel, in the low bytes. */
  readonly pattern: bigint;
}

/** Slots of the control block that the threads of one cutout share, as Int32. */
export const ControlSlot = { NextUnit: 0, Stop: 1, Length: 2 } as const;

export interface CutoutJob {
  readonly source: number;
  readonly memory: WebAssembly.Memory;
  /** Names the memory: a thread that has seen it before goes on with the object that it has. */
  readonly memoryId: number;
  /** Address of the result in the memory. */
  readonly resultPointer: number;
  readonly layout: Layout;
  readonly plan: Plan;
  readonly fill: FillPolicy;
  readonly arenaStart: number;
  readonly arenaEnd: number;
  /** Int32 slots, see ControlSlot. */
  readonly control: SharedArrayBuffer;
  /** The unit that this worker does first; the counter starts behind all of them. */
  readonly firstUnit: number;
  /** Chunks that this thread may have on their way, or waiting, before their turn; long units are read in parts of as many. */
  readonly chunksAhead: number;
  /** Does anybody listen to progress? */
  readonly hasListener: boolean;
}

export interface CutoutDone {
  readonly chunksRead: number;
  readonly storedBytes: number;
}

export interface ChunkJob {
  readonly source: number;
  readonly position: Vec3;
}

/** Voxels of one whole chunk, dense, Fortran order; `undefined` when it is not stored. */
export type ChunkDone = ArrayBuffer | undefined;

/** Job names and their payloads; the bodies are in engine/workerJobs.ts. */
export interface WorkerJobs {
  cutout: { readonly params: CutoutJob; readonly result: CutoutDone };
  chunk: { readonly params: ChunkJob; readonly result: ChunkDone };
}
export type JobName = keyof WorkerJobs;

export interface ReadProgress {
  readonly chunksDone: number;
  readonly chunksTotal: number;
  /** Stored bytes read so far. */
  readonly storedBytes: number;
}

export interface CutoutRequest extends Cancellable {
  readonly source: SourceSpec;
  /** Inside the bounds, not empty. */
  readonly box: Bbox;
  /** The box of the result; contains `box`. What lies outside `box` is filled. */
  readonly resultBox: Bbox;
  readonly fill: FillPolicy;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** Memory that holds a result. `release` gives it back for reuse: nobody may look at it afterwards. */
export interface ResultMemory {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  release(): void;
}

/** Reads chunks and cutouts: in this thread when there is little to do, in worker threads otherwise. */
export interface ReadExecutor {
  readCutout(request: CutoutRequest): Promise<ResultMemory>;
  /** One whole decoded chunk; `undefined` when it is not stored. */
  readChunk(source: SourceSpec, position: Vec3, options?: Cancellable): Promise<Uint8Array | undefined>;
}

/** With this a thread tells its pool what it decodes: one that never ends is found, and the thread replaced. */
export interface Pulse {
  /** The chunk at `position` of the grid is being decoded, and must be done after `allowedMs`. */
  begin(position: Vec3, allowedMs: number): void;
  end(): void;
}
