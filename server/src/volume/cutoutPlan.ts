/** The arithmetic of a cutout: which chunks touch a box, in which order, and where each one's voxels go. Pure. */
import { type Bbox, intersection, size } from "../base/bbox.ts";
import { type DataType, voxelBytes } from "../base/dtype.ts";
import type { Vec3 } from "../base/vec3.ts";
import * as vec3 from "../base/vec3.ts";

/** A dense Fortran-order result: strides in bytes, and its size. */
export interface Layout {
  readonly box: Bbox;
  readonly shape: readonly [x: number, y: number, z: number, channels: number];
  readonly voxelBytes: number;
  readonly rowBytes: number;
  readonly planeBytes: number;
  readonly channelBytes: number;
  readonly totalBytes: number;
}

export function layoutOf(box: Bbox, channels: number, dtype: DataType): Layout {
  const [x, y, z] = size(box);
  const width = voxelBytes(dtype);
  const channelBytes = x * y * z * width;
  return {
    box,
    shape: [x, y, z, channels],
    voxelBytes: width,
    rowBytes: x * width,
    planeBytes: x * y * width,
    channelBytes,
    totalBytes: channelBytes * channels,
  };
}

/** Byte offset, in a layout, of a voxel of channel 0. */
export function offsetOf(layout: Layout, voxel: Vec3): number {
  const [x, y, z] = vec3.subtract(voxel, layout.box.min);
  return x * layout.voxelBytes + y * layout.rowBytes + z * layout.planeBytes;
}

/** Grid positions [first, last) of the chunks that touch a box, and how they are dealt out. */
export interface Plan {
  readonly first: Vec3;
  readonly last: Vec3;
  readonly chunkCount: number;
  /** Chunks of one unit of work: an x-row, or a single chunk where there are too few rows for the workers. */
  readonly unitChunks: number;
  readonly unitCount: number;
}

/** `box` must lie inside the grid's bounds and not be empty. */
export function planCutout(
  grid: { readonly bounds: Bbox; readonly chunkSize: Vec3 },
  box: Bbox,
  workers: number,
): Plan {
  const toGrid = (voxel: Vec3): Vec3 => vec3.divide(vec3.subtract(voxel, grid.bounds.min), grid.chunkSize);
  const first = vec3.floor(toGrid(box.min));
  const last = vec3.ceil(toGrid(box.max));
  const [columns, rows, planes] = vec3.subtract(last, first);
  const isTooFewRows = rows * planes < 2 * workers;
  const unitChunks = isTooFewRows ? 1 : columns;
  const chunkCount = columns * rows * planes;
  return { first, last, chunkCount, unitChunks, unitCount: chunkCount / unitChunks };
}

/** Grid position of chunk `index` of the plan, x fastest. */
export function positionAt(plan: Plan, index: number): Vec3 {
  const [columns, rows] = vec3.subtract(plan.last, plan.first);
  const x = index % columns;
  const y = Math.floor(index / columns) % rows;
  const z = Math.floor(index / (columns * rows));
  return vec3.add(plan.first, [x, y, z]);
}

/** The part of a chunk that a box wants, from the chunk's corner. */
export function wantedPart(
  chunkBox: Bbox,
  box: Bbox,
): { readonly from: Vec3; readonly to: Vec3; readonly corner: Vec3 } | undefined {
  const part = intersection(chunkBox, box);
  return (
    part && { from: vec3.subtract(part.min, chunkBox.min), to: vec3.subtract(part.max, chunkBox.min), corner: part.min }
  );
}
