/** Which spheres are near a point: a coarse grid over the box and a margin around it. */
import type { Vec3 } from "../base/vec3.ts";

interface Ball {
  readonly center: Vec3;
  readonly radius: number;
  readonly process: number;
}

export interface Space {
  readonly extent: Vec3;
  /** Distance to the nearest sphere of any other process, at most `reach`; negative inside one. */
  clearance(point: Vec3, process: number): number;
  /** Is the point inside the box or its margin? */
  isNear(point: Vec3): boolean;
  add(ball: Ball): void;
}

const cellSize = 24;
const margin = 64;
/** Distances beyond this are all alike. */
const reach = 24;

/** An empty space around a box of `extent` pixels. */
export function createSpace(extent: Vec3): Space {
  const counts = extent.map((length) => Math.ceil((length + 2 * margin) / cellSize)) as [number, number, number];
  const cells: Ball[][] = Array.from({ length: counts[0] * counts[1] * counts[2] }, () => []);
  const cellOf = (value: number, axis: 0 | 1 | 2): number =>
    Math.min(counts[axis] - 1, Math.max(0, Math.floor((value + margin) / cellSize)));
  const cellAt = (i: number, j: number, k: number): Ball[] => cells[(k * counts[1] + j) * counts[0] + i] ?? [];

  return {
    extent,
    isNear: (point) => point.every((value, axis) => value > -margin && value < (extent[axis] ?? 0) + margin),
    clearance(point, process) {
      let nearest = reach;
      for (const ball of cellAt(cellOf(point[0], 0), cellOf(point[1], 1), cellOf(point[2], 2))) {
        if (ball.process !== process) {
          const dx = ball.center[0] - point[0];
          const dy = ball.center[1] - point[1];
          const dz = ball.center[2] - point[2];
          const distance = Math.sqrt(dx * dx + dy * dy + dz * dz) - ball.radius;
          nearest = Math.min(nearest, distance);
        }
      }
      return nearest;
    },
    add(ball) {
      const range = (axis: 0 | 1 | 2): [number, number] => [
        cellOf(ball.center[axis] - ball.radius - reach, axis),
        cellOf(ball.center[axis] + ball.radius + reach, axis),
      ];
      const [[i0, i1], [j0, j1], [k0, k1]] = [range(0), range(1), range(2)];
      for (let k = k0; k <= k1; k++) {
        for (let j = j0; j <= j1; j++) {
          for (let i = i0; i <= i1; i++) {
            cellAt(i, j, k).push(ball);
          }
        }
      }
    },
  };
}
