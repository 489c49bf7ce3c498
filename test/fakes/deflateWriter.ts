/** Writes deflate streams (RFC 1951) bit by bit, sound or not, to try inflaters on what no compressor makes. */

export interface DeflateWriter {
  /** `count` bits of `value`, lowest first. */
  bits(value: number, count: number): void;
  /** A Huffman code, its first bit first. */
  code(value: number, length: number): void;
  /** Zero bits to the next byte. */
  align(): void;
  bytes(): Uint8Array<ArrayBuffer>;
}

export function createDeflateWriter(): DeflateWriter {
  const done: number[] = [];
  let pending = 0;
  let used = 0;
  const bit = (value: number): void => {
    pending |= (value & 1) << used;
    used += 1;
    if (used === 8) {
      done.push(pending);
      pending = 0;
      used = 0;
    }
  };
  return {
    bits(value, count) {
      for (let i = 0; i < count; i++) {
        bit(Math.floor(value / 2 ** i));
      }
    },
    code(value, length) {
      for (let i = length - 1; i >= 0; i--) {
        bit(value >> i);
      }
    },
    align() {
      while (used !== 0) {
        bit(0);
      }
    },
    bytes: () => Uint8Array.from(used === 0 ? done : [...done, pending]),
  };
}

/** The canonical code of each symbol with a length, as [code, length]. */
export function canonicalCodes(lengths: readonly number[]): readonly (readonly [number, number])[] {
  let code = 0;
  const codes: (readonly [number, number])[] = lengths.map(() => [0, 0]);
  for (let length = 1; length < 16; length++) {
    for (const [symbol, own] of lengths.entries()) {
      if (own === length) {
        codes[symbol] = [code++, length];
      }
    }
    code <<= 1;
  }
  return codes;
}

/** The codes of a block of type 1. */
export const fixedLengths: readonly number[] = Array.from({ length: 288 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
);

const precodeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** The header of a last block of type 2; every code length is written with 4 bits, so none but 0 to 15 may be there. */
export function writeDynamicHeader(
  writer: DeflateWriter,
  litlens: readonly number[],
  distances: readonly number[],
  isLast = true,
): void {
  const sent = [...litlens, ...distances];
  const precodes = canonicalCodes(Array.from({ length: 16 }, () => 4));
  writer.bits(isLast ? 1 : 0, 1);
  writer.bits(2, 2);
  writer.bits(litlens.length - 257, 5);
  writer.bits(distances.length - 1, 5);
  writer.bits(19 - 4, 4);
  for (const symbol of precodeOrder) {
    writer.bits(symbol < 16 ? 4 : 0, 3);
  }
  for (const length of sent) {
    writer.code(...(precodes[length] ?? [0, 0]));
  }
}

const fixedCodes = canonicalCodes(fixedLengths);

/** A last block of type 1; `put` writes the code of a symbol. */
export function fixedBlock(write: (writer: DeflateWriter, symbol: (value: number) => void) => void): Uint8Array {
  const writer = createDeflateWriter();
  writer.bits(1, 1);
  writer.bits(1, 2);
  write(writer, (value) => writer.code(...(fixedCodes[value] ?? [0, 0])));
  return writer.bytes();
}

/** A match in a block of type 1. */
export function writeMatch(
  writer: DeflateWriter,
  put: (symbol: number) => void,
  length: number,
  distance: number,
): void {
  if (length === 258) {
    put(285);
  } else {
    const index = length - 3;
    const extra = index < 8 ? 0 : 29 - Math.clz32(index);
    put(257 + (extra === 0 ? index : 4 * extra + (index >> extra)));
    writer.bits(index & (2 ** extra - 1), extra);
  }
  const index = distance - 1;
  const extra = index < 4 ? 0 : 30 - Math.clz32(index);
  writer.code(extra === 0 ? index : 2 * extra + (index >> extra), 5);
  writer.bits(index & (2 ** extra - 1), extra);
}
