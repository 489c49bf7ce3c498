import { describe, expect, it } from "vitest";
import {
  type Contenders,
  createContenders,
  type Disc,
  type PlaneSpheres,
  selectContenders,
  spheresNearPlane,
  tabulate,
} from "../../../../server/src/sample/contenders.ts";
import type { Sphere } from "../../../../server/src/sample/processes.ts";
import { createRandom } from "../../../fakes/random.ts";

const ball = (x: number, y: number, z: number, radius: number, process: number): Sphere => ({
  center: [x, y, z],
  radius,
  process,
  isBouton: false,
});

function select(spheres: readonly Sphere[], disc: Disc, z = 0): { near: PlaneSpheres; selected: Contenders } {
  const near = spheresNearPlane(tabulate(spheres), z);
  const selected = createContenders(near.count);
  selectContenders(near, createContenders(near.count), disc, selected);
  return { near, selected };
}

/** Indices into `spheres` of what was selected. */
const kept = ({ near, selected }: ReturnType<typeof select>): number[] =>
  [...selected.index.subarray(0, selected.count)].map((k) => near.sphere[k] ?? -1);

describe("contenders", () => {
  it("are the neighbours of a part, not what is far off or far below", () => {
    const spheres = [ball(0, 0, 0, 10, 1), ball(20, 0, 0, 10, 2), ball(200, 0, 0, 10, 3), ball(0, 0, 90, 10, 4)];
    expect(kept(select(spheres, { x: 9, y: 0, radius: 2 }))).toEqual([0, 1]);
  });

  it("leave out a neighbour whose membrane is out of sight", () => {
    const spheres = [ball(0, 0, 0, 40, 1), ball(50, 0, 0, 10, 2)];
    expect(kept(select(spheres, { x: 0, y: 0, radius: 3 }))).toEqual([0]);
    expect(kept(select(spheres, { x: 38, y: 0, radius: 3 }))).toEqual([0, 1]);
  });

  it("name the sole process of a part that is well inside one cell, and none near a membrane or in a gap", () => {
    const spheres = [ball(0, 0, 0, 40, 1), ball(30, 0, 0, 40, 1), ball(90, 0, 0, 20, 2)];
    expect(select(spheres, { x: 0, y: 0, radius: 5 }).selected.soleProcess).toBe(1);
    expect(select(spheres, { x: 68, y: 0, radius: 5 }).selected.soleProcess).toBe(0);
    expect(select(spheres, { x: -60, y: 0, radius: 5 }).selected.soleProcess).toBe(0);
  });

  it("hold the owner of every point of a part", () => {
    const random = createRandom(11);
    const spheres = Array.from({ length: 400 }, (_, i) =>
      ball(random.integer(200), random.integer(200), random.integer(60) - 30, 5 + random.integer(20), 1 + (i % 50)),
    );
    for (let trial = 0; trial < 40; trial++) {
      const disc = { x: random.integer(200), y: random.integer(200), radius: 6 };
      const candidates = select(spheres, disc);
      const [dx, dy] = [random.integer(9) - 4, random.integer(9) - 4];
      const powerOf = ({ center: [x, y, z], radius }: Sphere): number =>
        (x - disc.x - dx) ** 2 + (y - disc.y - dy) ** 2 + z ** 2 - radius ** 2;
      const powers = spheres.map(powerOf);
      expect(kept(candidates), `seed 11, trial ${trial}`).toContain(powers.indexOf(Math.min(...powers)));
    }
  });
});
