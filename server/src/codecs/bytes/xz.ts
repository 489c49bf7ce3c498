/** The .xz container of LZMA2: files end in `.xz`. CloudFiles writes it for "lzma", too. */
import { loadLibrary } from "../library.ts";
import type { ByteCodecDescriptor } from "./byteCodec.ts";
import { createXz, type XzLibrary } from "./xzStream.ts";

export const xzCodec: ByteCodecDescriptor = {
  name: "xz",
  suffix: ".xz",
  load: async () => createXz(loadLibrary<XzLibrary>("xz")),
};
