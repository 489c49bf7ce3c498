/** Writes crackle streams as CloudVolume does: version 1, flat labels, no Markov model. */
import { voxelBytes } from "../../base/dtype.ts";
import { product } from "../../base/vec3.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { ChunkDescription } from "../codec.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";
import { assemble } from "./crackleAssemble.ts";
import {
  encoderName,
  type Job,
  type Kernel,
  type Scratch,
  type Slices,
  scratchNames,
  scratchSizes,
} from "./crackleEncodeJob.ts";
import { guardRows, rowBytesOf } from "./crackleScratch.ts";

/** Throws InvalidArgumentError for more than one channel. */
export function encode(voxels: Uint8Array, chunk: ChunkDescription, workspace: Workspace): Uint8Array {
  if (chunk.channels !== 1) {
    throw new InvalidArgumentError(`crackle holds one channel, not ${chunk.channels}`);
  }
  const mark = workspace.arena.mark();
  try {
    const input = placeInMemory(workspace, voxels);
    const kernel = workspace.kernel<Kernel>(encoderName);
    const addresses = scratchSizes(chunk).map((bytes) => workspace.arena.allocate(bytes));
    const scratch = Object.fromEntries(scratchNames.map((name, i) => [name, addresses[i] ?? 0])) as Scratch;
    const job = { workspace, kernel, chunk, voxels: input, scratch };
    kernel.prepare(scratch.tables, scratch.remainders, chunk.size[0] * chunk.size[1]);
    return assemble(job, encodeSlices(job));
  } finally {
    workspace.arena.reset(mark);
  }
}

/** The voxels, and all scratch. */
export function encodeScratchBytes(chunk: ChunkDescription): number {
  const input = product(chunk.size) * voxelBytes(chunk.dtype);
  return scratchSizes(chunk).reduce((sum, bytes) => sum + bytes + 16, input + 16);
}

/** Guesses from the first slice whether cracks are permissible, and does it again in the rare case that this was wrong. */
function encodeSlices(job: Job): Slices {
  const { kernel, chunk, voxels, scratch } = job;
  const [sx, sy] = chunk.size;
  const bitmap = scratch.guarded + guardRows * rowBytesOf(sx);
  const pairs = kernel.scan(voxelBytes(chunk.dtype), voxels, sx, sy, bitmap);
  const guess = encodeAs(job, pairs * 2 < sx * sy);
  const isPermissible = guess.pairs < Math.floor(product(chunk.size) / 2);
  return isPermissible === guess.isPermissible ? guess : encodeAs(job, isPermissible);
}

function encodeAs(job: Job, isPermissible: boolean): Slices {
  const { kernel, chunk, scratch, workspace } = job;
  const [sx, sy, sz] = chunk.size;
  const labelBytes = voxelBytes(chunk.dtype);
  const bitmap = scratch.guarded + guardRows * rowBytesOf(sx);
  const facts = new Uint32Array(workspace.memory.buffer, scratch.facts, 2);
  const sizes = new Uint32Array(sz);
  const checksums = new Uint32Array(sz);
  const regions: number[] = [];
  workspace.view(scratch.guarded, bitmapBytes(sx, sy)).fill(0);
  kernel.clearSet(scratch.set);
  // The first voxel has none before it.
  let pairs = -firstPair(job);
  let [out, indices] = [scratch.out, scratch.indices];
  for (let z = 0; z < sz; z++) {
    const voxels = job.voxels + z * sx * sy * labelBytes;
    pairs += kernel.scan(labelBytes, voxels, sx, sy, bitmap);
    const { rowRuns, runLabels, factors, firsts, remainders, set, labels } = scratch;
    const provisional = kernel.findRegions(
      sx,
      sy,
      bitmap,
      rowRuns,
      runLabels,
      scratch.regions,
      factors,
      firsts,
      remainders,
      scratch.facts,
    );
    kernel.collect(labelBytes, voxels, scratch.regions, firsts, provisional, set, labels, indices);
    const [count = 0, crc = 0] = facts;
    const { codes, ordered, stack, chains, ends } = scratch;
    const bytes = kernel.trace(sx, sy, bitmap, isPermissible ? 1 : 0, codes, ordered, stack, chains, ends, out);
    regions.push(count);
    sizes[z] = bytes;
    checksums[z] = crc;
    out += bytes;
    indices += 4 * count;
  }
  return { isPermissible, sizes, checksums, regions, pairs };
}

function bitmapBytes(sx: number, sy: number): number {
  return (sy + 1 + guardRows) * rowBytesOf(sx);
}

/** 1 when what lies before the first voxel in memory happens to equal it. */
function firstPair({ workspace, voxels, chunk }: Job): number {
  const bytes = voxelBytes(chunk.dtype);
  const before = workspace.view(voxels - bytes, bytes);
  return workspace.view(voxels, bytes).every((byte, i) => byte === before[i]) ? 1 : 0;
}
