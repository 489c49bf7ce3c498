/**
 * Blocks of Java's LZ4BlockOutputStream, as N5 has them:
 *
 *   block    "LZ4Block", token (16 stored, 32 lz4; low 4 bits: the largest block is 1 KiB << them), i32 stored size, i32 content size,
 *            XXH32 of the content seeded 0x9747B28C, without its highest 4 bits; bytes. The last one is empty.
 */
import { InvalidChunkError } from "../../errors.ts";
import { type CompressorDescriptor, createByteCodec } from "./byteCodec.ts";
import { decodeSizedLz4Block, encodeLz4Block } from "./lz4Block.ts";
import { cutOff, expandsTooFar, joinParts, notAStream, viewOf } from "./streams.ts";
import { xxh32 } from "./xxh32.ts";

const javaMagic = Uint8Array.from("LZ4Block", (letter) => letter.charCodeAt(0));
const javaSeed = 0x9747b28c;
const javaHeaderBytes = 21;
const javaBlockBytes = 65_536;

function decompressJava(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let used = 0;
  for (let at = 0; ; ) {
    if (bytes.byteLength < at + javaHeaderBytes || !javaMagic.every((letter, i) => bytes[at + i] === letter)) {
      throw at < bytes.byteLength && at > 0 ? cutOff("lz4java") : notAStream("lz4java", bytes);
    }
    const view = viewOf(bytes);
    const method = view.getUint8(at + 8) & 0xf0;
    const stored = view.getUint32(at + 9, true);
    const size = view.getUint32(at + 13, true);
    const checksum = view.getUint32(at + 17, true);
    at += javaHeaderBytes;
    if (stored === 0 && size === 0) {
      if (at !== bytes.byteLength) {
        throw new InvalidChunkError(`${bytes.byteLength - at} bytes follow the lz4java stream`);
      }
      return joinParts(parts);
    }
    const block = bytes.subarray(at, at + stored);
    at += stored;
    if (block.byteLength !== stored) {
      throw cutOff("lz4java");
    }
    used += size;
    if (used > maxBytes) {
      throw expandsTooFar("lz4java", maxBytes);
    }
    const part = decodeJavaBlock(block, method, size);
    if ((xxh32(part, javaSeed) & 0x0fffffff) !== checksum) {
      throw new InvalidChunkError("damaged lz4java stream: wrong checksum");
    }
    parts.push(part);
  }
}

function decodeJavaBlock(block: Uint8Array, method: number, sizeBytes: number): Uint8Array {
  if (method === 0x20) {
    return decodeSizedLz4Block(block, sizeBytes, "lz4java");
  }
  if (method !== 0x10 || block.byteLength !== sizeBytes) {
    throw new InvalidChunkError(`damaged lz4java stream: block of method ${method}, ${sizeBytes} bytes`);
  }
  return block.slice();
}

function compressJava(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += javaBlockBytes) {
    const part = bytes.subarray(at, at + javaBlockBytes);
    const block = encodeLz4Block(part);
    const kept = block.byteLength < part.byteLength ? block : part;
    parts.push(javaHeader(kept === part ? 0x10 : 0x20, kept.byteLength, part), kept);
  }
  return joinParts([...parts, javaHeader(0x10, 0, new Uint8Array(0))]);
}

function javaHeader(method: number, storedBytes: number, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(javaHeaderBytes);
  header.set(javaMagic);
  const view = viewOf(header);
  // The level: blocks of 64 KiB.
  view.setUint8(8, method | 6);
  view.setUint32(9, storedBytes, true);
  view.setUint32(13, content.byteLength, true);
  view.setUint32(17, content.byteLength === 0 ? 0 : xxh32(content, javaSeed) & 0x0fffffff, true);
  return header;
}

export const lz4JavaCodec: CompressorDescriptor = {
  name: "lz4java",
  load: async () => createByteCodec(decompressJava, compressJava),
};
