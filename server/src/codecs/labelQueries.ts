/**
 * Questions about labels, answered from decoded voxels: for encodings that have no shorter way, and for the parts of others.
 *
 * Needs the kernels "labels" and "scatter" in the workspace.
 */
import { voxelBytes } from "../base/dtype.ts";
import { product } from "../base/vec3.ts";
import { InternalError, InvalidArgumentError, UnsupportedError } from "../errors.ts";
import type { ChunkCodec, ChunkDescription, DecodeTarget, LabelMapping, LabelQueries } from "./codec.ts";
import { createArenaTarget } from "./target.ts";
import type { Workspace } from "./workspace.ts";

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
  mapVoxels(
    source: number,
    sourceRow: number,
    sourcePlane: number,
    sourceBytes: number,
    target: number,
    targetRow: number,
    targetPlane: number,
    targetBytes: number,
    ...sizeTableSlotsValues: readonly number[]
  ): number;
}

/** Sets of more labels are sorted in the place of hashed: nobody has that many in a chunk but noise. */
const mostHashed = 1 << 16;

/** The distinct labels of `count` dense voxels of `bytes` bytes, ascending. */
export function uniqueLabels(
  workspace: Workspace,
  pointer: number,
  count: number,
  bytes: 1 | 2 | 4 | 8,
): BigUint64Array {
  const kernel = workspace.kernel<LabelsKernel>(labelsKernel);
  for (let capacity = 1 << 10; capacity <= mostHashed; capacity <<= 3) {
    const mark = workspace.arena.mark();
    const slots = 2 * capacity;
    const table = workspace.arena.allocate(slots * 16);
    const labels = workspace.arena.allocate(capacity * 8);
    kernel.clear(table, slots);
    const found = kernel.collect(pointer, count, bytes, table, slots, labels, 0, capacity);
    const result = found < 0 ? undefined : asLabels(workspace, labels, found, 8);
    workspace.arena.reset(mark);
    if (result !== undefined) {
      return result.sort();
    }
  }
  return withoutRepeats(asLabels(workspace, pointer, count, bytes).sort());
}

/** Numbers of the workspace's memory as 64-bit labels, in memory of their own. */
function asLabels({ memory }: Workspace, pointer: number, count: number, bytes: 1 | 2 | 4 | 8): BigUint64Array {
  if (bytes === 8) {
    const copy = new Uint8Array(count * 8);
    copy.set(new Uint8Array(memory.buffer, pointer, count * 8));
    return new BigUint64Array(copy.buffer);
  }
  const copy = new Uint8Array(count * bytes);
  copy.set(new Uint8Array(memory.buffer, pointer, count * bytes));
  const narrow = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[bytes];
  return BigUint64Array.from(new narrow(copy.buffer), BigInt);
}

