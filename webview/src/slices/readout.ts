/** Exact values and labels from the tiles that are drawn, without asking anybody. */
import type { Draw, PickedTexel, SliceBackend, TileDraw } from "../render/backend.ts";
import { coveredPixels, texelAt } from "../render/raster.ts";
import type { PanelView } from "./geometry.ts";
import type { StoredTile, TileStore } from "./tileStore.ts";

/** What one layer shows at a pixel. */
export interface LayerReadout {
  readonly layer: number;
  readonly mip: number;
  /** Exact decimal text; several channels apart by commas. Absent where only a probe can tell. */
  readonly text?: string;
  /** The label, for label tiles. */
  readonly label?: bigint;
  /** The voxel lies in a part without a stored chunk. */
  readonly isMissing: boolean;
}

/** Readouts at a device pixel of the canvas, top layer first. */
export function readoutsAt(backend: SliceBackend, store: TileStore, x: number, y: number): readonly LayerReadout[] {
  return backend.pick(x, y).flatMap((texel) => {
    const tile = store.get(texel.key);
    return tile === undefined ? [] : [readTexel(tile, texel)];
  });
}

function readTexel(tile: StoredTile, { column, row }: PickedTexel): LayerReadout {
  const { pixels, address, table, missing } = tile;
  const isMissing = missing.some(([u0, v0, u1, v1]) => column >= u0 && column < u1 && row >= v0 && row < v1);
  const common = { layer: address.layer, mip: address.mip, isMissing };
  const index = row * pixels.width + column;
  if (pixels.kind === "labels") {
    const label = table?.[pixels.data[index] ?? -1];
    return label === undefined ? common : { ...common, label, text: label.toString() };
  }
  if (/64$/.test(tile.dtype)) {
    return common;
  }
  const plane = pixels.width * pixels.height;
  const values = Array.from({ length: pixels.channels }, (_, channel) => pixels.data[index + channel * plane] ?? 0);
  return { ...common, text: values.map(formatVoxel(tile)).join(", ") };
}

/** A float32 as the shortest text that stands for it; integers as they are. */
function formatVoxel(tile: StoredTile): (value: number) => string {
  return tile.dtype === "float32" ? (value) => String(Number(value.toPrecision(7))) : String;
}

/** A label in view with the number of device pixels that it covers. */
export interface LabelInView {
  readonly layer: number;
  readonly label: bigint;
  readonly pixels: number;
}

/** The labels other than 0 that the panels show, largest first. */
export function labelsInView(
  panels: readonly { readonly view: PanelView; readonly draws: readonly Draw[] }[],
  store: TileStore,
): readonly LabelInView[] {
  const areas = new Map<string, { layer: number; label: bigint; pixels: number }>();
  for (const { view, draws } of panels) {
    for (const draw of draws) {
      const tile = draw.kind === "tile" ? store.get(draw.key) : undefined;
      if (draw.kind === "tile" && tile !== undefined) {
        for (const [label, pixels] of countLabels(draw, tile, view)) {
          const key = `${tile.address.layer}/${label}`;
          const entry = areas.get(key) ?? { layer: tile.address.layer, label, pixels: 0 };
          entry.pixels += pixels;
          areas.set(key, entry);
        }
      }
    }
  }
  return [...areas.values()].sort((a, b) => b.pixels - a.pixels);
}

function countLabels(draw: TileDraw, tile: StoredTile, view: PanelView): readonly (readonly [bigint, number])[] {
  const { pixels, table } = tile;
  if (pixels.kind !== "labels" || table === undefined) {
    return [];
  }
  const area = coveredPixels(draw.clip, view.area);
  const counts = new Uint32Array(table.length);
  const firstColumn = texelAt(area.x0, draw.x, draw.scaleX, pixels.width);
  const lastColumn = texelAt(area.x1 - 1, draw.x, draw.scaleX, pixels.width);
  const lastRow = texelAt(area.y1 - 1, draw.y, draw.scaleY, pixels.height);
  for (let row = texelAt(area.y0, draw.y, draw.scaleY, pixels.height); row <= lastRow; row++) {
    for (let column = firstColumn; column <= lastColumn; column++) {
      const index = pixels.data[row * pixels.width + column] ?? 0;
      counts[index] = (counts[index] ?? 0) + 1;
    }
  }
  const pixelsPerTexel = draw.scaleX * draw.scaleY;
  return [...counts].flatMap((count, index) => {
    const label = table[index] ?? 0n;
    return count === 0 || label === 0n ? [] : [[label, count * pixelsPerTexel] as const];
  });
}
