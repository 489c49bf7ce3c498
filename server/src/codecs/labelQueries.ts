/**
 * Questions about labels, answered from decoded voxels: for encodings that have no shorter way, and for the parts of others.
 *
 * Needs the kernels "labels" and "scatter" in the workspace.
 */
import { voxelBytes } from "../base/dtype.ts";
import type { Vec3 } from "../base/vec3.ts";
import * as vec3 from "../base/vec3.ts";
import { InternalError, InvalidArgumentError, UnsupportedError } from "../errors.ts";
import type { ChunkCodec, ChunkDescription, DecodeTarget, LabelMapping, LabelQueries } from "./codec.ts";
import { createArenaTarget } from "./target.ts";
import { placeInMemory, type Workspace } from "./workspace.ts";

/** The kernel that these functions need. */
export const labelsKernel = "labels";

interface LabelsKernel {
  clear(table: number, slots: number): void;
  insertAll(table: number, slots: number, labels: number, count: number): void;
  collect(
    source: number,
    count: number,
    bytes: number,
    table: number,
    slots: number,
    labels: number,
    known: number,
    capacity: number,
  ): number;
  contains(source: number, count: number, bytes: number, label: bigint): number;
  mapVoxels(...sourceTargetSizeTableSlotsValuesCount: readonly number[]): number;
  resize(...sourceTargetSize: readonly number[]): void;
}

type LabelBytes = 1 | 2 | 4 | 8;

/** Voxels in the workspace's memory, each of `voxelBytes` bytes; strides in bytes. */
export interface Voxels extends Pick<DecodeTarget, "pointer" | "rowBytes" | "planeBytes"> {
  readonly voxelBytes: LabelBytes;
}

/** `count` voxels one after the other. */
export interface Row {
  readonly pointer: number;
  readonly count: number;
  readonly voxelBytes: LabelBytes;
}

/** Sets of more labels are sorted in the place of hashed: nobody has that many in a chunk but noise. */
const mostHashed = 1 << 16;
/** More labels are looked up by halving: a table of them would take more memory than the chunk. */
const mostTabled = 1 << 18;

/** The distinct labels of a row, ascending. */
export function uniqueLabels(workspace: Workspace, row: Row): BigUint64Array {
  const { pointer, count, voxelBytes } = row;
  const kernel = workspace.kernel<LabelsKernel>(labelsKernel);
  for (let capacity = 1 << 10; capacity <= mostHashed; capacity <<= 3) {
    const mark = workspace.arena.mark();
    const slots = 2 * capacity;
    const table = workspace.arena.allocate(slots * 16);
    const labels = workspace.arena.allocate(capacity * 8);
    kernel.clear(table, slots);
    const found = kernel.collect(pointer, count, voxelBytes, table, slots, labels, 0, capacity);
    workspace.arena.reset(mark);
    if (found >= 0) {
      return labelsOf(workspace, { pointer: labels, count: found, voxelBytes: 8 }).sort();
    }
  }
  return sortedLabels(workspace, row);
}

/** Has a voxel of the row this label? */
export function containsLabel(workspace: Workspace, { pointer, count, voxelBytes }: Row, label: bigint): boolean {
  const kernel = workspace.kernel<LabelsKernel>(labelsKernel);
  // Beyond 64 bits the kernel would see the low ones alone.
  return BigInt.asUintN(64, label) === label && kernel.contains(pointer, count, voxelBytes, label) !== 0;
}

/** The labels of a row, in its order, in memory of their own. */
export function labelsOf({ memory }: Workspace, { pointer, count, voxelBytes }: Row): BigUint64Array {
  const { buffer } = new Uint8Array(memory.buffer, pointer, count * voxelBytes).slice();
  if (voxelBytes === 8) {
    return new BigUint64Array(buffer);
  }
  return BigUint64Array.from(new narrowArrays[voxelBytes](buffer), BigInt);
}

const narrowArrays = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;

