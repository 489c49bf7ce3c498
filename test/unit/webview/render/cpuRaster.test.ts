import { describe, expect, it } from "vitest";
import type { Draw, ImagePixels, PixelArray, TilePixels, ViewDraws } from "../../../../webview/src/render/backend.ts";
import { rasterize } from "../../../../webview/src/render/cpuRaster.ts";
import { createPalette } from "../../../../webview/src/render/palette.ts";
import { pickTexels } from "../../../../webview/src/render/raster.ts";

const all = { x0: 0, y0: 0, x1: 4, y1: 4 };

function viewOf(draws: readonly Draw[], area = all): ViewDraws {
  return { width: 4, height: 4, background: [10, 20, 30], panels: [{ area, draws }] };
}

/** The red channel as rows. */
function reds(
  draws: readonly Draw[],
  tiles: Record<string, TilePixels>,
  palettes: Record<string, Uint8Array> = {},
  area = all,
): number[][] {
  const data = new Uint8ClampedArray(64);
  const set = { tiles: new Map(Object.entries(tiles)), palettes: new Map(Object.entries(palettes)) };
  rasterize(viewOf(draws, area), set, { width: 4, height: 4, data });
  return [0, 1, 2, 3].map((y) => [0, 1, 2, 3].map((x) => data[(y * 4 + x) * 4] ?? -1));
}

const image = (data: PixelArray, options: Partial<ImagePixels> = {}): ImagePixels => ({
  kind: "image",
  width: 2,
  height: 2,
  channels: 1,
  data,
  base: 0,
  ...options,
});
const drawImage = (
  window: readonly [number, number],
  options: Partial<Extract<Draw, { kind: "tile" }>> = {},
): Draw => ({
  kind: "tile",
  key: "t",
  x: 0,
  y: 0,
  scaleX: 2,
  scaleY: 2,
  clip: all,
  style: { kind: "image", opacity: 1, window },
  ...options,
});

describe("an image tile", () => {
  it("is magnified without smoothing", () => {
    expect(reds([drawImage([0, 255])], { t: image(Uint8Array.of(0, 50, 100, 255)) })).toEqual([
      [0, 0, 50, 50],
      [0, 0, 50, 50],
      [100, 100, 255, 255],
      [100, 100, 255, 255],
    ]);
  });

  it("is drawn only where the clip covers the centre of a pixel", () => {
    const clip = { x0: 0.6, y0: 0, x1: 2.4, y1: 1.5 };
    expect(reds([drawImage([0, 255], { clip })], { t: image(Uint8Array.of(200, 200, 200, 200)) })).toEqual([
      [10, 200, 10, 10],
      [10, 10, 10, 10],
      [10, 10, 10, 10],
      [10, 10, 10, 10],
    ]);
  });

  it("never leaves its panel", () => {
    const area = { x0: 0, y0: 0, x1: 1, y1: 4 };
    const rows = reds([drawImage([0, 255])], { t: image(Uint8Array.of(200, 200, 200, 200)) }, {}, area);
    expect(rows[0]).toEqual([200, 10, 10, 10]);
  });

  it("blends by its opacity", () => {
    const style = { kind: "image", opacity: 0.5, window: [0, 255] } as const;
    const rows = reds([drawImage([0, 255], { style })], { t: image(Uint8Array.of(110, 110, 110, 110)) });
    expect(rows[0]).toEqual([60, 60, 60, 60]);
  });

  it.each([
    ["uint8", Uint8Array.of(0, 100, 150, 200), [100, 200], [0, 0, 128, 255]],
    ["int8", Int8Array.of(-128, -100, 0, 100), [-100, 100], [0, 0, 128, 255]],
    ["uint16", Uint16Array.of(0, 40000, 50000, 65535), [40000, 60000], [0, 0, 128, 255]],
    ["int16", Int16Array.of(-32768, -1000, 0, 1000), [-1000, 1000], [0, 0, 128, 255]],
    [
      "uint32 above 2^24",
      Uint32Array.of(0, 4294967290, 4294967292, 4294967294),
      [4294967290, 4294967294],
      [0, 0, 128, 255],
    ],
    [
      "int32 over its whole range",
      Int32Array.of(-2147483648, -1, 0, 2147483647),
      [-2147483648, 2147483647],
      [0, 127, 128, 255],
    ],
    ["float32", Float32Array.of(Number.NaN, 0.25, 0.5, 0.75), [0.25, 0.75], [0, 0, 128, 255]],
    ["a window between two integers", Uint8Array.of(0, 1, 2, 3), [0.5, 2.5], [0, 64, 191, 255]],
  ] as const)("shows %s between the ends of its window", (_, data, window, expected) => {
    const rows = reds([drawImage(window)], { t: image(data) });
    expect([rows[0]?.[0], rows[0]?.[2], rows[2]?.[0], rows[2]?.[2]]).toEqual(expected);
  });

  it("adds the base that wide types come with", () => {
    const base = 2 ** 53;
    const rows = reds([drawImage([base, base + 100])], { t: image(Float32Array.of(0, 50, 100, 200), { base }) });
    expect([rows[0]?.[0], rows[0]?.[2], rows[2]?.[0]]).toEqual([0, 128, 255]);
  });

  it("is a threshold when its window has no extent", () => {
    const rows = reds([drawImage([100, 100])], { t: image(Uint8Array.of(99, 100, 101, 255)) });
    expect([rows[0]?.[0], rows[0]?.[2], rows[2]?.[0], rows[2]?.[2]]).toEqual([0, 0, 255, 255]);
  });

  it("shows three channels as red, green and blue", () => {
    const data = new Uint8ClampedArray(64);
    const pixels = image(Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3), { channels: 3 });
    const set = { tiles: new Map([["t", pixels]]), palettes: new Map() };
    rasterize(viewOf([drawImage([0, 255])]), set, { width: 4, height: 4, data });
    expect([...data.subarray(0, 4)]).toEqual([1, 2, 3, 255]);
  });

  it("that was not uploaded leaves the background", () => {
    expect(reds([drawImage([0, 255])], {})[0]).toEqual([10, 10, 10, 10]);
  });
});

