/** Which tiles the panels want, most urgent first. */
import type { TileRequest } from "../../../schemas/messages/slices.ts";
import type { ScaleDescription } from "../../../schemas/protocol/volume.ts";
import type { Rect } from "../render/backend.ts";
import { axesOf, countTiles, type PanelView, placeTile, sliceOf, tilesIn, withAxis } from "./geometry.ts";
import { ancestorMips, shownMip } from "./mips.ts";
import type { LayerModel, LayerVolume } from "./state.ts";

export type TileAddress = TileRequest;

/** Names a tile in the store, the scheduler and the backend. */
export function tileKey({ layer, mip, plane, slice, u, v, channel }: TileAddress): string {
  return `${layer}/${mip}/${plane}/${slice}/${u}/${v}${channel === undefined ? "" : `/${channel}`}`;
}

export interface WantedTile {
  readonly key: string;
  readonly address: TileAddress;
  /** For a neighbouring slice: wanted only when nothing else is. */
  readonly isPrefetch: boolean;
}

interface RankedTile extends WantedTile {
  /** Device pixels from the centre of the panel. */
  readonly distance: number;
  /** 0 = the mip that is shown, higher = coarser. */
  readonly coarseness: number;
}

/** Neighbouring slices are fetched ahead only while a layer shows at most this many tiles in a panel. */
const maxPrefetchedTiles = 32;

/**
 * The tiles for all panels, in the order in which to ask for them: what is visible first, then by distance to the centre of its panel,
 * coarse before fine at the same distance, neighbouring slices last.
 */
export function wantedTiles(views: readonly PanelView[], layers: readonly LayerModel[]): readonly WantedTile[] {
  const ranked: RankedTile[] = [];
  for (const view of views) {
    for (const { layer, view: state } of layers) {
      if (layer.volume !== undefined && state.isVisible) {
        ranked.push(...tilesOfLayer(view, layer.id, layer.volume, state.mip));
      }
    }
  }
  return ranked.sort(
    (a, b) => Number(a.isPrefetch) - Number(b.isPrefetch) || a.distance - b.distance || b.coarseness - a.coarseness,
  );
}

function tilesOfLayer(
  view: PanelView,
  layer: number,
  { scales }: LayerVolume,
  fixedMip: number | undefined,
): RankedTile[] {
  const mip = shownMip(scales, view, fixedMip);
  const tiles: RankedTile[] = [];
  for (const [rank, ancestor] of [mip, ...ancestorMips(scales, view.plane, mip)].entries()) {
    const scale = scales[ancestor];
    if (scale !== undefined) {
      tiles.push(...tilesOfScale(view, layer, ancestor, scale, rank, false));
    }
  }
  const scale = scales[mip];
  if (scale !== undefined && countTiles(tilesIn(scale, view, view.area)) <= maxPrefetchedTiles) {
    const { normal } = axesOf(view.plane);
    for (const step of [1, -1]) {
      const depth = view.centerNm[normal] + step * scale.resolutionNm[normal];
      const neighbour = { ...view, centerNm: withAxis(view.centerNm, normal, depth) };
      tiles.push(...tilesOfScale(neighbour, layer, mip, scale, 0, true));
    }
  }
  return tiles;
}

function tilesOfScale(
  view: PanelView,
  layer: number,
  mip: number,
  scale: ScaleDescription,
  coarseness: number,
  isPrefetch: boolean,
): RankedTile[] {
  const slice = sliceOf(scale, view.plane, view.centerNm);
  if (slice === undefined) {
    return [];
  }
  const { u0, v0, u1, v1 } = tilesIn(scale, view, view.area);
  const tiles: RankedTile[] = [];
  for (let v = v0; v < v1; v++) {
    for (let u = u0; u < u1; u++) {
      const address = { layer, mip, plane: view.plane, slice, u, v };
      const distance = distanceToCenter(placeTile(scale, view, u, v).rect, view.area);
      tiles.push({ key: tileKey(address), address, isPrefetch, distance, coarseness });
    }
  }
  return tiles;
}

/** From the centre of `area` to the nearest point of `rect`. */
function distanceToCenter(rect: Rect, area: Rect): number {
  const x = (area.x0 + area.x1) / 2;
  const y = (area.y0 + area.y1) / 2;
  return Math.hypot(Math.max(rect.x0 - x, 0, x - rect.x1), Math.max(rect.y0 - y, 0, y - rect.y1));
}
