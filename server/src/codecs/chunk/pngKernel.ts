/**
 * The kernel "png": the rows of whole images whose samples are those of the chunk, 8 or 16 bits each, without leaving the workspace.
 *
 * Everything else that PNG has (interlacing, palettes, short samples, transparency that makes a channel) is done in pngPixels.ts.
 */
import { voxelBytes } from "../../base/dtype.ts";
import { product } from "../../base/vec3.ts";
import { InvalidChunkError } from "../../errors.ts";
import { inflateZlibInto } from "../bytes/inflateKernel.ts";
import type { ChunkDescription } from "../codec.ts";
import { placeInMemory, type Workspace } from "../workspace.ts";
import { concatenate, type PngFile } from "./pngFile.ts";
import { filteredBytes, storedSamples } from "./pngPixels.ts";
import { unknownFilter } from "./pngRows.ts";

/** The kernel that these functions need; besides, decoding needs that of `inflateZlibInto`. */
export const pngKernel = "png";

interface Kernel {
  unfilter(source: number, rows: number, rowBytes: number, pixelBytes: number, scratch: number, out: number): number;
  copy(to: number, from: number, sizeBytes: number): void;
  swap(at: number, sizeBytes: number): void;
  planarize(source: number, pixels: number, channels: number, sampleBytes: number, out: number): void;
  interleave(source: number, pixels: number, channels: number, sampleBytes: number, out: number): void;
  filter(pixels: number, rows: number, rowBytes: number, pixelBytes: number, scratch: number, out: number): void;
  repetitions(source: number, sizeBytes: number, table: number): number;
}

/** What vectors may read or write behind their bytes. */
const slackBytes = 16;
/** As the kernel "inflate" has it, and more. */
const inflateScratchBytes = 65_536;
const hashBytes = 16_384;
const unfilterScratchBytes = 128;
/** Deflate gains next to nothing by matches when fewer places than this share repeat. */
const fewRepetitions = 1 / 256;

/** Bytes of scratch to decode a chunk: the filtered rows, which may be narrower than the chunk's, the pixels, a copy of the zlib stream. */
export function decodeScratchBytes(chunk: ChunkDescription): number {
  return 5 * decodedBytes(chunk) + inflateScratchBytes + 65_536;
}

/** Bytes of scratch to encode a chunk: its voxels, pixel by pixel, and the filtered rows. */
export function encodeScratchBytes(chunk: ChunkDescription): number {
  const rowBytes = chunk.size[0] * chunk.channels * voxelBytes(chunk.dtype);
  return 4 * decodedBytes(chunk) + 2 * rowBytes + hashBytes + 8 * slackBytes;
}

function decodedBytes({ size, channels, dtype }: ChunkDescription): number {
  return product(size) * channels * voxelBytes(dtype);
}

/** Are the image's samples the chunk's, in whole bytes and in rows from top to bottom? */
export function isPlain({ header }: PngFile, { channels, dtype }: ChunkDescription): boolean {
  const { depth, colorType, isInterlaced } = header;
  return !isInterlaced && colorType !== 3 && storedSamples(header) === channels && depth === 8 * voxelBytes(dtype);
}

/** The voxels of a plain image, channel by channel, in the arena; undefined when the arena has too little room. Throws InvalidChunkError, TooLargeError. */
export function readPlainVoxels(file: PngFile, chunk: ChunkDescription, workspace: Workspace): Uint8Array | undefined {
  const { arena } = workspace;
  const { width, height, depth } = file.header;
  const sizeBytes = decodedBytes(chunk);
  const rowBytes = sizeBytes / height;
  const expected = filteredBytes(file.header);
  const compressedBytes = file.parts.reduce((sum, part) => sum + part.byteLength, 0);
  const others = 2 * compressedBytes + rowBytes + sizeBytes + inflateScratchBytes + 32 * slackBytes;
  if (arena.freeBytes < expected + others) {
    return undefined;
  }
  const filtered = inflateZlibInto(streamOf(file, workspace), { what: "PNG", maxBytes: expected }, workspace);
  if (filtered === undefined) {
    return undefined;
  }
  assertInflated(filtered.byteLength, expected);
  const pixels = arena.allocate(rowBytes + sizeBytes + slackBytes) + rowBytes;
  const kernel = workspace.kernel<Kernel>(pngKernel);
  const scratch = arena.allocate(unfilterScratchBytes);
  const status = kernel.unfilter(filtered.byteOffset, height, rowBytes, rowBytes / width, scratch, pixels);
  if (status < 0) {
    throw unknownFilter(-status);
  }
  if (depth === 16) {
    kernel.swap(pixels, sizeBytes);
  }
  if (chunk.channels === 1) {
    return workspace.view(pixels, sizeBytes);
  }
  // The filtered rows are no longer needed, and no shorter.
  kernel.planarize(pixels, width * height, chunk.channels, depth / 8, filtered.byteOffset);
  return workspace.view(filtered.byteOffset, sizeBytes);
}

/** Throws InvalidChunkError unless the zlib stream held just the image. */
export function assertInflated(found: number, expected: number): void {
  if (found !== expected) {
    throw new InvalidChunkError(`PNG image holds ${found} bytes, expected ${expected}`);
  }
}

function streamOf({ parts }: PngFile, workspace: Workspace): Uint8Array {
  const [first] = parts;
  if (parts.length <= 1 || first === undefined) {
    return concatenate(parts);
  }
  const sizeBytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const stream = workspace.view(workspace.arena.allocate(sizeBytes), sizeBytes);
  const kernel = workspace.kernel<Kernel>(pngKernel);
  let at = 0;
  for (const part of parts) {
    if (part.buffer === stream.buffer) {
      kernel.copy(stream.byteOffset + at, part.byteOffset, part.byteLength);
    } else {
      stream.set(part, at);
    }
    at += part.byteLength;
  }
  return stream;
}

/** The rows of the chunk as an image of its width, filtered, in the arena; and whether deflate can do without a search for repetitions. */
export function filterVoxels(
  voxels: Uint8Array,
  chunk: ChunkDescription,
  workspace: Workspace,
): { readonly filtered: Uint8Array; readonly hasRepetitions: boolean } {
  const { arena } = workspace;
  const kernel = workspace.kernel<Kernel>(pngKernel);
  const { size, channels, dtype } = chunk;
  const sampleBytes = voxelBytes(dtype);
  const pixelBytes = channels * sampleBytes;
  const [rowBytes, rows] = [size[0] * pixelBytes, size[1] * size[2]];
  const pixels = arena.allocate(rows * rowBytes + slackBytes);
  if (channels === 1) {
    workspace.view(pixels, voxels.byteLength).set(voxels);
  } else {
    kernel.interleave(placeInMemory(workspace, voxels), product(size), channels, sampleBytes, pixels);
  }
  if (sampleBytes === 2) {
    kernel.swap(pixels, rows * rowBytes);
  }
  const filteredSize = rows * (rowBytes + 1);
  const filtered = arena.allocate(filteredSize + slackBytes);
  kernel.filter(pixels, rows, rowBytes, pixelBytes, arena.allocate(2 * rowBytes + 64), filtered);
  const repetitions = kernel.repetitions(filtered, filteredSize, arena.allocate(hashBytes));
  return {
    filtered: workspace.view(filtered, filteredSize),
    hasRepetitions: repetitions > fewRepetitions * filteredSize,
  };
}
