/**
 * crackle: a segmentation as the cracks between its regions; one channel.
 *
 * The kernel of the same name describes the layout and reads it, "crackle_encode" writes it; here they meet the contract of codecs.
 */
import { voxelBytes } from "../../base/dtype.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor, DecodeTarget } from "../codec.ts";
import { encode, encodeScratchBytes } from "./crackleEncode.ts";
import { encoderName } from "./crackleEncodeJob.ts";
import { crackleLabels } from "./crackleLabels.ts";
import { sliceScratchBytes, tableBytesOf } from "./crackleScratch.ts";
import { kernelName, openStream, paintPart, storedTable } from "./crackleSlices.ts";
import { describeCrackle } from "./crackleStream.ts";

/** Reads versions 0 and 1, flat labels and pins, with or without a Markov model. Only slices of the wanted part are read, and checked. */
function decode(encoded: Uint8Array, chunk: ChunkDescription, target: DecodeTarget): void {
  const stream = openStream(encoded, chunk, target.workspace);
  if (target.to.every((end, axis) => end > (target.from[axis] ?? 0))) {
    paintPart(stream, storedTable(stream), target, voxelBytes(chunk.dtype));
  }
}

/** A slice's tables, and what queries add. */
function decodeScratchBytes({ size }: ChunkDescription): number {
  return sliceScratchBytes(size) + tableBytesOf(size);
}

const codec: ChunkCodec = { decode, encode, decodeScratchBytes, encodeScratchBytes, labels: crackleLabels };

/** Labels of 1 to 8 bytes, one channel. */
export const crackleCodec: CodecDescriptor = {
  name: "crackle",
  dtypes: ["uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"],
  channels: [1],
  contentType: "application/octet-stream",
  defaultCompression: "gzip",
  file: { suffix: ".ckl", describe: describeCrackle },
  kernels: [kernelName, encoderName],
  load: async () => codec,
};
