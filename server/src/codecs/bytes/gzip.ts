/** gzip (RFC 1952), the usual second stage: files end in `.gz`, objects carry Content-Encoding: gzip. And zlib (RFC 1950), which formats name. */
import { throwIfAborted } from "../../base/abort.ts";
import type { ByteCodec, ByteCodecDescriptor, CompressorDescriptor } from "./byteCodec.ts";
import { inflateGzipInto, inflateKernel, inflateZlibInto } from "./inflateKernel.ts";
import { deflateGzip, deflateZlib, inflateGzip, inflateZlib } from "./zlib.ts";

const gzip: ByteCodec = { decompress: inflateGzip, decompressInto: inflateGzipInto, compress: deflateGzip };

export const gzipCodec: ByteCodecDescriptor = {
  name: "gzip",
  suffix: ".gz",
  kernels: [inflateKernel],
  load: async () => gzip,
};

const zlib: ByteCodec = {
  decompress: (bytes, maxBytes) => inflateZlib(bytes, { what: "zlib", maxBytes }),
  decompressInto: (bytes, maxBytes, workspace) => inflateZlibInto(bytes, { what: "zlib", maxBytes }, workspace),
  async compress(bytes, { signal, level = 6 } = {}) {
    throwIfAborted(signal);
    return deflateZlib(bytes, level);
  },
};

export const zlibCodec: CompressorDescriptor = { name: "zlib", kernels: [inflateKernel], load: async () => zlib };
