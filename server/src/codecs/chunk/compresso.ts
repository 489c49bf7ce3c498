/**
 * compresso: a segmentation as the map of its boundaries; one channel.
 *
 * The kernel of the same name describes the layout and reads it, "compresso_encode" writes it; here they meet the contract of codecs.
 */
import { voxelBytes } from "../../base/dtype.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor, DecodeTarget } from "../codec.ts";
import { encode, encoderName, encodeScratchBytes } from "./compressoEncode.ts";
import { createJob, decodeScratchBytes, kernelName, paintPart } from "./compressoKernel.ts";
import { compressoLabels } from "./compressoLabels.ts";
import { describeCompresso, parseStream } from "./compressoStream.ts";

/**
 * Reads versions 0 and 1. Where a part is wanted and the stream has a z index, damage of other slices may go unseen, unless it is in
 * their windows.
 */
function decode(encoded: Uint8Array, chunk: ChunkDescription, target: DecodeTarget): void {
  const stream = parseStream(encoded, chunk);
  if (target.to.some((end, axis) => end <= (target.from[axis] ?? 0))) {
    return;
  }
  paintPart(createJob(encoded, stream, chunk, target.workspace), target, voxelBytes(chunk.dtype));
}

const codec: ChunkCodec = { decode, encode, decodeScratchBytes, encodeScratchBytes, labels: compressoLabels };

/** Unsigned labels of 1 to 8 bytes, one channel. */
export const compressoCodec: CodecDescriptor = {
  name: "compresso",
  dtypes: ["uint8", "uint16", "uint32", "uint64"],
  channels: [1],
  contentType: "application/octet-stream",
  defaultCompression: "gzip",
  file: { suffix: ".cpso", describe: describeCompresso },
  kernels: [kernelName, encoderName],
  load: async () => codec,
};
