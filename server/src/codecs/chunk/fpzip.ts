/**
 * fpzip: floats, predicted and range coded; any channel count, each channel a field of its own. Lossless, or with `fpzip_precision` lossy.
 *
 * The bytes are those that the reference writes. The layout is described in the kernel of the same name.
 */
import { InvalidMetadataError } from "../../errors.ts";
import type { ChunkDescription, CodecDescriptor } from "../codec.ts";
import {
  decodeScratchBytes,
  decodeStream,
  encodeScratchBytes,
  encodeStream,
  fpzipKernel,
  isPrecision,
  type StreamOrder,
} from "./fpzipStream.ts";

const order: StreamOrder = { fields: "channels", bias: 0 };

/** The bits to keep; 0, also where there is no `fpzip_precision`, keeps all. Only encoding needs it: streams say what they have. */
function precisionOf({ parameters, dtype }: ChunkDescription): number {
  const precision = parameters.fpzip_precision ?? 0;
  if (typeof precision !== "number" || !isPrecision(precision, dtype)) {
    const possible = dtype === "float64" ? "0 or an even number from 4 to 64" : "0 or an integer from 2 to 32";
    throw new InvalidMetadataError(`fpzip_precision of ${dtype} must be ${possible}: ${JSON.stringify(precision)}`);
  }
  return precision;
}

/** float32 and float64, any channel count. Lossy for other precisions than 0, though never for segmentations, which have no floats. */
export const fpzipCodec: CodecDescriptor = {
  name: "fpzip",
  dtypes: ["float32", "float64"],
  contentType: "application/octet-stream",
  kernels: [fpzipKernel],
  load: async () => ({
    decode: (encoded, chunk, target) => decodeStream(encoded, chunk, target, order),
    encode: (voxels, chunk, workspace) =>
      encodeStream(voxels, chunk, workspace, { ...order, precision: precisionOf(chunk) }),
    decodeScratchBytes,
    encodeScratchBytes,
  }),
};
