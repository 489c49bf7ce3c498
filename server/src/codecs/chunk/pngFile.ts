/**
 * The container of PNG (ISO/IEC 15948): signature and chunks, each with its CRC-32.
 *
 *   file   89 50 4E 47 0D 0A 1A 0A, IHDR, other chunks, IDAT (one zlib stream over one or more of them), IEND
 *   chunk  u32 length, 4 letters, bytes, u32 CRC-32 of letters and bytes; all big endian
 *   IHDR   u32 width, u32 height, u8 depth, u8 color type, u8 compression (0), u8 filter (0), u8 interlace (0 none, 1 Adam7)
 */
import { InvalidChunkError } from "../../errors.ts";
import { describeStart } from "../bytes/streams.ts";
import { crc32 } from "../bytes/zlib.ts";

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  readonly colorType: PngColorType;
  readonly isInterlaced: boolean;
}

/** 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha. */
export type PngColorType = 0 | 2 | 3 | 4 | 6;

export interface PngFile {
  readonly header: PngHeader;
  /** RGB triples. */
  readonly palette: Uint8Array | undefined;
  /** tRNS: alpha of palette entries, or the transparent sample value. */
  readonly transparency: Uint8Array | undefined;
  /** The zlib stream: parts of the file, one after the other. */
  readonly parts: readonly Uint8Array[];
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

interface PngChunk {
  readonly type: string;
  readonly body: Uint8Array;
  readonly end: number;
}

/** Takes a file apart, up to IEND. Throws InvalidChunkError for what is no PNG file, is cut off, or has a wrong CRC. */
export function parsePng(bytes: Uint8Array): PngFile {
  if (!signature.every((byte, i) => bytes[i] === byte)) {
    throw new InvalidChunkError(`not a PNG file: ${describeStart(bytes)}`);
  }
  const first = readChunk(bytes, signature.length);
  const header = parseHeader(first);
  const parts: Uint8Array[] = [];
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  for (let at = first.end; ; ) {
    const { type, body, end } = readChunk(bytes, at);
    if (type === "IEND") {
      return { header, palette, transparency, parts };
    }
    if (type === "IDAT") {
      parts.push(body);
    } else if (type === "PLTE") {
      palette = body;
    } else if (type === "tRNS") {
      transparency = body;
    } else if (isCritical(type)) {
      throw new InvalidChunkError(`PNG file has a critical chunk that is not known: "${type}"`);
    }
    at = end;
  }
}

/** A file of one IDAT. */
export function buildPng(header: PngHeader, compressed: Uint8Array): Uint8Array {
  const ihdr = new Uint8Array(13);
  const view = new DataView(ihdr.buffer);
  view.setUint32(0, header.width);
  view.setUint32(4, header.height);
  ihdr.set([header.depth, header.colorType, 0, 0, header.isInterlaced ? 1 : 0], 8);
  return concatenate([
    Uint8Array.from(signature),
    buildChunk("IHDR", ihdr),
    buildChunk("IDAT", compressed),
    buildChunk("IEND", new Uint8Array(0)),
  ]);
}

function parseHeader({ type, body }: PngChunk): PngHeader {
  if (type !== "IHDR" || body.byteLength !== 13) {
    throw new InvalidChunkError(`PNG file begins with "${type}" of ${body.byteLength} bytes, expected "IHDR" of 13`);
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [depth, colorType, compression, filter, interlace] = [8, 9, 10, 11, 12].map((at) => view.getUint8(at));
  if (
    depth === undefined ||
    colorType === undefined ||
    !depthsOf[colorType]?.includes(depth) ||
    compression !== 0 ||
    filter !== 0 ||
    (interlace !== 0 && interlace !== 1)
  ) {
    const fields = `depth ${depth}, color type ${colorType}, compression ${compression}, filter ${filter}, interlace ${interlace}`;
    throw new InvalidChunkError(`PNG header is not valid: ${fields}`);
  }
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth,
    // A key of depthsOf, as was just checked.
    colorType: colorType as PngColorType,
    isInterlaced: interlace === 1,
  };
}

function readChunk(bytes: Uint8Array, at: number): PngChunk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const room = bytes.byteLength - at - 12;
  const length = room < 0 ? 0 : view.getUint32(at);
  if (length > room) {
    throw new InvalidChunkError(
      `PNG file is cut off: ${bytes.byteLength} bytes, at least ${at + 12 + length} expected`,
    );
  }
  const body = bytes.subarray(at + 8, at + 8 + length);
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  const crc = crc32(bytes.subarray(at + 4, at + 8 + length));
  if (crc !== view.getUint32(at + 8 + length)) {
    throw new InvalidChunkError(`PNG file is damaged: CRC of "${type}" at byte ${at} is wrong`);
  }
  return { type, body, end: at + 12 + length };
}

function buildChunk(type: string, body: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(body.byteLength + 12);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.byteLength);
  chunk.set(
    [...type].map((letter) => letter.charCodeAt(0)),
    4,
  );
  chunk.set(body, 8);
  view.setUint32(body.byteLength + 8, crc32(chunk.subarray(4, body.byteLength + 8)));
  return chunk;
}

/** Chunks whose first letter is upper case may not be skipped. */
function isCritical(type: string): boolean {
  return ((type.codePointAt(0) ?? 0) & 0x20) === 0;
}

/** The parts as one; a single one is not copied. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) {
    return first;
  }
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.byteLength;
  }
  return result;
}
