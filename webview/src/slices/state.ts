/** The state of the slice view and every way in which it changes: pure functions from model to model. */
import type { SliceLayer, SliceLayerState, SliceLayout, SliceViewState } from "../../../schemas/messages/slices.ts";
import type { Plane, ScaleDescription, Triple } from "../../../schemas/protocol/volume.ts";
import { type Axis, axesOf, planes, withAxis } from "./geometry.ts";
import { chooseMip, coarserMips, finerMip } from "./mips.ts";

export type LayerVolume = NonNullable<SliceLayer["volume"]>;

/** A layer as the host describes it, with how the user wants to see it. */
export interface LayerModel {
  readonly layer: SliceLayer;
  readonly view: SliceLayerState;
}

export interface SliceModel {
  /** Bottom first. */
  readonly layers: readonly LayerModel[];
  readonly layout: SliceLayout;
  readonly centerNm: Triple;
  /** nm per CSS pixel. */
  readonly nmPerPixel: number;
  /** The panel that commands act on. */
  readonly activePlane: Plane;
  /** The view shows the whole volume and follows the size of the panels; any movement in the plane ends that. */
  readonly isFitted: boolean;
  /** `centerNm` is a place that was chosen; false until the first volume is open. */
  readonly isPlaced: boolean;
}

/** Size of a panel in CSS pixels. */
export interface PanelSize {
  readonly plane: Plane;
  readonly width: number;
  readonly height: number;
}

const anywhere: SliceModel = {
  layers: [],
  layout: "xy",
  centerNm: [0, 0, 0],
  nmPerPixel: 1,
  activePlane: "xy",
  isFitted: true,
  isPlaced: false,
};

/** A model without layers; with `saved` it looks where the saved one did. */
export function createModel(saved?: SliceViewState): SliceModel {
  if (saved === undefined) {
    return anywhere;
  }
  return {
    ...anywhere,
    layout: saved.layout,
    activePlane: saved.layout === "all" ? "xy" : saved.layout,
    centerNm: saved.centerNm,
    nmPerPixel: saved.nmPerPixel,
    isFitted: false,
    isPlaced: true,
  };
}

/** Takes over a new list of layers; how a layer was shown is kept by its id, else by its location in `saved`. */
export function withLayers(
  model: SliceModel,
  layers: readonly SliceLayer[],
  saved: readonly SliceLayerState[] = [],
): SliceModel {
  const unclaimed = [...saved];
  const next = layers.map((layer, index): LayerModel => {
    const knownAt = model.layers.findIndex((other) => other.layer.id === layer.id);
    const known = model.layers[knownAt];
    const at = known === undefined ? unclaimed.findIndex((state) => state.location === layer.location) : -1;
    const [claimed] = at < 0 ? [] : unclaimed.splice(at, 1);
    const kept = known === undefined || isUntouched(known, knownAt) ? undefined : known.view;
    return { layer, view: kept ?? claimed ?? defaultLayerState(layer, index) };
  });
  return { ...model, layers: next };
}

/** Labels over something else let it shine through. */
function defaultLayerState(layer: SliceLayer, index: number): SliceLayerState {
  const isOverlay = layer.volume?.layerType === "segmentation" && index > 0;
  return { location: layer.location, isVisible: true, opacity: isOverlay ? 0.5 : 1 };
}

/** Is the layer shown as it would be by default? Then its defaults follow what is learned of it and of the layers below. */
function isUntouched({ layer, view }: LayerModel, index: number): boolean {
  const { isVisible, opacity } = defaultLayerState(layer, index);
  return view.isVisible === isVisible && view.opacity === opacity && Object.keys(view).length === 3;
}

/** What is kept when the page goes. */
export function toViewState(model: SliceModel): SliceViewState {
  return {
    v: 1,
    locations: model.layers.map(({ layer }) => layer.location),
    layout: model.layout,
    centerNm: model.centerNm,
    nmPerPixel: model.nmPerPixel,
    layers: model.layers.map(({ view }) => view),
  };
}

/** Changes how one layer is shown. */
export function changeLayer(
  model: SliceModel,
  id: number,
  change: (view: SliceLayerState) => SliceLayerState,
): SliceModel {
  const layers = model.layers.map((entry) => (entry.layer.id === id ? { ...entry, view: change(entry.view) } : entry));
  return { ...model, layers };
}

export function withLayout(model: SliceModel, layout: SliceLayout): SliceModel {
  return { ...model, layout, activePlane: layout === "all" ? model.activePlane : layout };
}

export function withActivePlane(model: SliceModel, plane: Plane): SliceModel {
  return model.activePlane === plane ? model : { ...model, activePlane: plane };
}

