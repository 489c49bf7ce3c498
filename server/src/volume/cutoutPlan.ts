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
  /** Units of work that are whole x-rows of chunks; they come first. */
  readonly wholeUnits: number;
  /** Chunks of the other units: parts of the last rows, so that the threads end together. A row's last part may have fewer. */
  readonly partChunks: number;
  readonly unitCount: number;
}

/** A row that is dealt out in parts makes this many, where it has as many chunks. */
const partsOfRow = 4;

/** `box` must lie inside the grid's bounds and not be empty. */
export function planCutout(
  grid: { readonly bounds: Bbox; readonly chunkSize: Vec3 },
  box: Bbox,
  workers: number,
): Plan {
  const toGrid = (voxel: Vec3): Vec3 => vec3.divide(vec3.subtract(voxel, grid.bounds.min), grid.chunkSize);
  const first = vec3.floor(toGrid(box.min));
  const last = vec3.ceil(toGrid(box.max));
  const [columns, height, depth] = vec3.subtract(last, first);
  const rows = height * depth;
  const isTooFewRows = rows < 2 * workers;
  const partChunks = isTooFewRows ? 1 : Math.ceil(columns / partsOfRow);
  const dividedRows = isTooFewRows ? rows : workers === 1 ? 0 : workers;
  const wholeUnits = rows - dividedRows;
  const unitCount = columns === 0 ? 0 : wholeUnits + dividedRows * Math.ceil(columns / partChunks);
  return { first, last, chunkCount: columns * rows, wholeUnits, partChunks, unitCount };
}

/** The chunks [first, end) of a unit of the plan; all lie in one x-row. */
export function chunksOfUnit(plan: Plan, unit: number): { readonly first: number; readonly end: number } {
  const columns = plan.last[0] - plan.first[0];
  if (unit < plan.wholeUnits) {
    return { first: unit * columns, end: (unit + 1) * columns };
  }
  const partsPerRow = Math.ceil(columns / plan.partChunks);
  const part = unit - plan.wholeUnits;
  const row = plan.wholeUnits + Math.floor(part / partsPerRow);
  const first = row * columns + (part % partsPerRow) * plan.partChunks;
  return { first, end: Math.min(first + plan.partChunks, (row + 1) * columns) };
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
