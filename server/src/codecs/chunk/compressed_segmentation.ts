/**
 * compressed_segmentation: blocks of labels as short indices into tables of labels; several channels.
 *
 * The layout is described in the kernel of the same name, which does the work; here are sizes, scratch memory and error texts.
 */
import { voxelBytes } from "../../base/dtype.ts";
import { min, product, type Vec3 } from "../../base/vec3.ts";
import { InvalidArgumentError, InvalidChunkError, InvalidMetadataError } from "../../errors.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor, DecodeTarget } from "../codec.ts";
import { labelsKernel } from "../labelQueries.ts";
import { type Arena, placeInMemory, type Workspace } from "../workspace.ts";
import { createLabelQueries, queryKernel } from "./compressedSegmentationLabels.ts";

const kernelName = "compressed_segmentation";

interface Kernel {
  decode(
    input: number,
    inputBytes: number,
    labelBytes: number,
    channels: number,
    ...sizesBlocksFromToTargetStrides: readonly number[]
  ): number;
  encode(
    voxels: number,
    labelBytes: number,
    channels: number,
    ...sizesBlocksOutScratchSlots: readonly number[]
  ): number;
}

/** What the kernel's negative statuses mean. */
const problems: Readonly<Record<number, string>> = {
  [-1]: "its length is not a whole number of words, or its header is cut off",
  [-2]: "a channel begins beyond the end",
  [-3]: "the bits of an index are none of 0, 1, 2, 4, 8, 16, 32",
  [-4]: "a table of labels lies beyond the end",
  [-5]: "the indices of a block lie beyond the end",
  [-6]: "an index points beyond the end",
};

const tableOffsetTooLarge = -7;
const defaultBlock: Vec3 = [8, 8, 8];
/** Bits of indices are counted in 32 bits. */
const maxBlockVoxels = 2 ** 27;

function decode(encoded: Uint8Array, chunk: ChunkDescription, target: DecodeTarget): void {
  const { workspace, from, to } = target;
  if (to.some((end, axis) => end <= (from[axis] ?? 0))) {
    return;
  }
  const block = blockSize(chunk);
  const input = placeInMemory(workspace, encoded);
  const status = workspace
    .kernel<Kernel>(kernelName)
    .decode(
      input,
      encoded.byteLength,
      voxelBytes(chunk.dtype),
      chunk.channels,
      ...chunk.size,
      ...block,
      ...from,
      ...to,
      target.pointer,
      target.rowBytes,
      target.planeBytes,
      target.channelBytes,
    );
  if (status < 0) {
    throw explain(status, encoded.byteLength);
  }
}

function explain(status: number, sizeBytes: number): InvalidChunkError {
  const what = problems[status] ?? `status ${status}`;
  return new InvalidChunkError(`compressed_segmentation chunk of ${sizeBytes} bytes is damaged: ${what}`);
}

/** Whole blocks, and not so few planes that the calls would count. */
function planesAtOnce(chunk: ChunkDescription): number {
  const [, , planes] = blockSize(chunk);
  return planes * Math.ceil(8 / planes);
}

function encode(voxels: Uint8Array, chunk: ChunkDescription, workspace: Workspace): Uint8Array {
  const block = blockSize(chunk);
  const { arena } = workspace;
  const mark = arena.mark();
  try {
    const input = placeInMemory(workspace, voxels);
    const out = arena.allocate(maxEncodedBytes(chunk, block));
    const scratch = allocateScratch(workspace, chunk, block);
    const status = workspace
      .kernel<Kernel>(kernelName)
      .encode(
        input,
        voxelBytes(chunk.dtype),
        chunk.channels,
        ...chunk.size,
        ...block,
        out,
        scratch.pointer,
        scratch.blockSlots,
        scratch.tableSlots,
      );
    if (status === tableOffsetTooLarge) {
      throw new InvalidArgumentError(
        `compressed_segmentation cannot hold a chunk of ${chunk.size.join(" x ")}: a table of labels would lie beyond 2^24 words`,
        { hint: "use smaller chunks" },
      );
    }
    return new Uint8Array(workspace.view(out, status));
  } finally {
    arena.reset(mark);
  }
}

