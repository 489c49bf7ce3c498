/**
 * The LZ4 block format: sequences of
 *
 *   token     high 4 bits literal count, low 4 bits match length - 4; 15 = more bytes follow, each added, up to the first below 255
 *   literals  their count's extra bytes, then the literals; the last sequence ends here
 *   match     u16 little endian distance (0 is invalid), then its length's extra bytes
 *
 * A compressor's last 5 bytes are literals and its last match starts at least 12 bytes before the end.
 */
import { InvalidChunkError } from "../../errors.ts";
import { expandsTooFar } from "./streams.ts";

/** Distances are 16 bits. */
const maxDistance = 65_535;
const lastLiterals = 5;
const matchFreeEnd = 12;
const hashBits = 14;

/**
 * Decodes a block to `out` from `start` on, where it may use what lies before as far as `first`; returns where it ended. Throws
 * InvalidChunkError for a damaged block, TooLargeError where it would pass the end of `out`.
 */
export function decodeLz4Block(block: Uint8Array, out: Uint8Array, start = 0, first = start): number {
  let at = 0;
  let to = start;
  while (at < block.byteLength) {
    const token = block[at++] ?? 0;
    let literals = token >> 4;
    if (literals === 15) {
      [literals, at] = readLength(block, at, literals);
    }
    if (literals > block.byteLength - at) {
      throw damaged("literals are cut off");
    }
    if (literals > out.byteLength - to) {
      throw expandsTooFar("lz4", out.byteLength);
    }
    copyLiterals(block, at, out, to, literals);
    at += literals;
    to += literals;
    if (at === block.byteLength) {
      return to;
    }
    const distance = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    let length = token & 15;
    if (length === 15) {
      [length, at] = readLength(block, at, length);
    }
    if (at > block.byteLength || distance === 0 || distance > to - first) {
      throw damaged(`distance ${distance}`);
    }
    if (length + 4 > out.byteLength - to) {
      throw expandsTooFar("lz4", out.byteLength);
    }
    to = copyMatch(out, to, distance, length + 4);
  }
  throw damaged("no last literals");
}

function damaged(why: string): InvalidChunkError {
  return new InvalidChunkError(`damaged lz4 block: ${why}`);
}

function readLength(block: Uint8Array, start: number, base: number): [length: number, at: number] {
  let length = base;
  for (let at = start; at < block.byteLength; at++) {
    const more = block[at] ?? 0;
    length += more;
    if (more !== 255) {
      return [length, at + 1];
    }
  }
  throw damaged("a length is cut off");
}

function copyLiterals(from: Uint8Array, at: number, out: Uint8Array, to: number, count: number): void {
  if (count > 32) {
    out.set(from.subarray(at, at + count), to);
    return;
  }
  for (let i = 0; i < count; i++) {
    out[to + i] = from[at + i] ?? 0;
  }
}

function copyMatch(out: Uint8Array, to: number, distance: number, length: number): number {
  const end = to + length;
  if (distance >= length && length > 32) {
    out.copyWithin(to, to - distance, end - distance);
    return end;
  }
  for (let i = to; i < end; i++) {
    out[i] = out[i - distance] ?? 0;
  }
  return end;
}

/** A block holds at most so many times its size. */
export const maxLz4Ratio = 255;

/** A block whose content has exactly this size, which may be a lie. */
export function decodeSizedLz4Block(block: Uint8Array, sizeBytes: number, what: string): Uint8Array {
  if (sizeBytes > block.byteLength * maxLz4Ratio) {
    throw new InvalidChunkError(`${what} stream claims ${sizeBytes} bytes from ${block.byteLength}`);
  }
  const out = new Uint8Array(sizeBytes);
  if (decodeLz4Block(block, out) !== sizeBytes) {
    throw new InvalidChunkError(`${what} stream holds fewer bytes than it claims: ${sizeBytes}`);
  }
  return out;
}

/** The block of `bytes`, by a greedy search with one candidate per hash. */
export function encodeLz4Block(bytes: Uint8Array): Uint8Array {
  const size = bytes.byteLength;
  const out = new Uint8Array(size + Math.ceil(size / 255) + 16);
  const table = new Int32Array(1 << hashBits).fill(-1);
  const wordAt = (at: number): number =>
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  let to = 0;
  let anchor = 0;
  let at = 0;
  for (const searchEnd = size - matchFreeEnd; at < searchEnd; ) {
    const word = wordAt(at);
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits);
    const candidate = table[hash] ?? -1;
    table[hash] = at;
    if (candidate < 0 || at - candidate > maxDistance || wordAt(candidate) !== word) {
      // The longer nothing matches, the larger the steps.
      at += 1 + ((at - anchor) >> 6);
      continue;
    }
    let length = 4;
    for (const most = size - lastLiterals - at; length < most && bytes[candidate + length] === bytes[at + length]; ) {
      length++;
    }
    to = writeSequence(out, to, bytes.subarray(anchor, at), length - 4);
    out[to++] = (at - candidate) & 255;
    out[to++] = (at - candidate) >> 8;
    to = length - 4 >= 15 ? writeLength(out, to, length - 19) : to;
    at += length;
    anchor = at;
  }
  return out.subarray(0, writeSequence(out, to, bytes.subarray(anchor), 0));
}

/** Token and literals. */
function writeSequence(out: Uint8Array, start: number, literals: Uint8Array, matchLength: number): number {
  const count = literals.byteLength;
  out[start] = (Math.min(count, 15) << 4) | Math.min(matchLength, 15);
  const to = count >= 15 ? writeLength(out, start + 1, count - 15) : start + 1;
  out.set(literals, to);
  return to + count;
}

function writeLength(out: Uint8Array, start: number, rest: number): number {
  const whole = Math.floor(rest / 255);
  out.fill(255, start, start + whole);
  out[start + whole] = rest % 255;
  return start + whole + 1;
}
