/** png. */
import { UnsupportedError } from "../../errors.ts";
import type { CodecDescriptor } from "../codec.ts";
import { scatterKernel } from "../target.ts";

export const pngCodec: CodecDescriptor = {
  name: "png",
  dtypes: ["uint8", "uint16"],
  contentType: "image/png",
  kernels: [scatterKernel],
  load: () => Promise.reject(new UnsupportedError('encoding is not available: "png"')),
};
