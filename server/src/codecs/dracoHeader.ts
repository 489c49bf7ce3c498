/**
 * The beginning of a draco stream, read before the library sees it: what it is, and how much it claims to hold.
 *
 *   header        "DRACO", u8 major and minor version, u8 geometry (0 points, 1 triangles), u8 method (0 sequential, 1 edgebreaker),
 *                 u16 flags (0x8000: metadata follow); little endian, 11 bytes
 *   metadata      of attributes: varint count, for each its varint id and a block; then a block of the mesh itself. A block is a varint
 *                 count of entries (u8 and name, varint and value) and a varint count of blocks (u8 and name, block) inside it
 *   sequential    faces, points: varints, u32 before version 2.2; u8 1: indices as they are, 0: by entropy coding
 *   edgebreaker   u8 traversal (0: one bit at least for each symbol, a symbol for each face; 1, 2: by entropy coding); before version 2.2
 *                 new vertices; vertices, faces: varints, u32 before version 2.0
 *
 * A varint has seven bits in each byte, lowest first, and the high bit in all but the last.
 */
import { InvalidChunkError } from "../errors.ts";

/** How many faces and points a stream claims; points that differ in an attribute only are not among them. */
export interface DracoCounts {
  readonly faces: number;
  readonly points: number;
}

const magic = [0x44, 0x52, 0x41, 0x43, 0x4f];
const newest = 0x0202;
const mostDepth = 16;
/** A flat grid of two million faces takes one byte for each 850 of them, at the encoder's best. */
const mostPerByte = 4096;

/** Throws InvalidChunkError for what is no triangle mesh, and for counts that so many bytes cannot hold. */
export function readDracoCounts(bytes: Uint8Array): DracoCounts {
  if (bytes.byteLength < 11 || !magic.every((byte, i) => bytes[i] === byte)) {
    throw new InvalidChunkError(`not a draco stream: ${bytes.byteLength} bytes without its header`);
  }
  const [major = 0, minor = 0, geometry, method, , flags = 0] = bytes.subarray(5);
  const version = major * 256 + minor;
  if (geometry !== 1) {
    throw new InvalidChunkError(`not a draco mesh but ${geometry === 0 ? "points" : `geometry ${geometry}`}`);
  }
  if (version < 0x0100 || version > newest || (method !== 0 && method !== 1)) {
    throw new InvalidChunkError(`draco stream is not supported: version ${major}.${minor}, method ${method}`);
  }
  const reader = createReader(bytes, 11);
  if ((flags & 0x80) !== 0) {
    skipMetadata(reader);
  }
  return method === 0 ? readSequential(reader, version) : readEdgebreaker(reader, version);
}

function readSequential(reader: Reader, version: number): DracoCounts {
  const read = version < newest ? reader.u32 : reader.varint;
  const [faces, points] = [read(), read()];
  const isPlain = reader.u8() === 1;
  return checked(reader, { faces, points }, isPlain ? 1 / 3 : mostPerByte);
}

function readEdgebreaker(reader: Reader, version: number): DracoCounts {
  const traversal = reader.u8();
  const read = version < 0x0200 ? reader.u32 : reader.varint;
  if (version < newest) {
    read();
  }
  const [points, faces] = [read(), read()];
  // Three symbols of edgebreaker stand for four faces at most.
  return checked(reader, { faces, points }, traversal === 0 ? (8 * 4) / 3 : mostPerByte);
}

function checked({ left }: Reader, counts: DracoCounts, facesPerByte: number): DracoCounts {
  const { faces, points } = counts;
  if (faces > left() * facesPerByte + 16 || points > left() * mostPerByte) {
    throw new InvalidChunkError(
      `draco mesh is cut off or damaged: ${faces} faces and ${points} points in ${left()} bytes`,
    );
  }
  return counts;
}

function skipMetadata(reader: Reader): void {
  for (let count = reader.varint(); count > 0; count--) {
    reader.varint();
    skipBlock(reader, mostDepth);
  }
  skipBlock(reader, mostDepth);
}

function skipBlock(reader: Reader, depth: number): void {
  if (depth === 0) {
    throw new InvalidChunkError("draco metadata are nested too deeply");
  }
  for (let count = reader.varint(); count > 0; count--) {
    reader.skip(reader.u8());
    reader.skip(reader.varint());
  }
  for (let count = reader.varint(); count > 0; count--) {
    reader.skip(reader.u8());
    skipBlock(reader, depth - 1);
  }
}

/** Reads on from a position; throws InvalidChunkError at the end. */
interface Reader {
  u8(): number;
  u32(): number;
  /** Up to 32 bits. */
  varint(): number;
  skip(sizeBytes: number): void;
  left(): number;
}

function createReader(bytes: Uint8Array, start: number): Reader {
  let at = start;
  const skip = (sizeBytes: number): void => {
    at += sizeBytes;
    if (at > bytes.byteLength) {
      throw new InvalidChunkError(`draco stream is cut off: ${bytes.byteLength} bytes`);
    }
  };
  const u8 = (): number => {
    skip(1);
    return bytes[at - 1] ?? 0;
  };
  const u32 = (): number => u8() + u8() * 2 ** 8 + u8() * 2 ** 16 + u8() * 2 ** 24;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return value;
      }
    }
    throw new InvalidChunkError("draco stream has a number of more than 32 bits");
  };
  return { u8, u32, varint, skip, left: () => bytes.byteLength - at };
}
