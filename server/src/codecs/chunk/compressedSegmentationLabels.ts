/** Questions about the labels of compressed_segmentation chunks, answered from the tables and the indices that point into them. */
import { voxelBytes } from "../../base/dtype.ts";
import * as vec3 from "../../base/vec3.ts";
import type { InvalidChunkError } from "../../errors.ts";
import type { ChunkCodec, ChunkDescription, DecodeTarget, LabelMapping, LabelQueries } from "../codec.ts";
import {
  containsLabel,
  createDenseQueries,
  mappedValues,
  mapVoxels,
  type Row,
  resizeVoxels,
  uniqueLabels,
} from "../labelQueries.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";

/** The kernel of these questions, beside the one that decodes. */
export const queryKernel = "compressed_segmentation_labels";

interface Kernel {
  markUsed(
    input: number,
    inputBytes: number,
    labelBytes: number,
    channels: number,
    ...sizeBlockUsedOther: readonly number[]
  ): number;
  checkApart(inputBytes: number, labelBytes: number, used: number, other: number): number;
  readMarked(input: number, inputBytes: number, labelBytes: number, used: number, labels: number): number;
  writeMarked(input: number, inputBytes: number, labelBytes: number, used: number, labels: number): void;
}

export interface LabelCoding extends Required<Pick<ChunkCodec, "decode" | "encode">> {
  blockSize(chunk: ChunkDescription): vec3.Vec3;
  /** What a negative status of the kernels means. */
  explain(status: number, sizeBytes: number): InvalidChunkError;
}

/** Bytes that are decoded at once before their voxels become narrower or wider: what a core's own cache holds. */
const stripBytes = 2 ** 18;

/** A chunk in the workspace's memory whose table entries that voxels use are marked by their words. */
interface Marked {
  readonly kernel: Kernel;
  readonly workspace: Workspace;
  readonly input: number;
  readonly inputBytes: number;
  readonly labelBytes: 4 | 8;
  readonly used: number;
  /** Marks of words that are headers or indices. */
  readonly other: number;
}

/**
 * The queries of the encoding. Remapped chunks keep their layout: tables may hold a label twice then, and need not be ascending, which no reader
 * asks for; a chunk whose tables lie over each other is decoded and encoded.
 */
export function createLabelQueries(coding: LabelCoding): LabelQueries {
  const dense = createDenseQueries(coding);
  return {
    ...dense,
    unique: (encoded, chunk, workspace) =>
      withMarks(coding, encoded, chunk, workspace, (marked) => uniqueLabels(workspace, readLabels(marked))),
    contains: (encoded, chunk, label, workspace) =>
      withMarks(coding, encoded, chunk, workspace, (marked) => containsLabel(workspace, readLabels(marked), label)),
    remap: (encoded, chunk, mapping, workspace) =>
      withMarks(coding, encoded, chunk, workspace, (marked) => {
        const copy = mapTables(marked, mapping, marked.labelBytes);
        return copy && new Uint8Array(copy);
      }) ?? dense.remap(encoded, chunk, mapping, workspace),
    decodeMapped(encoded, chunk, mapping, target) {
      if (vec3.subtract(target.to, target.from).some((side) => side <= 0)) {
        return;
      }
      const isDone = withMarks(coding, encoded, chunk, target.workspace, (marked) => {
        const copy = mapTables(marked, mapping, mapping.voxelBytes);
        if (copy !== undefined) {
          decodeResized(coding, copy, chunk, mapping.voxelBytes, target);
        }
        return copy !== undefined;
      });
      if (!isDone) {
        dense.decodeMapped(encoded, chunk, mapping, target);
      }
    },
  };
}

/** Runs `work` on the marks of a chunk, and gives back the scratch that it took. */
function withMarks<T>(
  { blockSize, explain }: LabelCoding,
  encoded: Uint8Array,
  chunk: ChunkDescription,
  workspace: Workspace,
  work: (marked: Marked) => T,
): T {
  const { arena } = workspace;
  const start = arena.mark();
  try {
    const kernel = workspace.kernel<Kernel>(queryKernel);
    const input = placeInMemory(workspace, encoded);
    const inputBytes = encoded.byteLength;
    // One bit for each word, and one word behind the last.
    const markBytes = Math.ceil(inputBytes / 32) + 16;
    const [used, other] = [arena.allocate(markBytes), arena.allocate(markBytes)];
    workspace.view(used, other + markBytes - used).fill(0);
    const labelBytes = voxelBytes(chunk.dtype) === 8 ? 8 : 4;
    const block = blockSize(chunk);
    const status = kernel.markUsed(input, inputBytes, labelBytes, chunk.channels, ...chunk.size, ...block, used, other);
    if (status < 0) {
      throw explain(status, inputBytes);
    }
    return work({ kernel, workspace, input, inputBytes, labelBytes, used, other });
  } finally {
    arena.reset(start);
  }
}

