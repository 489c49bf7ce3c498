/**
 * The compressors where there is no Node: the same names, the same contract, no node: module in all that this imports.
 *
 * How a bundle finds the wasm of a library is its bundler's affair, so whoever makes the bundle says how each is loaded.
 */
import { type BrotliLibrary, createBrotliWasm } from "./brotliWasm.ts";
import type { ByteCodecDescriptor } from "./byteCodec.ts";
import { type Bzip2Library, createBzip2 } from "./bzip2Stream.ts";
import { createPakoGzip } from "./pako.ts";
import { createXz, type XzLibrary } from "./xzStream.ts";
import { createZstdWasm, type ZstdLibrary } from "./zstdStream.ts";

/** Loads the packages, each when it is first used. */
export interface BrowserLibraries {
  /** brotli-wasm, initialized. */
  brotli(): Promise<BrotliLibrary>;
  /** @foxglove/wasm-zstd. */
  zstd(): Promise<ZstdLibrary>;
  /** xz-decompress. */
  xz(): Promise<XzLibrary>;
  /** @foxglove/wasm-bz2. */
  bzip2(): Promise<Bzip2Library>;
}

/** The list for a host in a browser. */
export function createBrowserByteCodecs(libraries: BrowserLibraries): readonly ByteCodecDescriptor[] {
  return [
    { name: "gzip", suffix: ".gz", load: async () => createPakoGzip(await import("pako")) },
    { name: "br", suffix: ".br", load: async () => createBrotliWasm(await libraries.brotli()) },
    { name: "zstd", suffix: ".zstd", load: async () => createZstdWasm(await libraries.zstd()) },
    { name: "xz", suffix: ".xz", load: async () => createXz(await libraries.xz()) },
    { name: "bzip2", suffix: ".bz2", load: async () => createBzip2(await libraries.bzip2()) },
  ];
}
