/** Writes crackle streams as CloudVolume does: version 1, flat labels, no Markov model. */
import { voxelBytes } from "../../base/dtype.ts";
import { product, type Vec3 } from "../../base/vec3.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { ChunkDescription } from "../codec.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";
import { guardRows, rowBytesOf } from "./crackleSlices.ts";
import { crc8, headerBytes, numberBytes, viewOf } from "./crackleStream.ts";

/** The kernel that writes streams. */
export const encoderName = "crackle_encode";

interface Kernel {
  prepare(tables: number, remainders: number, voxels: number): void;
  crc32c(bytes: number, count: number, tables: number): number;
  scan(labelBytes: number, voxels: number, sx: number, sy: number, bitmap: number): number;
  findRegions(sx: number, sy: number, ...bitmapScratch: readonly number[]): number;
  clearSet(set: number): void;
  collect(labelBytes: number, voxels: number, ...regionsFirstsCountSetLabelsIndices: readonly number[]): void;
  sortLabels(labels: number, count: number, sorted: number, ranks: number): void;
  writeLabels(labels: number, count: number, width: number, out: number): void;
  writeMap(indices: number, count: number, ranks: number, width: number, out: number): void;
  trace(sx: number, sy: number, bitmap: number, permissible: number, ...scratchOut: readonly number[]): number;
}

/** Scratch memory, in this order. */
const scratchNames = [
  "tables",
  "remainders",
  "guarded",
  "rowRuns",
  "runLabels",
  "regions",
  "factors",
  "firsts",
  "facts",
  "codes",
  "ordered",
  "stack",
  "chains",
  "ends",
  "set",
  "labels",
  "indices",
  "index",
  "out",
] as const;
type Scratch = Readonly<Record<(typeof scratchNames)[number], number>>;

interface Job {
  readonly workspace: Workspace;
  readonly kernel: Kernel;
  readonly chunk: ChunkDescription;
  readonly voxels: number;
  readonly scratch: Scratch;
}

/** What the slices of a volume became; their cracks are in the scratch memory `out`. */
interface Slices {
  readonly isPermissible: boolean;
  readonly sizes: Uint32Array;
  readonly checksums: Uint32Array;
  readonly regions: readonly number[];
  /** Voxels that equal the one before. */
  readonly pairs: number;
}

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

function scratchSizes({ size, dtype }: ChunkDescription): readonly number[] {
  const [sx, sy, sz] = size;
  const area = sx * sy;
  const nodes = (sx + 1) * (sy + 1) + 8;
  const labels = mostLabels(size, voxelBytes(dtype));
  const slots = 2 ** Math.ceil(Math.log2(Math.max(1024, 2 * labels + 2)));
  const sizes: Record<(typeof scratchNames)[number], number> = {
    tables: 8192,
    remainders: 4 * (area + 1),
    guarded: (sy + 1 + guardRows) * rowBytesOf(sx),
    rowRuns: 4 * (sy + 1),
    runLabels: 4 * area,
    regions: 4 * area,
    factors: 4 * area,
    firsts: 4 * area,
    facts: 16,
    // At most 2 cracks for each voxel, a mark of 2 codes for each node to remember and to come back to, and for each chain.
    codes: 12 * area + 64,
    ordered: 12 * area + 64,
    stack: 8 * nodes,
    chains: 8 * nodes,
    ends: 4 * nodes,
    set: 8 + Math.max(4 * slots, 12 * labels + 16),
    labels: 8 * labels,
    indices: 4 * area * sz,
    index: 4 * sz,
    out: sz * (sliceBytes(size) + 4 + 4 * area) + 8 * labels + 64,
  };
  return scratchNames.map((name) => sizes[name]);
}

function mostLabels(size: Vec3, labelBytes: number): number {
  return Math.min(product(size), 2 ** (8 * labelBytes));
}

