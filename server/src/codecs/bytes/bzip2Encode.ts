/**
 * Making bzip2 files. Bits are written from the highest of each byte down.
 *
 *   stream   "BZh", level "1" to "9" (blocks of 100,000 bytes times it); blocks; 17 72 45 38 50 90, u32 CRC of the stream: each block's CRC
 *            added to the CRC so far rotated left by one; zero bits to the next byte
 *   block    31 41 59 26 53 59, u32 CRC of its content (polynomial 0x04C11DB7, highest bit first), 1 bit 0, 24 bits place of the block itself
 *            among its sorted rotations; used bytes: 16 bits say which of 16 groups have any, 16 bits for each of those; then
 *            3 bits number of codes, 15 bits number of selectors, the selectors (which code for each 50 symbols; moved to front, unary);
 *            code lengths, each code: 5 bits the first, then for each symbol 10 = one more, 11 = one less, 0 = that is it; the symbols
 *   content  four equal bytes are followed by a count of more of them, 0 to 251; of that the rotations are sorted, and the last bytes of all taken;
 *            moved to front; runs of zeros as their count in digits 1 and 2 (symbols 0 and 1), other values + 1, and an end symbol
 */
import { type BitWriter, writeSymbols } from "./bzip2Codes.ts";
import { sortRotations } from "./bzip2Sort.ts";

/** A bzip2 file of `bytes`. */
export function encodeBzip2(bytes: Uint8Array, level: number): Uint8Array {
  const out = createBitWriter(bytes.byteLength);
  const table = crcTable();
  // Some room less, as every compressor of the format leaves it.
  const block = new Uint8Array(level * 100_000 - 19);
  writeText(out, `BZh${level}`);
  let streamCrc = 0;
  for (let at = 0; at < bytes.byteLength; ) {
    const { end, size } = packRuns(bytes, at, block);
    const crc = crcOf(bytes, at, end, table);
    streamCrc = ((streamCrc << 1) | (streamCrc >>> 31)) ^ crc;
    writeBlock(out, block, size, crc);
    at = end;
  }
  writeNumber(out, [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]);
  writeU32(out, streamCrc);
  return out.finish();
}

function writeText(out: BitWriter, text: string): void {
  writeNumber(
    out,
    Array.from(text, (letter) => letter.charCodeAt(0)),
  );
}

function writeNumber(out: BitWriter, bytes: readonly number[]): void {
  for (const byte of bytes) {
    out.write(byte, 8);
  }
}

function writeU32(out: BitWriter, value: number): void {
  out.write(value >>> 16, 16);
  out.write(value & 0xffff, 16);
}

/** Fills the block with content from `start` on, runs shortened. */
function packRuns(
  bytes: Uint8Array,
  start: number,
  block: Uint8Array,
): { readonly end: number; readonly size: number } {
  let at = start;
  let size = 0;
  while (at < bytes.byteLength && size + 5 <= block.byteLength) {
    const byte = bytes[at] ?? 0;
    let run = 1;
    while (run < 255 && bytes[at + run] === byte) {
      run++;
    }
    const shown = Math.min(run, 4);
    block.fill(byte, size, size + shown);
    size += shown;
    if (run >= 4) {
      block[size++] = run - 4;
    }
    at += run;
  }
  return { end: at, size };
}

function crcTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
    }
    return crc;
  });
}

function crcOf(bytes: Uint8Array, start: number, end: number, table: Int32Array): number {
  let crc = -1;
  for (let at = start; at < end; at++) {
    crc = (crc << 8) ^ (table[(crc >>> 24) ^ (bytes[at] ?? 0)] ?? 0);
  }
  return ~crc;
}

function writeBlock(out: BitWriter, block: Uint8Array, size: number, crc: number): void {
  const order = sortRotations(block, size);
  writeNumber(out, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]);
  writeU32(out, crc);
  out.write(0, 1);
  out.write(order.indexOf(0), 24);
  const used = usedBytes(block, size);
  writeUsed(out, used);
  const symbols = moveToFront(block, order, used);
  writeSymbols(out, symbols, used.length + 2);
}

function usedBytes(block: Uint8Array, size: number): number[] {
  const isUsed = new Uint8Array(256);
  for (let i = 0; i < size; i++) {
    isUsed[block[i] ?? 0] = 1;
  }
  return Array.from(isUsed.keys()).filter((byte) => isUsed[byte] === 1);
}

function writeUsed(out: BitWriter, used: readonly number[]): void {
  const groups = new Uint16Array(16);
  let top = 0;
  for (const byte of used) {
    groups[byte >> 4] = (groups[byte >> 4] ?? 0) | (0x8000 >> (byte & 15));
    top |= 0x8000 >> (byte >> 4);
  }
  out.write(top, 16);
  for (const group of groups) {
    if (group !== 0) {
      out.write(group, 16);
    }
  }
}

/** Symbols of the last bytes of the sorted rotations, the end symbol included. */
function moveToFront(block: Uint8Array, order: Int32Array, used: readonly number[]): Uint16Array {
  const size = order.length;
  const front = Uint8Array.from(used);
  const symbols = new Uint16Array(size + 1);
  let count = 0;
  let zeros = 0;
  const flushZeros = (): void => {
    for (let rest = zeros; rest > 0; rest = (rest - 1) >> 1) {
      symbols[count++] = (rest & 1) === 1 ? 0 : 1;
    }
    zeros = 0;
  };
  for (let i = 0; i < size; i++) {
    const start = order[i] ?? 0;
    const byte = block[start === 0 ? size - 1 : start - 1] ?? 0;
    if (front[0] === byte) {
      zeros++;
      continue;
    }
    flushZeros();
    const place = front.indexOf(byte);
    front.copyWithin(1, 0, place);
    front[0] = byte;
    symbols[count++] = place + 1;
  }
  flushZeros();
  symbols[count++] = used.length + 1;
  return symbols.subarray(0, count);
}

function createBitWriter(likelyBytes: number): BitWriter {
  let bytes = new Uint8Array(Math.max(1024, likelyBytes >> 2));
  let size = 0;
  let bits = 0;
  let count = 0;
  return {
    write(value, width) {
      bits = (bits << width) | (value & (2 ** width - 1));
      count += width;
      if (size + 4 > bytes.byteLength) {
        const larger = new Uint8Array(2 * bytes.byteLength);
        larger.set(bytes);
        bytes = larger;
      }
      while (count >= 8) {
        count -= 8;
        bytes[size++] = bits >>> count;
      }
    },
    finish() {
      if (count > 0) {
        bytes[size++] = bits << (8 - count);
      }
      return bytes.subarray(0, size);
    },
  };
}
