/**
 * The contract of a slice renderer: tiles go in as typed arrays, a list of draws comes out as pixels. A backend knows no messages, no
 * layers and no volumes. All positions are device pixels of the canvas, y down; all sampling is nearest.
 */
import type { Rgb } from "./segmentColor.ts";

/** The element types that a backend can sample; wider ones arrive as float32 with a base. */
export type PixelArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array;

/** Voxels of an image; `channels` planes of `width * height`, channel slowest. The true value is `base` + the element. */
export interface ImagePixels {
  readonly kind: "image";
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: PixelArray;
  readonly base: number;
}

/** Indices into a palette, which `setPalette` gives. */
export interface LabelPixels {
  readonly kind: "labels";
  readonly width: number;
  readonly height: number;
  readonly data: Uint16Array;
}

export type TilePixels = ImagePixels | LabelPixels;

/** Half open: [x0, x1) by [y0, y1). A pixel belongs to it when its centre does. */
export interface Rect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface ImageStyle {
  readonly kind: "image";
  /** 0..1 */
  readonly opacity: number;
  /** Values drawn black and white. */
  readonly window: readonly [low: number, high: number];
}

export interface LabelStyle {
  readonly kind: "labels";
  /** 0..1; multiplied with the alpha of the palette. */
  readonly opacity: number;
  /** Colour of the outlines, drawn inside the label. */
  readonly outline: Rgb;
  /** Device pixels. */
  readonly outlineWidth: number;
}

/** Draws the part of a tile that lies in `clip`. A tile that was not uploaded is skipped. */
export interface TileDraw {
  readonly kind: "tile";
  readonly key: string;
  /** Where the corner of the tile's first voxel lies. */
  readonly x: number;
  readonly y: number;
  /** Pixels per voxel. */
  readonly scaleX: number;
  readonly scaleY: number;
  readonly clip: Rect;
  readonly style: ImageStyle | LabelStyle;
}

/** Fills `clip` with a pattern: stripes for what is missing, a lattice for what failed. */
export interface HatchDraw {
  readonly kind: "hatch";
  readonly clip: Rect;
  readonly pattern: "stripes" | "lattice";
  readonly base: Rgba;
  readonly line: Rgba;
  /** Distance of the lines and their width, in whole device pixels. */
  readonly period: number;
  readonly width: number;
}

/** Red, green, blue 0..255 and opacity 0..1. */
export type Rgba = readonly [red: number, green: number, blue: number, opacity: number];

export type Draw = TileDraw | HatchDraw;

/** A part of the canvas with what is drawn in it, bottom first. */
export interface PanelDraws {
  /** Whole pixels. */
  readonly area: Rect;
  readonly draws: readonly Draw[];
}

export interface ViewDraws {
  readonly width: number;
  readonly height: number;
  readonly background: Rgb;
  readonly panels: readonly PanelDraws[];
}

/** A voxel of a tile that was drawn at a pixel. */
export interface PickedTexel {
  readonly key: string;
  readonly column: number;
  readonly row: number;
}

export interface SliceBackend {
  readonly name: "webgl2" | "cpu";
  /** The element that it draws on; the caller puts it in the page. */
  readonly canvas: HTMLCanvasElement;
  /** The highest ratio of device to CSS pixels at which it is fast enough. */
  readonly maxPixelRatio: number;
  /** Keeps `pixels`; a tile of the same key is replaced. The data must not change afterwards. */
  uploadTile(key: string, pixels: TilePixels): void;
  /** Forgets a tile and its palette; unknown keys are ignored. */
  freeTile(key: string): void;
  /** Colours of a label tile, 4 bytes per index; until then it is transparent. */
  setPalette(key: string, palette: Uint8Array): void;
  /** Draws at once. The canvas takes the size of the view. */
  draw(view: ViewDraws): void;
  /** What the last draw put at a pixel, top first. */
  pick(x: number, y: number): readonly PickedTexel[];
  /** RGBA, rows from top to bottom. Only valid in the task of the draw. */
  readPixels(area: Rect): Uint8ClampedArray;
  /** Frees everything; idempotent. */
  dispose(): void;
}
