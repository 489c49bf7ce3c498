/** compressed_segmentation. */
import { UnsupportedError } from "../../errors.ts";
import type { CodecDescriptor } from "../codec.ts";
import { scatterKernel } from "../target.ts";

export const compressedSegmentationCodec: CodecDescriptor = {
  name: "compressed_segmentation",
  dtypes: ["uint32", "uint64"],
  contentType: "application/octet-stream",
  kernels: [scatterKernel],
  load: () => Promise.reject(new UnsupportedError('encoding is not available: "compressed_segmentation"')),
};