/** The most that a slice takes: its codes, and an index with a chain for each voxel. */
function sliceBytes([sx, sy]: Vec3): number {
  const row = numberBytes(sy + 1) + numberBytes(sx + 1);
  return 3 * sx * sy + (sy + 2) * row + (sx * sy + 1) * numberBytes(sx + 1) + 16;
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
  workspace.view(scratch.guarded, scratchBytesOfBitmap(sx, sy)).fill(0);
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

function scratchBytesOfBitmap(sx: number, sy: number): number {
  return (sy + 1 + guardRows) * rowBytesOf(sx);
}

/** 1 when what lies before the first voxel in memory happens to equal it. */
function firstPair({ workspace, voxels, chunk }: Job): number {
  const bytes = voxelBytes(chunk.dtype);
  const before = workspace.view(voxels - bytes, bytes);
  return workspace.view(voxels, bytes).every((byte, i) => byte === before[i]) ? 1 : 0;
}

/** Header, z index, labels, cracks, checksums. */
function assemble(job: Job, slices: Slices): Uint8Array {
  const { kernel, chunk, scratch, workspace } = job;
  const [sx, sy, sz] = chunk.size;
  const codesBytes = slices.sizes.reduce((sum, bytes) => sum + bytes, 0);
  const regionCount = slices.regions.reduce((sum, count) => sum + count, 0);
  const labelCount = new Uint32Array(workspace.memory.buffer, scratch.set, 1)[0] ?? 0;
  const [sorted, ranks] = [scratch.set + 16, scratch.set + 16 + 8 * labelCount];
  kernel.sortLabels(scratch.labels, labelCount, sorted, ranks);
  const order = orderOf(new BigUint64Array(workspace.memory.buffer, sorted, labelCount), chunk);
  const countBytes = numberBytes(sx * sy);
  const mapBytes = numberBytes(labelCount);
  const countsAt = 8 + labelCount * order.storedBytes;
  const sectionBytes = countsAt + sz * countBytes + regionCount * mapBytes;

  const section = Math.ceil((scratch.out + codesBytes) / 16) * 16;
  const sectionView = viewOf(workspace.view(section, sectionBytes));
  sectionView.setBigUint64(0, BigInt(labelCount), true);
  kernel.writeLabels(sorted, labelCount, order.storedBytes, section + 8);
  for (const [z, count] of slices.regions.entries()) {
    writeNumber(sectionView, countsAt + z * countBytes, count, countBytes);
  }
  kernel.writeMap(scratch.indices, regionCount, ranks, mapBytes, section + countsAt + sz * countBytes);

  const codesAt = headerBytes + 4 * sz + 4 + sectionBytes;
  const result = new Uint8Array(codesAt + codesBytes + 4 * (sz + 1));
  const view = viewOf(result);
  writeHeader(result, chunk, slices.isPermissible, order, sectionBytes);
  for (const [z, bytes] of slices.sizes.entries()) {
    view.setUint32(headerBytes + 4 * z, bytes, true);
  }
  view.setUint32(headerBytes + 4 * sz, checksumOfIndex(job, result.subarray(headerBytes, headerBytes + 4 * sz)), true);
  result.set(workspace.view(section, sectionBytes), headerBytes + 4 * sz + 4);
  result.set(workspace.view(scratch.out, codesBytes), codesAt);
  view.setUint32(codesAt + codesBytes, kernel.crc32c(section, sectionBytes, scratch.tables) >>> 0, true);
  for (const [z, crc] of slices.checksums.entries()) {
    view.setUint32(codesAt + codesBytes + 4 * (z + 1), crc, true);
  }
  return result;
}

interface LabelOrder {
  readonly storedBytes: number;
  readonly isUnsorted: boolean;
}

/** Labels are sorted as unsigned numbers. Signed ones keep their width, so that no reader needs to know how to widen them. */
function orderOf(sorted: BigUint64Array, { dtype }: ChunkDescription): LabelOrder {
  const most = sorted[sorted.length - 1] ?? 0n;
  if (!dtype.startsWith("int")) {
    return { storedBytes: numberBytes(Number(most)), isUnsorted: false };
  }
  const labelBytes = voxelBytes(dtype);
  const isNegative = (bits: bigint | undefined): boolean => BigInt.asIntN(8 * labelBytes, bits ?? 0n) < 0n;
  return { storedBytes: labelBytes, isUnsorted: isNegative(most) && !isNegative(sorted[0]) };
}

function writeHeader(
  result: Uint8Array,
  { size, dtype }: ChunkDescription,
  isPermissible: boolean,
  { storedBytes, isUnsorted }: LabelOrder,
  sectionBytes: number,
): void {
  const view = viewOf(result);
  const fortranBit = 0x80;
  const format =
    Math.log2(voxelBytes(dtype)) |
    (Math.log2(storedBytes) << 2) |
    (isPermissible ? 0x10 : 0) |
    fortranBit |
    (dtype.startsWith("int") ? 0x100 : 0) |
    (isUnsorted ? 0x2000 : 0);
  result.set([0x63, 0x72, 0x6b, 0x6c, 1]);
  view.setUint16(5, format, true);
  for (const [axis, side] of size.entries()) {
    view.setUint32(7 + 4 * axis, side, true);
  }
  view.setUint8(19, 31);
  view.setBigUint64(20, BigInt(sectionBytes), true);
  view.setUint8(28, crc8(result.subarray(5, 28)));
}

function checksumOfIndex({ kernel, workspace, scratch }: Job, bytes: Uint8Array): number {
  workspace.view(scratch.index, bytes.byteLength).set(bytes);
  return kernel.crc32c(scratch.index, bytes.byteLength, scratch.tables) >>> 0;
}

function writeNumber(view: DataView, at: number, value: number, bytes: number): void {
  if (bytes === 1) {
    view.setUint8(at, value);
  } else if (bytes === 2) {
    view.setUint16(at, value, true);
  } else {
    view.setUint32(at, value, true);
  }
}
