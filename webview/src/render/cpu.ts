/** The backend for machines without WebGL2, or with a software one that is no faster: pixels by JavaScript, shown by Canvas2D. */
import type { Rect, SliceBackend, TilePixels, ViewDraws } from "./backend.ts";
import { rasterize } from "./cpuRaster.ts";
import { pickTexels } from "./raster.ts";

/** A CPU backend on a canvas of its own. Throws when the page cannot draw at all. */
export function createCpuBackend(): SliceBackend {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) {
    throw new Error("this page can draw neither with WebGL2 nor with Canvas2D");
  }
  const tiles = new Map<string, TilePixels>();
  const palettes = new Map<string, Uint8Array>();
  let view: ViewDraws | undefined;
  let image: ImageData | undefined;

  function draw(next: ViewDraws): void {
    view = next;
    if (next.width === 0 || next.height === 0 || context === null) {
      return;
    }
    if (image?.width !== next.width || image.height !== next.height) {
      canvas.width = next.width;
      canvas.height = next.height;
      image = context.createImageData(next.width, next.height);
    }
    rasterize(next, { tiles, palettes }, image);
    context.putImageData(image, 0, 0);
  }

  return {
    name: "cpu",
    canvas,
    maxPixelRatio: 1,
    uploadTile: (key, pixels) => {
      tiles.set(key, pixels);
    },
    freeTile(key) {
      tiles.delete(key);
      palettes.delete(key);
    },
    setPalette: (key, palette) => {
      palettes.set(key, palette);
    },
    draw,
    pick: (x, y) => (view === undefined ? [] : pickTexels(view, tiles, x, y)),
    readPixels: (area: Rect) => context.getImageData(area.x0, area.y0, area.x1 - area.x0, area.y1 - area.y0).data,
    dispose() {
      tiles.clear();
      palettes.clear();
      image = undefined;
    },
  };
}
