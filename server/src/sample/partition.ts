/**
 * Who owns each pixel of a slice. A pixel belongs to the sphere with the least power (squared distance minus squared radius), so
 * that the spheres of neighbours meet in one smooth membrane and fill all space.
 */
import type { Processes, Sphere } from "./processes.ts";
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

/** The spheres as columns, for the inner loop. */
export interface SphereTable {
  readonly count: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
  readonly radius: Float32Array;
  readonly process: Uint16Array;
  readonly isBouton: Uint8Array;
}

export interface SliceShape {
  readonly width: number;
  readonly height: number;
  /** Depth in pixels. */
  readonly z: number;
  readonly seed: number;
}

/** Contenders are chosen for tiles, then for blocks of them. */
const tileSize = 64;
const blockSize = 8;
/** Difference of powers at which a neighbour's membrane no longer shows. */
const neighbourSlack = 700;
const maxDistance = 30;
const warpAmplitude = 5;

export function tabulate(spheres: Processes["spheres"]): SphereTable {
  const column = (pick: (sphere: Sphere) => number): Float32Array => Float32Array.from(spheres, pick);
  return {
    count: spheres.length,
    x: column((sphere) => sphere.center[0]),
    y: column((sphere) => sphere.center[1]),
    z: column((sphere) => sphere.center[2]),
    radius: column((sphere) => sphere.radius),
    process: Uint16Array.from(spheres, (sphere) => sphere.process),
    isBouton: Uint8Array.from(spheres, (sphere) => (sphere.isBouton ? 1 : 0)),
  };
}

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
  const warp: Warp = {
    x: noisePlane({ seed: seed ^ 0x51, spacing: 22, z, width, height }),
    y: noisePlane({ seed: seed ^ 0x52, spacing: 22, z, width, height }),
  };
  const near = spheresNearPlane(table, z);
  const ofTile = createContenders(near.count);
  const ofBlock = createContenders(near.count);
  for (let y0 = 0; y0 < height; y0 += tileSize) {
    for (let x0 = 0; x0 < width; x0 += tileSize) {
      selectContenders(near, { x0, y0, size: tileSize }, ofTile);
      for (let y = y0; y < Math.min(height, y0 + tileSize); y += blockSize) {
        for (let x = x0; x < Math.min(width, x0 + tileSize); x += blockSize) {
          selectContenders(ofTile, { x0: x, y0: y, size: blockSize }, ofBlock);
          partitionBlock(table, ofBlock, shape, { x0: x, y0: y, warp, slice });
        }
      }
    }
  }
  return slice;
}

/** Spheres that matter to a part of a slice, dense for the inner loop; only the first `count` of each column hold. */
interface Contenders {
  count: number;
  /** Index into the table. */
  readonly sphere: Int32Array;
  readonly process: Uint16Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Square of the distance to the plane. */
  readonly depth2: Float32Array;
  readonly radius2: Float32Array;
  /** Least power in the part, for the selection. */
  readonly lowest: Float32Array;
}

function createContenders(capacity: number): Contenders {
  return {
    count: 0,
    sphere: new Int32Array(capacity),
    process: new Uint16Array(capacity),
    x: new Float32Array(capacity),
    y: new Float32Array(capacity),
    depth2: new Float32Array(capacity),
    radius2: new Float32Array(capacity),
    lowest: new Float32Array(capacity),
  };
}

/** Spheres further from the plane than this cannot be the nearest of any pixel in packed tissue. */
const reachPixels = 80;

function spheresNearPlane(table: SphereTable, z: number): Contenders {
  const near = createContenders(table.count);
  for (let i = 0; i < table.count; i++) {
    const depth = (table.z[i] as number) - z;
    const radius = table.radius[i] as number;
    if (Math.abs(depth) < radius + reachPixels) {
      near.sphere[near.count] = i;
      near.process[near.count] = table.process[i] as number;
      near.x[near.count] = table.x[i] as number;
      near.y[near.count] = table.y[i] as number;
      near.depth2[near.count] = depth * depth;
      near.radius2[near.count] = radius * radius;
      near.count++;
    }
  }
  return near;
}

