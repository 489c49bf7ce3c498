/** Boxes of voxels: half open, integer, in the coordinates of one mip unless the name says otherwise. */
import { InvalidArgumentError } from "../errors.ts";
import type { Vec3 } from "./vec3.ts";
import * as vec3 from "./vec3.ts";

/** The voxels p with min <= p < max, componentwise. */
export interface Bbox {
  readonly min: Vec3;
  readonly max: Vec3;
}

export const bbox = (min: Vec3, max: Vec3): Bbox => ({ min, max });
export const fromSize = (min: Vec3, size: Vec3): Bbox => ({ min, max: vec3.add(min, size) });
export const size = (box: Bbox): Vec3 => vec3.subtract(box.max, box.min);
export const equals = (a: Bbox, b: Bbox): boolean => vec3.equals(a.min, b.min) && vec3.equals(a.max, b.max);

/** No voxel inside: some side is zero or negative. */
export function isEmpty(box: Bbox): boolean {
  return box.max[0] <= box.min[0] || box.max[1] <= box.min[1] || box.max[2] <= box.min[2];
}

/** Is every voxel of `inner` inside `outer`? */
export function contains(outer: Bbox, inner: Bbox): boolean {
  return [0, 1, 2].every((i) => {
    const axis = i as 0 | 1 | 2;
    return inner.min[axis] >= outer.min[axis] && inner.max[axis] <= outer.max[axis];
  });
}

/** The voxels of both; `undefined` when there is none. */
export function intersection(a: Bbox, b: Bbox): Bbox | undefined {
  const box = { min: vec3.max(a.min, b.min), max: vec3.min(a.max, b.max) };
  return isEmpty(box) ? undefined : box;
}

/** Do two boxes overlap or at least share a face, an edge or a corner? */
export function touches(a: Bbox, b: Bbox): boolean {
  const [low, high] = [vec3.max(a.min, b.min), vec3.min(a.max, b.max)];
  return low[0] <= high[0] && low[1] <= high[1] && low[2] <= high[2];
}

/** The same region in voxels `factor` times as small, rounded outwards. */
export function scaleBy(box: Bbox, factor: Vec3): Bbox {
  return { min: vec3.floor(vec3.multiply(box.min, factor)), max: vec3.ceil(vec3.multiply(box.max, factor)) };
}

/** The box that grid cells of `chunkSize`, anchored at `offset`, need to cover `box`. */
export function expandToGrid(box: Bbox, chunkSize: Vec3, offset: Vec3): Bbox {
  const snap = (p: Vec3, round: (v: Vec3) => Vec3): Vec3 =>
    vec3.add(vec3.multiply(round(vec3.divide(vec3.subtract(p, offset), chunkSize)), chunkSize), offset);
  return { min: snap(box.min, vec3.floor), max: snap(box.max, vec3.ceil) };
}

/** `x0-x1_y0-y1_z0-z1`, as in chunk names. */
export function toFilename(box: Bbox): string {
  return `${box.min[0]}-${box.max[0]}_${box.min[1]}-${box.max[1]}_${box.min[2]}-${box.max[2]}`;
}

const filenamePattern = /^(-?\d+)-(-?\d+)_(-?\d+)-(-?\d+)_(-?\d+)-(-?\d+)$/;

/** The box that `x0-x1_y0-y1_z0-z1` names; negative coordinates are legal. Throws InvalidArgumentError. */
export function fromFilename(text: string): Bbox {
  const parts = filenamePattern.exec(text)?.slice(1).map(Number);
  if (parts === undefined || !parts.every(Number.isSafeInteger)) {
    throw new InvalidArgumentError(`not a box (expected x0-x1_y0-y1_z0-z1): "${text}"`);
  }
  const [x0, x1, y0, y1, z0, z1] = parts as [number, number, number, number, number, number];
  return { min: [x0, y0, z0], max: [x1, y1, z1] };
}
