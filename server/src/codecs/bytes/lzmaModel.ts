/**
 * LZMA's symbols, each as bits with probabilities that depend on what came before ("LZMA specification", 7-Zip; lc = 3, lp = 0, pb = 2).
 *
 *   literal   0, then its 8 bits, by the high 3 bits of the byte before; after a match also by the byte that the last distance points to
 *   match     1 0, length, distance; its slot of 6 bits, then as many bits as it says, the lowest 4 of them with probabilities
 *   repeat    1 1, then 0 the last distance (0 one byte, 1 length), 10 the one before, 110, 111
 *   length    - 2: 0 and 3 bits, 10 and 3 bits, 11 and 8 bits
 *
 * `state` (0 to 11) tells which kinds the last symbols were; below 7 the last was a literal.
 */
import { evenProbability, type RangeEncoder } from "./rangeEncoder.ts";

export const lzmaProperties = 0x5d;
const positionMask = 3;
const literalContextBits = 3;

export interface LzmaModel {
  readonly bytes: Uint8Array;
  state: number;
  /** The last four distances, from 0: places back less one. */
  readonly distances: Int32Array;
  readonly isMatch: Uint16Array;
  readonly isRepeat: Uint16Array;
  readonly isNotLast: Uint16Array;
  readonly isLong: Uint16Array;
  readonly isNotSecond: Uint16Array;
  readonly isNotThird: Uint16Array;
  readonly slots: Uint16Array;
  readonly special: Uint16Array;
  readonly align: Uint16Array;
  readonly lengths: Uint16Array;
  readonly repeatLengths: Uint16Array;
  readonly literals: Uint16Array;
}

/** Of a length coder: choices at 0 and 1, then for each of four positions 8 + 8, then 256. */
const lowAt = 2;
const middleAt = lowAt + 4 * 8;
const highAt = middleAt + 4 * 8;
const lengthProbabilities = highAt + 256;

/** A model that has seen nothing. */
export function createLzmaModel(bytes: Uint8Array): LzmaModel {
  const even = (count: number): Uint16Array => new Uint16Array(count).fill(evenProbability);
  return {
    bytes,
    state: 0,
    distances: new Int32Array(4),
    isMatch: even(12 * 4),
    isRepeat: even(12),
    isNotLast: even(12),
    isLong: even(12 * 4),
    isNotSecond: even(12),
    isNotThird: even(12),
    slots: even(4 * 64),
    special: even(128),
    align: even(16),
    lengths: even(lengthProbabilities),
    repeatLengths: even(lengthProbabilities),
    literals: even(0x300 << literalContextBits),
  };
}

export function encodeLiteral(coder: RangeEncoder, model: LzmaModel, at: number): void {
  const { bytes, literals, state } = model;
  const byte = bytes[at] ?? 0;
  const base = 0x300 * ((at === 0 ? 0 : (bytes[at - 1] ?? 0)) >> (8 - literalContextBits));
  coder.bit(model.isMatch, state * 4 + (at & positionMask), 0);
  if (state < 7) {
    coder.tree(literals, base, byte, 8);
  } else {
    // As long as the bits are those of the byte that a match would have given, they have probabilities of their own.
    let expected = bytes[at - (model.distances[0] ?? 0) - 1] ?? 0;
    let offset = 0x100;
    for (let symbol = byte | 0x100; symbol < 0x10000; ) {
      expected <<= 1;
      coder.bit(literals, base + offset + (expected & offset) + (symbol >> 8), (symbol >> 7) & 1);
      symbol <<= 1;
      offset &= ~(expected ^ symbol);
    }
  }
  model.state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
}

/** A match of `distance` places back, from 1. */
export function encodeMatch(coder: RangeEncoder, model: LzmaModel, at: number, length: number, distance: number): void {
  const { state, distances } = model;
  coder.bit(model.isMatch, state * 4 + (at & positionMask), 1);
  coder.bit(model.isRepeat, state, 0);
  encodeLength(coder, model.lengths, length, at & positionMask);
  encodeDistance(coder, model, distance - 1, Math.min(length - 2, 3));
  distances.copyWithin(1, 0, 3);
  distances[0] = distance - 1;
  model.state = state < 7 ? 7 : 10;
}

/** A match of the distance `model.distances[index]`. */
export function encodeRepeat(coder: RangeEncoder, model: LzmaModel, at: number, length: number, index: number): void {
  const { state, distances } = model;
  const place = state * 4 + (at & positionMask);
  coder.bit(model.isMatch, place, 1);
  coder.bit(model.isRepeat, state, 1);
  coder.bit(model.isNotLast, state, index === 0 ? 0 : 1);
  if (index === 0) {
    coder.bit(model.isLong, place, length === 1 ? 0 : 1);
  } else {
    coder.bit(model.isNotSecond, state, index === 1 ? 0 : 1);
    if (index > 1) {
      coder.bit(model.isNotThird, state, index === 2 ? 0 : 1);
    }
    const distance = distances[index] ?? 0;
    distances.copyWithin(1, 0, index);
    distances[0] = distance;
  }
  if (length === 1) {
    model.state = state < 7 ? 9 : 11;
    return;
  }
  encodeLength(coder, model.repeatLengths, length, at & positionMask);
  model.state = state < 7 ? 8 : 11;
}

function encodeLength(coder: RangeEncoder, lengths: Uint16Array, length: number, position: number): void {
  const value = length - 2;
  coder.bit(lengths, 0, value < 8 ? 0 : 1);
  if (value < 8) {
    coder.tree(lengths, lowAt + position * 8, value, 3);
    return;
  }
  coder.bit(lengths, 1, value < 16 ? 0 : 1);
  if (value < 16) {
    coder.tree(lengths, middleAt + position * 8, value - 8, 3);
  } else {
    coder.tree(lengths, highAt, value - 16, 8);
  }
}

function encodeDistance(coder: RangeEncoder, model: LzmaModel, distance: number, lengthClass: number): void {
  const bits = 31 - Math.clz32(distance);
  const slot = distance < 4 ? distance : 2 * bits + ((distance >>> (bits - 1)) & 1);
  coder.tree(model.slots, lengthClass * 64, slot, 6);
  if (slot < 4) {
    return;
  }
  const extra = (slot >> 1) - 1;
  const base = (2 | (slot & 1)) << extra;
  const rest = distance - base;
  if (slot < 14) {
    coder.reverseTree(model.special, base - slot, rest, extra);
    return;
  }
  coder.direct(rest >>> 4, extra - 4);
  coder.reverseTree(model.align, 0, rest & 15, 4);
}
