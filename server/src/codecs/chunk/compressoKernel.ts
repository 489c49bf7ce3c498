/** Runs the kernel "compresso" over a stream: its memory, which slices it looks at, and what its statuses mean. */
import { equals, product, type Vec3 } from "../../base/vec3.ts";
import { InvalidChunkError } from "../../errors.ts";
import type { ChunkDescription, DecodeTarget } from "../codec.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";
import type { CompressoStream } from "./compressoStream.ts";

/** The kernel that reads streams. */
export const kernelName = "compresso";

/** The kernel's exports; `job` is the address of its work order, addresses are of the workspace's memory. */
export interface CompressoKernel {
  readBoundaries(job: number): number;
  countRuns(job: number): number;
  paint(job: number, voxelBytes: number): number;
  collectLabels(job: number, out: number, seen: number): number;
  hasLabel(job: number, label: bigint): number;
  mapIds(job: number, voxelBytes: number, to: number): void;
  mapLocations(job: number, to: number, index: number): number;
}

/** What the kernel's negative statuses mean. */
const problems: Readonly<Record<number, string>> = {
  [-1]: "a window that is not in its table",
  [-2]: "too few or too many windows",
  [-3]: "too few or too many labels of regions",
  [-4]: "too few or too many labels of boundary voxels",
  [-5]: "a boundary voxel that refers to no region",
  [-6]: "a z index that does not fit its slices",
};
const needsOtherSlices = -7;

/** The words of a work order, as the class Job of the kernel has them. */
const fields = [
  "sx",
  "sy",
  "sz",
  "xs",
  "ys",
  "zs",
  "connectivity",
  "labelBytes",
  "ids",
  "idCount",
  "values",
  "valueCount",
  "windowBytes",
  "locations",
  "locationCount",
  "windows",
  "windowCount",
  "index",
  "indexBytes",
  "firstZ",
  "endZ",
  "ahead",
  "bitmap",
  "edges",
  "slots",
  "rowRuns",
  "forest",
  "ring",
  "fromX",
  "fromY",
  "fromZ",
  "toX",
  "toY",
  "toZ",
  "dst",
  "dstRow",
  "dstPlane",
  "table",
  "labels",
  "labelCount",
  "mapped",
] as const;
type Field = (typeof fields)[number];
type Fields = Readonly<Partial<Record<Field, number>>>;

/** A stream in the workspace's memory with a work order for the kernel. */
export interface Job {
  readonly kernel: CompressoKernel;
  readonly workspace: Workspace;
  readonly stream: CompressoStream;
  readonly chunk: ChunkDescription;
  /** Address of the stream. */
  readonly input: number;
  /** Address of the work order. */
  readonly pointer: number;
}

export function createJob(
  encoded: Uint8Array,
  stream: CompressoStream,
  chunk: ChunkDescription,
  workspace: Workspace,
): Job {
  const input = placeInMemory(workspace, encoded);
  const pointer = workspace.arena.allocate(fields.length * 4);
  const job = { kernel: workspace.kernel<CompressoKernel>(kernelName), workspace, stream, chunk, input, pointer };
  workspace.view(pointer, fields.length * 4).fill(0);
  const { size, steps, index, connectivity, labelBytes, idCount, valueCount, locationCount, windowCount } = stream;
  set(job, {
    ...{ sx: size[0], sy: size[1], sz: size[2], xs: steps[0], ys: steps[1], zs: steps[2], connectivity, labelBytes },
    ...{ ids: input + stream.ids, idCount, values: input + stream.values, valueCount, windowBytes: stream.windowBytes },
    ...{ locations: input + stream.locations, locationCount, windows: input + stream.windows, windowCount },
    ...(index === undefined ? {} : { index: input + index.offset, indexBytes: index.bytes }),
    table: input + stream.ids,
  });
  return job;
}

/** Sets words of the work order. */
export function set({ workspace, pointer }: Job, values: Fields): void {
  const words = new Uint32Array(workspace.memory.buffer, pointer, fields.length);
  for (const [at, field] of fields.entries()) {
    words[at] = values[field] ?? words[at] ?? 0;
  }
}

