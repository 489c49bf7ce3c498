/** Planes, axes and the frames between them: nm of the volume, voxels of a mip, device pixels of the canvas. */
import type { Plane, ScaleDescription, Triple } from "../../../schemas/protocol/volume.ts";
import { tileEdge } from "../../../schemas/protocol/volume.ts";
import type { Rect } from "../render/backend.ts";

export type Axis = 0 | 1 | 2;

export const planes: readonly Plane[] = ["xy", "xz", "yz"];
export const axisNames = ["x", "y", "z"] as const;

/** The axes of a plane: across the screen, down the screen, into the screen. */
export interface PlaneAxes {
  readonly horizontal: Axis;
  readonly vertical: Axis;
  readonly normal: Axis;
}

const axesByPlane: Readonly<Record<Plane, PlaneAxes>> = {
  xy: { horizontal: 0, vertical: 1, normal: 2 },
  xz: { horizontal: 0, vertical: 2, normal: 1 },
  yz: { horizontal: 1, vertical: 2, normal: 0 },
};

export function axesOf(plane: Plane): PlaneAxes {
  return axesByPlane[plane];
}

/** The plane that one looks at along `axis`. */
export function planeAcross(axis: Axis): Plane {
  return axis === 2 ? "xy" : axis === 1 ? "xz" : "yz";
}

/** `triple` with one component replaced. */
export function withAxis(triple: Triple, axis: Axis, value: number): Triple {
  return [axis === 0 ? value : triple[0], axis === 1 ? value : triple[1], axis === 2 ? value : triple[2]];
}

/** One panel as it is drawn: which plane, where it looks, and where on the canvas it lies. */
export interface PanelView {
  readonly plane: Plane;
  readonly centerNm: Triple;
  /** nm per device pixel. */
  readonly nmPerPixel: number;
  /** Whole device pixels of the canvas. */
  readonly area: Rect;
}

/** Device pixel of the canvas at which coordinate `nm` of the plane's horizontal or vertical axis lies. */
export function toPixel(view: PanelView, axis: Axis, nm: number): number {
  const isHorizontal = axesOf(view.plane).horizontal === axis;
  const middle = isHorizontal ? (view.area.x0 + view.area.x1) / 2 : (view.area.y0 + view.area.y1) / 2;
  return middle + (nm - view.centerNm[axis]) / view.nmPerPixel;
}

/** The point of the volume under a device pixel of the canvas, in nm. */
export function toNm(view: PanelView, x: number, y: number): Triple {
  const { horizontal, vertical } = axesOf(view.plane);
  const across = view.centerNm[horizontal] + (x - (view.area.x0 + view.area.x1) / 2) * view.nmPerPixel;
  const down = view.centerNm[vertical] + (y - (view.area.y0 + view.area.y1) / 2) * view.nmPerPixel;
  return withAxis(withAxis(view.centerNm, horizontal, across), vertical, down);
}

/** The voxel of a scale that holds a point; it may lie outside the bounds. */
export function voxelAt(scale: ScaleDescription, pointNm: Triple): Triple {
  const [x, y, z] = scale.resolutionNm;
  return [Math.floor(pointNm[0] / x), Math.floor(pointNm[1] / y), Math.floor(pointNm[2] / z)];
}

/** Is `voxel` inside the bounds of the scale? */
export function isInside(scale: ScaleDescription, voxel: Triple): boolean {
  return ([0, 1, 2] as const).every((axis) => voxel[axis] >= scale.min[axis] && voxel[axis] < scale.max[axis]);
}

/** The slice of a scale that a panel cuts, or `undefined` outside the bounds. */
export function sliceOf(scale: ScaleDescription, plane: Plane, centerNm: Triple): number | undefined {
  const { normal } = axesOf(plane);
  const slice = Math.floor(centerNm[normal] / scale.resolutionNm[normal]);
  return slice >= scale.min[normal] && slice < scale.max[normal] ? slice : undefined;
}

/** Tiles [u0, u1) by [v0, v1). */
export interface TileRange {
  readonly u0: number;
  readonly v0: number;
  readonly u1: number;
  readonly v1: number;
}

/** The tiles of a scale that show in `region`, a rectangle in device pixels. */
export function tilesIn(scale: ScaleDescription, view: PanelView, region: Rect): TileRange {
  const { horizontal, vertical } = axesOf(view.plane);
  const [u0, u1] = tilesAlong(scale, view, horizontal, region.x0, region.x1);
  const [v0, v1] = tilesAlong(scale, view, vertical, region.y0, region.y1);
  return { u0, v0, u1, v1 };
}

function tilesAlong(
  scale: ScaleDescription,
  view: PanelView,
  axis: Axis,
  from: number,
  to: number,
): readonly [number, number] {
  const origin = toPixel(view, axis, scale.min[axis] * scale.resolutionNm[axis]);
  const pixelsPerTile = (tileEdge * scale.resolutionNm[axis]) / view.nmPerPixel;
  const count = Math.ceil((scale.max[axis] - scale.min[axis]) / tileEdge);
  const first = Math.max(0, Math.floor((from - origin) / pixelsPerTile));
  const end = Math.min(count, Math.ceil((to - origin) / pixelsPerTile));
  return [first, Math.max(first, end)];
}

/** Number of tiles in a range. */
export function countTiles(range: TileRange): number {
  return (range.u1 - range.u0) * (range.v1 - range.v0);
}

/** Where a tile lies, and how large its voxels are, in device pixels. Edges of neighbours are equal to the bit. */
export interface TilePlacement {
  readonly rect: Rect;
  readonly scaleX: number;
  readonly scaleY: number;
}

/** The placement of tile (u, v), clipped to the bounds of the scale. */
export function placeTile(scale: ScaleDescription, view: PanelView, u: number, v: number): TilePlacement {
  const { horizontal, vertical } = axesOf(view.plane);
  const edge = (axis: Axis, tile: number): number => {
    const voxel = Math.min(scale.max[axis], scale.min[axis] + tile * tileEdge);
    return toPixel(view, axis, voxel * scale.resolutionNm[axis]);
  };
  return {
    rect: { x0: edge(horizontal, u), y0: edge(vertical, v), x1: edge(horizontal, u + 1), y1: edge(vertical, v + 1) },
    scaleX: scale.resolutionNm[horizontal] / view.nmPerPixel,
    scaleY: scale.resolutionNm[vertical] / view.nmPerPixel,
  };
}

/** The common part of two rectangles, or `undefined`. */
export function intersect(a: Rect, b: Rect): Rect | undefined {
  const rect = {
    x0: Math.max(a.x0, b.x0),
    y0: Math.max(a.y0, b.y0),
    x1: Math.min(a.x1, b.x1),
    y1: Math.min(a.y1, b.y1),
  };
  return rect.x0 < rect.x1 && rect.y0 < rect.y1 ? rect : undefined;
}
