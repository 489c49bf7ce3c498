/**
 * The box "jbrd" of a JPEG XL container: all of a JPEG file that is not its coefficients (ISO/IEC 18181-2, annex A).
 *
 *     1 bit: gray; markers, 6 bits each (less C0), up to D9
 *     of each application segment: kind U32(0 = any, 1, 1 bit + 2, 2 bits + 4), 16 bits of size less 1; of each comment: 16 bits of size less 1
 *     quantisation tables U32(1, 2, 3, 4), each: 1 bit: 16-bit steps, 2 bits of id, 1 bit: last of its segment
 *     2 bits: components are gray, YCbCr, RGB or others; of each, 2 bits: the place of its table in the list
 *     Huffman tables U32(4, 3 bits + 2, 4 bits + 10, 6 bits + 26), each: 1 bit: AC, 2 bits of id, 1 bit: last of its segment;
 *         17 counts U32(0, 1, 3 bits + 2, 8 bits), of codes of 0 to 16 bits; symbols U32(2 bits, 2 + 4, 4 + 8, 8 + 1),
 *         the last of them 256, with a code as long as the longest, which stands for the code of ones that JPEG does not use
 *     of each scan: components U32(1, 2, 3, 4), 6 bits of first and last coefficient, 4 bits of low and high bit, of each component
 *         2 bits of index, of AC table, of DC table; passes needed U32(0, 1, 2, 3 bits + 3)
 *     16 bits of restart interval, if there is such a marker
 *     of each scan: points where runs of blocks are broken U32(0, 2 bits + 1, 4 + 4, 16 + 20), needless zero runs likewise
 *     bytes behind the end U32(0, 8 bits + 1, 16 + 257, 22 + 65793); 1 bit: bits of padding that are 0
 *     to a whole byte; a Brotli stream of the segments of applications, of comments, and the bytes behind the end
 */
import { BitWriter, type Choices } from "./jxlBits.ts";
import type { JpegFile, JpegHuffmanTable } from "./jxlJpeg.ts";

const countChoices: Choices = [
  [0, 0],
  [1, 0],
  [2, 3],
  [0, 8],
];
const symbolChoices: Choices = [
  [0, 2],
  [4, 2],
  [8, 4],
  [1, 8],
];

/** The content of the box. */
export function writeJpegBox(file: JpegFile): Uint8Array {
  const bits = new BitWriter();
  const isGray = file.components.length === 1;
  bits.write(isGray ? 1 : 0, 1);
  for (const marker of file.markers) {
    bits.write(marker - 0xc0, 6);
  }
  for (const application of file.applications) {
    bits.write(0, 2);
    bits.write(application.byteLength - 1, 16);
  }
  for (const comment of file.comments) {
    bits.write(comment.byteLength - 1, 16);
  }
  writeQuantTables(bits, file);
  bits.choose(file.huffmanTables.length, [4, 0], [2, 3], [10, 4], [26, 6]);
  for (const table of file.huffmanTables) {
    writeHuffmanTable(bits, table);
  }
  writeScans(bits, file);
  bits.write(0, 2 + 1);
  bits.align();
  const segments = [...file.applications, ...file.comments];
  return concatenate([bits.toBytes(), storeAsBrotli(concatenate(segments))]);
}

function writeQuantTables(bits: BitWriter, { quantTables, components }: JpegFile): void {
  bits.write(quantTables.length - 1, 2);
  for (const { is16Bit, id, isLast } of quantTables) {
    bits.write(is16Bit ? 1 : 0, 1);
    bits.write(id, 2);
    bits.write(isLast ? 1 : 0, 1);
  }
  bits.write(components.length === 1 ? 0 : 1, 2);
  for (const { quantTable } of components) {
    bits.write(
      quantTables.findIndex(({ id }) => id === quantTable),
      2,
    );
  }
}

function writeHuffmanTable(bits: BitWriter, { isAc, id, isLast, counts, symbols }: JpegHuffmanTable): void {
  bits.write(isAc ? 1 : 0, 1);
  bits.write(id, 2);
  bits.write(isLast ? 1 : 0, 1);
  const longest = counts.findLastIndex((count) => count > 0);
  for (const [length, count] of counts.entries()) {
    bits.choose(length === longest ? count + 1 : count, ...countChoices);
  }
  for (const symbol of [...symbols, 256]) {
    bits.choose(symbol, ...symbolChoices);
  }
}

function writeScans(bits: BitWriter, { scans, restartInterval }: JpegFile): void {
  for (const { components } of scans) {
    bits.write(components.length - 1, 2);
    bits.write(0, 6);
    bits.write(63, 6);
    bits.write(0, 8);
    for (const { index, dc, ac } of components) {
      bits.write(index, 2);
      bits.write(ac, 2);
      bits.write(dc, 2);
    }
    bits.write(0, 2);
  }
  bits.write(restartInterval ?? 0, restartInterval === undefined ? 0 : 16);
  for (let i = 0; i < 2 * scans.length; i++) {
    bits.write(0, 2);
  }
}

/** A Brotli stream that holds the bytes as they are: of 16-bit windows, then blocks of up to 64 KiB (RFC 7932, section 9). */
function storeAsBrotli(bytes: Uint8Array): Uint8Array {
  const bits = new BitWriter();
  bits.write(0, 1);
  for (let at = 0; at < bytes.byteLength; at += 0x1_0000) {
    const block = bytes.subarray(at, at + 0x1_0000);
    bits.write(0, 1 + 2);
    bits.write(block.byteLength - 1, 16);
    bits.write(1, 1);
    bits.align();
    bits.copy(block, 0, block.byteLength * 8);
  }
  bits.write(3, 2);
  return bits.toBytes();
}

/** All bytes, one after the other. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