/** Checks the whole stream as decoding does, without voxels. Throws InvalidChunkError. */
export function checkStream(job: Job): void {
  const mark = job.workspace.arena.mark();
  prepare(job, { firstZ: 0, endZ: job.chunk.size[2], ahead: 1 });
  check(job.kernel.paint(job.pointer, 0));
  job.workspace.arena.reset(mark);
}

/**
 * Paints the wanted part. With a z index only the slices that are wanted are looked at, unless one refers to another; without, all
 * before them too, and the next.
 */
export function paintPart(job: Job, target: DecodeTarget, bytes: number): void {
  const { from, to, workspace } = target;
  const [first, end] = [from[2], to[2]];
  const mark = workspace.arena.mark();
  setTarget(job, target, bytes);
  const inner = workspace.arena.mark();
  if (job.stream.index !== undefined) {
    prepare(job, { firstZ: first, endZ: end, ahead: 0 });
    const status = job.kernel.paint(job.pointer, bytes);
    if (status !== needsOtherSlices) {
      check(status);
      workspace.arena.reset(mark);
      return;
    }
    workspace.arena.reset(inner);
  }
  prepare(job, { firstZ: 0, endZ: end, ahead: 1 });
  check(job.kernel.paint(job.pointer, bytes));
  workspace.arena.reset(mark);
}

function setTarget(job: Job, { from, to, ...target }: DecodeTarget, bytes: number): void {
  const { size } = job.chunk;
  const isWhole = equals(from, [0, 0, 0]) && equals(to, size);
  set(job, {
    ...{ fromX: from[0], fromY: from[1], fromZ: from[2], toX: to[0], toY: to[1], toZ: to[2] },
    ...{ dst: target.pointer, dstRow: target.rowBytes, dstPlane: target.planeBytes },
    ring: isWhole ? 0 : target.workspace.arena.allocate(3 * size[0] * size[1] * bytes),
  });
}

/** Reads the boundaries of the slices, and makes room for what painting them takes. */
function prepare(job: Job, slices: { readonly firstZ: number; readonly endZ: number; readonly ahead: number }): void {
  const { kernel, pointer, stream, workspace } = job;
  const { arena } = workspace;
  const sizes = scratchOf(stream.size);
  const isSolid = stream.connectivity === 6;
  const last = isSolid ? stream.size[2] : Math.min(stream.size[2], slices.endZ + slices.ahead);
  set(job, { ...slices, bitmap: arena.allocate(sizes.bitmapPlane * (last - slices.firstZ)) });
  check(kernel.readBoundaries(pointer));
  set(job, {
    edges: arena.allocate(2 * sizes.runs),
    slots: arena.allocate(2 * sizes.runs),
    rowRuns: arena.allocate(2 * sizes.rows),
    forest: isSolid ? arena.allocate(4 * kernel.countRuns(pointer)) : 0,
  });
}

/** Bytes of a slice in the bitmap, of its runs in one of their two lists, of the table of its rows. */
function scratchOf([x, y]: Vec3): { readonly bitmapPlane: number; readonly runs: number; readonly rows: number } {
  return { bitmapPlane: Math.ceil(x / 64) * 8 * y, runs: Math.ceil(x / 2) * y * 4, rows: (y + 1) * 4 };
}

function check(status: number): void {
  if (status < 0) {
    throw new InvalidChunkError(`compresso chunk is damaged: it has ${problems[status] ?? `status ${status}`}`);
  }
}

/** Scratch for a part of a 6-connected chunk of noise, and for a list of labels as long as the chunk has voxels. */
export function decodeScratchBytes({ size }: ChunkDescription): number {
  const { bitmapPlane, runs, rows } = scratchOf(size);
  const [x, y, z] = size;
  const forest = Math.ceil(x / 2) * y * z * 4;
  return (
    z * bitmapPlane + 4 * runs + 2 * rows + 3 * x * y * 8 + forest + 8 * Math.max(product(size), 2 ** 16) + 2 ** 14
  );
}
