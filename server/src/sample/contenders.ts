/**
 * The spheres that matter to a part of a slice, picked from coarse to fine: the search for the owner of a pixel then looks at a few
 * instead of thousands. The power of a point is its squared distance from a sphere's centre minus the squared radius.
 */
import type { Processes, Sphere } from "./processes.ts";

/** The spheres of a tissue as columns. */
export interface SphereTable {
  readonly count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  readonly radius: Float64Array;
  readonly process: Uint16Array;
  readonly isBouton: Uint8Array;
}

export function tabulate(spheres: Processes["spheres"]): SphereTable {
  const column = (pick: (sphere: Sphere) => number): Float64Array => Float64Array.from(spheres, pick);
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

/** The spheres near a slice, as columns; only the first `count` entries hold. */
export interface PlaneSpheres {
  readonly count: number;
  /** Index into the table. */
  readonly sphere: Int32Array;
  readonly process: Uint16Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly radius: Float64Array;
  /** What the power is above the squared distance within the plane: squared depth minus squared radius. */
  readonly offset: Float64Array;
}

/** Spheres whose surface is further from the plane than this own none of its pixels in packed tissue. */
const planeReach = 30;

export function spheresNearPlane(table: SphereTable, z: number): PlaneSpheres {
  const columns = {
    sphere: new Int32Array(table.count),
    process: new Uint16Array(table.count),
    x: new Float64Array(table.count),
    y: new Float64Array(table.count),
    radius: new Float64Array(table.count),
    offset: new Float64Array(table.count),
  };
  let count = 0;
  for (let i = 0; i < table.count; i++) {
    const depth = (table.z[i] as number) - z;
    const radius = table.radius[i] as number;
    if (Math.abs(depth) < radius + planeReach) {
      columns.sphere[count] = i;
      columns.process[count] = table.process[i] as number;
      columns.x[count] = table.x[i] as number;
      columns.y[count] = table.y[i] as number;
      columns.radius[count] = radius;
      columns.offset[count] = depth * depth - radius * radius;
      count++;
    }
  }
  return { count, ...columns };
}

/** Some of the spheres near a slice; only the first `count` entries hold. */
export interface Contenders {
  count: number;
  /** Index into the spheres of the slice. */
  readonly index: Int32Array;
  /** Scratch of the selection: least power in the part. */
  readonly lowest: Float64Array;
  /** The process that holds all of the part, with no membrane in sight; 0 when there may be others, or gaps. */
  soleProcess: number;
}

/** A selection with all of `capacity` spheres. */
export function createContenders(capacity: number): Contenders {
  return {
    count: capacity,
    index: new Int32Array(capacity).map((_, k) => k),
    lowest: new Float64Array(capacity),
    soleProcess: 0,
  };
}

/** A disc of the plane. */
export interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Membranes are told apart up to this distance, in pixels. */
const visibleDistance = 7;

/** Leaves in `into` the spheres of `among` that may own a point of the disc, or have a membrane that shows there. */
export function selectContenders(spheres: PlaneSpheres, among: Contenders, disc: Disc, into: Contenders): void {
  const { x, y, radius, offset, process } = spheres;
  const { index, lowest, count } = among;
  let bound = Number.POSITIVE_INFINITY;
  let best = 0;
  for (let k = 0; k < count; k++) {
    const i = index[k] as number;
    const dx = (x[i] as number) - disc.x;
    const dy = (y[i] as number) - disc.y;
    const distance = Math.sqrt(dx * dx + dy * dy);
    const closest = distance > disc.radius ? distance - disc.radius : 0;
    const furthest = distance + disc.radius;
    lowest[k] = closest * closest + (offset[i] as number);
    const highest = furthest * furthest + (offset[i] as number);
    if (highest < bound) {
      bound = highest;
      best = i;
    }
  }
  // A membrane is at (difference of powers) / (2 × distance of the centres), and centres of neighbours are about two radii apart.
  const limit = bound + 2 * visibleDistance * ((radius[best] as number) + 3);
  const owner = process[best] as number;
  let kept = 0;
  let keptOfOwner = 0;
  for (let k = 0; k < count; k++) {
    const i = index[k] as number;
    into.index[kept] = i;
    if ((lowest[k] as number) <= limit + 2 * visibleDistance * (radius[i] as number)) {
      kept++;
      keptOfOwner += process[i] === owner ? 1 : 0;
    }
  }
  into.count = kept;
  into.soleProcess = bound < 0 && keptOfOwner === kept ? owner : 0;
}

/** The contenders of a smallest square, dense for the inner loop; only the first `count` of each column hold. */
export interface Finalists {
  count: number;
  /** Index into the table. */
  readonly sphere: Int32Array;
  readonly process: Uint16Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly offset: Float64Array;
}

/** No finalists yet, with room for `capacity`. */
export function createFinalists(capacity: number): Finalists {
  return {
    count: 0,
    sphere: new Int32Array(capacity),
    process: new Uint16Array(capacity),
    x: new Float64Array(capacity),
    y: new Float64Array(capacity),
    offset: new Float64Array(capacity),
  };
}

/** Copies the contenders into `into`. */
export function gatherFinalists(near: PlaneSpheres, { index, count }: Contenders, into: Finalists): void {
  for (let k = 0; k < count; k++) {
    const i = index[k] as number;
    into.sphere[k] = near.sphere[i] as number;
    into.process[k] = near.process[i] as number;
    into.x[k] = near.x[i] as number;
    into.y[k] = near.y[i] as number;
    into.offset[k] = near.offset[i] as number;
  }
  into.count = count;
}