interface Square {
  readonly x0: number;
  readonly y0: number;
  readonly size: number;
}

/** Leaves in `into` the spheres that may own, or be the nearest neighbour of, some pixel of a square. */
function selectContenders(among: Contenders, { x0, y0, size }: Square, into: Contenders): void {
  const centerX = x0 + size / 2;
  const centerY = y0 + size / 2;
  const slack = size * 0.708 + warpAmplitude;
  let bound = Number.POSITIVE_INFINITY;
  for (let k = 0; k < among.count; k++) {
    const dx = (among.x[k] as number) - centerX;
    const dy = (among.y[k] as number) - centerY;
    const distance = Math.sqrt(dx * dx + dy * dy + (among.depth2[k] as number));
    const radius2 = among.radius2[k] as number;
    const closest = Math.max(0, distance - slack);
    among.lowest[k] = closest * closest - radius2;
    bound = Math.min(bound, (distance + slack) * (distance + slack) - radius2);
  }
  into.count = 0;
  for (let k = 0; k < among.count; k++) {
    if ((among.lowest[k] as number) <= bound + neighbourSlack) {
      copyContender(among, k, into, into.count++);
    }
  }
}

function copyContender(from: Contenders, k: number, to: Contenders, at: number): void {
  to.sphere[at] = from.sphere[k] as number;
  to.process[at] = from.process[k] as number;
  to.x[at] = from.x[k] as number;
  to.y[at] = from.y[k] as number;
  to.depth2[at] = from.depth2[k] as number;
  to.radius2[at] = from.radius2[k] as number;
}

interface Warp {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

interface Block {
  readonly x0: number;
  readonly y0: number;
  readonly warp: Warp;
  readonly slice: SlicePartition;
}

/** The two best spheres of different processes decide everything about a pixel. */
function partitionBlock(table: SphereTable, among: Contenders, shape: SliceShape, block: Block): void {
  const { x0, y0, warp, slice } = block;
  const xEnd = Math.min(shape.width, x0 + blockSize);
  const yEnd = Math.min(shape.height, y0 + blockSize);
  for (let y = y0; y < yEnd; y++) {
    for (let x = x0; x < xEnd; x++) {
      const at = y * shape.width + x;
      const winners = contend(
        among,
        x + warpAmplitude * (warp.x[at] as number),
        y + warpAmplitude * (warp.y[at] as number),
      );
      settlePixel(table, winners, slice, at);
    }
  }
}

interface Winners {
  /** Index of the owner's sphere, -1 when there is none. */
  readonly first: number;
  /** Index of the sphere of the nearest other process, -1 when there is none. */
  readonly second: number;
  readonly firstPower: number;
  readonly secondPower: number;
}

function contend(among: Contenders, px: number, py: number): Winners {
  let first = -1;
  let second = -1;
  let owner = -1;
  let firstPower = Number.POSITIVE_INFINITY;
  let secondPower = Number.POSITIVE_INFINITY;
  for (let k = 0; k < among.count; k++) {
    const dx = (among.x[k] as number) - px;
    const dy = (among.y[k] as number) - py;
    const power = dx * dx + dy * dy + (among.depth2[k] as number) - (among.radius2[k] as number);
    if (power >= secondPower) {
      continue;
    }
    const process = among.process[k] as number;
    if (power < firstPower) {
      if (process !== owner) {
        second = first;
        secondPower = firstPower;
        owner = process;
      }
      first = k;
      firstPower = power;
    } else if (process !== owner) {
      second = k;
      secondPower = power;
    }
  }
  const sphereOf = (k: number): number => (k < 0 ? -1 : (among.sphere[k] as number));
  return { first: sphereOf(first), second: sphereOf(second), firstPower, secondPower };
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
