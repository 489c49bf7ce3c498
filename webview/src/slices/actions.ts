/** The commands of the view that only change the model. */
import type { SliceCommand } from "../../../schemas/messages/slices.ts";
import { type Axis, axesOf } from "./geometry.ts";
import {
  changeLayer,
  type PanelSize,
  type SliceModel,
  showWhole,
  stepAlong,
  stepMip,
  stepSlice,
  withLayout,
  zoomAt,
} from "./state.ts";

/** Factor of one step of zoom by key or button. */
const zoomStep = Math.SQRT2;

export interface ActionContext {
  /** The panels on screen, for fitting. */
  readonly sizes: readonly PanelSize[];
  readonly pixelRatio: number;
}

/** Commands that need more than the model: the clipboard, or words. */
export type EffectCommand = "copyPosition" | "copyLabel" | "describeView";

export function isEffectCommand(name: SliceCommand): name is EffectCommand {
  return name === "copyPosition" || name === "copyLabel" || name === "describeView";
}

/** The model after a command. */
export function applyCommand(
  model: SliceModel,
  name: Exclude<SliceCommand, EffectCommand>,
  { sizes, pixelRatio }: ActionContext,
): SliceModel {
  const plane = model.activePlane;
  switch (name) {
    case "zoomIn":
      return zoomAt(model, plane, zoomStep);
    case "zoomOut":
      return zoomAt(model, plane, 1 / zoomStep);
    case "nextSlice":
      return stepSlice(model, plane, 1);
    case "previousSlice":
      return stepSlice(model, plane, -1);
    case "finerMip":
      return stepMip(model, plane, -1, pixelRatio);
    case "coarserMip":
      return stepMip(model, plane, 1, pixelRatio);
    case "automaticMip":
      return stepMip(model, plane, 0, pixelRatio);
    case "layoutXy":
      return withLayout(model, "xy");
    case "layoutXz":
      return withLayout(model, "xz");
    case "layoutYz":
      return withLayout(model, "yz");
    case "layoutAll":
      return withLayout(model, "all");
    case "resetView":
      return showWhole(model, sizes);
    default:
      return assertNever(name);
  }
}

/** Moves the view by CSS pixels across and down the active panel, on whole voxels. */
export function moveActive(model: SliceModel, across: number, down: number): SliceModel {
  const { horizontal, vertical } = axesOf(model.activePlane);
  const axis: Axis = across === 0 ? vertical : horizontal;
  return stepAlong(model, model.activePlane, axis, across === 0 ? down : across);
}

/** Hides or shows the segmentations, or without any the top layer. */
export function toggleOverlay(model: SliceModel): SliceModel {
  const labels = model.layers.filter(({ layer }) => layer.volume?.layerType === "segmentation");
  const overlays = labels.length > 0 ? labels : model.layers.slice(-1);
  const isVisible = !overlays.some(({ view }) => view.isVisible);
  return overlays.reduce((next, { layer }) => changeLayer(next, layer.id, (view) => ({ ...view, isVisible })), model);
}

function assertNever(value: never): never {
  throw new Error(`unknown command: "${String(value)}"`);
}
