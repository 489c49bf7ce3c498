import { expect, it } from "vitest";
import { createSpace } from "../../../../server/src/sample/space.ts";

it("measures the distance to the nearest sphere of another process, negative inside it", () => {
  const space = createSpace([200, 200, 200]);
  space.add({ center: [100, 100, 100], radius: 10, process: 1 });
  space.add({ center: [130, 100, 100], radius: 5, process: 2 });
  expect(space.clearance([100, 115, 100], 3)).toBe(5);
  expect(space.clearance([100, 104, 100], 3)).toBe(-6);
  expect(space.clearance([118, 100, 100], 1)).toBe(7);
  expect(space.clearance([118, 100, 100], 2)).toBe(8);
});

it("sees small spheres from near, large ones from afar, none from further", () => {
  const space = createSpace([200, 200, 200]);
  space.add({ center: [20, 20, 20], radius: 45, process: 1 });
  space.add({ center: [180, 180, 180], radius: 4, process: 2 });
  expect(space.clearance([105, 20, 20], 0)).toBe(40);
  expect(space.clearance([180, 180, 156], 0)).toBe(20);
  expect(space.clearance([180, 20, 180], 0)).toBe(60);
});

it("has a margin around its box", () => {
  const space = createSpace([100, 50, 20]);
  expect(space.isNear([-60, 25, 10])).toBe(true);
  expect(space.isNear([-65, 25, 10])).toBe(false);
  expect(space.isNear([50, 25, 90])).toBe(false);
});
