import { describe, expect, it } from "vitest";
import {
  ancestorMips,
  chooseMip,
  coarserMips,
  finerMip,
  maxTilesPerLayer,
  shownMip,
} from "../../../../webview/src/slices/mips.ts";
import { anisotropicScales, scaleOf, viewOf } from "./fixtures.ts";

describe("chooseMip", () => {
  it.each([
    [1, 0],
    [4, 0],
    [5.6, 0],
    [5.7, 1],
    [8, 1],
    [15, 2],
    [1000, 3],
  ])("at %s nm per pixel takes the voxel closest to one pixel: mip %s", (nmPerPixel, mip) => {
    expect(chooseMip(anisotropicScales, "xy", nmPerPixel)).toBe(mip);
  });

  it("weighs both axes of an anisotropic plane", () => {
    const scales = [scaleOf([4, 4, 40], [512, 512, 64]), scaleOf([8, 8, 80], [256, 256, 32])];
    expect(chooseMip(scales, "xz", 6)).toBe(0);
    expect(chooseMip(scales, "xz", 60)).toBe(1);
  });

  it("prefers the first of equal scales", () => {
    const scales = [scaleOf([8, 8, 40], [64, 64, 64]), scaleOf([8, 8, 80], [64, 64, 32])];
    expect(chooseMip(scales, "xy", 8)).toBe(0);
  });
});

describe("coarser and finer mips", () => {
  it("are ordered by voxel area in the plane, whatever their order in the file", () => {
    const scales = [
      scaleOf([8, 8, 8], [64, 64, 64]),
      scaleOf([32, 32, 8], [16, 16, 64]),
      scaleOf([16, 16, 8], [32, 32, 64]),
    ];
    expect(coarserMips(scales, "xy", 0)).toEqual([2, 1]);
    expect(finerMip(scales, "xy", 1)).toBe(2);
    expect(finerMip(scales, "xy", 0)).toBeUndefined();
  });

  it("worth a request first are every second one and the coarsest", () => {
    expect(ancestorMips(anisotropicScales, "xy", 0)).toEqual([2, 3]);
    expect(ancestorMips(anisotropicScales, "xy", 2)).toEqual([3]);
    expect(ancestorMips(anisotropicScales, "xy", 3)).toEqual([]);
  });
});

describe("shownMip", () => {
  it("takes the fixed mip, and the last one when that is not there", () => {
    expect(shownMip(anisotropicScales, viewOf(), 2)).toBe(2);
    expect(shownMip(anisotropicScales, viewOf(), 9)).toBe(3);
  });

  it("takes a coarser mip where the fixed one would need too many tiles", () => {
    const large = [scaleOf([1, 1, 1], [100_000, 100_000, 1]), scaleOf([32, 32, 1], [3125, 3125, 1])];
    const view = viewOf({
      centerNm: [50_000, 50_000, 0.5],
      nmPerPixel: 100,
      area: { x0: 0, y0: 0, x1: 1000, y1: 1000 },
    });
    expect(maxTilesPerLayer).toBe(256);
    expect(shownMip(large, view, 0)).toBe(1);
  });
});
