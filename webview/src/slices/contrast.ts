/** Contrast windows: the range of a data type, or what the voxels themselves suggest. */
import type { DataTypeName } from "../../../schemas/protocol/volume.ts";
import type { StoredTile } from "./tileStore.ts";

export type ContrastWindow = readonly [low: number, high: number];

/** Voxels that are looked at for a window, over all tiles. */
const maxSamples = 65_536;

/** The window of a type that is narrow enough to be shown whole; wider ones need `percentileWindow`. */
export function rangeOfType(dtype: DataTypeName): ContrastWindow | undefined {
  if (dtype === "uint8") {
    return [0, 255];
  }
  return dtype === "int8" ? [-128, 127] : undefined;
}

/**
 * The window between the 1st and the 99th percentile of the stored voxels of `tiles`; missing parts and values that are not finite do not
 * count. `undefined` when there are no voxels.
 */
export function percentileWindow(tiles: readonly StoredTile[]): ContrastWindow | undefined {
  const samples = Float64Array.from(tiles.flatMap((tile) => samplesOf(tile, maxSamples / tiles.length))).sort();
  const low = samples[Math.floor((samples.length - 1) * 0.01)];
  const high = samples[Math.ceil((samples.length - 1) * 0.99)];
  if (low === undefined || high === undefined) {
    return undefined;
  }
  return low < high ? [low, high] : [low, low + 1];
}

function samplesOf(tile: StoredTile, count: number): number[] {
  const { pixels, missing } = tile;
  if (pixels.kind !== "image") {
    return [];
  }
  const stride = Math.max(1, Math.floor(pixels.data.length / count));
  const samples: number[] = [];
  for (let index = 0; index < pixels.data.length; index += stride) {
    const value = pixels.base + (pixels.data[index] ?? Number.NaN);
    const u = index % pixels.width;
    const v = Math.floor(index / pixels.width) % pixels.height;
    const isMissing = missing.some(([u0, v0, u1, v1]) => u >= u0 && u < u1 && v >= v0 && v < v1);
    if (Number.isFinite(value) && !isMissing) {
      samples.push(value);
    }
  }
  return samples;
}
