/** Turns what is wanted and what is there into draws: the finest tiles that have come, and what is missing or failed. */
import type { WireError } from "../../../schemas/errors.ts";
import type { ScaleDescription } from "../../../schemas/protocol/volume.ts";
import type { Draw, Rect, TileDraw } from "../render/backend.ts";
import { intersect, type PanelView, placeTile, sliceOf, tilesIn } from "./geometry.ts";
import { coarserMips, finerMip, shownMip } from "./mips.ts";
import type { LayerModel } from "./state.ts";
import type { TexelRect } from "./tileReply.ts";
import { type TileAddress, tileKey } from "./wantedTiles.ts";

/** What the planner asks about tiles. */
export interface TileLookup {
  /** The missing parts of a tile that can be drawn; `undefined` when the tile is not there. */
  missing(key: string): readonly TexelRect[] | undefined;
  failure(key: string): WireError | undefined;
}

/** How the planner lets things look. */
export interface PlanStyle {
  readonly tile: (layer: LayerModel, key: string) => TileDraw["style"];
  /** What covers the voxels of the layer, if anything, and the pattern over all layers. */
  readonly hatch: (
    kind: Remark["kind"],
    clip: Rect,
    layer: LayerModel,
  ) => { readonly cover?: Draw; readonly pattern: Draw };
}

/** A part of a panel with something to say about it on hover. */
export interface Remark {
  readonly kind: "missing" | "failed";
  readonly rect: Rect;
  readonly layer: number;
  /** Why it failed. */
  readonly error?: WireError;
}

export interface PanelPlan {
  readonly draws: readonly Draw[];
  readonly remarks: readonly Remark[];
  /** The mip shown of each layer that crosses the panel. */
  readonly mips: ReadonlyMap<number, number>;
  /** Tiles at their own mip that are drawn, and those of other mips that stand in. */
  readonly drawn: number;
  readonly standIns: number;
  readonly pending: number;
  readonly missing: number;
  readonly failed: number;
  /** Keys of the drawn tiles. */
  readonly keys: readonly string[];
}

/** Plans one panel: the layers from bottom to top. */
export function planPanel(
  view: PanelView,
  layers: readonly LayerModel[],
  lookup: TileLookup,
  style: PlanStyle,
): PanelPlan {
  const planner = new LayerPlanner(view, lookup, style);
  for (const layer of layers) {
    if (layer.view.isVisible && layer.layer.volume !== undefined) {
      planner.addLayer(layer, layer.layer.volume.scales);
    }
  }
  return planner.result();
}

class LayerPlanner {
  readonly #view: PanelView;
  readonly #lookup: TileLookup;
  readonly #style: PlanStyle;
  readonly #draws: Draw[] = [];
  /** Drawn last, so that no layer hides them. */
  readonly #patterns: Draw[] = [];
  readonly #remarks: Remark[] = [];
  readonly #mips = new Map<number, number>();
  readonly #keys = new Set<string>();
  readonly #count = { drawn: 0, standIns: 0, pending: 0, missing: 0, failed: 0 };

  constructor(view: PanelView, lookup: TileLookup, style: PlanStyle) {
    this.#view = view;
    this.#lookup = lookup;
    this.#style = style;
  }

  addLayer(layer: LayerModel, scales: readonly ScaleDescription[]): void {
    const mip = shownMip(scales, this.#view, layer.view.mip);
    const scale = scales[mip];
    if (scale === undefined || sliceOf(scale, this.#view.plane, this.#view.centerNm) === undefined) {
      return;
    }
    this.#mips.set(layer.layer.id, mip);
    this.#eachTile(layer, scales, mip, this.#view.area, (address, rect) => {
      const key = tileKey(address);
      const failure = this.#lookup.failure(key);
      if (this.#draw(layer, scales, address, rect)) {
        this.#count.drawn += 1;
        this.#count.missing += (this.#lookup.missing(key)?.length ?? 0) > 0 ? 1 : 0;
        return;
      }
      this.#drawStandIns(layer, scales, mip, rect);
      if (failure === undefined) {
        this.#count.pending += 1;
      } else {
        this.#count.failed += 1;
        this.#remark({ kind: "failed", rect, layer: layer.layer.id, error: failure }, layer);
      }
    });
  }

