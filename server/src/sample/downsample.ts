/**
 * Coarser copies of a plane, half as long along x and y at each level. The same voxels as Igneous (tinybrain 1.7) makes with a factor
 * of 2×2×1: an odd edge repeats its last voxel, and the mean is the floor of the mean of the finest plane's voxels.
 */

/** A plane of voxels, x fastest. */
export interface Plane<T> {
  readonly width: number;
  readonly height: number;
  readonly voxels: T;
}

type Labels = Uint16Array | Uint32Array | BigUint64Array;

/** `count` coarser levels of an 8-bit image (at most 12): means. */
export function averagePyramid({ width, height, voxels }: Plane<Uint8Array>, count: number): Plane<Uint8Array>[] {
  const levels: Plane<Uint8Array>[] = [];
  let sums: Plane<Uint32Array> = { width, height, voxels: new Uint32Array(voxels) };
  for (let level = 1; level <= count; level++) {
    sums = sumCells(sums);
    const means = new Uint8Array(sums.voxels.length);
    for (let at = 0; at < means.length; at++) {
      means[at] = (sums.voxels[at] as number) >>> (2 * level);
    }
    levels.push({ ...sums, voxels: means });
  }
  return levels;
}

/** `count` coarser levels of a segmentation: of a cell [a b / c d] a where it equals b or c, else b where it equals c, else d. */
export function modePyramid<T extends Labels>(plane: Plane<T>, count: number): Plane<T>[] {
  const levels: Plane<T>[] = [];
  for (let level = 1; level <= count; level++) {
    levels.push(modeOfCells(levels.at(-1) ?? plane));
  }
  return levels;
}

function sumCells({ width, height, voxels }: Plane<Uint32Array>): Plane<Uint32Array> {
  const coarse = emptyHalf(width, height);
  const sums = new Uint32Array(coarse.width * coarse.height);
  for (let y = 0, to = 0; y < height; y += 2) {
    const below = y + 1 < height ? width : 0;
    for (let x = 0; x < width; x += 2, to++) {
      const at = y * width + x;
      const right = x + 1 < width ? 1 : 0;
      sums[to] =
        (voxels[at] as number) +
        (voxels[at + right] as number) +
        (voxels[at + below] as number) +
        (voxels[at + below + right] as number);
    }
  }
  return { ...coarse, voxels: sums };
}

function modeOfCells<T extends Labels>({ width, height, voxels }: Plane<T>): Plane<T> {
  const coarse = emptyHalf(width, height);
  const modes = voxels.slice(0, coarse.width * coarse.height) as T;
  for (let y = 0, to = 0; y < height; y += 2) {
    const below = y + 1 < height ? width : 0;
    for (let x = 0; x < width; x += 2, to++) {
      const at = y * width + x;
      const right = x + 1 < width ? 1 : 0;
      const [a, b, c] = [voxels[at], voxels[at + right], voxels[at + below]];
      modes[to] = (a === b || a === c ? a : b === c ? b : voxels[at + below + right]) as T[number];
    }
  }
  return { ...coarse, voxels: modes };
}

const emptyHalf = (width: number, height: number): { readonly width: number; readonly height: number } => ({
  width: Math.ceil(width / 2),
  height: Math.ceil(height / 2),
});
