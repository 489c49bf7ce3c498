/** The view in words: one sentence that tests read and screen readers speak. */
import type { Plane, ScaleDescription } from "../../../schemas/protocol/volume.ts";
import { axesOf, sliceOf } from "./geometry.ts";
import type { PanelPlan } from "./plan.ts";
import { type LayerVolume, referenceLayer, type SliceModel } from "./state.ts";

export interface DescribedPanel {
  readonly plane: Plane;
  readonly plan: PanelPlan;
}

/**
 * For example `xy slice 32 of 64, mip 1, 2 layers, 6 tiles drawn, 0 missing, 0 failed`. The slice is the voxel of the shown mip of the
 * lowest visible layer; where the bounds do not start at 0 both ends are named. Tiles that still load are counted only if there are any.
 */
export function describeView(model: SliceModel, panels: readonly DescribedPanel[]): string {
  const reference = referenceLayer(model);
  const layerCount = model.layers.filter(({ view }) => view.isVisible).length;
  const layers = `${layerCount} ${layerCount === 1 ? "layer" : "layers"}`;
  if (reference === undefined) {
    return `no slices, ${layers}`;
  }
  const parts = panels.map(({ plane, plan }) =>
    describePanel(plane, model, reference.volume, plan.mips.get(reference.layer.id)),
  );
  const mips = [...new Set(panels.flatMap(({ plan }) => plan.mips.get(reference.layer.id) ?? []))];
  const sum = (pick: (plan: PanelPlan) => number): number => panels.reduce((total, { plan }) => total + pick(plan), 0);
  const standIns = sum((plan) => plan.standIns);
  const pending = sum((plan) => plan.pending);
  return [
    ...parts,
    ...(mips.length === 0 ? [] : [`mip ${mips.join("/")}`]),
    layers,
    `${sum((plan) => plan.drawn)} tiles drawn`,
    `${sum((plan) => plan.missing)} missing`,
    `${sum((plan) => plan.failed)} failed`,
    ...(standIns === 0 ? [] : [`${standIns} coarser`]),
    ...(pending === 0 ? [] : [`${pending} loading`]),
  ].join(", ");
}

function describePanel(plane: Plane, model: SliceModel, volume: LayerVolume, mip: number | undefined): string {
  const scale = mip === undefined ? undefined : volume.scales[mip];
  return scale === undefined ? `${plane} outside the volume` : `${plane} ${describeSlice(scale, plane, model)}`;
}

/** `slice 32 of 64`, or `slice 132 of 100 to 164`. */
export function describeSlice(scale: ScaleDescription, plane: Plane, model: SliceModel): string {
  const { normal } = axesOf(plane);
  const slice = sliceOf(scale, plane, model.centerNm);
  const range = scale.min[normal] === 0 ? scale.max[normal] : `${scale.min[normal]} to ${scale.max[normal]}`;
  return `slice ${slice ?? "–"} of ${range}`;
}
