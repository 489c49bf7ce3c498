/** gzip and zlib by pako, for where there is no node:zlib. */
import type * as Pako from "pako";
import { InvalidChunkError } from "../../errors.ts";
import { type ByteCodec, createByteCodec } from "./byteCodec.ts";
import { crc32OfBytes } from "./crc32.ts";
import { readGzipMembers } from "./gzipMember.ts";
import { cutOff, expandsTooFar, joinParts, notAStream } from "./streams.ts";

/** What is used of the package. */
export type PakoLibrary = Pick<
  typeof Pako,
  | "ZStream"
  | "zlibInflateInit2"
  | "zlibInflate"
  | "Z_NO_FLUSH"
  | "Z_OK"
  | "Z_STREAM_END"
  | "Z_BUF_ERROR"
  | "deflate"
  | "gzip"
>;

/** Windows of 32 KiB; negative = no header. */
const windowBits = 15;
const leastRoom = 16_384;

/** gzip; one member after the other, as zlib reads them, each CRC-32 and size checked. */
export function createPakoGzip(pako: PakoLibrary): ByteCodec {
  return createByteCodec(
    (bytes, maxBytes) => {
      if (bytes.byteLength === 0) {
        throw notAStream("gzip", bytes);
      }
      const parts: Uint8Array[] = [];
      let used = 0;
      readGzipMembers(
        bytes,
        (at) => {
          const { content, end } = inflate(pako, bytes.subarray(at), -windowBits, "gzip", maxBytes - used, maxBytes);
          parts.push(content);
          used += content.byteLength;
          return { end: at + end, sizeBytes: content.byteLength, crc32: crc32OfBytes(content) };
        },
        (start, end) => crc32OfBytes(bytes.subarray(start, end)),
      );
      return joinParts(parts);
    },
    (bytes, level = 9) => pako.gzip(bytes, { level: levelOf(level) }),
  );
}

/** zlib streams (RFC 1950); `what` names them in errors. */
export function createPakoZlib(pako: PakoLibrary, what = "zlib"): ByteCodec {
  return createByteCodec(
    (bytes, maxBytes) => {
      if (bytes.byteLength === 0) {
        throw notAStream(what, bytes);
      }
      const { content, end } = inflate(pako, bytes, windowBits, what, maxBytes, maxBytes);
      if (end !== bytes.byteLength) {
        throw new InvalidChunkError(`${bytes.byteLength - end} bytes follow the ${what} stream`);
      }
      return content;
    },
    (bytes, level = 6) => pako.deflate(bytes, { level: levelOf(level) }),
  );
}

type Level = NonNullable<NonNullable<Parameters<PakoLibrary["gzip"]>[1]>["level"]>;

/** Numbers that are no level are pako's to refuse. */
function levelOf(level: number): Level {
  return level as Level;
}

/** Inflates up to the end of the stream, into pieces of room as they are needed. */
function inflate(
  pako: PakoLibrary,
  bytes: Uint8Array,
  bits: number,
  what: string,
  room: number,
  maxBytes: number,
): { readonly content: Uint8Array; readonly end: number } {
  const stream = new pako.ZStream();
  pako.zlibInflateInit2(stream, bits);
  stream.input = bytes;
  stream.avail_in = bytes.byteLength;
  const parts: Uint8Array[] = [];
  let used = 0;
  while (true) {
    // One byte more than is allowed shows that a stream goes on.
    const piece = new Uint8Array(Math.min(room - used + 1, Math.max(leastRoom, 4 * bytes.byteLength, used)));
    stream.output = piece;
    stream.next_out = 0;
    stream.avail_out = piece.byteLength;
    const status = pako.zlibInflate(stream, pako.Z_NO_FLUSH);
    used += stream.next_out;
    parts.push(piece.subarray(0, stream.next_out));
    if (used > room) {
      throw expandsTooFar(what, maxBytes);
    }
    if (status === pako.Z_STREAM_END) {
      return { content: joinParts(parts), end: stream.next_in };
    }
    if (status !== pako.Z_OK && status !== pako.Z_BUF_ERROR) {
      throw new InvalidChunkError(`damaged ${what} stream: ${stream.msg || `code ${status}`}`);
    }
    if (stream.avail_out > 0) {
      throw cutOff(what);
    }
  }
}
