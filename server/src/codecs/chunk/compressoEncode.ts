/** Writes compresso streams as CloudVolume does: version 1, connectivity 4, steps of 4 x 4 x 1, of 8 x 8 x 1 where those do not suffice. */
import { voxelBytes } from "../../base/dtype.ts";
import { product, type Vec3 } from "../../base/vec3.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { ChunkDescription } from "../codec.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";
import { headerBytes, indexBytes, writeHeader } from "./compressoStream.ts";

/** The kernel that writes streams. */
export const encoderName = "compresso_encode";

interface Kernel {
  findBoundaries(chunk: number): void;
  encode(chunk: number, out: number): number;
}

/** The words of the class Chunk of the kernel. */
const fields = [
  "voxels",
  "labelBytes",
  "sx",
  "sy",
  "sz",
  "step",
  "indexBytes",
  "bitmap",
  "edges",
  "slots",
  "rowRuns",
  "counts",
  "windows",
  "table",
  "runCount",
  "loneCount",
  "idCount",
  "valueCount",
  "locationCount",
] as const;
type Field = (typeof fields)[number];

const mostSide = 0xffff;
const smallTableBytes = 2 ** 17;
/** Vectors are stored past the last window. */
const slackBytes = 64;

/** Throws InvalidArgumentError for sides that the header cannot hold. */
export function encode(voxels: Uint8Array, chunk: ChunkDescription, workspace: Workspace): Uint8Array {
  const { size, channels, dtype } = chunk;
  if (size.some((side) => side > mostSide) || channels !== 1) {
    throw new InvalidArgumentError(
      `compresso cannot hold a chunk of ${size.join(" x ")} in ${channels} channels: sides go to ${mostSide}, with one channel`,
    );
  }
  const mark = workspace.arena.mark();
  try {
    const input = placeInMemory(workspace, voxels);
    const kernel = workspace.kernel<Kernel>(encoderName);
    const words = new Uint32Array(
      workspace.memory.buffer,
      workspace.arena.allocate(fields.length * 4),
      fields.length,
    ).fill(0);
    const job: Job = { kernel, workspace, words, chunk };
    const { bitmap, runs, rows, counts } = fixedScratch(size);
    set(job, {
      ...{ voxels: input, labelBytes: voxelBytes(dtype), sx: size[0], sy: size[1], sz: size[2] },
      indexBytes: indexBytes(size),
      bitmap: workspace.arena.allocate(bitmap),
      edges: workspace.arena.allocate(runs),
      slots: workspace.arena.allocate(runs),
      rowRuns: workspace.arena.allocate(rows),
      counts: workspace.arena.allocate(counts),
    });
    kernel.findBoundaries(words.byteOffset);
    return encodeWith(job, 4) ?? encodeWith(job, 8) ?? new Uint8Array(0);
  } finally {
    workspace.arena.reset(mark);
  }
}

interface Job {
  readonly kernel: Kernel;
  readonly workspace: Workspace;
  readonly words: Uint32Array;
  readonly chunk: ChunkDescription;
}

function set({ words }: Job, values: Readonly<Partial<Record<Field, number>>>): void {
  for (const [at, field] of fields.entries()) {
    words[at] = values[field] ?? words[at] ?? 0;
  }
}

function get({ words }: Job, field: Field): number {
  return words[fields.indexOf(field)] ?? 0;
}

/** The stream with steps of `step`; undefined if it has more windows than their numbers can count. */
function encodeWith(job: Job, step: 4 | 8): Uint8Array | undefined {
  const { kernel, workspace, words, chunk } = job;
  const { arena } = workspace;
  const mark = arena.mark();
  const { windows, table, sections } = stepScratch(chunk, step);
  set(job, { step, windows: arena.allocate(windows), table: arena.allocate(table) });
  const out = arena.allocate(sections(get(job, "runCount"), 2 * get(job, "loneCount")));
  const bytes = kernel.encode(words.byteOffset, out);
  let result: Uint8Array | undefined;
  if (bytes >= 0) {
    result = new Uint8Array(headerBytes + bytes);
    const [idCount, valueCount, locationCount] = [
      get(job, "idCount"),
      get(job, "valueCount"),
      get(job, "locationCount"),
    ];
    writeHeader(result, chunk, { steps: [step, step, 1], idCount, valueCount, locationCount });
    result.set(workspace.view(out, bytes), headerBytes);
  }
  arena.reset(mark);
  return result;
}

/** Bytes of scratch that do not depend on the steps. */
function fixedScratch([x, y, z]: Vec3): Readonly<Record<"bitmap" | "runs" | "rows" | "counts", number>> {
  return { bitmap: Math.ceil(x / 64) * 8 * y * z, runs: Math.ceil(x / 2) * y * 4, rows: 4 * (y + 1), counts: 8 * z };
}

interface StepScratch {
  readonly windows: number;
  readonly table: number;
  /** Bytes that the sections take at most. */
  sections(ids: number, locations: number): number;
}

function stepScratch({ size, dtype }: ChunkDescription, step: 4 | 8): StepScratch {
  const windowBytes = step === 4 ? 2 : 8;
  const count = Math.ceil(size[0] / step) * Math.ceil(size[1] / step) * size[2];
  const values = Math.min(count, step === 4 ? 2 ** 15 : count) * windowBytes;
  const fixed = values + count * windowBytes + 2 * size[2] * indexBytes(size) + slackBytes;
  return {
    windows: count * windowBytes + slackBytes,
    table: step === 4 ? smallTableBytes : count * 8,
    sections: (ids, locations) => (ids + locations) * voxelBytes(dtype) + fixed,
  };
}

/** The voxels, their boundaries, and the sections of a chunk in which each voxel takes two locations. */
export function encodeScratchBytes(chunk: ChunkDescription): number {
  const count = product(chunk.size);
  const { bitmap, runs, rows, counts } = fixedScratch(chunk.size);
  const [small, large] = [stepScratch(chunk, 4), stepScratch(chunk, 8)];
  const [a, b] = [small, large].map(({ windows, table, sections }) => windows + table + sections(0, 2 * count));
  return count * voxelBytes(chunk.dtype) + bitmap + 2 * runs + rows + counts + Math.max(a ?? 0, b ?? 0) + 2 ** 10;
}
