/**
 * Making .xz files ("The .xz File Format", version 1.1), of one stream and one block. Integers little endian; var: 7 bits a byte, lowest first.
 *
 *   header   FD 37 7A 58 5A 00, flags 00 01 (check: CRC-32), u32 CRC-32 of the flags
 *   block    header: u8 its size / 4 - 1, u8 flags (one filter), filter 21 with 1 byte, the dictionary's size, zeros to 4 bytes, u32 CRC-32;
 *            LZMA2 data; zeros to 4 bytes; u32 CRC-32 of the content. None when there is no content.
 *   index    u8 0, var number of blocks, for each var its size without the zeros and var its content's, zeros to 4 bytes, u32 CRC-32
 *   footer   u32 CRC-32 of the next two, u32 size of the index / 4 - 1, flags, "YZ"
 */
import { crc32OfBytes } from "./crc32.ts";
import { encodeLzma2 } from "./lzma2Encode.ts";
import { joinParts, viewOf } from "./streams.ts";

const flags = Uint8Array.of(0, 1);
const blockHeaderBytes = 12;
const checkBytes = 4;

/** An .xz file of `bytes`; `level` is 0 to 9. */
export function encodeXz(bytes: Uint8Array, level: number): Uint8Array {
  const header = joinParts([Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), flags, checksum(flags)]);
  const block = bytes.byteLength === 0 ? [] : encodeBlock(bytes, level);
  const [, data] = block;
  const record =
    data === undefined
      ? [Uint8Array.of(0, 0)]
      : [Uint8Array.of(0, 1), varint(blockHeaderBytes + data.byteLength + checkBytes), varint(bytes.byteLength)];
  const index = padded(joinParts(record));
  const backward = joinParts([u32(index.byteLength / 4), flags]);
  const footer = joinParts([checksum(backward), backward, Uint8Array.of(0x59, 0x5a)]);
  return joinParts([header, ...block, index, checksum(index), footer]);
}

/** Header, data, zeros, check. */
function encodeBlock(bytes: Uint8Array, level: number): readonly Uint8Array[] {
  const { data, dictionaryCode } = encodeLzma2(bytes, level);
  const header = Uint8Array.of(blockHeaderBytes / 4 - 1, 0, 0x21, 1, dictionaryCode, 0, 0, 0);
  const zeros = new Uint8Array(-data.byteLength & 3);
  return [joinParts([header, checksum(header)]), data, zeros, checksum(bytes)];
}

function checksum(bytes: Uint8Array): Uint8Array {
  return u32(crc32OfBytes(bytes));
}

function u32(value: number): Uint8Array {
  const four = new Uint8Array(4);
  viewOf(four).setUint32(0, value, true);
  return four;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 128);
  }
  return Uint8Array.from([...bytes, rest]);
}

function padded(bytes: Uint8Array): Uint8Array {
  return joinParts([bytes, new Uint8Array(-bytes.byteLength & 3)]);
}
