/**
 * Several gray images in one codestream, a frame each: how CloudVolume writes three channels, and how Neuroglancer's decoder reads them.
 *
 * A frame is a header, a table of the sizes of its sections, and the sections (ISO/IEC 18181-1, annexes F and C; numbers as in jxlBits.ts):
 *
 *     header     1 bit: all default, else
 *                2 bits of type, 1 bit: modular; flags U64; 1 bit YCbCr unless XYB; upsampling U32(1, 2, 4, 8)
 *                modular: 2 bits of group size, 128 << bits; else, if XYB: 2 times 3 bits
 *                passes U32(1, 2, 3, 3 bits + 4); 1 bit: crop; blending U32(0 = replace, 1, 2, 2 bits + 3)
 *                in an animation: duration U32(0, 1, 8 bits, 32 bits)
 *                1 bit: last; if not, 2 bits of where it is kept; 1 bit if it is kept, or lasts no time
 *                length of its name U32(0, 4 bits, 5 bits + 16, 10 bits + 48), and name
 *                filters: 1 bit: all default, else gaborish, edge-preserving filter, extensions; extensions U64
 *     sizes      1 bit: permuted, and then the order; to a whole byte; sizes; to a whole byte
 *     sections
 *
 * The headers change; sizes and sections stay, if they start at the same bit of a byte as they did. So they do: 0 as U64 is 2 bits, or 15
 * and any number of 9 more, and 0 as the length of a name is 2 bits or 6.
 */
import { InternalError } from "../../errors.ts";
import { BitReader, BitWriter } from "./jxlBits.ts";
import { type JxlLayout, readJxlLayout } from "./jxlHeader.ts";

/** One codestream of the only frame of each, as the encoder makes them: all of the same size and kind. */
export function joinFrames(codestreams: readonly Uint8Array[]): Uint8Array {
  const writer = new BitWriter();
  for (const [index, codestream] of codestreams.entries()) {
    const layout = readJxlLayout(codestream);
    if (index === 0) {
      writeAnimationHeader(writer, codestream, layout);
    }
    writeFrame(writer, codestream, readFrame(codestream, layout), index === codestreams.length - 1);
  }
  return writer.toBytes().slice();
}

/** A frame header, its parts in bit positions. */
interface Frame {
  readonly start: number;
  /** Where an animation has a duration. */
  readonly durationAt: number;
  readonly filtersAt: number;
  /** The extensions, that there are none. */
  readonly extensionsAt: number;
  /** Behind the header, where the sizes begin. */
  readonly end: number;
  readonly isDefault: boolean;
}

/** All fields of a frame header that is "all default", up to the duration: of lossy images only. */
const defaultFields: readonly (readonly [value: number, bits: number])[] = [
  [0, 1], // not all default
  [0, 2], // regular
  [0, 1], // lossy
  [0, 2], // flags
  [0, 2], // no upsampling
  [3, 3],
  [2, 3],
  [0, 2], // one pass
  [0, 1], // no crop
  [0, 2], // replace
];

function writeAnimationHeader(writer: BitWriter, codestream: Uint8Array, layout: JxlLayout): void {
  if (layout.hasExtraFields || layout.colorEnd === layout.extraFieldsAt) {
    throw new InternalError("an image with extra fields, or none but default ones, cannot be a frame");
  }
  writer.copy(codestream, 0, layout.extraFieldsAt);
  writer.write(1, 1); // extra fields
  writer.write(0, 3 + 1 + 1); // orientation, intrinsic size, preview
  writer.write(1, 1); // animation
  writer.choose(10, [100, 0], [1000, 0], [1, 10], [1, 30]);
  writer.choose(1, [1, 0], [1001, 0], [1, 8], [1, 10]);
  writer.write(0, 2 + 1); // loops, time codes
  writer.copy(codestream, layout.extraFieldsAt + 1, layout.colorEnd);
  writer.write(1, 1); // tone mapping
  writer.copy(codestream, layout.colorEnd, layout.end);
  writer.align();
}

