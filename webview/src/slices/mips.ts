/** Which scale of a volume a panel shows, and which coarser ones stand in until it has come. */
import type { Plane, ScaleDescription } from "../../../schemas/protocol/volume.ts";
import { axesOf, countTiles, type PanelView, tilesIn } from "./geometry.ts";

/** A panel never shows more tiles of a layer than this; a finer mip that would is replaced by a coarser one. */
export const maxTilesPerLayer = 256;

/** The scale whose voxel is closest to one screen pixel on both axes of the plane; of equals the first. */
export function chooseMip(scales: readonly ScaleDescription[], plane: Plane, nmPerPixel: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [mip, scale] of scales.entries()) {
    const { horizontal, vertical } = axesOf(plane);
    const distance =
      Math.abs(Math.log2(scale.resolutionNm[horizontal] / nmPerPixel)) +
      Math.abs(Math.log2(scale.resolutionNm[vertical] / nmPerPixel));
    if (distance < least - 1e-9) {
      best = mip;
      least = distance;
    }
  }
  return best;
}

/**
 * The mip that a panel shows of a layer: the one that zoom asks for or `fixedMip`, but a coarser one where that would take too many
 * tiles.
 */
export function shownMip(scales: readonly ScaleDescription[], view: PanelView, fixedMip: number | undefined): number {
  const wanted =
    fixedMip === undefined ? chooseMip(scales, view.plane, view.nmPerPixel) : Math.min(fixedMip, scales.length - 1);
  const affordable = [wanted, ...coarserMips(scales, view.plane, wanted)].find((mip) => {
    const scale = scales[mip];
    return scale !== undefined && countTiles(tilesIn(scale, view, view.area)) <= maxTilesPerLayer;
  });
  return affordable ?? wanted;
}

/** The mips with larger voxels in the plane, finest first. */
export function coarserMips(scales: readonly ScaleDescription[], plane: Plane, mip: number): readonly number[] {
  const areas = scales.map((scale) => voxelArea(scale, plane));
  const area = areas[mip] ?? 0;
  return [...areas.keys()]
    .filter((other) => (areas[other] ?? 0) > area)
    .sort((a, b) => (areas[a] ?? 0) - (areas[b] ?? 0));
}

/** The next finer mip in the plane, if there is one. */
export function finerMip(scales: readonly ScaleDescription[], plane: Plane, mip: number): number | undefined {
  const areas = scales.map((scale) => voxelArea(scale, plane));
  const area = areas[mip] ?? 0;
  return [...areas.keys()]
    .filter((other) => (areas[other] ?? 0) < area)
    .sort((a, b) => (areas[b] ?? 0) - (areas[a] ?? 0))[0];
}

/** The coarser mips that are worth a request before `mip`: every second one, and always the coarsest. */
export function ancestorMips(scales: readonly ScaleDescription[], plane: Plane, mip: number): readonly number[] {
  const coarser = coarserMips(scales, plane, mip);
  return coarser.filter((_, index) => index % 2 === 1 || index === coarser.length - 1);
}

function voxelArea(scale: ScaleDescription, plane: Plane): number {
  const { horizontal, vertical } = axesOf(plane);
  return scale.resolutionNm[horizontal] * scale.resolutionNm[vertical];
}
