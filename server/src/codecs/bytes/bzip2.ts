/** bzip2: files end in `.bz2`. */
import { loadLibrary } from "../library.ts";
import type { ByteCodecDescriptor } from "./byteCodec.ts";
import { type Bzip2Library, createBzip2 } from "./bzip2Stream.ts";

export const bzip2Codec: ByteCodecDescriptor = {
  name: "bzip2",
  suffix: ".bz2",
  load: async () => createBzip2(loadLibrary<Bzip2Library>("bzip2")),
};
