/**
 * Who owns each pixel of a slice. A pixel belongs to the sphere with the least power (squared distance minus squared radius), so
 * that the spheres of neighbours meet in one smooth membrane and fill all space.
 */
import {
  type Contenders,
  createContenders,
  createFinalists,
  type Finalists,
  gatherFinalists,
  type PlaneSpheres,
  type SphereTable,
  selectContenders,
  spheresNearPlane,
} from "./contenders.ts";
import { noisePlane } from "./random.ts";

/** One slice of the partition; x fastest. */
export interface SlicePartition {
  /** Process of each pixel. */
  readonly process: Uint16Array;
  /** Process on the far side of the nearest membrane. */
  readonly neighbour: Uint16Array;
  /** Distance to that membrane, in pixels, at most 30. */
  readonly distance: Float32Array;
  /** How much the membrane tilts out of the upright: 0 upright, 1 in the plane of the slice. */
  readonly tilt: Float32Array;
  /** How far the pixel lies outside its sphere, in pixels; negative inside. */
  readonly gap: Float32Array;
  /** Bit 0: a bouton on this side of the membrane; bit 1: on the far side. */
  readonly bouton: Uint8Array;
}

export interface SliceShape {
  readonly width: number;
  readonly height: number;
  /** Depth in pixels. */
  readonly z: number;
  readonly seed: number;
}

/** Contenders are picked for squares of these sizes, each within the one before. */
const squareSizes = [48, 24, 12, 6];
const maxDistance = 30;
const warpAmplitude = 5;
const warpSpacing = 22;
/** How far the displacement may leave its chord, per square of the chord: an eighth of the largest second derivative of the noise. */
const warpBend = (12 * warpAmplitude) / (8 * warpSpacing * warpSpacing);

/** Partitions one slice. Membranes wave a little, by a smooth displacement of the coordinates. */
export function partitionSlice(table: SphereTable, shape: SliceShape): SlicePartition {
  const { width, height, z, seed } = shape;
  const pixels = width * height;
  const slice: SlicePartition = {
    process: new Uint16Array(pixels),
    neighbour: new Uint16Array(pixels),
    distance: new Float32Array(pixels),
    tilt: new Float32Array(pixels),
    gap: new Float32Array(pixels),
    bouton: new Uint8Array(pixels),
  };
  const warp = {
    x: noisePlane({ seed: seed ^ 0x51, spacing: warpSpacing, z, width, height }),
    y: noisePlane({ seed: seed ^ 0x52, spacing: warpSpacing, z, width, height }),
  };
  const near = spheresNearPlane(table, z);
  const job: Job = {
    ...{ table, near, shape, warp, slice },
    levels: [near.count, ...squareSizes.map(() => near.count)].map(createContenders),
    finalists: createFinalists(near.count),
    winners: { first: -1, second: -1, firstPower: 0, secondPower: 0 },
  };
  partitionSquare(job, { x0: 0, y0: 0, x1: width, y1: height }, 0);
  return slice;
}

interface Job {
  readonly table: SphereTable;
  readonly near: PlaneSpheres;
  readonly shape: SliceShape;
  /** Displacement of each pixel, from -1 to 1. */
  readonly warp: { readonly x: Float32Array; readonly y: Float32Array };
  readonly slice: SlicePartition;
  /** Contenders of the slice, and of the square that is being worked on at each size. */
  readonly levels: readonly Contenders[];
  readonly finalists: Finalists;
  readonly winners: Winners;
}

