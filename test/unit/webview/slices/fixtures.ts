/** Small volumes and panels for the tests of the slice view. */
import type { SliceLayer } from "../../../../schemas/messages/slices.ts";
import type { Plane, ScaleDescription, Triple } from "../../../../schemas/protocol/volume.ts";
import type { PanelView } from "../../../../webview/src/slices/geometry.ts";
import { createModel, type LayerVolume, type SliceModel, withLayers } from "../../../../webview/src/slices/state.ts";

/** A scale that begins at 0. */
export function scaleOf(resolutionNm: Triple, max: Triple, min: Triple = [0, 0, 0]): ScaleDescription {
  return {
    key: resolutionNm.join("_"),
    resolutionNm,
    min,
    max,
    chunkSize: [64, 64, 64],
    encoding: "raw",
    isSharded: false,
  };
}

/** 2048 x 1024 x 64 voxels of 4 x 4 x 40 nm; x and y are halved at each mip, z never. */
export const anisotropicScales = [
  scaleOf([4, 4, 40], [2048, 1024, 64]),
  scaleOf([8, 8, 40], [1024, 512, 64]),
  scaleOf([16, 16, 40], [512, 256, 64]),
  scaleOf([32, 32, 40], [256, 128, 64]),
];

export function volumeOf(scales: readonly ScaleDescription[], options: Partial<LayerVolume> = {}): LayerVolume {
  const location = "mem://v/";
  return { location, name: "v", layerType: "image", dtype: "uint8", channels: 1, scales, ...options };
}

export function layerOf(
  id: number,
  scales: readonly ScaleDescription[],
  options: Partial<LayerVolume> = {},
): SliceLayer {
  return { id, location: `mem://layer${id}/`, name: `layer ${id}`, volume: volumeOf(scales, options) };
}

/** A model of one image with the anisotropic scales, looking at its centre with 4 nm per pixel. */
export function modelOf(layers: readonly SliceLayer[] = [layerOf(1, anisotropicScales)]): SliceModel {
  return { ...withLayers(createModel(), layers), centerNm: [4096, 2048, 1300], nmPerPixel: 4, isFitted: false };
}

/** A panel of 512 x 256 device pixels at the corner of the canvas. */
export function viewOf(options: Partial<PanelView> & { readonly plane?: Plane } = {}): PanelView {
  return {
    plane: "xy",
    centerNm: [4096, 2048, 1300],
    nmPerPixel: 4,
    area: { x0: 0, y0: 0, x1: 512, y1: 256 },
    ...options,
  };
}
