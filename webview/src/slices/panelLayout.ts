/** Where the panels of a layout lie in the view. */
import type { SliceLayout } from "../../../schemas/messages/slices.ts";
import type { Plane } from "../../../schemas/protocol/volume.ts";

/** A panel in CSS pixels from the top left corner of the view. */
export interface PanelBox {
  readonly plane: Plane;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** CSS pixels between panels. */
export const panelGap = 1;

/** One panel fills the view; of three, xy takes the larger share and the others stand beside it, or below it in an upright view. */
export function layoutPanels(layout: SliceLayout, width: number, height: number): readonly PanelBox[] {
  if (layout !== "all") {
    return [{ plane: layout, x: 0, y: 0, width, height }];
  }
  const isUpright = height > width;
  const length = isUpright ? height : width;
  const breadth = isUpright ? width : height;
  const major = Math.round((length - panelGap) * 0.6);
  const half = Math.round((breadth - panelGap) / 2);
  const boxes = [
    { plane: "xy", at: 0, across: 0, along: major, breadth },
    { plane: "xz", at: major + panelGap, across: 0, along: length - major - panelGap, breadth: half },
    {
      plane: "yz",
      at: major + panelGap,
      across: half + panelGap,
      along: length - major - panelGap,
      breadth: breadth - half - panelGap,
    },
  ] as const;
  return boxes.map((box) =>
    isUpright
      ? { plane: box.plane, x: box.across, y: box.at, width: box.breadth, height: Math.max(0, box.along) }
      : { plane: box.plane, x: box.at, y: box.across, width: Math.max(0, box.along), height: box.breadth },
  );
}
