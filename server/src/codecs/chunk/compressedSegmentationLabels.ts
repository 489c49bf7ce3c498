/** Questions about the labels of compressed_segmentation chunks, answered from the tables and the indices that point into them. */
import { voxelBytes } from "../../base/dtype.ts";
import type { Vec3 } from "../../base/vec3.ts";
import type { InvalidChunkError } from "../../errors.ts";
import type { ChunkCodec, ChunkDescription, LabelQueries } from "../codec.ts";
import { createDenseQueries, mappedValues, uniqueLabels } from "../labelQueries.ts";
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
  blockSize(chunk: ChunkDescription): Vec3;
  /** What a negative status of the kernels means. */
  explain(status: number, sizeBytes: number): InvalidChunkError;
}

/** The entries of tables that voxels use, marked by their words. */
interface Marked {
  readonly kernel: Kernel;
  readonly workspace: Workspace;
  readonly input: number;
  readonly inputBytes: number;
  readonly labelBytes: 4 | 8;
  readonly used: number;
  readonly other: number;
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
function readLabels({ kernel, workspace, input, inputBytes, labelBytes, used }: Marked): {
  readonly pointer: number;
  readonly count: number;
} {
  const count = kernel.readMarked(input, inputBytes, labelBytes, used, 0);
  const pointer = workspace.arena.allocate(count * 8);
  kernel.readMarked(input, inputBytes, labelBytes, used, pointer);
  return { pointer, count };
}

/** Changes the tables in a copy of the chunk; `undefined` where they lie over each other. */
function remapTables(
  { kernel, workspace, input, inputBytes, labelBytes, used, other }: Marked,
  replace: (labels: BigUint64Array) => BigUint64Array,
): Uint8Array | undefined {
  if (kernel.checkApart(inputBytes, labelBytes, used, other) < 0) {
    return undefined;
  }
  const copy = workspace.arena.allocate(inputBytes);
  workspace.view(copy, inputBytes).set(workspace.view(input, inputBytes));
  const { pointer, count } = readLabels({ kernel, workspace, input, inputBytes, labelBytes, used, other });
  const labels = new BigUint64Array(workspace.memory.buffer, pointer, count);
  labels.set(replace(labels.slice()));
  kernel.writeMarked(copy, inputBytes, labelBytes, used, pointer);
  return new Uint8Array(workspace.view(copy, inputBytes));
}

/** The new label of each of `labels`, which may repeat: the mapping is asked once for each. */
function replaceAll(labels: BigUint64Array, distinct: BigUint64Array, values: BigUint64Array): BigUint64Array {
  const numbers = new Map(Array.from(distinct, (label, index) => [label, values[index] ?? 0n]));
  return labels.map((label) => numbers.get(label) ?? 0n);
}

/**
 * The queries of the encoding. Remapped chunks keep their layout: tables may hold a label twice then, and need not be ascending, which no reader
 * asks for; a chunk whose tables lie over each other is decoded and encoded.
 */
export function createLabelQueries(coding: LabelCoding): LabelQueries {
  const dense = createDenseQueries(coding);
  const unique: LabelQueries["unique"] = (encoded, chunk, workspace) =>
    withMarks(coding, encoded, chunk, workspace, (marked) => {
      const { pointer, count } = readLabels(marked);
      return uniqueLabels(workspace, pointer, count, 8);
    });
  return {
    ...dense,
    unique,
    contains: (encoded, chunk, label, workspace) => unique(encoded, chunk, workspace).includes(label),
    remap(encoded, chunk, mapping, workspace) {
      const remapped = withMarks(coding, encoded, chunk, workspace, (marked) =>
        remapTables(marked, (labels) => {
          const distinct = unique(encoded, chunk, workspace);
          return replaceAll(labels, distinct, mappedValues(mapping, distinct, marked.labelBytes));
        }),
      );
      return remapped ?? dense.remap(encoded, chunk, mapping, workspace);
    },
  };
}
