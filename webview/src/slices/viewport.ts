/** The panels as they stand on the screen, and the ways between CSS pixels of a panel, device pixels of the canvas and nm. */
import type { Plane, Triple } from "../../../schemas/protocol/volume.ts";
import { axesOf, type PanelView, toNm, toPixel } from "./geometry.ts";
import type { PanelBox } from "./panelLayout.ts";
import { boundsNm, type SliceModel } from "./state.ts";

/** CSS pixels from the top left corner of a panel. */
export type Point = readonly [x: number, y: number];

export interface Viewport {
  readonly model: SliceModel;
  readonly boxes: readonly PanelBox[];
  /** Device pixels of the canvas per CSS pixel. */
  readonly ratio: number;
}

/** A panel as the renderer draws it. */
export function panelView({ model, ratio }: Viewport, box: PanelBox): PanelView {
  return {
    plane: box.plane,
    centerNm: model.centerNm,
    nmPerPixel: model.nmPerPixel / ratio,
    area: {
      x0: Math.round(box.x * ratio),
      y0: Math.round(box.y * ratio),
      x1: Math.round((box.x + box.width) * ratio),
      y1: Math.round((box.y + box.height) * ratio),
    },
  };
}

/** The device pixel of a point of a panel, or of the panel's centre. */
export function toDevice({ boxes, ratio }: Viewport, plane: Plane, point: Point | undefined): Point {
  const box = boxes.find((candidate) => candidate.plane === plane);
  const [x, y] = point ?? [(box?.width ?? 0) / 2, (box?.height ?? 0) / 2];
  return [((box?.x ?? 0) + x) * ratio, ((box?.y ?? 0) + y) * ratio];
}

/**
 * The point of the volume that is drawn under a point of a panel: that of the centre of its device pixel, as the renderer takes it, so that
 * position and value never name two voxels. The centre of the view when the panel is not shown.
 */
export function nmAt(viewport: Viewport, plane: Plane, point: Point | undefined): Triple {
  const box = viewport.boxes.find((candidate) => candidate.plane === plane);
  if (box === undefined || point === undefined) {
    return viewport.model.centerNm;
  }
  const [x, y] = toDevice(viewport, plane, point);
  return toNm(panelView(viewport, box), Math.floor(x) + 0.5, Math.floor(y) + 0.5);
}

/** A point of a panel, counted from the panel's centre. */
export function fromCenter({ boxes }: Viewport, plane: Plane, [x, y]: Point): Point {
  const box = boxes.find((candidate) => candidate.plane === plane);
  return [x - (box?.width ?? 0) / 2, y - (box?.height ?? 0) / 2];
}

/** The edges of the volume in a panel in CSS pixels: [left, top, right, bottom]. */
export function boundsIn({ model }: Viewport, box: PanelBox): readonly [number, number, number, number] | undefined {
  const bounds = boundsNm(model);
  if (bounds === undefined) {
    return undefined;
  }
  const { horizontal, vertical } = axesOf(box.plane);
  const view: PanelView = {
    plane: box.plane,
    centerNm: model.centerNm,
    nmPerPixel: model.nmPerPixel,
    area: { x0: 0, y0: 0, x1: box.width, y1: box.height },
  };
  return [
    toPixel(view, horizontal, bounds.min[horizontal]),
    toPixel(view, vertical, bounds.min[vertical]),
    toPixel(view, horizontal, bounds.max[horizontal]),
    toPixel(view, vertical, bounds.max[vertical]),
  ];
}
