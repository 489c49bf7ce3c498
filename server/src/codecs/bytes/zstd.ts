/** Zstandard (RFC 8878): files end in `.zstd`. */
import { UnsupportedError } from "../../errors.ts";
import type { ByteCodecDescriptor } from "./byteCodec.ts";

export const zstdCodec: ByteCodecDescriptor = {
  name: "zstd",
  suffix: ".zstd",
  load: () => Promise.reject(new UnsupportedError('compression is not available: "zstd"')),
};