function withoutRepeats(sorted: BigUint64Array): BigUint64Array {
  let count = 0;
  for (const label of sorted) {
    if (count === 0 || sorted[count - 1] !== label) {
      sorted[count++] = label;
    }
  }
  return sorted.slice(0, count);
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

/** A box of voxels in the workspace's memory. */
interface Source {
  readonly pointer: number;
  readonly rowBytes: number;
  readonly planeBytes: number;
  readonly voxelBytes: 1 | 2 | 4 | 8;
}

/** Writes one plane box of `size` voxels with each label replaced; `labels` are all that there are. */
function mapBox(
  source: Source,
  target: Source,
  size: readonly number[],
  workspace: Workspace,
  labels: BigUint64Array,
  values: BigUint64Array,
): void {
  const kernel = workspace.kernel<LabelsKernel>(labelsKernel);
  const { arena } = workspace;
  const mark = arena.mark();
  const slots = 2 ** Math.ceil(Math.log2(2 * labels.length + 2));
  const table = arena.allocate(slots * 16);
  const place = (numbers: BigUint64Array): number => {
    const pointer = arena.allocate(numbers.byteLength);
    workspace
      .view(pointer, numbers.byteLength)
      .set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    return pointer;
  };
  kernel.clear(table, slots);
  kernel.insertAll(table, slots, place(labels), labels.length);
  const status = kernel.mapVoxels(
    source.pointer,
    source.rowBytes,
    source.planeBytes,
    source.voxelBytes,
    target.pointer,
    target.rowBytes,
    target.planeBytes,
    target.voxelBytes,
    ...size,
    table,
    slots,
    place(values),
  );
  arena.reset(mark);
  if (status < 0) {
    throw new InternalError("a label was not among those that the chunk has");
  }
}

/** The queries of a codec that decodes; encodes too, if it is to remap. Each takes a decoded chunk of scratch. */
export function createDenseQueries({ decode, encode }: Pick<ChunkCodec, "decode" | "encode">): LabelQueries {
  /** Decodes [from, to) into the arena and hands it on. */
  function decoded<T>(
    encoded: Uint8Array,
    chunk: ChunkDescription,
    part: Pick<DecodeTarget, "from" | "to" | "workspace">,
    work: (target: DecodeTarget, voxels: number) => T,
  ): T {
    const { workspace } = part;
    const mark = workspace.arena.mark();
    try {
      const target = createArenaTarget(chunk, part);
      decode(encoded, chunk, target);
      return work(target, (chunk.channels * target.channelBytes) / voxelBytes(chunk.dtype));
    } finally {
      workspace.arena.reset(mark);
    }
  }
  const whole = ({ size }: ChunkDescription, workspace: Workspace) =>
    ({ workspace, from: [0, 0, 0], to: size }) as const;

  return {
    unique: (encoded, chunk, workspace) =>
      decoded(encoded, chunk, whole(chunk, workspace), ({ pointer }, count) =>
        uniqueLabels(workspace, pointer, count, voxelBytes(chunk.dtype)),
      ),
    contains: (encoded, chunk, label, workspace) =>
      decoded(encoded, chunk, whole(chunk, workspace), ({ pointer }, count) => {
        const kernel = workspace.kernel<LabelsKernel>(labelsKernel);
        return kernel.contains(pointer, count, voxelBytes(chunk.dtype), label) !== 0;
      }),
    voxel: (encoded, chunk, [x, y, z], workspace) =>
      decoded(encoded, chunk, { workspace, from: [x, y, z], to: [x + 1, y + 1, z + 1] }, ({ pointer }, count) => [
        ...asLabels(workspace, pointer, count, voxelBytes(chunk.dtype)),
      ]),
    remap(encoded, chunk, mapping, workspace) {
      if (encode === undefined) {
        throw new UnsupportedError("this encoding cannot be written");
      }
      return decoded(encoded, chunk, whole(chunk, workspace), (target, count) => {
        const bytes = voxelBytes(chunk.dtype);
        const labels = uniqueLabels(workspace, target.pointer, count, bytes);
        const values = mappedValues(mapping, labels, bytes);
        const dense = { pointer: target.pointer, rowBytes: 0, planeBytes: 0, voxelBytes: bytes };
        mapBox(dense, dense, [count, 1, 1], workspace, labels, values);
        const voxels = new Uint8Array(workspace.view(target.pointer, count * bytes));
        return encode(voxels, chunk, workspace);
      });
    },
    decodeMapped(encoded, chunk, mapping, target) {
      const { from, to, workspace } = target;
      const size = to.map((end, axis) => end - (from[axis] ?? 0));
      if (size.some((side) => side <= 0)) {
        return;
      }
      decoded(encoded, chunk, target, (dense, count) => {
        const bytes = voxelBytes(chunk.dtype);
        const labels = uniqueLabels(workspace, dense.pointer, count, bytes);
        const values = mappedValues(mapping, labels, mapping.voxelBytes);
        for (let channel = 0; channel < chunk.channels; channel++) {
          const source = { ...dense, pointer: dense.pointer + channel * dense.channelBytes, voxelBytes: bytes };
          const pointer = target.pointer + channel * target.channelBytes;
          const { rowBytes, planeBytes } = target;
          mapBox(
            source,
            { pointer, rowBytes, planeBytes, voxelBytes: mapping.voxelBytes },
            size,
            workspace,
            labels,
            values,
          );
        }
      });
    },
  };
}

/** Bytes of scratch that the queries take beside what decoding takes: the decoded chunk, a table, labels and values. */
export function denseQueryBytes({ size, channels }: ChunkDescription): number {
  return product(size) * channels * 64 + 2 ** 22;
}
