/**
 * kempressed: an fpzip stream of value + 2, with the axes z and channel swapped, so that each field holds all channels of one z plane.
 *
 * The sum is rounded to the value's own type, and so is the difference when it is read: values come back as near as 2^-22 for float32,
 * exactly where they are multiples of it. Precision is always full: the reference does not look at `fpzip_precision` either.
 */
import type { CodecDescriptor } from "../codec.ts";
import {
  decodeScratchBytes,
  decodeStream,
  encodeScratchBytes,
  encodeStream,
  fpzipKernel,
  type StreamOrder,
} from "./fpzipStream.ts";

const order: StreamOrder = { fields: "planes", bias: 2 };

/** float32 and float64, any channel count. Lossy, as the sum is rounded. */
export const kempressedCodec: CodecDescriptor = {
  name: "kempressed",
  dtypes: ["float32", "float64"],
  contentType: "application/octet-stream",
  lossy: true,
  kernels: [fpzipKernel],
  load: async () => ({
    decode: (encoded, chunk, target) => decodeStream(encoded, chunk, target, order),
    encode: (voxels, chunk, workspace) => encodeStream(voxels, chunk, workspace, { ...order, precision: 0 }),
    decodeScratchBytes,
    encodeScratchBytes,
  }),
};