/** Pixels x0 to x1, y0 to y1, ends exclusive. */
interface Square {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

function partitionSquare(job: Job, square: Square, level: number): void {
  const size = squareSizes[level];
  const among = job.levels[level] as Contenders;
  if (size === undefined) {
    gatherFinalists(job.near, among, job.finalists);
    partitionPixels(job, square);
    return;
  }
  const within = job.levels[level + 1] as Contenders;
  for (let y0 = square.y0; y0 < square.y1; y0 += size) {
    for (let x0 = square.x0; x0 < square.x1; x0 += size) {
      const part = { x0, y0, x1: Math.min(square.x1, x0 + size), y1: Math.min(square.y1, y0 + size) };
      selectContenders(job.near, among, warpedDisc(job, part), within);
      if (within.soleProcess > 0) {
        fillSquare(job, part, within.soleProcess);
      } else {
        partitionSquare(job, part, level + 1);
      }
    }
  }
}

/** The inside of a process, away from its membrane. */
function fillSquare({ shape, slice }: Job, { x0, y0, x1, y1 }: Square, process: number): void {
  for (let y = y0; y < y1; y++) {
    const [from, to] = [y * shape.width + x0, y * shape.width + x1];
    slice.process.fill(process, from, to);
    slice.neighbour.fill(process, from, to);
    slice.distance.fill(maxDistance, from, to);
  }
}

/** A disc around where the pixels of a square are displaced to: the box of the displaced corners, and what may bulge out of it. */
function warpedDisc({ warp, shape }: Job, { x0, y0, x1, y1 }: Square): { x: number; y: number; radius: number } {
  let [left, top] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [right, bottom] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let corner = 0; corner < 4; corner++) {
    const x = (corner & 1) === 0 ? x0 : x1 - 1;
    const y = (corner & 2) === 0 ? y0 : y1 - 1;
    const at = y * shape.width + x;
    left = Math.min(left, x + warpAmplitude * (warp.x[at] as number));
    right = Math.max(right, x + warpAmplitude * (warp.x[at] as number));
    top = Math.min(top, y + warpAmplitude * (warp.y[at] as number));
    bottom = Math.max(bottom, y + warpAmplitude * (warp.y[at] as number));
  }
  const side = Math.max(x1 - x0, y1 - y0);
  const bulge = Math.min(2 * warpAmplitude, 2 * warpBend * side * side);
  const [halfWidth, halfHeight] = [(right - left) / 2, (bottom - top) / 2];
  const radius = Math.sqrt(halfWidth * halfWidth + halfHeight * halfHeight) + bulge;
  return { x: left + halfWidth, y: top + halfHeight, radius };
}

function partitionPixels({ table, shape, warp, slice, finalists, winners }: Job, square: Square): void {
  for (let y = square.y0; y < square.y1; y++) {
    for (let x = square.x0; x < square.x1; x++) {
      const at = y * shape.width + x;
      const px = x + warpAmplitude * (warp.x[at] as number);
      const py = y + warpAmplitude * (warp.y[at] as number);
      findWinners(finalists, px, py, winners);
      settlePixel(table, winners, slice, at);
    }
  }
}

/** The two best spheres of different processes; they decide everything about a pixel. One object serves a whole slice. */
interface Winners {
  /** Index of the owner's sphere, -1 when there is none. */
  first: number;
  /** Index of the sphere of the nearest other process, -1 when there is none. */
  second: number;
  firstPower: number;
  secondPower: number;
}

function findWinners(finalists: Finalists, px: number, py: number, winners: Winners): void {
  const { count, x, y, offset, process, sphere } = finalists;
  let first = -1;
  let second = -1;
  let owner = -1;
  let firstPower = Number.POSITIVE_INFINITY;
  let secondPower = Number.POSITIVE_INFINITY;
  for (let k = 0; k < count; k++) {
    const dx = (x[k] as number) - px;
    const dy = (y[k] as number) - py;
    const power = dx * dx + dy * dy + (offset[k] as number);
    if (power >= secondPower) {
      continue;
    }
    if (power < firstPower) {
      if (process[k] !== owner) {
        second = first;
        secondPower = firstPower;
        owner = process[k] as number;
      }
      first = k;
      firstPower = power;
    } else if (process[k] !== owner) {
      second = k;
      secondPower = power;
    }
  }
  winners.first = first < 0 ? -1 : (sphere[first] as number);
  winners.second = second < 0 ? -1 : (sphere[second] as number);
  winners.firstPower = firstPower;
  winners.secondPower = secondPower;
}

function settlePixel(table: SphereTable, winners: Winners, slice: SlicePartition, at: number): void {
  const { first, second, firstPower, secondPower } = winners;
  if (first < 0) {
    slice.distance[at] = maxDistance;
    slice.gap[at] = maxDistance;
    return;
  }
  slice.process[at] = table.process[first] as number;
  slice.gap[at] = firstPower / (2 * (table.radius[first] as number));
  if (second < 0) {
    slice.distance[at] = maxDistance;
    slice.neighbour[at] = slice.process[at] as number;
    return;
  }
  const dx = (table.x[first] as number) - (table.x[second] as number);
  const dy = (table.y[first] as number) - (table.y[second] as number);
  const dz = (table.z[first] as number) - (table.z[second] as number);
  const separation = Math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-3;
  slice.distance[at] = Math.min(maxDistance, (secondPower - firstPower) / (2 * separation));
  slice.tilt[at] = Math.abs(dz) / separation;
  slice.neighbour[at] = table.process[second] as number;
  slice.bouton[at] = (table.isBouton[first] as number) | ((table.isBouton[second] as number) << 1);
}
