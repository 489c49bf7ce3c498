/**
 * The coefficients of blocks, but for the lowest of each: groups of 32 x 32 blocks (ISO/IEC 18181-1, annex I.2).
 *
 * Of each block and channel, first the number of coefficients that are not zero, in the context of what the blocks above and to the left
 * let expect; then the coefficients in zigzag order up to the last of those, each in the context of its place, of how many are to come, and of
 * whether the one before is zero.
 */
import { zigzag } from "./jpegTables.ts";
import type { BitWriter } from "./jxlBits.ts";
import { createNumberCode, NumberStream } from "./jxlEntropy.ts";

/** The blocks of a channel. */
export interface Plane {
  readonly blocksWide: number;
  readonly blocksHigh: number;
  /** How often it is halved against the image. */
  readonly shiftX: number;
  readonly shiftY: number;
  /** As JPEG has them; undefined: all zero. */
  readonly coefficients: Int16Array | undefined;
}

export interface CoefficientCode {
  /** The order of coefficients, and the code of all groups. */
  writeCode(bits: BitWriter): void;
  readonly groups: readonly ((bits: BitWriter) => void)[];
}

const groupSide = 32;
const channels = 3;
const expectations = 37;
const valueContexts = 458;
/** Y comes first, then Cb and Cr. */
const order: readonly number[] = [1, 0, 2];
/** Where JPEG has the coefficients, in the order of JPEG XL: transposed. */
const places = Uint8Array.from(zigzag, (natural) => ((natural & 7) << 3) | (natural >> 3));
/** By place in the order, and by the number that are to come. */
const placeContexts = Uint8Array.from({ length: 64 }, (_, k) =>
  k < 16 ? k - 1 : k < 32 ? 15 + ((k - 16) >> 1) : 23 + ((k - 32) >> 2),
);
const leftContexts = Uint8Array.from({ length: 64 }, (_, left) => {
  const steps: readonly (readonly [most: number, context: number])[] = [
    [1, 0],
    [2, 31],
    [4, 62],
    [8, 93],
    [12, 123],
    [20, 152],
    [32, 180],
    [63, 206],
  ];
  return steps.find(([most]) => left <= most)?.[1] ?? 0;
});

/** The code of all coefficients of planes Cb, Y, Cr. */
export function createCoefficientCode(planes: readonly Plane[]): CoefficientCode {
  const [blocksWide, blocksHigh] = blocksOf(planes);
  const groupsWide = Math.ceil(blocksWide / groupSide);
  const streams = Array.from({ length: groupsWide * Math.ceil(blocksHigh / groupSide) }, (_, group) => {
    const [x, y] = [(group % groupsWide) * groupSide, Math.floor(group / groupsWide) * groupSide];
    return readGroup(planes, [x, y], [Math.min(blocksWide, x + groupSide), Math.min(blocksHigh, y + groupSide)]);
  });
  const code = createNumberCode(streams, channels * (expectations + valueContexts));
  return {
    writeCode(bits) {
      bits.write(0, Math.ceil(Math.log2(streams.length))); // one set of contexts for all groups
      bits.write(2, 2); // zigzag for all
      code.write(bits);
    },
    groups: streams.map((stream) => (bits: BitWriter) => code.writeStream(bits, stream)),
  };
}

/** Blocks of the image, of which a plane may have every other one. */
export function blocksOf(planes: readonly Plane[]): readonly [wide: number, high: number] {
  const wide = planes.map((plane) => plane.blocksWide << plane.shiftX);
  const high = planes.map((plane) => plane.blocksHigh << plane.shiftY);
  return [Math.max(...wide), Math.max(...high)];
}

type Corner = readonly [x: number, y: number];

function readGroup(planes: readonly Plane[], from: Corner, to: Corner): NumberStream {
  const stream = new NumberStream();
  /** Of each plane, how many are not zero in each block of the row above, and of this one as far as it is read. */
  const counts = planes.map(() => ({ above: new Uint8Array(groupSide), row: new Uint8Array(groupSide) }));
  for (let y = from[1]; y < to[1]; y++) {
    for (let x = from[0]; x < to[0]; x++) {
      for (const [kind, channel] of order.entries()) {
        const plane = planes[channel];
        const known = counts[channel];
        if (plane === undefined || known === undefined || !isFirst(x, plane.shiftX) || !isFirst(y, plane.shiftY)) {
          continue;
        }
        const [column, line] = [(x - from[0]) >> plane.shiftX, (y - from[1]) >> plane.shiftY];
        if (column === 0 && line > 0) {
          [known.above, known.row] = [known.row, known.above];
        }
        const block = (y >> plane.shiftY) * plane.blocksWide + (x >> plane.shiftX);
        const expected = expect(known, column, line);
        known.row[column] = readBlock(stream, plane.coefficients, block * 64, { kind, expected });
      }
    }
  }
  return stream;
}

function isFirst(position: number, shift: number): boolean {
  return (position >> shift) << shift === position;
}

function expect({ above, row }: { above: Uint8Array; row: Uint8Array }, column: number, line: number): number {
  const top = above[column] ?? 0;
  const left = row[column - 1] ?? 0;
  if (column === 0) {
    return line === 0 ? 32 : top;
  }
  return line === 0 ? left : (top + left + 1) >> 1;
}

/** The number of coefficients that are not zero. */
function readBlock(
  stream: NumberStream,
  coefficients: Int16Array | undefined,
  start: number,
  { kind, expected }: { readonly kind: number; readonly expected: number },
): number {
  let count = 0;
  for (let k = 1; k < 64 && coefficients !== undefined; k++) {
    count += coefficients[start + k] === 0 ? 0 : 1;
  }
  const expectation = expected < 8 ? expected : expected < 64 ? 4 + (expected >> 1) : 36;
  stream.push(expectation * channels + kind, count);
  const first = expectations * channels + kind * valueContexts;
  let before = count > 4 ? 0 : 1;
  for (let k = 1, left = count; left > 0; k++) {
    const value = coefficients?.[start + (places[k] ?? 0)] ?? 0;
    stream.pushSigned(first + ((leftContexts[left] ?? 0) + (placeContexts[k] ?? 0)) * 2 + before, value);
    before = value === 0 ? 0 : 1;
    left -= before;
  }
  return count;
}
