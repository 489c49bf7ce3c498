/**
 * The markers of a JPEG file (ITU T.81, annex B): what the frame header claims, and whether the file is whole.
 *
 *   file     FF D8 (SOI), segments, FF D9 (EOI)
 *   segment  FF marker, u16 length (big endian, itself included), bytes; after SOS entropy-coded data up to the next marker, in
 *            which FF is followed by 00 and FF D0..D7 (RSTn) may occur
 *   SOFn     u8 precision, u16 height, u16 width, u8 components …
 */
import { InvalidChunkError } from "../../errors.ts";

export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly precision: number;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const TEM = 0x01;

/**
 * Reads the frame header and walks to the end. Throws InvalidChunkError for bytes that are no JPEG file, or one that is cut off: libraries
 * decode the rest of such a file as gray.
 */
export function readJpegFrame(bytes: Uint8Array): JpegFrame {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) {
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new InvalidChunkError(`not a JPEG file: ${bytes.byteLength} bytes that start with ${start}`);
  }
  let frame: JpegFrame | undefined;
  let hasScan = false;
  for (let at = 2; ; ) {
    const { marker, next } = readMarker(bytes, at);
    if (marker === EOI) {
      if (frame === undefined || !hasScan) {
        throw new InvalidChunkError("JPEG file holds no image");
      }
      return frame;
    }
    if (isStandalone(marker)) {
      at = next;
      continue;
    }
    const end = next + readUint16(bytes, next);
    if (isFrame(marker)) {
      frame = readFrame(bytes, next, marker, frame);
    }
    hasScan ||= marker === SOS;
    at = marker === SOS ? skipScan(bytes, end) : end;
  }
}

/** The marker at or after `at`: it may be preceded by any number of FF. */
function readMarker(bytes: Uint8Array, at: number): { readonly marker: number; readonly next: number } {
  let next = at;
  if (next < bytes.byteLength && bytes[next] !== 0xff) {
    throw new InvalidChunkError(`JPEG file is damaged: no marker at byte ${at}`);
  }
  while (bytes[next] === 0xff) {
    next++;
  }
  const marker = bytes[next];
  if (marker === undefined) {
    throw cutOff(bytes);
  }
  return { marker, next: next + 1 };
}

function readFrame(bytes: Uint8Array, at: number, marker: number, earlier: JpegFrame | undefined): JpegFrame {
  if (earlier !== undefined || marker > 0xc2) {
    const what = earlier === undefined ? `a process that is not supported: SOF${marker - 0xc0}` : "several frames";
    throw new InvalidChunkError(`JPEG file has ${what}`);
  }
  const [precision, components] = [bytes[at + 2], bytes[at + 7]];
  if (precision === undefined || components === undefined) {
    throw cutOff(bytes);
  }
  return { precision, height: readUint16(bytes, at + 3), width: readUint16(bytes, at + 5), components };
}

/** The first marker after entropy-coded data that begins at `at`. */
function skipScan(bytes: Uint8Array, at: number): number {
  for (let next = bytes.indexOf(0xff, at); next >= 0; next = bytes.indexOf(0xff, next + 1)) {
    const follower = bytes[next + 1] ?? 0;
    const isData = follower === 0 || follower === 0xff || (follower >= 0xd0 && follower <= 0xd7);
    if (!isData) {
      return next;
    }
  }
  throw cutOff(bytes);
}

/** SOF0 to SOF15, among which DHT, JPG and DAC have their numbers. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function isStandalone(marker: number): boolean {
  return marker === TEM || (marker >= 0xd0 && marker <= SOI);
}

function readUint16(bytes: Uint8Array, at: number): number {
  const [high, low] = [bytes[at], bytes[at + 1]];
  if (high === undefined || low === undefined) {
    throw cutOff(bytes);
  }
  return high * 256 + low;
}

function cutOff(bytes: Uint8Array): InvalidChunkError {
  return new InvalidChunkError(`JPEG file is cut off: ${bytes.byteLength} bytes without an end of image`);
}
