/**
 * Blosc, version 1 frames (Zarr, N5). All integers little endian:
 *
 *   header   u8 version (2), u8 version of the compressor, u8 flags, u8 element size, u32 content size, u32 block size, u32 size of all this
 *   flags    1 bytes are shuffled, 2 stored: the content follows, 4 bits are shuffled, 16 blocks are not split; bits 5-7 the compressor:
 *            0 blosclz, 1 lz4, 2 snappy, 3 zlib, 4 zstd
 *   starts   i32 for each block: where it lies, from the start of the header
 *   block    its streams, i32 size and bytes; one as large as its content is stored. A block has a stream for each byte of an element if it
 *            may be split, is not a shorter last one, elements have at most 16 bytes, and it has at least 128 elements
 */
import { InvalidChunkError, UnsupportedError } from "../../errors.ts";
import {
  type BloscInner,
  type BloscSettings,
  bloscHeaderBytes,
  compressorIds,
  encodeBlosc,
  Flag,
} from "./bloscEncode.ts";
import { decodeBloscLz } from "./blosclz.ts";
import type { ByteCodec } from "./byteCodec.ts";
import { decodeLz4Block } from "./lz4Block.ts";
import { unshuffleBits, unshuffleBytes } from "./shuffle.ts";
import { cutOff, expandsTooFar, notAStream, viewOf } from "./streams.ts";

interface Header {
  readonly flags: number;
  readonly elementBytes: number;
  readonly contentBytes: number;
  readonly blockBytes: number;
}

function readHeader(bytes: Uint8Array, maxBytes: number): Header {
  if (bytes.byteLength < bloscHeaderBytes || bytes[0] !== 2) {
    throw notAStream("blosc", bytes);
  }
  const view = viewOf(bytes);
  const contentBytes = view.getUint32(4, true);
  const header = {
    flags: view.getUint8(2),
    elementBytes: view.getUint8(3),
    contentBytes,
    blockBytes: view.getUint32(8, true),
  };
  const frameBytes = view.getUint32(12, true);
  if (contentBytes > maxBytes) {
    throw expandsTooFar("blosc", maxBytes);
  }
  if (frameBytes !== bytes.byteLength) {
    throw new InvalidChunkError(`blosc frame claims ${frameBytes} bytes and has ${bytes.byteLength}`);
  }
  if (header.elementBytes === 0 || (contentBytes > 0 && (header.blockBytes === 0 || header.blockBytes > 2 ** 31 - 1))) {
    throw new InvalidChunkError(
      `damaged blosc header: elements of ${header.elementBytes}, blocks of ${header.blockBytes}`,
    );
  }
  return header;
}

function decompress(bytes: Uint8Array, maxBytes: number, inner: BloscInner): Uint8Array {
  const header = readHeader(bytes, maxBytes);
  const { contentBytes } = header;
  if ((header.flags & Flag.Stored) !== 0) {
    if (bytes.byteLength !== bloscHeaderBytes + contentBytes) {
      throw cutOff("blosc");
    }
    return bytes.slice(bloscHeaderBytes);
  }
  const blocks = contentBytes === 0 ? 0 : Math.ceil(contentBytes / header.blockBytes);
  if (bloscHeaderBytes + 4 * blocks > bytes.byteLength) {
    throw cutOff("blosc");
  }
  const view = viewOf(bytes);
  const out = new Uint8Array(contentBytes);
  for (let i = 0; i < blocks; i++) {
    const from = i * header.blockBytes;
    const size = Math.min(header.blockBytes, contentBytes - from);
    out.set(decodeBlock(bytes, view.getUint32(bloscHeaderBytes + 4 * i, true), size, header, inner), from);
  }
  return out;
}

function decodeBlock(
  bytes: Uint8Array,
  start: number,
  sizeBytes: number,
  header: Header,
  inner: BloscInner,
): Uint8Array {
  const { flags, elementBytes } = header;
  const isSplit =
    (flags & Flag.NotSplit) === 0 &&
    elementBytes <= 16 &&
    header.blockBytes / elementBytes >= 128 &&
    sizeBytes === header.blockBytes;
  const streams = isSplit ? elementBytes : 1;
  if (sizeBytes % streams !== 0) {
    throw new InvalidChunkError(`damaged blosc header: ${streams} streams in a block of ${sizeBytes} bytes`);
  }
  const block = new Uint8Array(sizeBytes);
  const streamBytes = sizeBytes / streams;
  let at = start;
  for (let i = 0; i < streams; i++) {
    if (at + 4 > bytes.byteLength) {
      throw cutOff("blosc");
    }
    const stored = viewOf(bytes).getUint32(at, true);
    const stream = bytes.subarray(at + 4, at + 4 + stored);
    if (stream.byteLength !== stored) {
      throw cutOff("blosc");
    }
    decodeStream(stream, block.subarray(i * streamBytes, (i + 1) * streamBytes), flags >> 5, inner);
    at += 4 + stored;
  }
  if ((flags & Flag.ShuffledBytes) !== 0 && elementBytes > 1) {
    return unshuffleBytes(block, elementBytes);
  }
  return (flags & Flag.ShuffledBits) !== 0 ? unshuffleBits(block, elementBytes) : block;
}

function decodeStream(stream: Uint8Array, out: Uint8Array, compressor: number, inner: BloscInner): void {
  if (stream.byteLength === out.byteLength) {
    out.set(stream);
    return;
  }
  switch (compressor) {
    case compressorIds.blosclz:
      decodeBloscLz(stream, out);
      return;
    case compressorIds.lz4:
      assertFilled(decodeLz4Block(stream, out), out);
      return;
    case compressorIds.zlib:
    case compressorIds.zstd: {
      const codec = compressor === compressorIds.zlib ? inner.zlib : inner.zstd;
      const content = codec.decompress(stream, out.byteLength);
      assertFilled(content.byteLength, out);
      out.set(content);
      return;
    }
    case compressorIds.snappy:
      throw new UnsupportedError("blosc frames compressed by snappy are not supported");
    default:
      throw new InvalidChunkError(`damaged blosc header: compressor ${compressor}`);
  }
}

function assertFilled(sizeBytes: number, out: Uint8Array): void {
  if (sizeBytes !== out.byteLength) {
    throw new InvalidChunkError(`damaged blosc frame: a stream holds ${sizeBytes} of ${out.byteLength} bytes`);
  }
}

/** Blosc with the compressors inside that this platform has; `settings` are for compressing. */
export function createBlosc(
  inner: BloscInner,
  settings: BloscSettings = { compressor: "lz4", shuffle: "bytes", elementBytes: 1 },
): ByteCodec {
  return {
    decompress: (bytes, maxBytes) => decompress(bytes, maxBytes, inner),
    compress: (bytes, options = {}) => encodeBlosc(bytes, settings, options, inner),
  };
}
