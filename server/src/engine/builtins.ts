/** The single list of drivers, formats and codecs. Nobody else names a concrete one. */
import { brotliCodec } from "../codecs/bytes/br.ts";
import type { ByteCodecDescriptor } from "../codecs/bytes/byteCodec.ts";
import { bzip2Codec } from "../codecs/bytes/bzip2.ts";
import { gzipCodec } from "../codecs/bytes/gzip.ts";
import { xzCodec } from "../codecs/bytes/xz.ts";
import { zstdCodec } from "../codecs/bytes/zstd.ts";
import { compressedSegmentationCodec } from "../codecs/chunk/compressed_segmentation.ts";
import { compressoCodec } from "../codecs/chunk/compresso.ts";
import { crackleCodec } from "../codecs/chunk/crackle.ts";
import { fpzipCodec } from "../codecs/chunk/fpzip.ts";
import { jpegCodec } from "../codecs/chunk/jpeg.ts";
import { jxlCodec } from "../codecs/chunk/jxl.ts";
import { kempressedCodec } from "../codecs/chunk/kempressed.ts";
import { npzCodec } from "../codecs/chunk/npz.ts";
import { pngCodec } from "../codecs/chunk/png.ts";
import { rawCodec } from "../codecs/chunk/raw.ts";
import { zfpcCodec } from "../codecs/chunk/zfpc.ts";
import type { CodecDescriptor } from "../codecs/codec.ts";
import type { VolumeFormat } from "../formats/format.ts";
import { precomputedFormat } from "../formats/precomputed/precomputed.ts";
import { findCredential } from "../storage/credentials/findCredential.ts";
import { createFileDriver } from "../storage/file/file.ts";
import { createGsDriver } from "../storage/gs/gs.ts";
import { createHttpDriver } from "../storage/http/http.ts";
import { createMemDriver } from "../storage/mem/mem.ts";
import { createS3Driver } from "../storage/s3/s3.ts";
import type { StoreDriver } from "../storage/store.ts";

export const chunkCodecs: readonly CodecDescriptor[] = [
  rawCodec,
  jpegCodec,
  jxlCodec,
  pngCodec,
  compressedSegmentationCodec,
  compressoCodec,
  crackleCodec,
  fpzipCodec,
  kempressedCodec,
  npzCodec,
  zfpcCodec,
];

export const byteCodecs: readonly ByteCodecDescriptor[] = [gzipCodec, brotliCodec, zstdCodec, xzCodec, bzip2Codec];

export const volumeFormats: readonly VolumeFormat[] = [precomputedFormat];

/** Drivers of one engine: what lives in memory, and connections, belong to it. */
export function createStoreDrivers(): readonly StoreDriver[] {
  const find = findCredential;
  return [
    createFileDriver(),
    createMemDriver(),
    createHttpDriver({ find }),
    createS3Driver({ find }),
    createGsDriver({ find }),
  ];
}
