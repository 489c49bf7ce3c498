/**
 * LZ4 frames, as the `lz4` command has them, one after the other:
 *
 *   header   magic 04 22 4D 18; FLG (bits 6-7 version 1, 5 blocks stand alone, 4 block checksums, 3 content size, 2 content checksum, 0
 *            dictionary), BD (bits 4-6 largest block, 4 to 7: 64 KiB, 256 KiB, 1 MiB, 4 MiB), u64 content size, checksum byte
 *            ((XXH32 of these >> 8) & 255)
 *   blocks   u32 size (bit 31: stored), bytes, XXH32 if the header says so; u32 0 after the last
 *   trailer  XXH32 of the content, if the header says so
 */
import { InvalidChunkError } from "../../errors.ts";
import { type CompressorDescriptor, createByteCodec } from "./byteCodec.ts";
import { decodeLz4Block, encodeLz4Block, maxLz4Ratio } from "./lz4Block.ts";
import { cutOff, expandsTooFar, joinParts, notAStream, viewOf } from "./streams.ts";
import { xxh32 } from "./xxh32.ts";

const frameMagic = 0x184d2204;

function decompressFrame(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const out: Growing = { bytes: new Uint8Array(Math.min(maxBytes, 4 * bytes.byteLength)), used: 0 };
  let at = 0;
  do {
    at = readFrame(bytes, at, out, maxBytes);
  } while (at < bytes.byteLength);
  return out.bytes.subarray(0, out.used);
}

interface FrameHeader {
  readonly end: number;
  readonly isChained: boolean;
  readonly hasBlockChecksums: boolean;
  readonly hasChecksum: boolean;
  readonly maxBlockBytes: number;
  readonly contentBytes: number | undefined;
}

function readFrameHeader(bytes: Uint8Array, start: number): FrameHeader {
  const view = viewOf(bytes);
  if (bytes.byteLength < start + 7 || view.getUint32(start, true) !== frameMagic) {
    throw notAStream("lz4frame", bytes.subarray(start));
  }
  const flags = view.getUint8(start + 4);
  const descriptor = view.getUint8(start + 5);
  const sizeCode = (descriptor >> 4) & 7;
  if (flags >> 6 !== 1 || (flags & 3) !== 0 || (descriptor & 0x8f) !== 0 || sizeCode < 4) {
    throw new InvalidChunkError(`damaged lz4frame header: flags ${flags}, ${descriptor}`);
  }
  const hasSize = (flags & 8) !== 0;
  const end = start + (hasSize ? 15 : 7);
  if (end > bytes.byteLength) {
    throw cutOff("lz4frame");
  }
  if (((xxh32(bytes.subarray(start + 4, end - 1)) >> 8) & 255) !== bytes[end - 1]) {
    throw new InvalidChunkError("damaged lz4frame header: wrong checksum");
  }
  return {
    end,
    isChained: (flags & 32) === 0,
    hasBlockChecksums: (flags & 16) !== 0,
    hasChecksum: (flags & 4) !== 0,
    maxBlockBytes: 2 ** (8 + 2 * sizeCode),
    contentBytes: hasSize ? Number(view.getBigUint64(start + 6, true)) : undefined,
  };
}

/** Room that grows with what was decoded, up to the limit: a frame need not say how much it holds. */
interface Growing {
  bytes: Uint8Array;
  used: number;
}

function readFrame(bytes: Uint8Array, start: number, out: Growing, maxBytes: number): number {
  const header = readFrameHeader(bytes, start);
  const first = out.used;
  if (header.contentBytes !== undefined && header.contentBytes > maxBytes - first) {
    throw expandsTooFar("lz4frame", maxBytes);
  }
  const readU32 = (offset: number): number => {
    if (offset + 4 > bytes.byteLength) {
      throw cutOff("lz4frame");
    }
    return viewOf(bytes).getUint32(offset, true);
  };
  let at = header.end;
  for (let field = readU32(at); field !== 0; field = readU32(at)) {
    const size = field & 0x7fffffff;
    const block = bytes.subarray(at + 4, at + 4 + size);
    if (block.byteLength !== size || size > header.maxBlockBytes) {
      throw size > header.maxBlockBytes
        ? new InvalidChunkError(`lz4frame block is too large: ${size}`)
        : cutOff("lz4frame");
    }
    at += 4 + size;
    if (header.hasBlockChecksums) {
      assertChecksum(readU32(at), block);
      at += 4;
    }
    appendBlock(block, field !== size, header, out, first, maxBytes);
  }
  at += 4;
  const content = out.bytes.subarray(first, out.used);
  if (header.contentBytes !== undefined && header.contentBytes !== content.byteLength) {
    throw new InvalidChunkError(`lz4frame claims ${header.contentBytes} bytes and holds ${content.byteLength}`);
  }
  if (header.hasChecksum) {
    assertChecksum(readU32(at), content);
    at += 4;
  }
  return at;
}

function assertChecksum(stored: number, bytes: Uint8Array): void {
  if (stored !== xxh32(bytes)) {
    throw new InvalidChunkError("damaged lz4frame stream: wrong checksum");
  }
}

function appendBlock(
  block: Uint8Array,
  isStored: boolean,
  header: FrameHeader,
  out: Growing,
  first: number,
  maxBytes: number,
): void {
  const most = isStored ? block.byteLength : Math.min(header.maxBlockBytes, block.byteLength * maxLz4Ratio);
  const end = Math.min(maxBytes, out.used + most);
  if (end > out.bytes.byteLength) {
    const larger = new Uint8Array(Math.min(maxBytes, Math.max(2 * out.bytes.byteLength, end)));
    larger.set(out.bytes.subarray(0, out.used));
    out.bytes = larger;
  }
  if (!isStored) {
    out.used = decodeLz4Block(block, out.bytes.subarray(0, end), out.used, header.isChained ? first : out.used);
    return;
  }
  if (block.byteLength > maxBytes - out.used) {
    throw expandsTooFar("lz4frame", maxBytes);
  }
  out.bytes.set(block, out.used);
  out.used += block.byteLength;
}

/** One frame of blocks that stand alone, with the content's size and checksum. */
function compressFrame(bytes: Uint8Array): Uint8Array {
  const header = new Uint8Array(15);
  const view = viewOf(header);
  view.setUint32(0, frameMagic, true);
  view.setUint8(4, 0x40 | 0x20 | 8 | 4);
  view.setUint8(5, 7 << 4);
  view.setBigUint64(6, BigInt(bytes.byteLength), true);
  view.setUint8(14, (xxh32(header.subarray(4, 14)) >> 8) & 255);
  const parts = [header];
  const field = (value: number): Uint8Array<ArrayBuffer> => {
    const four = new Uint8Array(4);
    viewOf(four).setUint32(0, value, true);
    return four;
  };
  for (let at = 0; at < bytes.byteLength; at += 2 ** 22) {
    const part = bytes.slice(at, at + 2 ** 22);
    const block = encodeLz4Block(part);
    const isStored = block.byteLength >= part.byteLength;
    const kept = isStored ? part : block.slice();
    parts.push(field(isStored ? kept.byteLength + 2 ** 31 : kept.byteLength), kept);
  }
  return joinParts([...parts, field(0), field(xxh32(bytes))]);
}

export const lz4FrameCodec: CompressorDescriptor = {
  name: "lz4frame",
  load: async () => createByteCodec(decompressFrame, compressFrame),
};