function blockSize(chunk: ChunkDescription): Vec3 {
  const name = "compressed_segmentation_block_size";
  const value = chunk.parameters[name] ?? defaultBlock;
  const isBlock = (size: unknown): size is Vec3 =>
    Array.isArray(size) && size.length === 3 && size.every((side) => Number.isInteger(side) && side > 0);
  if (!isBlock(value) || product(value) > maxBlockVoxels) {
    throw new InvalidMetadataError(`${name} must be three positive integers: ${JSON.stringify(value)}`);
  }
  return value;
}

/** Every block with as many labels as it has voxels, none of them shared. */
function maxEncodedBytes(chunk: ChunkDescription, block: Vec3): number {
  const labels = mostBlockVoxels(chunk, block);
  const indexBytes = Math.ceil((product(block) * indexBits(labels)) / 32) * 4;
  const blockBytes = 8 + indexBytes + labels * voxelBytes(chunk.dtype);
  return chunk.channels * (4 + blockCount(chunk, block) * blockBytes);
}

/** Voxels of the largest block; one that is larger than the chunk has no more than that. */
function mostBlockVoxels({ size }: ChunkDescription, block: Vec3): number {
  return product(min(size, block));
}

function indexBits(labels: number): number {
  return [0, 1, 2, 4, 8, 16].find((bits) => labels <= 2 ** bits) ?? 32;
}

function blockCount(chunk: ChunkDescription, block: Vec3): number {
  return product([
    Math.ceil(chunk.size[0] / block[0]),
    Math.ceil(chunk.size[1] / block[1]),
    Math.ceil(chunk.size[2] / block[2]),
  ]);
}

interface Scratch {
  readonly pointer: number;
  readonly blockSlots: number;
  readonly tableSlots: number;
}

/** The kernel's scratch memory, zeroed, so that no slot has a stamp that counts. */
function allocateScratch({ arena, view }: Workspace, chunk: ChunkDescription, block: Vec3): Scratch {
  const { blockSlots, tableSlots, sizeBytes } = scratchOf(chunk, block);
  const pointer = allocateZeroed(arena, view, sizeBytes);
  return { pointer, blockSlots, tableSlots };
}

function scratchOf(chunk: ChunkDescription, block: Vec3): Omit<Scratch, "pointer"> & { readonly sizeBytes: number } {
  const voxels = mostBlockVoxels(chunk, block);
  const blockSlots = powerOfTwo(2 * voxels);
  const tableSlots = powerOfTwo(2 * blockCount(chunk, block));
  return { blockSlots, tableSlots, sizeBytes: (blockSlots + tableSlots) * 16 + voxels * 24 };
}

/** The voxels, the chunk that they become, and the tables; each starts at an aligned address. */
function encodeScratchBytes(chunk: ChunkDescription): number {
  const block = blockSize(chunk);
  const voxels = product(chunk.size) * chunk.channels * voxelBytes(chunk.dtype);
  return voxels + maxEncodedBytes(chunk, block) + scratchOf(chunk, block).sizeBytes + 4096;
}

function allocateZeroed(arena: Arena, view: Workspace["view"], sizeBytes: number): number {
  const pointer = arena.allocate(sizeBytes);
  view(pointer, sizeBytes).fill(0);
  return pointer;
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(atLeast, 16)));
}

const labels = createLabelQueries({ decode, encode, blockSize, explain });
const codec: ChunkCodec = { decode, encode, encodeScratchBytes, planesAtOnce, labels };

/** uint32 and uint64, any channel count. Reads 32-bit indices, which the reference cannot. */
export const compressedSegmentationCodec: CodecDescriptor = {
  name: "compressed_segmentation",
  dtypes: ["uint32", "uint64"],
  contentType: "application/octet-stream",
  defaultCompression: "gzip",
  readingParameters: ["compressed_segmentation_block_size"],
  kernels: [kernelName, queryKernel, labelsKernel],
  load: async () => codec,
};
