/** Arithmetic that both backends share, so that they agree on every pixel. */
import type {
  ImagePixels,
  ImageStyle,
  PickedTexel,
  PixelArray,
  Rect,
  TileDraw,
  TilePixels,
  ViewDraws,
} from "./backend.ts";

/** The whole pixels whose centres lie in both rectangles; empty ones have x0 = x1 or y0 = y1. */
export function coveredPixels(clip: Rect, area: Rect): Rect {
  const x0 = Math.max(Math.ceil(clip.x0 - 0.5), area.x0);
  const y0 = Math.max(Math.ceil(clip.y0 - 0.5), area.y0);
  const x1 = Math.max(x0, Math.min(Math.ceil(clip.x1 - 0.5), area.x1));
  const y1 = Math.max(y0, Math.min(Math.ceil(clip.y1 - 0.5), area.y1));
  return { x0, y0, x1, y1 };
}

/** Is there no pixel in `rect`? */
export function isEmpty(rect: Rect): boolean {
  return rect.x1 <= rect.x0 || rect.y1 <= rect.y0;
}

/** The voxel under the centre of pixel `pixel` along one axis, kept inside the tile. */
export function texelAt(pixel: number, origin: number, scale: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor((pixel + 0.5 - origin) / scale)));
}

/**
 * A window as the shaders and the rasteriser use it: brightness = (element - whole - rest) * factor. For integers `whole` is subtracted as
 * an integer, because float32 is exact only up to 2^24.
 */
export interface WindowTerms {
  readonly whole: number;
  readonly rest: number;
  readonly factor: number;
}

/** The terms of a window for the elements of one tile. A window without extent is a threshold. */
export function windowTerms(pixels: ImagePixels, style: ImageStyle): WindowTerms {
  const low = style.window[0] - pixels.base;
  const high = style.window[1] - pixels.base;
  const factor = high > low ? 1 / (high - low) : Number.MAX_SAFE_INTEGER;
  if (pixels.data instanceof Float32Array) {
    return { whole: 0, rest: low, factor };
  }
  const [least, greatest] = elementRange(pixels.data);
  const whole = Math.min(greatest, Math.max(least, Math.floor(low)));
  return { whole, rest: low - whole, factor };
}

/** Least and greatest value that an element of an integer array can have. */
function elementRange(data: PixelArray): readonly [number, number] {
  const bits = data.BYTES_PER_ELEMENT * 8;
  const isSigned = data instanceof Int8Array || data instanceof Int16Array || data instanceof Int32Array;
  return isSigned ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** The tiles drawn at a pixel of the view, top first. */
export function pickTexels(
  view: ViewDraws,
  tiles: ReadonlyMap<string, TilePixels>,
  x: number,
  y: number,
): readonly PickedTexel[] {
  const px = Math.floor(x);
  const py = Math.floor(y);
  const picked: PickedTexel[] = [];
  for (const panel of view.panels) {
    for (const draw of panel.draws) {
      const tile = draw.kind === "tile" ? tiles.get(draw.key) : undefined;
      if (draw.kind === "tile" && tile !== undefined && contains(coveredPixels(draw.clip, panel.area), px, py)) {
        picked.push(texelOf(draw, tile, px, py));
      }
    }
  }
  return picked.reverse();
}

function texelOf(draw: TileDraw, tile: TilePixels, px: number, py: number): PickedTexel {
  return {
    key: draw.key,
    column: texelAt(px, draw.x, draw.scaleX, tile.width),
    row: texelAt(py, draw.y, draw.scaleY, tile.height),
  };
}

function contains(rect: Rect, x: number, y: number): boolean {
  return x >= rect.x0 && x < rect.x1 && y >= rect.y0 && y < rect.y1;
}