function writeFrame(writer: BitWriter, codestream: Uint8Array, frame: Frame, isLast: boolean): void {
  if (frame.isDefault) {
    for (const [value, bits] of defaultFields) {
      writer.write(value, bits);
    }
  } else {
    writer.copy(codestream, frame.start, frame.durationAt);
  }
  writer.write(1, 2); // duration
  writer.write(isLast ? 1 : 0, 1);
  writer.write(0, isLast ? 0 : 2);
  const filterBits = frame.isDefault ? 1 : frame.extensionsAt - frame.filtersAt;
  const [nameBits, groups] = fillingOf(writer.position + filterBits, frame.end);
  writer.write(nameBits === 2 ? 0 : 1, nameBits);
  if (frame.isDefault) {
    writer.write(1, 1);
  } else {
    writer.copy(codestream, frame.filtersAt, frame.extensionsAt);
  }
  writer.write(3, 2 + 12);
  for (let i = 0; i < groups; i++) {
    writer.write(1, 9);
  }
  writer.write(0, 1);
  writer.copy(codestream, frame.end, codestream.byteLength * 8);
}

/** Bits of the name's length, and groups of the extensions, with which a header ends at the same bit of a byte as another. */
function fillingOf(position: number, end: number): readonly [nameBits: number, groups: number] {
  for (const nameBits of [2, 6]) {
    for (let groups = 0; groups < 6; groups++) {
      if ((position + nameBits + 15 + 9 * groups - end) % 8 === 0) {
        return [nameBits, groups];
      }
    }
  }
  throw new InternalError("no filling fits a frame header");
}

function readFrame(codestream: Uint8Array, layout: JxlLayout): Frame {
  const bits = new BitReader(codestream);
  bits.position = Math.ceil(layout.end / 8) * 8;
  const start = bits.position;
  const isDefault = bits.flag();
  const isModular = !isDefault && readFields(bits, layout);
  const durationAt = bits.position;
  if (!isDefault) {
    const isLast = bits.flag();
    const nameBytes = bits.choose([0, 0], [0, 4], [16, 5], [48, 10]);
    assertKnown(isLast && nameBytes === 0);
  }
  const filtersAt = bits.position;
  if (!isDefault) {
    readFilters(bits, isModular);
  }
  const extensionsAt = bits.position;
  assertKnown(isDefault || bits.readLong() === 0);
  return { start, durationAt, filtersAt, extensionsAt, end: bits.position, isDefault };
}

/** The fields up to the duration; is the frame modular? */
function readFields(bits: BitReader, { isXyb }: JxlLayout): boolean {
  const type = bits.read(2);
  const isModular = bits.flag();
  bits.readLong();
  const isYcbcr = !isXyb && bits.flag();
  const upsampling = bits.read(2);
  bits.read(isModular ? 2 : isXyb ? 6 : 0);
  const passes = bits.read(2);
  const isCropped = bits.flag();
  const blending = bits.read(2);
  assertKnown(type === 0 && !isYcbcr && upsampling === 0 && passes === 0 && !isCropped && blending === 0);
  return isModular;
}

function readFilters(bits: BitReader, isModular: boolean): void {
  if (bits.flag()) {
    return;
  }
  const readCustom = (halfFloats: number): void => {
    if (bits.flag()) {
      bits.position += 16 * halfFloats;
    }
  };
  if (bits.flag()) {
    readCustom(6);
  }
  if (bits.read(2) > 0) {
    if (!isModular) {
      readCustom(8);
    }
    readCustom(5);
    readCustom(4);
  }
  assertKnown(bits.readLong() === 0);
}

/** The encoder writes plain images of one frame. */
function assertKnown(isKnown: boolean): void {
  if (!isKnown) {
    throw new InternalError("the JPEG XL encoder made a frame of another kind than is known");
  }
}
