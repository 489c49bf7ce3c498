/** The CPU renderer without a canvas: draws into RGBA bytes that the caller owns. */
import type {
  Draw,
  HatchDraw,
  ImagePixels,
  ImageStyle,
  LabelPixels,
  LabelStyle,
  Rect,
  TileDraw,
  TilePixels,
  ViewDraws,
} from "./backend.ts";
import { alphaOutlined, opacityOfAlpha } from "./palette.ts";
import { coveredPixels, isEmpty, texelAt, windowTerms } from "./raster.ts";

/** RGBA bytes, rows from top to bottom. */
export interface Surface {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** What the rasteriser knows of the tiles. */
export interface TileSet {
  readonly tiles: ReadonlyMap<string, TilePixels>;
  readonly palettes: ReadonlyMap<string, Uint8Array>;
}

/** Draws `view` over all of `surface`, whose size is the view's. */
export function rasterize(view: ViewDraws, set: TileSet, surface: Surface): void {
  fillBackground(view, surface);
  for (const panel of view.panels) {
    for (const draw of panel.draws) {
      const area = coveredPixels(draw.clip, panel.area);
      if (!isEmpty(area)) {
        rasterizeDraw(draw, area, set, surface);
      }
    }
  }
}

function fillBackground(view: ViewDraws, surface: Surface): void {
  const pixel = new Uint8ClampedArray([...view.background, 255]);
  const word = new Uint32Array(pixel.buffer)[0] ?? 0;
  new Uint32Array(surface.data.buffer, surface.data.byteOffset, surface.width * surface.height).fill(word);
}

function rasterizeDraw(draw: Draw, area: Rect, set: TileSet, surface: Surface): void {
  if (draw.kind === "hatch") {
    rasterizeHatch(draw, area, surface);
    return;
  }
  const tile = set.tiles.get(draw.key);
  if (tile?.kind === "image" && draw.style.kind === "image") {
    rasterizeImage(draw, draw.style, tile, area, surface);
  } else if (tile?.kind === "labels" && draw.style.kind === "labels") {
    const palette = set.palettes.get(draw.key);
    if (palette !== undefined) {
      rasterizeLabels(draw, draw.style, tile, palette, area, surface);
    }
  }
}

/** The voxel column under each pixel column of `area`, moved by `shift` pixels. */
function texelColumns(draw: TileDraw, tile: TilePixels, area: Rect, shift = 0): Int32Array {
  const columns = new Int32Array(area.x1 - area.x0);
  for (let index = 0; index < columns.length; index++) {
    columns[index] = texelAt(area.x0 + index + shift, draw.x, draw.scaleX, tile.width);
  }
  return columns;
}

function rasterizeImage(draw: TileDraw, style: ImageStyle, tile: ImagePixels, area: Rect, surface: Surface): void {
  const { whole, rest, factor } = windowTerms(tile, style);
  const plane = tile.width * tile.height;
  const columns = texelColumns(draw, tile, area);
  const { data } = tile;
  const isGray = tile.channels === 1;
  const brightness = (index: number): number => {
    const value = ((data[index] ?? 0) - whole - rest) * factor;
    return value > 0 ? Math.min(1, value) * 255 : 0;
  };
  for (let y = area.y0; y < area.y1; y++) {
    const row = texelAt(y, draw.y, draw.scaleY, tile.height) * tile.width;
    let target = (y * surface.width + area.x0) * 4;
    for (let index = 0; index < columns.length; index++) {
      const source = row + (columns[index] ?? 0);
      const red = brightness(source);
      const green = isGray ? red : brightness(source + plane);
      const blue = isGray ? red : tile.channels > 2 ? brightness(source + 2 * plane) : 0;
      blend(surface.data, target, red, green, blue, style.opacity);
      target += 4;
    }
  }
}

function rasterizeLabels(
  draw: TileDraw,
  style: LabelStyle,
  tile: LabelPixels,
  palette: Uint8Array,
  area: Rect,
  surface: Surface,
): void {
  const { width, height, data } = tile;
  const columns = texelColumns(draw, tile, area);
  const left = texelColumns(draw, tile, area, -style.outlineWidth);
  const right = texelColumns(draw, tile, area, style.outlineWidth);
  const [outlineRed, outlineGreen, outlineBlue] = style.outline;
  for (let y = area.y0; y < area.y1; y++) {
    const row = texelAt(y, draw.y, draw.scaleY, height) * width;
    const above = texelAt(y - style.outlineWidth, draw.y, draw.scaleY, height) * width;
    const below = texelAt(y + style.outlineWidth, draw.y, draw.scaleY, height) * width;
    let target = (y * surface.width + area.x0) * 4;
    for (let index = 0; index < columns.length; index++, target += 4) {
      const column = columns[index] ?? 0;
      const label = data[row + column] ?? 0;
      const alpha = palette[label * 4 + 3] ?? 0;
      if (alpha === 0) {
        continue;
      }
      const isEdge =
        alpha === alphaOutlined &&
        (data[row + (left[index] ?? 0)] !== label ||
          data[row + (right[index] ?? 0)] !== label ||
          data[above + column] !== label ||
          data[below + column] !== label);
      if (isEdge) {
        blend(surface.data, target, outlineRed, outlineGreen, outlineBlue, 1);
        continue;
      }
      const opacity = opacityOfAlpha(alpha) * style.opacity;
      const entry = label * 4;
      blend(surface.data, target, palette[entry] ?? 0, palette[entry + 1] ?? 0, palette[entry + 2] ?? 0, opacity);
    }
  }
}

function rasterizeHatch(draw: HatchDraw, area: Rect, surface: Surface): void {
  const { period, width, pattern } = draw;
  for (let y = area.y0; y < area.y1; y++) {
    for (let x = area.x0; x < area.x1; x++) {
      // Adding a multiple of the period keeps the difference positive, as in the shader.
      const isLine = (x + y) % period < width || (pattern === "lattice" && (x - y + period * 65536) % period < width);
      const [red, green, blue, opacity] = isLine ? draw.line : draw.base;
      blend(surface.data, (y * surface.width + x) * 4, red, green, blue, opacity);
    }
  }
}

function blend(data: Uint8ClampedArray, at: number, red: number, green: number, blue: number, opacity: number): void {
  const rest = 1 - opacity;
  data[at] = red * opacity + (data[at] ?? 0) * rest;
  data[at + 1] = green * opacity + (data[at + 1] ?? 0) * rest;
  data[at + 2] = blue * opacity + (data[at + 2] ?? 0) * rest;
}
