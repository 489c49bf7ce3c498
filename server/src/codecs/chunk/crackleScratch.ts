/** Scratch memory of crackle slices: what reading one takes, each the same. */
import { product, type Vec3 } from "../../base/vec3.ts";
import { TooLargeError } from "../../errors.ts";
import type { Workspace } from "../workspace.ts";

/** Rows of zeros before and after a bitmap. */
export const guardRows = 33;
const tableBytes = 8192 + 32;

/** Addresses of scratch memory; see the kernel's functions. */
export interface SliceScratch {
  readonly tables: number;
  readonly remainders: number;
  readonly bitmap: number;
  readonly rowRuns: number;
  readonly runLabels: number;
  readonly regions: number;
  /** Factors of the checksum, then indices of labels. */
  readonly factors: number;
  /** Plain turns, then voxels that labels begin at, then colors. */
  readonly colors: number;
  readonly facts: number;
}

/** Bytes of scratch that an open stream takes. */
export function sliceScratchBytes(size: Vec3): number {
  return scratchSizes(size).reduce((sum, bytes) => sum + bytes + 16, 0);
}

/** Takes the scratch memory of slices of this size. Throws TooLargeError. */
export function allocateScratch({ arena }: Workspace, size: Vec3): SliceScratch {
  const [tables, remainders, guarded, rowRuns, runLabels, regions, factors, colors, facts] = scratchSizes(size).map(
    (bytes) => arena.allocate(bytes),
  ) as [number, number, number, number, number, number, number, number, number];
  const bitmap = guarded + guardRows * rowBytesOf(size[0]);
  return { tables, remainders, bitmap, rowRuns, runLabels, regions, factors, colors, facts };
}

function scratchSizes([sx, sy]: Vec3): readonly number[] {
  const voxels = sx * sy;
  const rows = sy + 1 + 2 * guardRows;
  if (rows * rowBytesOf(sx) * 8 >= 2 ** 31 || voxels >= 2 ** 28) {
    throw new TooLargeError(`slices of ${sx} x ${sy} voxels are too large for crackle`);
  }
  const colors = colorBytes(sx, sy);
  return [
    tableBytes,
    4 * (voxels + 1),
    rows * rowBytesOf(sx),
    4 * (sy + 1),
    stackSize(sx, sy) * 4,
    4 * voxels,
    4 * voxels,
    colors,
    16,
  ];
}

/** Bytes of the colors, which suffice for the plain turns of a slice too. */
export function colorBytes(sx: number, sy: number): number {
  return 8 * sx * sy + 16 * (sy + 8);
}

/** Bytes of a row of a bitmap: two lines of bits. */
export function rowBytesOf(sx: number): number {
  return 16 * Math.floor((sx + 65) / 64);
}

/** Nodes that a pen can remember: none twice but the one that it began at. */
export function stackSize(sx: number, sy: number): number {
  return (sx + 1) * (sy + 1) + 1;
}

/** Bytes of a table of labels that are mapped, and of a flag for each; no stream has more labels than voxels. */
export function tableBytesOf(size: Vec3): number {
  return 9 * (product(size) + 1) + 64;
}
