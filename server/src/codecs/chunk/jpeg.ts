/** jpeg. */
import { UnsupportedError } from "../../errors.ts";
import type { CodecDescriptor } from "../codec.ts";
import { scatterKernel } from "../target.ts";

export const jpegCodec: CodecDescriptor = {
  name: "jpeg",
  dtypes: ["uint8"],
  contentType: "image/jpeg",
  kernels: [scatterKernel],
  load: () => Promise.reject(new UnsupportedError('encoding is not available: "jpeg"')),
};
