/** Making Blosc frames; blosc.ts describes them. Blocks have one stream each. */
import { throwIfAborted } from "../../base/abort.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { ByteCodec, CompressOptions } from "./byteCodec.ts";
import { encodeLz4Block } from "./lz4Block.ts";
import { shuffleBits, shuffleBytes } from "./shuffle.ts";
import { joinParts, viewOf } from "./streams.ts";

/** How a frame is made; Zarr's and N5's metadata say it. */
export interface BloscSettings {
  readonly compressor: "lz4" | "zlib" | "zstd";
  readonly shuffle: "none" | "bytes" | "bits";
  readonly elementBytes: number;
}

/** The compressors that frames may have inside, and that are not Blosc's own. */
export interface BloscInner {
  readonly zlib: ByteCodec;
  readonly zstd: ByteCodec;
}

export const bloscHeaderBytes = 16;
/** Numbers of the compressors in the flags. */
export const compressorIds = { blosclz: 0, lz4: 1, snappy: 2, zlib: 3, zstd: 4 } as const;

/** Bits of the flags. */
export enum Flag {
  ShuffledBytes = 1,
  Stored = 2,
  ShuffledBits = 4,
  NotSplit = 16,
}

/** About the size of a block's content. */
const blockBytes = 256 * 1024;

/** A frame of `bytes`, or of their copy where nothing makes them smaller. Level 0 copies. */
export async function encodeBlosc(
  bytes: Uint8Array,
  { compressor, shuffle, elementBytes }: BloscSettings,
  { signal, level = 5 }: CompressOptions,
  inner: BloscInner,
): Promise<Uint8Array> {
  throwIfAborted(signal);
  if (!Number.isInteger(elementBytes) || elementBytes < 1 || elementBytes > 255 || bytes.byteLength > 2 ** 31 - 17) {
    throw new InvalidArgumentError(`blosc cannot hold ${bytes.byteLength} bytes of elements of ${elementBytes}`);
  }
  const blockSize = Math.max(8 * elementBytes, Math.floor(blockBytes / (8 * elementBytes)) * 8 * elementBytes);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength && level > 0; at += blockSize) {
    const block = filtered(bytes.subarray(at, at + blockSize), shuffle, elementBytes);
    const stream =
      compressor === "lz4" ? encodeLz4Block(block) : await inner[compressor].compress?.(block, { signal, level });
    parts.push(stream === undefined || stream.byteLength >= block.byteLength ? block : stream);
  }
  const framed = frame(parts, bytes.byteLength, blockSize, elementBytes, flagsOf(compressor, shuffle));
  if (level > 0 && framed.byteLength < bytes.byteLength + bloscHeaderBytes) {
    return framed;
  }
  const stored = frame([], bytes.byteLength, blockSize, elementBytes, Flag.Stored);
  viewOf(stored).setUint32(12, bloscHeaderBytes + bytes.byteLength, true);
  return joinParts([stored, bytes]);
}

function filtered(block: Uint8Array, shuffle: BloscSettings["shuffle"], elementBytes: number): Uint8Array {
  switch (shuffle) {
    case "bytes":
      return shuffleBytes(block, elementBytes);
    case "bits":
      return shuffleBits(block, elementBytes);
    default:
      return block;
  }
}

function flagsOf(compressor: BloscSettings["compressor"], shuffle: BloscSettings["shuffle"]): number {
  const filter = { none: 0, bytes: Flag.ShuffledBytes, bits: Flag.ShuffledBits }[shuffle];
  return (compressorIds[compressor] << 5) | Flag.NotSplit | filter;
}

function frame(
  streams: readonly Uint8Array[],
  contentBytes: number,
  blockSize: number,
  elementBytes: number,
  flags: number,
): Uint8Array {
  const starts = bloscHeaderBytes + 4 * streams.length;
  const out = new Uint8Array(starts + streams.reduce((sum, stream) => sum + 4 + stream.byteLength, 0));
  const view = viewOf(out);
  out.set([2, 1, flags, elementBytes]);
  view.setUint32(4, contentBytes, true);
  view.setUint32(8, Math.max(1, Math.min(blockSize, contentBytes)), true);
  view.setUint32(12, out.byteLength, true);
  let at = starts;
  for (const [i, stream] of streams.entries()) {
    view.setUint32(bloscHeaderBytes + 4 * i, at, true);
    view.setUint32(at, stream.byteLength, true);
    out.set(stream, at + 4);
    at += 4 + stream.byteLength;
  }
  return out;
}
