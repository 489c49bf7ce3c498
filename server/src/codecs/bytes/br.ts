/** Brotli (RFC 7932): files end in `.br`, objects carry Content-Encoding: br. */
import type { ByteCodec, ByteCodecDescriptor } from "./byteCodec.ts";
import { deflateBrotli, inflateBrotli } from "./zlib.ts";

const codec: ByteCodec = { decompress: inflateBrotli, compress: deflateBrotli };

export const brotliCodec: ByteCodecDescriptor = { name: "br", suffix: ".br", load: async () => codec };
