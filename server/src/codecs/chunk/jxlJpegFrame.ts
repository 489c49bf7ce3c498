/**
 * The coefficients of a JPEG file as a JPEG XL codestream, as they are: one frame of 8 x 8 blocks, the file's quantisation, no filters
 * (ISO/IEC 18181-1, annexes B, C, F to I).
 *
 * Header, sizes and sections of the frame are as in jxlFrames.ts. Its sections, or, of a single group, one section of all of them bit by bit:
 *
 *     global     steps of the lowest coefficients, Cb, Y, Cr; scale and contexts; colours do not predict each other; a tree of contexts for all that
 *                is coded as images, and their code
 *     256 x 256 blocks   the lowest coefficients as images Y, Cb, Cr; of each block its transform and scale, as images of nothing but zeros
 *     global     quantisation tables as images; order of coefficients: zigzag; the code of coefficients
 *     32 x 32 blocks     the coefficients: block by block, Y, Cb, Cr, how many are not zero, and all up to the last of those
 *
 * JPEG XL transposes blocks: its coefficient at row i and column j is JPEG's at row j and column i.
 */
import { BitWriter } from "./jxlBits.ts";
import { halfFloat } from "./jxlHalfFloat.ts";
import type { JpegFile } from "./jxlJpeg.ts";
import { concatenate } from "./jxlJpegBox.ts";
import { createCoefficientCode, type Plane } from "./jxlJpegGroups.ts";
import { createImageCode } from "./jxlJpegImages.ts";

/** The codestream; its pixels are those of the file. */
export function writeJpegCodestream(file: JpegFile): Uint8Array {
  const header = new BitWriter();
  writeImageHeader(header, file);
  writeFrameHeader(header, file);
  const sections = writeSections(file);
  for (const section of sections) {
    header.choose(section.byteLength, [0, 10], [1024, 14], [17_408, 22], [4_211_712, 30]);
  }
  header.align();
  return concatenate([header.toBytes(), ...sections]);
}

function writeImageHeader(bits: BitWriter, { width, height, components }: JpegFile): void {
  bits.write(0x0a_ff, 16);
  bits.write(0, 1);
  bits.choose(height, [1, 9], [1, 13], [1, 18], [1, 30]);
  bits.write(0, 3);
  bits.choose(width, [1, 9], [1, 13], [1, 18], [1, 30]);
  bits.write(0, 1 + 1); // not all default, no extra fields
  bits.write(0, 1 + 2); // integers of 8 bits
  bits.write(1, 1); // that fit in 16
  bits.write(0, 2 + 1); // no extra channels, no XYB
  if (components.length === 3) {
    bits.write(1, 1);
  } else {
    bits.write(0, 1 + 1); // own colours, no profile
    bits.write(1, 2); // gray
    bits.write(1, 2); // D65
    bits.write(0, 1);
    bits.choose(13, [0, 0], [1, 0], [2, 4], [18, 6]); // sRGB
    bits.write(1, 2); // relative
  }
  bits.write(0, 2); // extensions
  bits.write(1, 1); // transform
  bits.align();
}

function writeFrameHeader(bits: BitWriter, { components }: JpegFile): void {
  bits.write(0, 1 + 2 + 1); // regular, by blocks
  bits.write(2, 2);
  bits.write(128 - 17, 8); // the lowest coefficients are not smoothed
  bits.write(1, 1); // YCbCr
  for (const index of [1, 0, 2]) {
    const { horizontal, vertical } = components[index] ?? { horizontal: 1, vertical: 1 };
    bits.write(horizontal === vertical ? horizontal - 1 : 1 + vertical, 2);
  }
  bits.write(0, 2 + 2 + 1 + 2); // upsampling, passes, crop, blending
  bits.write(1, 1); // last
  bits.write(0, 2); // name
  bits.write(0, 1 + 1 + 2 + 2); // no filters
  bits.write(0, 2); // extensions
  bits.write(0, 1); // sections in order
  bits.align();
}

/** The planes of a frame, Cb, Y, Cr; of gray images the first and last are empty. */
function planesOf({ components }: JpegFile): readonly Plane[] {
  const wide = Math.max(...components.map(({ horizontal }) => horizontal));
  const tall = Math.max(...components.map(({ vertical }) => vertical));
  const [luma] = components;
  return [1, 0, 2].map((index) => {
    const component = components[index];
    const { blocksWide, blocksHigh } = component ?? luma ?? { blocksWide: 0, blocksHigh: 0 };
    return {
      blocksWide,
      blocksHigh,
      shiftX: component === undefined ? 0 : Math.log2(wide / component.horizontal),
      shiftY: component === undefined ? 0 : Math.log2(tall / component.vertical),
      coefficients: component?.coefficients,
    };
  });
}

function writeSections(file: JpegFile): readonly Uint8Array[] {
  const planes = planesOf(file);
  const steps = [1, 0, 2].map((index) => stepsOf(file, index));
  const images = createImageCode(planes, steps);
  const coefficients = createCoefficientCode(planes);
  const writers: ((bits: BitWriter) => void)[] = [
    (bits) => {
      writeGlobal(bits, steps);
      images.writeCode(bits);
    },
    ...images.regions,
    (bits) => {
      images.writeQuantTables(bits);
      coefficients.writeCode(bits);
    },
    ...coefficients.groups,
  ];
  if (coefficients.groups.length === 1) {
    const whole = new BitWriter();
    for (const write of writers) {
      write(whole);
    }
    return [whole.toBytes()];
  }
  return writers.map((write) => {
    const section = new BitWriter();
    write(section);
    return section.toBytes();
  });
}

/** In rows; of components that there are not, the simplest. */
function stepsOf({ components, quantTables }: JpegFile, index: number): readonly number[] {
  const table = quantTables.find(({ id }) => id === components[index]?.quantTable);
  return table?.steps ?? new Array<number>(64).fill(1);
}

function writeGlobal(bits: BitWriter, steps: readonly (readonly number[])[]): void {
  bits.write(0, 1);
  for (const [lowest = 1] of steps) {
    bits.write(halfFloat((lowest * 128) / (255 * 8)), 16);
  }
  bits.choose(65_536, [1, 11], [2049, 11], [4097, 12], [8193, 16]);
  bits.choose(1, [16, 0], [1, 5], [1, 8], [1, 16]);
  bits.write(0, 1 + 4 + 4 + 4 + 4); // contexts of blocks are no matter of values
  bits.write(1, 1); // simple: by channel, 13 kinds of blocks each
  bits.write(2, 2);
  for (let kind = 0; kind < 39; kind++) {
    bits.write(Math.floor(kind / 13), 2);
  }
  bits.write(0, 1);
  bits.write(0, 2); // colour factor
  bits.write(0, 16 + 16); // base correlations
  bits.write(128, 8);
  bits.write(128, 8);
}
