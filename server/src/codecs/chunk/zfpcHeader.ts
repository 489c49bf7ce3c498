/**
 * Headers of zfp streams.
 *
 * A header, bits from the lowest of the first byte on: "zfp" and the codec version 5 (8 bits each); type (2: int32, int64, float32, float64),
 * axes - 1 (2), and the size - 1 of each axis, fastest first, 48 / axes bits each; then 12 bits of mode:
 *   0 to 2047      blocks of mode + 1 bits
 *   2048 to 2175   precision mode - 2047
 *   2176           reversible
 *   2177 to 4094   smallest exponent mode - 3251
 *   4095           what fits none of these; 52 more bits: bits of a block at least - 1 (15), at most - 1 (15), precision - 1 (7), smallest
 *                  exponent + 16495 (15)
 * The first block follows at the next bit; at the end, zeros up to 64 bits. zfp's fastest axis is the last in Fortran order.
 */
import type { DataType } from "../../base/dtype.ts";
import { InvalidChunkError } from "../../errors.ts";

/** What a header says. */
export interface Header {
  readonly limits: Limits;
  /** Where the first block begins. */
  readonly bits: number;
}

/** The beginning of a stream, padded with zeros. */
export interface EncodedHeader {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** How much of each block is kept. A smallest exponent below that of every float stands for the reversible mode. */
export interface Limits {
  readonly minBits: number;
  readonly maxBits: number;
  readonly maxPrecision: number;
  readonly minExponent: number;
}

/** What no mode restricts. */
export const noLimits: Limits = { minBits: 1, maxBits: 16_658, maxPrecision: 64, minExponent: -1074 };

/** The smallest exponent of the reversible mode. */
export const reversibleExponent = -1075;

/** What a field of the long mode holds at most. */
export const mostBlockBits = 2 ** 15;

/** Types as headers number them. */
export const zfpTypes: readonly DataType[] = ["int32", "int64", "float32", "float64"];

/** Bytes of a header, padded to words of 64 bits. */
export const headerBytes = 24;
const shortHeaderBytes = 12;
const magic = 0x05_70_66_7a;
const sizeBits = 48;
const longMode = 4095;
const reversibleMode = 2176;
const precisionMode = 2047;
const exponentMode = 3251;
const smallestLongExponent = -16_495;

/** Reads the header of a stream of this type and size, in Fortran order. Throws InvalidChunkError when it is of another one. */
export function readHeader(bytes: Uint8Array, dtype: DataType, size: readonly number[]): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < shortHeaderBytes || view.getUint32(0, true) !== magic) {
    throw new InvalidChunkError("not a zfp stream of version 5: it does not begin with its header");
  }
  const [low, high] = [view.getUint32(4, true), view.getUint32(8, true)];
  const found = zfpTypes[low & 3];
  const sizes = readSizes((low >>> 4) + (high & 0xf_ffff) * 2 ** 28, ((low >>> 2) & 3) + 1);
  const expected = [...size].reverse();
  if (found !== dtype || sizes.length !== expected.length || sizes.some((side, axis) => side !== expected[axis])) {
    throw new InvalidChunkError(
      `zfp stream has ${found} voxels of ${sizes.join(" x ")}, expected ${dtype} of ${expected.join(" x ")}`,
    );
  }
  const mode = high >>> 20;
  if (mode !== longMode) {
    return { limits: shortLimits(mode), bits: 96 };
  }
  if (bytes.byteLength < headerBytes) {
    throw new InvalidChunkError("zfp stream is damaged: its header is cut off");
  }
  return { limits: longLimits(view.getUint32(12, true), view.getUint32(16, true)), bits: 148 };
}

function readSizes(bits: number, axes: number): readonly number[] {
  const range = 2 ** (sizeBits / axes);
  return Array.from({ length: axes }, (_, axis) => (Math.floor(bits / range ** axis) % range) + 1);
}

function shortLimits(mode: number): Limits {
  if (mode <= precisionMode) {
    return { ...noLimits, minBits: mode + 1, maxBits: mode + 1 };
  }
  if (mode < reversibleMode) {
    return checked({ ...noLimits, maxPrecision: mode - precisionMode });
  }
  return { ...noLimits, minExponent: mode === reversibleMode ? reversibleExponent : mode - exponentMode };
}

function longLimits(low: number, high: number): Limits {
  return checked({
    minBits: (low & 0x7fff) + 1,
    maxBits: ((low >>> 15) & 0x7fff) + 1,
    maxPrecision: (((low >>> 30) | (high << 2)) & 0x7f) + 1,
    minExponent: ((high >>> 5) & 0x7fff) + smallestLongExponent,
  });
}

function checked(limits: Limits): Limits {
  const { minBits, maxBits, maxPrecision } = limits;
  if (minBits > maxBits || maxPrecision > noLimits.maxPrecision) {
    throw new InvalidChunkError(
      `zfp stream has impossible limits: blocks of ${minBits} to ${maxBits} bits, precision ${maxPrecision}`,
    );
  }
  return limits;
}

/** The header of a stream of this type and size, in Fortran order; undefined for sizes that it cannot state. */
export function createHeader(dtype: DataType, size: readonly number[], limits: Limits): EncodedHeader | undefined {
  const bitsEach = sizeBits / size.length;
  if (size.some((side) => side > 2 ** bitsEach)) {
    return undefined;
  }
  const description = size.reduce((bits, side) => (bits << BigInt(bitsEach)) | BigInt(side - 1), 0n);
  const mode = shortMode(limits);
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  const axesAndType = BigInt(((size.length - 1) << 2) | zfpTypes.indexOf(dtype));
  view.setBigUint64(4, (BigInt(mode ?? longMode) << 52n) | (description << 4n) | axesAndType, true);
  if (mode !== undefined) {
    return { bytes, bits: 96 };
  }
  const { minBits, maxBits, maxPrecision, minExponent } = limits;
  const exponent = BigInt(minExponent - smallestLongExponent) << 37n;
  const bits = exponent | (BigInt(maxPrecision - 1) << 30n) | (BigInt(maxBits - 1) << 15n) | BigInt(minBits - 1);
  view.setBigUint64(12, bits, true);
  return { bytes, bits: 148 };
}

/** The mode that says all of the limits; undefined when only the long form does. */
function shortMode(limits: Limits): number | undefined {
  const { minBits, maxBits, maxPrecision, minExponent } = limits;
  if (minBits === maxBits) {
    return maxBits <= 2048 ? maxBits - 1 : undefined;
  }
  if (maxPrecision < noLimits.maxPrecision) {
    return maxPrecision + precisionMode;
  }
  if (minExponent === reversibleExponent) {
    return reversibleMode;
  }
  const isShort = minExponent > noLimits.minExponent && minExponent + exponentMode < longMode;
  return isShort ? minExponent + exponentMode : undefined;
}
