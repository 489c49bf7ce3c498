/** Second-stage compression of whole objects: kept, removed, or another one. */
import type { Cancellable } from "../base/abort.ts";
import type { ContentEncoding } from "../storage/store.ts";

/** What becomes of the compression: kept as it is, removed, or this one. */
export type Recompression = "same" | "none" | "gzip" | "br" | "zstd";

/** The compressors of the engine. */
export interface Compression {
  /** Throws InvalidChunkError for damaged bytes, or more than `maxBytes`; UnsupportedError for an unknown encoding. */
  decompress(bytes: Uint8Array, encoding: ContentEncoding, maxBytes: number): Uint8Array | Promise<Uint8Array>;
  /** With the compressor's own level; default as CloudFiles: gzip 9, br 5, zstd 3. */
  compress(
    bytes: Uint8Array,
    encoding: ContentEncoding,
    options: Cancellable & { readonly level?: number | undefined },
  ): Promise<Uint8Array>;
}

export interface CompressedBytes {
  readonly bytes: Uint8Array;
  readonly encoding?: ContentEncoding;
}

export interface RecompressOptions extends Cancellable {
  readonly to: Recompression;
  readonly level?: number | undefined;
  /** Of the bytes without compression. */
  readonly maxBytes: number;
}

/** The same content in another compression; bytes that have it already stay as they are. */
export async function recompress(
  stored: CompressedBytes,
  compression: Compression,
  { to, level, maxBytes, signal }: RecompressOptions,
): Promise<CompressedBytes> {
  const { bytes, encoding } = stored;
  if (to === "same" || encoding === to || (to === "none" && encoding === undefined)) {
    return stored;
  }
  const plain = encoding === undefined ? bytes : await compression.decompress(bytes, encoding, maxBytes);
  return to === "none"
    ? { bytes: plain }
    : { bytes: await compression.compress(plain, to, { signal, level }), encoding: to };
}
