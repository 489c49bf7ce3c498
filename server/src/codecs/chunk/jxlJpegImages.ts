/**
 * What a frame of blocks codes as images: the lowest coefficients, the kinds of blocks, the quantisation tables (ISO/IEC 18181-1, annexes H
 * and G.2).
 *
 * Each image is 1 bit: contexts by the frame's tree; 1 bit and 2 bits: nothing special; and a stream of its channels, one after the other, each
 * value less what its neighbours predict. The tree of contexts is one for all images, for it asks for the number of the image: from 1 on the lowest
 * coefficients, then what is not used here, the kinds of blocks, and the tables.
 */
import type { BitWriter } from "./jxlBits.ts";
import { createNumberCode, NumberStream } from "./jxlEntropy.ts";
import { halfFloat } from "./jxlHalfFloat.ts";
import { blocksOf, type Plane } from "./jxlJpegGroups.ts";

export interface ImageCode {
  /** The tree and the code of all images. */
  writeCode(bits: BitWriter): void;
  /** Of each region of 256 x 256 blocks, the lowest coefficients and the kinds of blocks. */
  readonly regions: readonly ((bits: BitWriter) => void)[];
  writeQuantTables(bits: BitWriter): void;
}

/** Contexts, in the order of the tree's leaves. */
const tableContext = 0;
const kindContext = 1;
const chromaContext = 2;
const lumaContext = 3;

const regionSide = 256;
const quantTableKinds = 17;
const gradient = 5;
const left = 1;

/** Planes and steps of Cb, Y, Cr. */
export function createImageCode(planes: readonly Plane[], steps: readonly (readonly number[])[]): ImageCode {
  const [blocksWide, blocksHigh] = blocksOf(planes);
  const regionsWide = Math.ceil(blocksWide / regionSide);
  const regions = Array.from({ length: regionsWide * Math.ceil(blocksHigh / regionSide) }, (_, region) => {
    const [x, y] = [(region % regionsWide) * regionSide, Math.floor(region / regionsWide) * regionSide];
    const [wide, high] = [Math.min(regionSide, blocksWide - x), Math.min(regionSide, blocksHigh - y)];
    return { lowest: readLowest(planes, { x, y, wide, high }), kinds: readKinds(wide, high), blocks: wide * high };
  });
  const tables = readTables(steps);
  const code = createNumberCode([...regions.flatMap(({ lowest, kinds }) => [lowest, kinds]), tables], 4);
  const writeImage = (bits: BitWriter, stream: NumberStream): void => {
    bits.write(3, 2 + 2);
    code.writeStream(bits, stream);
  };
  return {
    writeCode(bits) {
      writeTree(bits, regions.length);
      code.write(bits);
    },
    regions: regions.map(({ lowest, kinds, blocks }) => (bits: BitWriter) => {
      bits.write(0, 2); // no fractions
      writeImage(bits, lowest);
      bits.write(blocks - 1, Math.ceil(Math.log2(blocks)));
      writeImage(bits, kinds);
    }),
    writeQuantTables(bits) {
      bits.write(0, 1);
      bits.write(7, 3); // the table of 8 x 8 blocks is its own
      bits.write(halfFloat(1 / (255 * 8)), 16);
      writeImage(bits, tables);
      bits.write(0, 3 * (quantTableKinds - 1)); // all others are the library's
    },
  };
}

/** 1 bit: there is a tree; its code, of six contexts, and a stream of nodes, level by level. */
function writeTree(bits: BitWriter, regions: number): void {
  const stream = new NumberStream();
  const split = (property: number, threshold: number): void => {
    stream.push(1, property + 1);
    stream.pushSigned(0, threshold);
  };
  const leaf = (predictor: number): void => {
    for (const [context, value] of [
      [1, 0],
      [2, predictor],
      [3, 0],
      [4, 0],
      [5, 0],
    ] as const) {
      stream.push(context, value);
    }
  };
  split(imageProperty, 3 * regions);
  leaf(left); // above: tables
  split(imageProperty, regions);
  leaf(0); // above: kinds of blocks
  split(channelProperty, 0);
  leaf(gradient); // above: chroma
  leaf(gradient);
  const code = createNumberCode([stream], 6);
  bits.write(1, 1);
  code.write(bits);
  code.writeStream(bits, stream);
}

const channelProperty = 0;
const imageProperty = 1;

interface Region {
  readonly x: number;
  readonly y: number;
  readonly wide: number;
  readonly high: number;
}

/** Y, Cb, Cr. */
function readLowest(planes: readonly Plane[], { x, y, wide, high }: Region): NumberStream {
  const stream = new NumberStream();
  for (const channel of [1, 0, 2]) {
    const plane = planes[channel];
    if (plane !== undefined) {
      const start = (y >> plane.shiftY) * plane.blocksWide + (x >> plane.shiftX);
      const size = { width: wide >> plane.shiftX, height: high >> plane.shiftY };
      const context = channel === 1 ? lumaContext : chromaContext;
      const valueAt = (column: number, row: number): number =>
        plane.coefficients?.[64 * (start + row * plane.blocksWide + column)] ?? 0;
      readChannel(stream, context, size, valueAt);
    }
  }
  return stream;
}

/** Each value less the gradient of its neighbours to the left, above, and between, not beyond either of the first two. */
function readChannel(
  stream: NumberStream,
  context: number,
  { width, height }: { readonly width: number; readonly height: number },
  valueAt: (column: number, row: number) => number,
): void {
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const above = row > 0 ? valueAt(column, row - 1) : undefined;
      const before = column > 0 ? valueAt(column - 1, row) : (above ?? 0);
      const top = above ?? before;
      const corner = column > 0 && row > 0 ? valueAt(column - 1, row - 1) : before;
      const [low, high] = [Math.min(before, top), Math.max(before, top)];
      stream.pushSigned(context, valueAt(column, row) - Math.min(high, Math.max(low, before + top - corner)));
    }
  }
}

/** Zeros: twice one for 8 x 8 blocks, two for each block, and one for each block. */
function readKinds(wide: number, high: number): NumberStream {
  const stream = new NumberStream();
  const zeros = 2 * Math.ceil(wide / 8) * Math.ceil(high / 8) + 3 * wide * high;
  for (let i = 0; i < zeros; i++) {
    stream.push(kindContext, 0);
  }
  return stream;
}

/** Three tables of 8 x 8, transposed, each value less the one before it in its row, or the first of the row above. */
function readTables(steps: readonly (readonly number[])[]): NumberStream {
  const stream = new NumberStream();
  for (const table of steps) {
    for (let place = 0; place < 64; place++) {
      const [row, column] = [place >> 3, place & 7];
      const before = column > 0 ? (table[8 * (column - 1) + row] ?? 0) : row > 0 ? (table[row - 1] ?? 0) : 0;
      stream.pushSigned(tableContext, (table[8 * column + row] ?? 0) - before);
    }
  }
  return stream;
}
