/**
 * Writing into a decode target: dense voxels of a chunk, or one value everywhere.
 *
 * Needs the kernel "scatter" in the target's workspace.
 */
import { type DataType, voxelBytes } from "../base/dtype.ts";
import * as vec3 from "../base/vec3.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { ChunkDescription, DecodeTarget } from "./codec.ts";
import { placeInMemory, type Workspace } from "./workspace.ts";

/** The kernel that codecs which use `writeVoxels` or `fillTarget` need. */
export const scatterKernel = "scatter";

interface ScatterKernel {
  scatter(
    source: number,
    sourceRow: number,
    sourcePlane: number,
    target: number,
    targetRow: number,
    targetPlane: number,
    rowBytes: number,
    rows: number,
    planes: number,
  ): void;
  fill(
    target: number,
    targetRow: number,
    targetPlane: number,
    rowBytes: number,
    rows: number,
    planes: number,
    pattern: bigint,
    voxelBytes: number,
  ): void;
}

/**
 * Writes the wanted part of `voxels`, the whole chunk in Fortran order over (x, y, z, channel), into the target. Voxels outside the
 * workspace's memory are copied to its arena first, only the planes that are wanted and only as many at once as fit.
 */
export function writeVoxels(voxels: Uint8Array, chunk: ChunkDescription, target: DecodeTarget): void {
  const { workspace, from, to } = target;
  const [width, rows, planes] = vec3.subtract(to, from);
  if (width <= 0 || rows <= 0 || planes <= 0) {
    return;
  }
  const kernel = workspace.kernel<ScatterKernel>(scatterKernel);
  const bytes = voxelBytes(chunk.dtype);
  const rowBytes = chunk.size[0] * bytes;
  const planeBytes = chunk.size[1] * rowBytes;
  const isInMemory = voxels.buffer === workspace.memory.buffer;
  const first = from[1] * rowBytes + from[0] * bytes;
  const last = (to[1] - 1) * rowBytes + to[0] * bytes;
  const planesAtOnce = isInMemory ? planes : Math.max(1, Math.floor(workspace.arena.freeBytes / planeBytes) - 1);
  for (let channel = 0; channel < chunk.channels; channel++) {
    for (let z = 0; z < planes; z += planesAtOnce) {
      const count = Math.min(planesAtOnce, planes - z);
      const corner = (channel * chunk.size[2] + from[2] + z) * planeBytes;
      const mark = workspace.arena.mark();
      const source = placeInMemory(
        workspace,
        voxels.subarray(corner + first, corner + (count - 1) * planeBytes + last),
      );
      const destination = target.pointer + channel * target.channelBytes + z * target.planeBytes;
      kernel.scatter(
        source,
        rowBytes,
        planeBytes,
        destination,
        target.rowBytes,
        target.planeBytes,
        width * bytes,
        rows,
        count,
      );
      workspace.arena.reset(mark);
    }
  }
}

/** A dense target of a part of the chunk, allocated in the arena. */
export function createArenaTarget(
  { dtype, channels }: ChunkDescription,
  { workspace, from, to }: Pick<DecodeTarget, "workspace" | "from" | "to">,
): DecodeTarget {
  const [width, rows, planes] = vec3.subtract(to, from);
  const rowBytes = Math.max(0, width) * voxelBytes(dtype);
  const planeBytes = Math.max(0, rows) * rowBytes;
  const channelBytes = Math.max(0, planes) * planeBytes;
  const pointer = workspace.arena.allocate(channels * channelBytes);
  return { workspace, pointer, rowBytes, planeBytes, channelBytes, from, to };
}

/** Writes one value, its bits as of `voxelPattern`, to the wanted part of every channel. */
export function fillTarget(target: DecodeTarget, chunk: ChunkDescription, pattern: bigint): void {
  const [width, rows, planes] = vec3.subtract(target.to, target.from);
  if (width <= 0 || rows <= 0 || planes <= 0) {
    return;
  }
  const kernel = target.workspace.kernel<ScatterKernel>(scatterKernel);
  const bytes = voxelBytes(chunk.dtype);
  for (let channel = 0; channel < chunk.channels; channel++) {
    kernel.fill(
      target.pointer + channel * target.channelBytes,
      target.rowBytes,
      target.planeBytes,
      width * bytes,
      rows,
      planes,
      pattern,
      bytes,
    );
  }
}

/** Writes one value, its bits as of `voxelPattern`, to every voxel of `sizeBytes` bytes of the workspace's memory. */
export function fillBox(
  workspace: Workspace,
  pointer: number,
  sizeBytes: number,
  voxelBytes: number,
  pattern: bigint,
): void {
  workspace.kernel<ScatterKernel>(scatterKernel).fill(pointer, 0, 0, sizeBytes, 1, 1, pattern, voxelBytes);
}

/** The bits of one voxel value, lowest byte first in memory. Throws InvalidArgumentError for a value that the dtype cannot hold. */
export function voxelPattern(dtype: DataType, value: number | bigint): bigint {
  const bits = voxelBytes(dtype) * 8;
  if (dtype === "float32" || dtype === "float64") {
    const view = new DataView(new ArrayBuffer(8));
    if (dtype === "float32") {
      view.setFloat32(0, Number(value), true);
    } else {
      view.setFloat64(0, Number(value), true);
    }
    return view.getBigUint64(0, true);
  }
  const isSigned = dtype.startsWith("int");
  const integer = typeof value === "bigint" || Number.isInteger(value) ? BigInt(value) : undefined;
  const wrapped =
    integer === undefined ? undefined : isSigned ? BigInt.asIntN(bits, integer) : BigInt.asUintN(bits, integer);
  if (integer === undefined || wrapped !== integer) {
    throw new InvalidArgumentError(`not a value of ${dtype}: ${value}`);
  }
  return BigInt.asUintN(bits, integer);
}
