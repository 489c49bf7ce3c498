/** Expected values by the rules of tinybrain: of a cell a b / c d the mean's floor, and a if a = b or a = c, else b if b = c, else d. */
import { describe, expect, it } from "vitest";
import { averagePyramid, modePyramid } from "../../../../server/src/sample/downsample.ts";

describe("averagePyramid", () => {
  it("takes the floor of the mean, of the finest plane at every level", () => {
    const voxels = Uint8Array.from([1, 2, 255, 255, 3, 3, 255, 254, 0, 0, 0, 0, 0, 1, 0, 0]);
    const [first, second] = averagePyramid({ width: 4, height: 4, voxels }, 2);
    expect(first).toEqual({ width: 2, height: 2, voxels: Uint8Array.from([2, 254, 0, 0]) });
    expect(second).toEqual({ width: 1, height: 1, voxels: Uint8Array.from([64]) });
  });

  it("repeats the last voxel at an odd edge", () => {
    const [half] = averagePyramid({ width: 3, height: 1, voxels: Uint8Array.from([10, 20, 40]) }, 1);
    expect(half).toEqual({ width: 2, height: 1, voxels: Uint8Array.from([15, 40]) });
  });
});

describe("modePyramid", () => {
  it.each([
    ["a = b", [5n, 5n, 6n, 6n], 5n],
    ["a = c", [5n, 6n, 5n, 6n], 5n],
    ["b = c", [5n, 6n, 6n, 7n], 6n],
    ["none equal", [5n, 6n, 7n, 8n], 8n],
    ["d = b", [5n, 6n, 7n, 6n], 6n],
    ["background counts as a label", [0n, 0n, 2n ** 60n, 2n ** 60n + 1n], 0n],
  ])("%s", (_, cell, expected) => {
    const [half] = modePyramid({ width: 2, height: 2, voxels: BigUint64Array.from(cell) }, 1);
    expect(half?.voxels).toEqual(BigUint64Array.of(expected));
  });
});
