/** Blosc (Zarr, N5) with the compressors of this platform inside. */

import type { BloscInner } from "./bloscEncode.ts";
import { createBlosc } from "./bloscStream.ts";
import type { CompressorDescriptor } from "./byteCodec.ts";
import { zlibCodec } from "./gzip.ts";
import { zstdCodec } from "./zstd.ts";

/** What `createBlosc` takes here. */
export async function loadBloscInner(): Promise<BloscInner> {
  const [zlib, zstd] = await Promise.all([zlibCodec.load(), zstdCodec.load()]);
  return { zlib, zstd };
}

export const bloscCodec: CompressorDescriptor = {
  name: "blosc",
  load: async () => createBlosc(await loadBloscInner()),
};
