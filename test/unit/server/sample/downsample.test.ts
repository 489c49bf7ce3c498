import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../../../server/src/index.ts";
import { averagePyramid, modePyramid, type Plane } from "../../../../server/src/sample/downsample.ts";
import { describeWithShared } from "../../../fakes/shared.ts";

describe("the mean", () => {
  const average = (width: number, voxels: number[], count = 1) =>
    averagePyramid({ width, height: voxels.length / width, voxels: Uint8Array.from(voxels) }, count).map((level) => [
      level.width,
      level.height,
      [...level.voxels],
    ]);

  it("of four voxels is rounded down", () => {
    expect(average(4, [0, 1, 255, 255, 1, 1, 255, 254])).toEqual([[2, 1, [0, 254]]]);
  });

  it("repeats the last voxel of an odd edge", () => {
    expect(average(3, [10, 20, 31, 30, 40, 50, 7, 8, 9])).toEqual([[2, 2, [25, 40, 7, 9]]]);
  });

  it("of a coarser level is that of the finest voxels, not of the means", () => {
    // Four cells with a sum of 3 each: their means are 0, and so would be the mean of these; the mean of all is 12 / 16 = 0.75.
    const cells = [1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 4];
    expect(average(4, cells, 2)).toEqual([
      [2, 2, [0, 0, 0, 1]],
      [1, 1, [1]],
    ]);
  });
});

describe("the mode", () => {
  it.each([
    ["all alike", [7, 7, 7, 7], 7],
    ["a is b", [5, 5, 9, 9], 5],
    ["a is c", [5, 9, 5, 9], 5],
    ["b is c", [9, 5, 5, 9], 5],
    ["d otherwise", [1, 2, 3, 4], 4],
    ["d where a is d", [4, 2, 3, 4], 4],
    ["zero is a label like any other", [0, 0, 3, 4], 0],
  ])("%s", (_, voxels, expected) => {
    const [level] = modePyramid({ width: 2, height: 2, voxels: Uint16Array.from(voxels) }, 1);
    expect([...(level as Plane<Uint16Array>).voxels]).toEqual([expected]);
  });

  it("repeats the last voxel of an odd edge; each level comes from the one before", () => {
    const voxels = Uint32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(modePyramid({ width: 3, height: 3, voxels }, 2)).toEqual([
      { width: 2, height: 2, voxels: Uint32Array.from([5, 3, 7, 9]) },
      { width: 1, height: 1, voxels: Uint32Array.from([9]) },
    ]);
  });

  it("keeps 64-bit labels exactly", () => {
    const voxels = BigUint64Array.of(2n ** 53n, 2n ** 53n + 1n, 3n, 2n ** 53n + 1n);
    expect(modePyramid({ width: 2, height: 2, voxels }, 1)[0]?.voxels).toEqual(BigUint64Array.of(2n ** 53n + 1n));
  });
});

describeWithShared("pyramids of the reference tools", ["golden", "volumes", "pyramids"], (folder) => {
  const engine = createEngine({ workers: 1 });
  afterAll(() => engine.dispose());

  it.each([
    "pyramid_average_2x2x1_uint8",
    "pyramid_average_2x2x1_uint8_odd",
    "pyramid_average_2x2x1_uint8_offset",
    "pyramid_igneous_image",
    "pyramid_mode_2x2x1_uint32",
    "pyramid_mode_2x2x1_uint64",
    "pyramid_mode_2x2x1_noise_uint32",
    "pyramid_igneous_segmentation",
  ])("%s has equal voxels at each mip", async (name) => {
    const volume = await engine.openVolume(path.join(folder, name));
    const mips = await Promise.all(volume.scales.map((_, mip) => volume.download(undefined, { mip })));
    const [width = 0, height = 0, depth = 0] = mips[0]?.shape ?? [];
    const planes = mips.map(
      ({ data, shape: [w = 0, h = 0] }) =>
        (z: number) =>
          data.slice(z * w * h, (z + 1) * w * h),
    );
    for (let z = 0; z < depth; z++) {
      const voxels = planes[0]?.(z);
      const levels =
        voxels instanceof Uint8Array
          ? averagePyramid({ width, height, voxels }, planes.length - 1)
          : modePyramid({ width, height, voxels: voxels as Uint32Array | BigUint64Array }, planes.length - 1);
      expect(levels.map((level) => level.voxels)).toEqual(planes.slice(1).map((plane) => plane(z)));
    }
    expect(planes.length).toBeGreaterThan(1);
  });
});