  result(): PanelPlan {
    return {
      draws: [...this.#draws, ...this.#patterns],
      remarks: this.#remarks,
      mips: this.#mips,
      ...this.#count,
      keys: [...this.#keys],
    };
  }

  /** Finer tiles where all of them are there, else the finest of the coarser ones. Clips keep the parts apart, so nothing blends twice. */
  #drawStandIns(layer: LayerModel, scales: readonly ScaleDescription[], mip: number, region: Rect): void {
    const finer = finerMip(scales, this.#view.plane, mip);
    if (finer !== undefined && this.#isCovered(layer, scales, finer, region)) {
      this.#eachTile(layer, scales, finer, region, (address, rect) => this.#standIn(layer, scales, address, rect));
      return;
    }
    this.#drawCoarser(layer, scales, mip, region);
  }

  #drawCoarser(layer: LayerModel, scales: readonly ScaleDescription[], mip: number, region: Rect): void {
    const next = coarserMips(scales, this.#view.plane, mip)[0];
    if (next !== undefined) {
      this.#eachTile(layer, scales, next, region, (address, rect) => {
        if (!this.#standIn(layer, scales, address, rect)) {
          this.#drawCoarser(layer, scales, next, rect);
        }
      });
    }
  }

  #standIn(layer: LayerModel, scales: readonly ScaleDescription[], address: TileAddress, rect: Rect): boolean {
    const isDrawn = this.#draw(layer, scales, address, rect);
    this.#count.standIns += isDrawn ? 1 : 0;
    return isDrawn;
  }

  #isCovered(layer: LayerModel, scales: readonly ScaleDescription[], mip: number, region: Rect): boolean {
    let tiles = 0;
    let present = 0;
    this.#eachTile(layer, scales, mip, region, (address) => {
      tiles += 1;
      present += this.#lookup.missing(tileKey(address)) === undefined ? 0 : 1;
    });
    return tiles > 0 && tiles === present;
  }

  /** Calls `visit` for the tiles of a mip in `region` with the part of the region that each covers. */
  #eachTile(
    layer: LayerModel,
    scales: readonly ScaleDescription[],
    mip: number,
    region: Rect,
    visit: (address: TileAddress, part: Rect) => void,
  ): void {
    const scale = scales[mip];
    const slice = scale === undefined ? undefined : sliceOf(scale, this.#view.plane, this.#view.centerNm);
    if (scale === undefined || slice === undefined) {
      return;
    }
    const range = tilesIn(scale, this.#view, region);
    for (let v = range.v0; v < range.v1; v++) {
      for (let u = range.u0; u < range.u1; u++) {
        const part = intersect(placeTile(scale, this.#view, u, v).rect, region);
        if (part !== undefined) {
          visit({ layer: layer.layer.id, mip, plane: this.#view.plane, slice, u, v }, part);
        }
      }
    }
  }

  /** Draws a tile with its missing parts, if it is there. */
  #draw(layer: LayerModel, scales: readonly ScaleDescription[], address: TileAddress, clip: Rect): boolean {
    const key = tileKey(address);
    const missing = this.#lookup.missing(key);
    const scale = scales[address.mip];
    if (missing === undefined || scale === undefined) {
      return false;
    }
    const { rect, scaleX, scaleY } = placeTile(scale, this.#view, address.u, address.v);
    const { x0: x, y0: y } = rect;
    this.#draws.push({ kind: "tile", key, x, y, scaleX, scaleY, clip, style: this.#style.tile(layer, key) });
    this.#keys.add(key);
    for (const [u0, v0, u1, v1] of missing) {
      const part = intersect(
        { x0: x + u0 * scaleX, y0: y + v0 * scaleY, x1: x + u1 * scaleX, y1: y + v1 * scaleY },
        clip,
      );
      if (part !== undefined) {
        this.#remark({ kind: "missing", rect: part, layer: layer.layer.id }, layer);
      }
    }
    return true;
  }

  #remark(remark: Remark, layer: LayerModel): void {
    this.#remarks.push(remark);
    const { cover, pattern } = this.#style.hatch(remark.kind, remark.rect, layer);
    this.#draws.push(...(cover === undefined ? [] : [cover]));
    this.#patterns.push(pattern);
  }
}
