/** gzip (RFC 1952), the usual second stage: files end in `.gz`, objects carry Content-Encoding: gzip. */
import type { ByteCodec, ByteCodecDescriptor } from "./byteCodec.ts";
import { inflateGzipInto, inflateKernel } from "./inflateKernel.ts";
import { deflateGzip, inflateGzip } from "./zlib.ts";

const codec: ByteCodec = { decompress: inflateGzip, decompressInto: inflateGzipInto, compress: deflateGzip };

export const gzipCodec: ByteCodecDescriptor = {
  name: "gzip",
  suffix: ".gz",
  kernels: [inflateKernel],
  load: async () => codec,
};
