/** compresso. */
import { UnsupportedError } from "../../errors.ts";
import type { CodecDescriptor } from "../codec.ts";
import { scatterKernel } from "../target.ts";

export const compressoCodec: CodecDescriptor = {
  name: "compresso",
  dtypes: ["uint8", "uint16", "uint32", "uint64"],
  contentType: "application/octet-stream",
  kernels: [scatterKernel],
  load: () => Promise.reject(new UnsupportedError('encoding is not available: "compresso"')),
};