/** The marked labels, in the order of their words; one that several tables hold is there several times. */
function readLabels({ kernel, workspace, input, inputBytes, labelBytes, used }: Marked): Row {
  const count = kernel.readMarked(input, inputBytes, labelBytes, used, 0);
  const pointer = workspace.arena.allocate(count * 8);
  kernel.readMarked(input, inputBytes, labelBytes, used, pointer);
  return { pointer, count, voxelBytes: 8 };
}

/** A copy of the chunk with values of `bytes` bytes in its tables; `undefined` where the tables have no room for them, or lie over each other. */
function mapTables(marked: Marked, mapping: LabelMapping, bytes: number): Uint8Array | undefined {
  const { kernel, workspace, input, inputBytes, labelBytes, used, other } = marked;
  if (kernel.checkApart(inputBytes, labelBytes, used, other) < 0) {
    return undefined;
  }
  const row = readLabels(marked);
  const labels = uniqueLabels(workspace, row);
  const values = mappedValues(mapping, labels, bytes);
  if (bytes > labelBytes && values.some((value) => value >> 32n !== 0n)) {
    return undefined;
  }
  const list = { ...row, rowBytes: 0, planeBytes: 0 };
  mapVoxels(workspace, list, list, [row.count, 1, 1], labels, values);
  const copy = workspace.view(workspace.arena.allocate(inputBytes), inputBytes);
  copy.set(workspace.view(input, inputBytes));
  kernel.writeMarked(copy.byteOffset, inputBytes, labelBytes, used, row.pointer);
  return copy;
}

/** `decode` into a target of another voxel size: strips of whole blocks, each decoded and then made narrower or wider. */
function decodeResized(
  { decode, blockSize }: LabelCoding,
  encoded: Uint8Array,
  chunk: ChunkDescription,
  bytes: 1 | 2 | 4 | 8,
  target: DecodeTarget,
): void {
  const width = voxelBytes(chunk.dtype);
  if (bytes === width) {
    decode(encoded, chunk, target);
    return;
  }
  const { workspace, from, to } = target;
  const [, blockRows, blockPlanes] = blockSize(chunk);
  const rowBytes = (to[0] - from[0]) * width;
  const rowsAtOnce = blockRows * Math.max(1, Math.floor(stripBytes / (rowBytes * blockRows * blockPlanes)));
  const stripRows = Math.min(rowsAtOnce, to[1] - from[1]);
  const stripPlanes = Math.min(blockPlanes, to[2] - from[2]);
  const planeBytes = rowBytes * stripRows;
  const channelBytes = planeBytes * stripPlanes;
  const pointer = workspace.arena.allocate(chunk.channels * channelBytes);
  for (let z = from[2]; z < to[2]; z = end(z, blockPlanes, to[2])) {
    for (let y = from[1]; y < to[1]; y = end(y, rowsAtOnce, to[1])) {
      const corner = [from[0], y, z] as const;
      const far = [to[0], end(y, rowsAtOnce, to[1]), end(z, blockPlanes, to[2])] as const;
      decode(encoded, chunk, { workspace, pointer, rowBytes, planeBytes, channelBytes, from: corner, to: far });
      const offset = (z - from[2]) * target.planeBytes + (y - from[1]) * target.rowBytes;
      for (let channel = 0; channel < chunk.channels; channel++) {
        const source = { pointer: pointer + channel * channelBytes, rowBytes, planeBytes, voxelBytes: width };
        const out = { ...target, pointer: target.pointer + channel * target.channelBytes + offset, voxelBytes: bytes };
        resizeVoxels(workspace, source, out, vec3.subtract(far, corner));
      }
    }
  }
}

/** The next multiple of `step`, or `last`. */
function end(at: number, step: number, last: number): number {
  return Math.min(last, (Math.floor(at / step) + 1) * step);
}
