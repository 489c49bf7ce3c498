/** Which spheres are near a point: a coarse grid over the box and a margin around it. */
import type { Vec3 } from "../base/vec3.ts";

interface Ball {
  readonly center: Vec3;
  readonly radius: number;
  readonly process: number;
}

export interface Space {
  readonly extent: Vec3;
  /** Distance to the nearest visible sphere of any other process, at most `farthest`; negative inside one. */
  clearance(point: Vec3, process: number): number;
  /** Is the point inside the box or its margin? */
  isNear(point: Vec3): boolean;
  /** A sphere is visible from a distance of its radius, or from `reach` if it is small. */
  add(ball: Ball): void;
}

const cellSize = 24;
const margin = 64;
const reach = 24;
/** Distances beyond this are all alike. */
const farthest = 60;

/** An empty space around a box of `extent` pixels. */
export function createSpace(extent: Vec3): Space {
  const counts = extent.map((length) => Math.ceil((length + 2 * margin) / cellSize)) as [number, number, number];
  /** Indices of the balls that are visible from a cell. */
  const cells: number[][] = Array.from({ length: counts[0] * counts[1] * counts[2] }, () => []);
  const columns = { x: [] as number[], y: [] as number[], z: [] as number[], radius: [] as number[] };
  const processes: number[] = [];
  const cellOf = (value: number, axis: 0 | 1 | 2): number =>
    Math.min(counts[axis] - 1, Math.max(0, Math.floor((value + margin) / cellSize)));
  const indexOf = (i: number, j: number, k: number): number => (k * counts[1] + j) * counts[0] + i;

  return {
    extent,
    isNear: (point) => point.every((value, axis) => value > -margin && value < (extent[axis] ?? 0) + margin),
    clearance([px, py, pz], process) {
      const { x, y, z, radius } = columns;
      const cell = cells[indexOf(cellOf(px, 0), cellOf(py, 1), cellOf(pz, 2))] as number[];
      let nearest = farthest;
      for (const ball of cell) {
        const dx = (x[ball] as number) - px;
        const dy = (y[ball] as number) - py;
        const dz = (z[ball] as number) - pz;
        const squared = dx * dx + dy * dy + dz * dz;
        const limit = nearest + (radius[ball] as number);
        if (limit > 0 && squared < limit * limit && processes[ball] !== process) {
          nearest = Math.sqrt(squared) - (radius[ball] as number);
        }
      }
      return nearest;
    },
    add({ center, radius, process }) {
      const ball = processes.push(process) - 1;
      columns.x.push(center[0]);
      columns.y.push(center[1]);
      columns.z.push(center[2]);
      columns.radius.push(radius);
      const far = radius + Math.max(reach, radius);
      const first = center.map((value, axis) => cellOf(value - far, axis as 0 | 1 | 2)) as [number, number, number];
      const last = center.map((value, axis) => cellOf(value + far, axis as 0 | 1 | 2)) as [number, number, number];
      for (let k = first[2]; k <= last[2]; k++) {
        for (let j = first[1]; j <= last[1]; j++) {
          for (let i = first[0]; i <= last[0]; i++) {
            (cells[indexOf(i, j, k)] as number[]).push(ball);
          }
        }
      }
    },
  };
}
