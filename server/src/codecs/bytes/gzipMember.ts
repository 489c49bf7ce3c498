/**
 * The frame of gzip (RFC 1952, section 2.3), around a deflate stream:
 *
 *   header   1F 8B 08, flags, u32 time, u8 extra flags, u8 system; then, if its flag says so: u16 size and extra field (4), name (8) and
 *            comment (16), each ended by a zero, u16 low half of the CRC-32 of the header up to here (2)
 *   trailer  u32 CRC-32 of the content, u32 its size modulo 2^32
 *
 * A file is one member after the other; zero bytes may lie between and after them.
 */
import { InvalidChunkError } from "../../errors.ts";
import { cutOff, notAStream, viewOf } from "./streams.ts";

const trailerBytes = 8;

enum Flag {
  HeaderCrc = 2,
  Extra = 4,
  Name = 8,
  Comment = 16,
  Reserved = 0xe0,
}

/** What was inflated of one member, and where its deflate stream ended. */
export interface GzipContent {
  readonly end: number;
  readonly sizeBytes: number;
  readonly crc32: number;
}

/**
 * Reads all members: `inflate` gets where each deflate stream begins, and gives undefined to end it all; then so does this, else true. Throws
 * InvalidChunkError for what is damaged, checksums and sizes included.
 */
export function readGzipMembers(
  bytes: Uint8Array,
  inflate: (at: number) => GzipContent | undefined,
  crc32: (start: number, end: number) => number,
): true | undefined {
  let at = 0;
  do {
    const content = inflate(readHeader(bytes, at, crc32));
    if (content === undefined) {
      return undefined;
    }
    checkTrailer(bytes, content);
    at = skipZeros(bytes, content.end + trailerBytes);
  } while (at < bytes.byteLength);
  return true;
}

/**
 * Where the deflate stream of the member at `start` begins. Throws InvalidChunkError for a damaged or truncated header. `crc32` is asked
 * for a header that has one.
 */
function readHeader(bytes: Uint8Array, start: number, crc32: (start: number, end: number) => number): number {
  if (bytes[start] !== 0x1f || bytes[start + 1] !== 0x8b) {
    throw notAStream("gzip", bytes.subarray(start));
  }
  const method = bytes[start + 2];
  const flags = bytes[start + 3] ?? 0;
  let at = start + 10;
  if (at <= bytes.byteLength && (method !== 8 || (flags & Flag.Reserved) !== 0)) {
    throw new InvalidChunkError(`damaged gzip header: method ${method}, flags ${flags}`);
  }
  if ((flags & Flag.Extra) !== 0) {
    at += 2 + readU16(bytes, at);
  }
  for (const flag of [Flag.Name, Flag.Comment]) {
    if ((flags & flag) !== 0) {
      const end = bytes.indexOf(0, at);
      at = end < 0 ? bytes.byteLength + 1 : end + 1;
    }
  }
  if ((flags & Flag.HeaderCrc) !== 0) {
    if (at + 2 <= bytes.byteLength && readU16(bytes, at) !== (crc32(start, at) & 0xffff)) {
      throw new InvalidChunkError("damaged gzip header: wrong checksum");
    }
    at += 2;
  }
  if (at + trailerBytes > bytes.byteLength) {
    throw cutOff("gzip");
  }
  return at;
}

function checkTrailer(bytes: Uint8Array, { end, sizeBytes, crc32 }: GzipContent): void {
  if (end + trailerBytes > bytes.byteLength) {
    throw cutOff("gzip");
  }
  const trailer = viewOf(bytes);
  if (trailer.getUint32(end, true) !== crc32) {
    throw new InvalidChunkError("damaged gzip stream: wrong checksum");
  }
  if (trailer.getUint32(end + 4, true) !== sizeBytes % 2 ** 32) {
    throw new InvalidChunkError(`damaged gzip stream: wrong size, ${sizeBytes} bytes`);
  }
}

/** Where the next byte that is not zero lies, from `at` on; the end of the bytes when there is none. */
export function skipZeros(bytes: Uint8Array, at: number): number {
  let next = at;
  while (next < bytes.byteLength && bytes[next] === 0) {
    next++;
  }
  return next;
}

function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}
