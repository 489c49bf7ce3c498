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

/** A selection of spheres, dense for the inner loop; only the first `count` of each column hold. */
export interface Contenders {
  count: number;
  /** Index into the table. */
  readonly sphere: Int32Array;
  readonly process: Uint16Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly radius: Float64Array;
  /** What the power is above the squared distance within the plane: squared depth minus squared radius. */
  readonly offset: Float64Array;
  /** Scratch of the selection: least power in the part. */
  readonly lowest: Float64Array;
}

/** An empty selection with room for `capacity` spheres. */
export function createContenders(capacity: number): Contenders {
  return {
    count: 0,
    sphere: new Int32Array(capacity),
    process: new Uint16Array(capacity),
    x: new Float64Array(capacity),
    y: new Float64Array(capacity),
    radius: new Float64Array(capacity),
    offset: new Float64Array(capacity),
    lowest: new Float64Array(capacity),
  };
}

/** Spheres whose surface is further from the plane than this own none of its pixels in packed tissue. */
const planeReach = 60;

/** All spheres near the plane at depth `z`. */
export function contendersNearPlane(table: SphereTable, z: number): Contenders {
  const near = createContenders(table.count);
  for (let i = 0; i < table.count; i++) {
    const depth = (table.z[i] as number) - z;
    const radius = table.radius[i] as number;
    if (Math.abs(depth) < radius + planeReach) {
      const at = near.count++;
      near.sphere[at] = i;
      near.process[at] = table.process[i] as number;
      near.x[at] = table.x[i] as number;
      near.y[at] = table.y[i] as number;
      near.radius[at] = radius;
      near.offset[at] = depth * depth - radius * radius;
    }
  }
  return near;
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
export function selectContenders(among: Contenders, { x, y, radius }: Disc, into: Contenders): void {
  let bound = Number.POSITIVE_INFINITY;
  let best = 0;
  for (let k = 0; k < among.count; k++) {
    const dx = (among.x[k] as number) - x;
    const dy = (among.y[k] as number) - y;
    const distance = Math.sqrt(dx * dx + dy * dy);
    const offset = among.offset[k] as number;
    const closest = distance > radius ? distance - radius : 0;
    among.lowest[k] = closest * closest + offset;
    const highest = (distance + radius) * (distance + radius) + offset;
    if (highest < bound) {
      bound = highest;
      best = k;
    }
  }
  // A membrane is at (difference of powers) / (2 × distance of the centres), and centres of neighbours are about two radii apart.
  const limit = bound + 2 * visibleDistance * ((among.radius[best] as number) + 3);
  into.count = 0;
  for (let k = 0; k < among.count; k++) {
    if ((among.lowest[k] as number) <= limit + 2 * visibleDistance * (among.radius[k] as number)) {
      copyContender(among, k, into, into.count++);
    }
  }
}

function copyContender(from: Contenders, k: number, to: Contenders, at: number): void {
  to.sphere[at] = from.sphere[k] as number;
  to.process[at] = from.process[k] as number;
  to.x[at] = from.x[k] as number;
  to.y[at] = from.y[k] as number;
  to.radius[at] = from.radius[k] as number;
  to.offset[at] = from.offset[k] as number;
}
