/** Zstandard (RFC 8878): files end in `.zstd`. By node:zlib where it can, else by the wasm library. */
import { loadLibrary } from "../library.ts";
import type { ByteCodecDescriptor } from "./byteCodec.ts";
import { nativeZstd } from "./zlib.ts";
import { createZstd, createZstdWasm, type ZstdLibrary } from "./zstdStream.ts";

export const zstdCodec: ByteCodecDescriptor = {
  name: "zstd",
  suffix: ".zstd",
  load: async () =>
    nativeZstd === undefined ? createZstdWasm(loadLibrary<ZstdLibrary>("zstd")) : createZstd(nativeZstd),
};
