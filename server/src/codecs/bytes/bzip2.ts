/** bzip2: files end in `.bz2`. */
import { UnsupportedError } from "../../errors.ts";
import type { ByteCodecDescriptor } from "./byteCodec.ts";

export const bzip2Codec: ByteCodecDescriptor = {
  name: "bzip2",
  suffix: ".bz2",
  load: () => Promise.reject(new UnsupportedError('compression is not available: "bzip2"')),
};