function sortedLabels({ memory }: Workspace, { pointer, count, voxelBytes }: Row): BigUint64Array {
  const { buffer } = new Uint8Array(memory.buffer, pointer, count * voxelBytes).slice();
  return voxelBytes === 8
    ? withoutRepeats(new BigUint64Array(buffer).sort())
    : BigUint64Array.from(withoutRepeats(new narrowArrays[voxelBytes](buffer).sort()), BigInt);
}

function withoutRepeats<T extends BigUint64Array | Uint32Array | Uint16Array | Uint8Array>(sorted: T): T {
  let count = 0;
  for (const label of sorted) {
    if (count === 0 || sorted[count - 1] !== label) {
      sorted[count++] = label;
    }
  }
  return sorted.subarray(0, count) as T;
}

/** Throws InvalidArgumentError unless there is a value for each label, and each fits into `bytes` bytes. */
export function mappedValues(mapping: LabelMapping, labels: BigUint64Array, bytes: number): BigUint64Array {
  const values = mapping.valuesOf(labels);
  if (values.length !== labels.length) {
    throw new InvalidArgumentError(`there are ${labels.length} labels, and ${values.length} values for them`);
  }
  const tooLarge = bytes === 8 ? undefined : values.find((value) => value >= 1n << BigInt(8 * bytes));
  if (tooLarge !== undefined) {
    throw new InvalidArgumentError(`a value does not fit into ${bytes} bytes: ${tooLarge}`);
  }
  return values;
}

/**
 * Writes the box with each label replaced; `labels` are all that there are, ascending, `values` theirs. Source and target may be the same, where
 * voxels keep their width.
 */
export function mapVoxels(
  workspace: Workspace,
  source: Voxels,
  target: Voxels,
  size: Vec3,
  labels: BigUint64Array,
  values: BigUint64Array,
): void {
  const kernel = workspace.kernel<LabelsKernel>(labelsKernel);
  const { arena } = workspace;
  const start = arena.mark();
  const slots = labels.length > mostTabled ? 0 : 2 ** Math.ceil(Math.log2((4 / 3) * labels.length + 2));
  let table = arena.allocate(slots * 16);
  const afterTable = arena.mark();
  const list = place(workspace, labels);
  if (slots === 0) {
    table = list;
  } else {
    kernel.clear(table, slots);
    kernel.insertAll(table, slots, list, labels.length);
    arena.reset(afterTable);
  }
  const numbers = place(workspace, values);
  const addresses = [...addressOf(source), ...addressOf(target)];
  const status = kernel.mapVoxels(...addresses, ...size, table, slots, numbers, labels.length);
  arena.reset(start);
  if (status < 0) {
    throw new InternalError("a label was not among those that the chunk has");
  }
}

/** Writes the low bytes of each voxel of 4 or 8 bytes, or the voxel and zeros; the widths differ. */
export function resizeVoxels(workspace: Workspace, source: Voxels, target: Voxels, size: Vec3): void {
  workspace.kernel<LabelsKernel>(labelsKernel).resize(...addressOf(source), ...addressOf(target), ...size);
}

function addressOf({ pointer, rowBytes, planeBytes, voxelBytes }: Voxels): readonly number[] {
  return [pointer, rowBytes, planeBytes, voxelBytes];
}

