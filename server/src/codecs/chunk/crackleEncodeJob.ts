/** Scratch memory of a crackle chunk that is written, and what its parts share. */
import { voxelBytes } from "../../base/dtype.ts";
import { product, type Vec3 } from "../../base/vec3.ts";
import type { ChunkDescription } from "../codec.ts";
import type { Workspace } from "../workspace.ts";
import { guardRows, rowBytesOf } from "./crackleScratch.ts";
import { numberBytes } from "./crackleStream.ts";

/** The kernel that writes streams. */
export const encoderName = "crackle_encode";

/** Its functions. */
export interface Kernel {
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

/** Names of scratch memory, in its order. */
export const scratchNames = [
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
/** Addresses of scratch memory. */
export type Scratch = Readonly<Record<(typeof scratchNames)[number], number>>;

/** A chunk that is being written. */
export interface Job {
  readonly workspace: Workspace;
  readonly kernel: Kernel;
  readonly chunk: ChunkDescription;
  readonly voxels: number;
  readonly scratch: Scratch;
}

/** What the slices of a volume became; their cracks are in the scratch memory `out`. */
export interface Slices {
  readonly isPermissible: boolean;
  readonly sizes: Uint32Array;
  readonly checksums: Uint32Array;
  readonly regions: readonly number[];
  /** Voxels that equal the one before. */
  readonly pairs: number;
}

/** Bytes of each, in the order of the names. */
export function scratchSizes({ size, dtype }: ChunkDescription): readonly number[] {
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