describe("a label tile", () => {
  const labels: TilePixels = {
    kind: "labels",
    width: 4,
    height: 4,
    data: Uint16Array.of(0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1),
  };
  const draw: Draw = {
    kind: "tile",
    key: "t",
    x: 0,
    y: 0,
    scaleX: 1,
    scaleY: 1,
    clip: all,
    style: { kind: "labels", opacity: 1, outline: [255, 255, 255], outlineWidth: 1 },
  };
  const table = BigUint64Array.of(0n, 1n);

  it("has the colours of its palette and lets label 0 through", () => {
    expect(reds([draw], { t: labels }, { t: createPalette(table, new Set()) })).toEqual([
      [10, 10, 10, 10],
      [10, 94, 94, 94],
      [10, 94, 94, 94],
      [10, 94, 94, 94],
    ]);
  });

  it("outlines what is selected inside its border, but not at the end of the tile", () => {
    expect(reds([draw], { t: labels }, { t: createPalette(table, new Set([1n])) })).toEqual([
      [10, 10, 10, 10],
      [10, 255, 255, 255],
      [10, 255, 94, 94],
      [10, 255, 94, 94],
    ]);
  });

  it("is transparent until it has a palette", () => {
    expect(reds([draw], { t: labels })[1]).toEqual([10, 10, 10, 10]);
  });
});

describe("a hatch", () => {
  const hatch = { kind: "hatch", clip: all, base: [0, 0, 0, 1], line: [100, 0, 0, 1], period: 3, width: 1 } as const;

  it("draws stripes for what is missing", () => {
    expect(reds([{ ...hatch, pattern: "stripes" }], {})).toEqual([
      [100, 0, 0, 100],
      [0, 0, 100, 0],
      [0, 100, 0, 0],
      [100, 0, 0, 100],
    ]);
  });

  it("draws a lattice for what failed", () => {
    expect(reds([{ ...hatch, pattern: "lattice" }], {})).toEqual([
      [100, 0, 0, 100],
      [0, 100, 100, 0],
      [0, 100, 100, 0],
      [100, 0, 0, 100],
    ]);
  });
});

describe("pickTexels", () => {
  it("names the voxels under a pixel, top layer first, and nothing outside the clip", () => {
    const tiles = new Map<string, TilePixels>([
      ["a", image(new Uint8Array(4))],
      ["b", image(new Uint8Array(4))],
    ]);
    const view = viewOf([
      drawImage([0, 255], { key: "a" }),
      drawImage([0, 255], { key: "b", clip: { x0: 0, y0: 0, x1: 2, y1: 4 } }),
    ]);
    expect(pickTexels(view, tiles, 1.9, 3.2)).toEqual([
      { key: "b", column: 0, row: 1 },
      { key: "a", column: 0, row: 1 },
    ]);
    expect(pickTexels(view, tiles, 2.1, 0)).toEqual([{ key: "a", column: 1, row: 0 }]);
    expect(pickTexels(view, tiles, 9, 9)).toEqual([]);
  });
});
