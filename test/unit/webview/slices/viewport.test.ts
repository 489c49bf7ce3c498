import { expect, it } from "vitest";
import { texelAt } from "../../../../webview/src/render/raster.ts";
import { nmAt, type Viewport } from "../../../../webview/src/slices/viewport.ts";

/** A panel of 100 x 80 CSS pixels at (10, 20), 2 nm a CSS pixel, centred on (1000, 500, 7) nm. */
const viewport = (ratio: number): Viewport => ({
  model: { centerNm: [1000, 500, 7], nmPerPixel: 2 } as unknown as Viewport["model"],
  boxes: [{ plane: "xy", x: 10, y: 20, width: 100, height: 80 }] as unknown as Viewport["boxes"],
  ratio,
});

it("takes the centre of the device pixel under the pointer, as the renderer does", () => {
  expect(nmAt(viewport(1), "xy", [50, 40])).toEqual([1001, 501, 7]);
  expect(nmAt(viewport(1), "xy", [50.9, 40.9])).toEqual([1001, 501, 7]);
  expect(nmAt(viewport(2), "xy", [50.9, 40.2])).toEqual([1001.5, 500.5, 7]);
});

it.each([1, 1.25, 2])("names the voxel that is drawn, at every pixel (%f device pixels each)", (ratio) => {
  // Voxels of 3 nm from 900 nm on: voxel borders fall inside pixels.
  const [origin, voxelNm] = [900, 3];
  const view = viewport(ratio);
  for (let x = 1; x < 99; x += 0.25) {
    const position = Math.floor((nmAt(view, "xy", [x, 40])[0] - origin) / voxelNm);
    const pixel = Math.floor((10 + x) * ratio);
    const left = Math.round(10 * ratio);
    const middle = (left + Math.round(110 * ratio)) / 2;
    const originPixel = middle + ((origin - 1000) * ratio) / 2;
    expect(position).toBe(texelAt(pixel, originPixel, (voxelNm * ratio) / 2, 1000));
  }
});

it("is the centre of the view outside every panel", () => {
  expect(nmAt(viewport(1), "xz", [1, 1])).toEqual([1000, 500, 7]);
});