/** The planes that a layout shows. */
export function planesOf(layout: SliceLayout): readonly Plane[] {
  return layout === "all" ? planes : [layout];
}

/** Shows the whole volume around its centre, in panels of these sizes. Without a volume nothing changes. */
export function showWhole(model: SliceModel, sizes: readonly PanelSize[]): SliceModel {
  const bounds = boundsNm(model);
  if (bounds === undefined) {
    return model;
  }
  const extent = (axis: Axis): number => bounds.max[axis] - bounds.min[axis];
  const middle = (axis: Axis): number => (bounds.min[axis] + bounds.max[axis]) / 2;
  const needed = sizes.flatMap(({ plane, width, height }) => {
    const { horizontal, vertical } = axesOf(plane);
    return [extent(horizontal) / Math.max(1, width * 0.94), extent(vertical) / Math.max(1, height * 0.94)];
  });
  const nmPerPixel = Math.max(...needed);
  return {
    ...model,
    centerNm: [middle(0), middle(1), middle(2)],
    nmPerPixel: nmPerPixel > 0 && Number.isFinite(nmPerPixel) ? nmPerPixel : model.nmPerPixel,
    isFitted: true,
    isPlaced: true,
  };
}

/** Follows the size of the panels while the view is fitted; the slice stays where the user went. */
export function refit(model: SliceModel, sizes: readonly PanelSize[]): SliceModel {
  if (!model.isFitted) {
    return model;
  }
  const whole = showWhole(model, sizes);
  if (!model.isPlaced || model.layout === "all") {
    return whole;
  }
  const { normal } = axesOf(model.layout);
  return { ...whole, centerNm: withAxis(whole.centerNm, normal, model.centerNm[normal]) };
}

/** Moves the content of a panel by CSS pixels, as a drag does. */
export function panBy(model: SliceModel, plane: Plane, dx: number, dy: number): SliceModel {
  const { horizontal, vertical } = axesOf(plane);
  const across = withAxis(model.centerNm, horizontal, model.centerNm[horizontal] - dx * model.nmPerPixel);
  return centerOn(model, withAxis(across, vertical, across[vertical] - dy * model.nmPerPixel));
}

/** Moves the centre along an axis by at least one voxel of the shown mip, or by `pixels`, whichever is more; lands on whole voxels. */
export function stepAlong(model: SliceModel, plane: Plane, axis: Axis, pixels: number): SliceModel {
  const scale = referenceScale(model, plane);
  if (scale === undefined || pixels === 0) {
    return model;
  }
  const size = scale.resolutionNm[axis];
  const voxels = Math.max(1, Math.round((Math.abs(pixels) * model.nmPerPixel) / size)) * Math.sign(pixels);
  return centerOn(
    model,
    withAxis(model.centerNm, axis, (Math.floor(model.centerNm[axis] / size) + voxels + 0.5) * size),
  );
}

/** Goes `count` slices into the screen, in voxels of the mip that the panel shows. */
export function stepSlice(model: SliceModel, plane: Plane, count: number): SliceModel {
  const scale = referenceScale(model, plane);
  if (scale === undefined) {
    return model;
  }
  const { normal } = axesOf(plane);
  const size = scale.resolutionNm[normal];
  return goToSlice(model, plane, Math.floor(model.centerNm[normal] / size) + count);
}

/** Goes to a slice of the mip that the panel shows, or to the nearest one that there is. */
export function goToSlice(model: SliceModel, plane: Plane, slice: number): SliceModel {
  const scale = referenceScale(model, plane);
  if (scale === undefined) {
    return model;
  }
  const { normal } = axesOf(plane);
  const kept = Math.min(scale.max[normal] - 1, Math.max(scale.min[normal], slice));
  const isFitted = model.isFitted && model.layout !== "all";
  const depth = (kept + 0.5) * scale.resolutionNm[normal];
  return { ...centerOn(model, withAxis(model.centerNm, normal, depth)), isFitted };
}

/** Zooms by `factor` (above 1 = closer) and keeps the point at `offset` CSS pixels from the panel's centre where it is. */
export function zoomAt(
  model: SliceModel,
  plane: Plane,
  factor: number,
  offset: readonly [dx: number, dy: number] = [0, 0],
): SliceModel {
  const [least, greatest] = zoomLimits(model);
  const nmPerPixel = Math.min(greatest, Math.max(least, model.nmPerPixel / factor));
  const change = model.nmPerPixel - nmPerPixel;
  const { horizontal, vertical } = axesOf(plane);
  const across = withAxis(model.centerNm, horizontal, model.centerNm[horizontal] + offset[0] * change);
  return { ...centerOn(model, withAxis(across, vertical, across[vertical] + offset[1] * change)), nmPerPixel };
}

