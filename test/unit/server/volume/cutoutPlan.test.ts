import { expect, it } from "vitest";
import { bbox } from "../../../../server/src/base/bbox.ts";
import {
  chunksOfUnit,
  layoutOf,
  offsetOf,
  planCutout,
  positionAt,
  wantedPart,
} from "../../../../server/src/volume/cutoutPlan.ts";

const grid = { bounds: bbox([10, 20, 30], [110, 84, 46]), chunkSize: [32, 32, 8] } as const;

it("lays a box out in Fortran order, channel slowest", () => {
  const layout = layoutOf(bbox([1, 2, 3], [4, 4, 8]), 2, "uint16");
  expect(layout).toMatchObject({ shape: [3, 2, 5, 2], rowBytes: 6, planeBytes: 12, channelBytes: 60, totalBytes: 120 });
  expect(offsetOf(layout, [2, 3, 5])).toBe(2 + 6 + 24);
});

it("plans the chunks that touch a box, anchored at the offset", () => {
  const plan = planCutout(grid, bbox([41, 20, 37], [75, 53, 39]), 1);
  expect(plan).toMatchObject({ first: [0, 0, 0], last: [3, 2, 2], chunkCount: 12, wholeUnits: 4, unitCount: 4 });
  expect(positionAt(plan, 0)).toEqual([0, 0, 0]);
  expect(positionAt(plan, 5)).toEqual([2, 1, 0]);
  expect(positionAt(plan, 11)).toEqual([2, 1, 1]);
});

it("deals single chunks out when there are too few rows for the workers", () => {
  const plan = planCutout(grid, bbox([10, 20, 30], [110, 21, 31]), 2);
  expect(plan).toMatchObject({ wholeUnits: 0, partChunks: 1, unitCount: 4 });
});

it("deals the last rows out in parts, so that the workers end together", () => {
  const wide = { bounds: bbox([0, 0, 0], [90, 60, 10]), chunkSize: [10, 10, 10] } as const;
  const plan = planCutout(wide, wide.bounds, 2);
  expect(plan).toMatchObject({ chunkCount: 54, wholeUnits: 4, partChunks: 3, unitCount: 10 });
  const units = Array.from({ length: plan.unitCount }, (_, unit) => chunksOfUnit(plan, unit));
  const lengths = [9, 9, 9, 9, 3, 3, 3, 3, 3, 3];
  expect(units.map(({ first, end }) => end - first)).toEqual(lengths);
  expect(units.map(({ first }) => first)).toEqual([0, 9, 18, 27, 36, 39, 42, 45, 48, 51]);
});

it("ends a part with its row", () => {
  const wide = { bounds: bbox([0, 0, 0], [50, 40, 10]), chunkSize: [10, 10, 10] } as const;
  const plan = planCutout(wide, wide.bounds, 2);
  const units = Array.from({ length: plan.unitCount }, (_, unit) => chunksOfUnit(plan, unit));
  expect(units.slice(2)).toEqual(
    [10, 12, 14, 15, 17, 19].map((first) => ({ first, end: first === 14 || first === 19 ? first + 1 : first + 2 })),
  );
});

it("needs no chunk for an empty box", () => {
  expect(planCutout(grid, bbox([10, 20, 30], [10, 20, 30]), 2)).toMatchObject({ chunkCount: 0, unitCount: 0 });
});

it("names the part of a chunk that a box wants, from the chunk's corner", () => {
  const chunk = bbox([42, 20, 30], [74, 52, 38]);
  expect(wantedPart(chunk, bbox([50, 0, 37], [100, 21, 99]))).toEqual({
    from: [8, 0, 7],
    to: [32, 1, 8],
    corner: [50, 20, 37],
  });
  expect(wantedPart(chunk, bbox([74, 20, 30], [80, 30, 38]))).toBeUndefined();
});
