/** The .xz container of LZMA2: files end in `.xz`. */
import { UnsupportedError } from "../../errors.ts";
import type { ByteCodecDescriptor } from "./byteCodec.ts";

export const xzCodec: ByteCodecDescriptor = {
  name: "xz",
  suffix: ".xz",
  load: () => Promise.reject(new UnsupportedError('compression is not available: "xz"')),
};