function place(workspace: Workspace, numbers: BigUint64Array): number {
  return placeInMemory(workspace, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
}

/** Where decoded voxels are: dense, without gaps between rows, planes and channels. */
type Decoded = Pick<DecodeTarget, "pointer" | "rowBytes" | "planeBytes" | "channelBytes">;

export interface DenseCoding extends Pick<ChunkCodec, "decode" | "encode"> {
  /** Checks a whole chunk whose bytes are its voxels as they are, and gives their address; for encodings that are so. */
  place?(encoded: Uint8Array, chunk: ChunkDescription, workspace: Workspace): number;
}

/** The queries of a codec that decodes; encodes too, if it is to remap. Each takes a decoded chunk of scratch. */
export function createDenseQueries(coding: DenseCoding): LabelQueries {
  const whole = ({ size }: ChunkDescription, workspace: Workspace) =>
    ({ workspace, from: [0, 0, 0], to: size }) as const;

  return {
    unique: (encoded, chunk, workspace) =>
      withVoxels(coding, encoded, chunk, whole(chunk, workspace), (_, row) => uniqueLabels(workspace, row)),
    contains: (encoded, chunk, label, workspace) =>
      withVoxels(coding, encoded, chunk, whole(chunk, workspace), (_, row) => containsLabel(workspace, row, label)),
    voxel: (encoded, chunk, [x, y, z], workspace) =>
      withVoxels(coding, encoded, chunk, { workspace, from: [x, y, z], to: [x + 1, y + 1, z + 1] }, (_, row) => [
        ...labelsOf(workspace, row),
      ]),
    remap(encoded, chunk, mapping, workspace) {
      const { encode } = coding;
      if (encode === undefined) {
        throw new UnsupportedError("this encoding cannot be written");
      }
      return withVoxels(coding, encoded, chunk, whole(chunk, workspace), ({ pointer }, row) => {
        const labels = uniqueLabels(workspace, row);
        const values = mappedValues(mapping, labels, row.voxelBytes);
        const sizeBytes = row.count * row.voxelBytes;
        const out = workspace.arena.allocate(sizeBytes);
        const strides = { rowBytes: 0, planeBytes: 0, voxelBytes: row.voxelBytes };
        const size = [row.count, 1, 1] as const;
        mapVoxels(workspace, { pointer, ...strides }, { pointer: out, ...strides }, size, labels, values);
        return encode(workspace.view(out, sizeBytes), chunk, workspace);
      });
    },
    decodeMapped(encoded, chunk, mapping, target) {
      const { workspace } = target;
      const size = vec3.subtract(target.to, target.from);
      if (size.some((side) => side <= 0)) {
        return;
      }
      withVoxels(coding, encoded, chunk, target, (dense, row) => {
        const labels = uniqueLabels(workspace, row);
        const values = mappedValues(mapping, labels, mapping.voxelBytes);
        for (let channel = 0; channel < chunk.channels; channel++) {
          const from = { ...dense, pointer: dense.pointer + channel * dense.channelBytes, voxelBytes: row.voxelBytes };
          const pointer = target.pointer + channel * target.channelBytes;
          mapVoxels(workspace, from, { ...target, pointer, voxelBytes: mapping.voxelBytes }, size, labels, values);
        }
      });
    },
  };
}

/** Decodes a part of the chunk into the arena, unless it can be used where it is; gives back its scratch after `work`. */
function withVoxels<T>(
  { decode, place }: DenseCoding,
  encoded: Uint8Array,
  chunk: ChunkDescription,
  part: Pick<DecodeTarget, "from" | "to" | "workspace">,
  work: (decoded: Decoded, row: Row) => T,
): T {
  const { workspace, from, to } = part;
  const bytes = voxelBytes(chunk.dtype);
  const mark = workspace.arena.mark();
  try {
    const isWhole = from.every((start) => start === 0) && to.every((end, axis) => end === chunk.size[axis]);
    const placed = isWhole ? place?.(encoded, chunk, workspace) : undefined;
    const dense = placed === undefined ? createArenaTarget(chunk, part) : denseAt(placed, chunk);
    if (placed === undefined) {
      decode(encoded, chunk, { ...part, ...dense });
    }
    const count = (chunk.channels * dense.channelBytes) / bytes;
    return work(dense, { pointer: dense.pointer, count, voxelBytes: bytes });
  } finally {
    workspace.arena.reset(mark);
  }
}

function denseAt(pointer: number, { size, dtype }: ChunkDescription): Decoded {
  const rowBytes = size[0] * voxelBytes(dtype);
  const planeBytes = size[1] * rowBytes;
  return { pointer, rowBytes, planeBytes, channelBytes: size[2] * planeBytes };
}
