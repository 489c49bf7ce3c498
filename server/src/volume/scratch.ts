/** How much scratch memory codecs take: what a workspace's arena must have for a chunk. */
import { voxelBytes } from "../base/dtype.ts";
import { product } from "../base/vec3.ts";
import type { ChunkCodec, ChunkDescription } from "../codecs/codec.ts";

/** What encoders and writers take beyond what codecs state: small tables. Costs nothing until it is touched. */
const encoderTableBytes = 32 * 2 ** 20;

/** Bytes that a decoded chunk has. */
export function decodedBytes({ size, channels, dtype }: ChunkDescription): number {
  return product(size) * channels * voxelBytes(dtype);
}

/** Arena bytes that decoding takes at most, its input not counted. */
export function decodeScratchBytes(codec: ChunkCodec, chunk: ChunkDescription): number {
  return codec.decodeScratchBytes?.(chunk) ?? decodedBytes(chunk) + 2 ** 20;
}

/** Arena bytes that reading takes at most: stored bytes, their decompressed form, and what the decoder takes. */
export function readScratchBytes(codec: ChunkCodec, chunk: ChunkDescription): number {
  return wholePages(3 * decodedBytes(chunk) + 3 * 2 ** 20 + decodeScratchBytes(codec, chunk));
}

/** Arena bytes that encoding takes at most, its input included. */
export function encodeScratchBytes(codec: ChunkCodec, chunk: ChunkDescription): number {
  return wholePages((codec.encodeScratchBytes?.(chunk) ?? readScratchBytes(codec, chunk)) + encoderTableBytes);
}

function wholePages(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 65_536) * 65_536;
}
