/** The range coder of LZMA: bits by adaptive probabilities of 11 bits, of a zero. */

export interface RangeEncoder {
  /** Bytes that `finish` would give, at most. */
  readonly sizeBytes: number;
  bit(probabilities: Uint16Array, at: number, bit: number): void;
  /** The lowest `count` bits of `value`, highest first, each with a probability of its own prefix, from `base` on. */
  tree(probabilities: Uint16Array, base: number, value: number, count: number): void;
  /** The same, lowest first. */
  reverseTree(probabilities: Uint16Array, base: number, value: number, count: number): void;
  /** Bits that are as likely 0 as 1, highest first. */
  direct(value: number, count: number): void;
  finish(): Uint8Array;
}

/** A probability that nothing is known of. */
export const evenProbability = 1024;
const topRange = 2 ** 24;
const carryLimit = 0xff000000;

export function createRangeEncoder(mostBytes: number): RangeEncoder {
  const out = new Uint8Array(mostBytes);
  let size = 0;
  let low = 0;
  let range = 0xffffffff;
  // The last byte before a run of bytes of ones, all of which a carry would change.
  let cache = 0;
  let pending = 1;
  const shift = (): void => {
    if (low < carryLimit || low >= 2 ** 32) {
      const carry = low >= 2 ** 32 ? 1 : 0;
      for (; pending > 0; pending--) {
        out[size++] = cache + carry;
        cache = 255;
      }
      cache = (low >>> 24) & 255;
    }
    pending++;
    low = (low % topRange) * 256;
  };
  const bit = (probabilities: Uint16Array, at: number, value: number): void => {
    const probability = probabilities[at] ?? 0;
    const bound = (range >>> 11) * probability;
    if (value === 0) {
      range = bound;
      probabilities[at] = probability + ((2048 - probability) >> 5);
    } else {
      low += bound;
      range -= bound;
      probabilities[at] = probability - (probability >> 5);
    }
    while (range < topRange) {
      range *= 256;
      shift();
    }
  };
  return {
    get sizeBytes() {
      return size + pending + 4;
    },
    bit,
    tree(probabilities, base, value, count) {
      let prefix = 1;
      for (let i = count - 1; i >= 0; i--) {
        const own = (value >>> i) & 1;
        bit(probabilities, base + prefix, own);
        prefix = 2 * prefix + own;
      }
    },
    reverseTree(probabilities, base, value, count) {
      let prefix = 1;
      for (let i = 0; i < count; i++) {
        const own = (value >>> i) & 1;
        bit(probabilities, base + prefix, own);
        prefix = 2 * prefix + own;
      }
    },
    direct(value, count) {
      for (let i = count - 1; i >= 0; i--) {
        range = Math.floor(range / 2);
        low += ((value >>> i) & 1) * range;
        while (range < topRange) {
          range *= 256;
          shift();
        }
      }
    },
    finish() {
      for (let i = 0; i < 5; i++) {
        shift();
      }
      return out.slice(0, size);
    },
  };
}