/** Looks at a point, kept inside the bounds of the layers. */
export function centerOn(model: SliceModel, pointNm: Triple): SliceModel {
  const bounds = boundsNm(model);
  const clamp = (axis: Axis): number => {
    if (bounds === undefined) {
      return pointNm[axis];
    }
    // The upper bound belongs to no voxel, so stay just below it.
    const last = bounds.max[axis] - bounds.finest[axis] / 2;
    return Math.min(last, Math.max(bounds.min[axis], pointNm[axis]));
  };
  return { ...model, centerNm: [clamp(0), clamp(1), clamp(2)], isFitted: false, isPlaced: true };
}

/** Fixes the mip of the visible layers one finer (-1) or coarser (+1) than the one shown, or lets zoom choose (0). */
export function stepMip(model: SliceModel, plane: Plane, direction: -1 | 0 | 1, pixelRatio: number): SliceModel {
  const layers = model.layers.map((entry): LayerModel => {
    const { mip, ...automatic } = entry.view;
    const scales = entry.layer.volume?.scales;
    if (direction === 0 || scales === undefined || !entry.view.isVisible) {
      return direction === 0 ? { ...entry, view: automatic } : entry;
    }
    const current = mip ?? chooseMip(scales, plane, model.nmPerPixel / pixelRatio);
    const next = direction < 0 ? finerMip(scales, plane, current) : coarserMips(scales, plane, current)[0];
    return { ...entry, view: { ...automatic, mip: next ?? current } };
  });
  return { ...model, layers };
}

/** Selects labels of a layer: only this one, or with `isToggle` one more or less. */
export function selectLabel(model: SliceModel, id: number, label: string, isToggle: boolean): SliceModel {
  return changeLayer(model, id, (view) => {
    const { selected = [], ...rest } = view;
    const others = selected.filter((other) => other !== label);
    const wasSelected = others.length < selected.length;
    const kept = isToggle ? others : [];
    const next = wasSelected && (isToggle || others.length === 0) ? kept : [...kept, label];
    return next.length === 0 ? rest : { ...rest, selected: next };
  });
}

/** Selects nothing in any layer. */
export function clearSelection(model: SliceModel): SliceModel {
  const layers = model.layers.map(({ layer, view: { selected: _, ...view } }) => ({ layer, view }));
  return { ...model, layers };
}

/** The layer whose voxels count for stepping and describing: the lowest visible one that is open. */
export function referenceLayer(model: SliceModel): (LayerModel & { readonly volume: LayerVolume }) | undefined {
  const open = model.layers.flatMap((entry) =>
    entry.layer.volume === undefined ? [] : [{ ...entry, volume: entry.layer.volume }],
  );
  return open.find(({ view }) => view.isVisible) ?? open[0];
}

/** The scale of the reference layer that `plane` shows at this zoom. */
export function referenceScale(model: SliceModel, plane: Plane): ScaleDescription | undefined {
  const reference = referenceLayer(model);
  if (reference === undefined) {
    return undefined;
  }
  const { scales } = reference.volume;
  return scales[reference.view.mip ?? chooseMip(scales, plane, model.nmPerPixel)] ?? scales.at(-1);
}

/** The box around all open layers in nm, and the size of their finest voxel. */
export function boundsNm(
  model: SliceModel,
): { readonly min: Triple; readonly max: Triple; readonly finest: Triple } | undefined {
  const scales = model.layers.flatMap(({ layer }) => layer.volume?.scales.slice(0, 1) ?? []);
  if (scales.length === 0) {
    return undefined;
  }
  const each = (pick: (scale: ScaleDescription, axis: Axis) => number, of: (...values: number[]) => number): Triple => {
    const along = (axis: Axis): number => of(...scales.map((scale) => pick(scale, axis)));
    return [along(0), along(1), along(2)];
  };
  return {
    min: each((scale, axis) => scale.min[axis] * scale.resolutionNm[axis], Math.min),
    max: each((scale, axis) => scale.max[axis] * scale.resolutionNm[axis], Math.max),
    finest: each((scale, axis) => scale.resolutionNm[axis], Math.min),
  };
}

/** Least and greatest nm per CSS pixel: a voxel fills 128 pixels, the volume fills 32. */
function zoomLimits(model: SliceModel): readonly [number, number] {
  const bounds = boundsNm(model);
  if (bounds === undefined) {
    return [Number.MIN_VALUE, Number.MAX_VALUE];
  }
  const extents = ([0, 1, 2] as const).map((axis) => bounds.max[axis] - bounds.min[axis]);
  return [Math.min(...bounds.finest) / 128, Math.max(...extents, ...bounds.finest) / 32];
}
