/** Slices of a crackle stream, one after the other, in scratch memory that each of them uses anew. */
import { InvalidChunkError } from "../../errors.ts";
import type { ChunkDescription, DecodeTarget } from "../codec.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";
import { allocateScratch, colorBytes, type SliceScratch, stackSize } from "./crackleScratch.ts";
import {
  type CrackleFrame,
  type CrackleHeader,
  type CrackleLabels,
  checkDescription,
  layOutFrame,
  layOutLabels,
  parseHeader,
  viewOf,
} from "./crackleStream.ts";

/** The kernel that reads streams. */
export const kernelName = "crackle";

interface Kernel {
  prepare(tables: number, remainders: number, voxels: number): void;
  crc32c(bytes: number, count: number, tables: number): number;
  unravel(slice: number, bytes: number, model: number, ...orderTablesOutCapacity: readonly number[]): number;
  drawCracks(slice: number, bytes: number, ...sizeBitmapStackSize: readonly number[]): number;
  findRegions(sx: number, sy: number, ...bitmapPermissibleScratch: readonly number[]): number;
  assignFlat(map: number, width: number, regionCount: number, labelCount: number, indices: number): number;
  assignPins(pins: number, end: number, ...widthsCountsSizeScratch: readonly number[]): number;
  flag(indices: number, count: number, labelCount: number, flags: number): void;
  flagFlat(map: number, width: number, count: number, labelCount: number, flags: number): number;
  color(regions: number, count: number, indices: number, ...tableWidthSignedOtherColors: readonly number[]): void;
  paint(labelBytes: number, ...sizeFromToScratchTarget: readonly number[]): void;
}

/** What the kernel's negative statuses mean. */
const problems: Readonly<Record<number, string>> = {
  [-1]: "its index of chains is cut off or too long",
  [-2]: "a chain begins outside",
  [-3]: "its moves are cut off",
  [-4]: "its moves lead outside",
  [-5]: "it has more branches than nodes",
  [-6]: "its Markov model names no permutation",
  [-7]: "a region has a label that is not in the table",
  [-8]: "a pin or a region of a label lies outside",
  [-9]: "its pins are cut off or too long",
};

/** A stream in the workspace's memory, its index and labels checked. */
export interface OpenStream {
  readonly workspace: Workspace;
  readonly kernel: Kernel;
  readonly header: CrackleHeader;
  readonly frame: CrackleFrame;
  readonly labels: CrackleLabels;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Number of regions of the slice read last, and their checksum. */
  readonly facts: Uint32Array;
  /** Address of the first byte. */
  readonly pointer: number;
  readonly scratch: SliceScratch;
}

/** Labels as the painter takes them: `width` bytes each. */
export interface LabelTable {
  readonly pointer: number;
  readonly width: number;
  readonly isSigned: boolean;
  /** Address of the label of regions without one. */
  readonly background: number;
}

/** Parses a stream, checks all of it but its slices, and takes the scratch memory. Throws InvalidChunkError. */
export function openStream(bytes: Uint8Array, chunk: ChunkDescription, workspace: Workspace): OpenStream {
  const header = parseHeader(bytes);
  checkDescription(header, chunk);
  const frame = layOutFrame(bytes, header);
  const labels = layOutLabels(bytes, header, frame);
  const kernel = workspace.kernel<Kernel>(kernelName);
  const pointer = placeInMemory(workspace, bytes);
  const [sx, sy] = header.size;
  const scratch = allocateScratch(workspace, header.size);
  const view = viewOf(bytes);
  const facts = new Uint32Array(workspace.memory.buffer, scratch.facts, 2);
  kernel.prepare(scratch.tables, scratch.remainders, sx * sy);
  if (frame.checksums !== undefined) {
    const check = (what: string, start: number, end: number, at: number): void => {
      if (kernel.crc32c(pointer + start, end - start, scratch.tables) >>> 0 !== view.getUint32(at, true)) {
        throw new InvalidChunkError(`crackle chunk is damaged: the checksum of its ${what} does not match`);
      }
    };
    check("z index", frame.index.start, frame.index.end, frame.index.end);
    check("labels", frame.labels.start, frame.labels.end, frame.checksums);
  }
  return { workspace, kernel, header, frame, labels, bytes, view, facts, pointer, scratch };
}

/** Finds the regions of slice z and the indices of their labels. Returns how many provisional labels the kernel has, and regions. */
export function readSlice(stream: OpenStream, z: number): { readonly provisional: number; readonly regions: number } {
  const { kernel, header, frame, labels, scratch, view, facts } = stream;
  const [sx, sy] = header.size;
  drawSlice(stream, z);
  const provisional = kernel.findRegions(
    sx,
    sy,
    scratch.bitmap,
    header.isPermissible ? 1 : 0,
    scratch.rowRuns,
    scratch.runLabels,
    scratch.regions,
    scratch.factors,
    scratch.colors,
    scratch.remainders,
    scratch.facts,
  );
  const [regions = 0, crc = 0] = facts;
  const first = labels.regionStarts[z] ?? 0;
  const promised = (labels.regionStarts[z + 1] ?? 0) - first;
  if (frame.checksums !== undefined && view.getUint32(frame.checksums + 4 + 4 * z, true) !== crc) {
    throw new InvalidChunkError(`crackle chunk is damaged: the checksum of slice ${z} does not match`);
  }
  if (promised !== regions) {
    throw new InvalidChunkError(
      `crackle chunk is damaged: slice ${z} has ${regions} regions, and labels for ${promised}`,
    );
  }
  assign(stream, z, first, regions);
  return { provisional, regions };
}

function drawSlice({ kernel, header, frame, scratch, pointer }: OpenStream, z: number): void {
  const [sx, sy] = header.size;
  const start = frame.slices[z] ?? 0;
  let slice = pointer + start;
  let bytes = (frame.slices[z + 1] ?? 0) - start;
  if (header.markovOrder > 0) {
    const model = pointer + frame.model.start;
    const capacity = colorBytes(sx, sy);
    bytes = checkStatus(
      kernel.unravel(slice, bytes, model, header.markovOrder, scratch.tables, scratch.colors, capacity),
      z,
    );
    slice = scratch.colors;
  }
  checkStatus(kernel.drawCracks(slice, bytes, sx, sy, scratch.bitmap, scratch.runLabels, stackSize(sx, sy)), z);
}

function assign(
  { kernel, header, labels, scratch, pointer }: OpenStream,
  z: number,
  first: number,
  regions: number,
): void {
  const { assignment, widths, labelCount, regionStarts } = labels;
  if (!header.hasPins) {
    const map = pointer + assignment.start + first * widths;
    checkStatus(kernel.assignFlat(map, widths, regions, labelCount, scratch.factors), z);
    return;
  }
  checkStatus(
    kernel.assignPins(
      pointer + assignment.start,
      pointer + assignment.end,
      widths,
      labelCount,
      ...header.size,
      z,
      first,
      regions,
      regionStarts[header.size[2]] ?? 0,
      scratch.bitmap,
      scratch.rowRuns,
      scratch.runLabels,
      scratch.regions,
      scratch.factors,
    ),
    z,
  );
}

/** Throws InvalidChunkError for a kernel's negative status; slice z, or labels of all slices. */
export function checkStatus(status: number, z?: number): number {
  if (status < 0) {
    const where = z === undefined ? "" : `slice ${z}: `;
    throw new InvalidChunkError(`crackle chunk is damaged: ${where}${problems[status] ?? `status ${status}`}`);
  }
  return status;
}

/** The labels of the stream as they are. */
export function storedTable({ header, labels, pointer }: OpenStream): LabelTable {
  return {
    pointer: pointer + labels.table,
    width: header.storedBytes,
    isSigned: header.isSigned,
    background: pointer + (labels.background ?? labels.table),
  };
}

/** Writes the wanted slices into the target, as voxels of `voxelBytes` bytes. */
export function paintPart(stream: OpenStream, table: LabelTable, target: DecodeTarget, voxelBytes: number): void {
  const { kernel, header, scratch } = stream;
  const { from, to } = target;
  for (let z = from[2]; z < to[2]; z++) {
    const { provisional } = readSlice(stream, z);
    const { pointer, width, isSigned, background } = table;
    kernel.color(
      scratch.regions,
      provisional,
      scratch.factors,
      pointer,
      width,
      isSigned ? 1 : 0,
      background,
      scratch.colors,
    );
    kernel.paint(
      voxelBytes,
      header.size[0],
      from[0],
      from[1],
      to[0],
      to[1],
      scratch.bitmap,
      scratch.rowRuns,
      scratch.runLabels,
      scratch.colors,
      target.pointer + (z - from[2]) * target.planeBytes,
      target.rowBytes,
    );
  }
}
