/** Frequencies over 4096, how they are written, and the places of symbols in the decoder's table (ISO/IEC 18181-1, C.2.5 and C.2.6). */
import type { BitWriter } from "./jxlBits.ts";

const range = 4096;

/** Frequencies that sum to 4096, with so many of their bits as the precision keeps. */
export interface Frequencies {
  readonly counts: readonly number[];
  readonly precision: number;
}

export interface AnsTable {
  readonly frequencies: readonly number[];
  /** Where the places of each symbol begin, one for each of its frequency. */
  readonly firsts: readonly number[];
  /** Places of the decoder's table, 0 to 4095. */
  readonly places: Uint16Array;
}

const fullPrecision = 13;

/** Frequencies near the counts' own shares, of the precision that costs least, header and all. */
export function normalize(counts: Uint32Array): Frequencies {
  const exact = scale(counts);
  if (exact.filter((count) => count > 0).length <= 2) {
    return { counts: exact, precision: fullPrecision };
  }
  let best: Frequencies = { counts: exact, precision: fullPrecision };
  let least = costOf(best, counts);
  for (const precision of [10, 8, 7, 6, 5, 4]) {
    const candidate = { counts: round(exact, precision), precision };
    const cost = costOf(candidate, counts);
    if (cost < least) {
      [best, least] = [candidate, cost];
    }
  }
  return best;
}

/** Writes them for the decoder; see jxlEntropy.ts. */
export function writeFrequencies(bits: BitWriter, { counts, precision }: Frequencies): void {
  const used = [...counts.keys()].filter((symbol) => (counts[symbol] ?? 0) > 0);
  bits.write(used.length <= 2 ? 1 : 0, 1);
  if (used.length <= 2) {
    bits.write(Math.max(used.length, 1) - 1, 1);
    for (const symbol of used.length === 0 ? [0] : used) {
      writeByte(bits, symbol);
    }
    bits.write(counts[used[0] ?? 0] ?? 0, used.length === 2 ? 12 : 0);
    return;
  }
  bits.write(0, 1);
  writePrecision(bits, precision);
  const length = Math.max(3, (used.at(-1) ?? 0) + 1);
  writeByte(bits, length - 3);
  const logs = Array.from({ length }, (_, symbol) => logOf(counts[symbol] ?? 0));
  for (const log of logs) {
    const [code, codeBits] = logCodes[log] ?? [0, 0];
    bits.write(code, codeBits);
  }
  const rest = logs.indexOf(Math.max(...logs));
  for (const [symbol, log] of logs.entries()) {
    if (symbol !== rest && log > 1) {
      const kept = keptBits(log - 1, precision);
      bits.write(((counts[symbol] ?? 0) - (1 << (log - 1))) >> (log - 1 - kept), kept);
    }
  }
}

/** Codes of the number of bits of a frequency, 0 to 12, and their lengths. */
const logCodes: readonly (readonly [code: number, bits: number])[] = [
  [17, 5],
  [11, 4],
  [15, 4],
  [3, 4],
  [9, 4],
  [7, 4],
  [4, 3],
  [2, 3],
  [5, 3],
  [6, 3],
  [0, 3],
  [33, 6],
  [1, 7],
];

/** Bits of a number; 0 of 0. */
function logOf(count: number): number {
  return 32 - Math.clz32(count);
}

/** Of the `log` bits below a frequency's highest, how many are written. */
function keptBits(log: number, precision: number): number {
  return Math.max(0, Math.min(log, precision - ((12 - log) >> 1)));
}

function writePrecision(bits: BitWriter, precision: number): void {
  const log = 31 - Math.clz32(precision + 1);
  bits.write((1 << log) - 1, log);
  bits.write(0, log < 3 ? 1 : 0);
  bits.write(precision + 1 - (1 << log), log);
}

/** A byte: 0, or 1 and 3 bits of bits, and those below its highest. */
function writeByte(bits: BitWriter, value: number): void {
  bits.write(value === 0 ? 0 : 1, 1);
  if (value > 0) {
    const log = 31 - Math.clz32(value);
    bits.write(log, 3);
    bits.write(value - (1 << log), log);
  }
}

function scale(counts: Uint32Array): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    return [range];
  }
  const scaled = Array.from(counts, (count) => (count === 0 ? 0 : Math.max(1, Math.round((count * range) / total))));
  // The rounding is made up for where it matters least: by the largest.
  for (let excess = scaled.reduce((sum, count) => sum + count, 0) - range; excess !== 0; ) {
    const largest = scaled.indexOf(Math.max(...scaled));
    const count = scaled[largest] ?? 0;
    const step = Math.min(excess, count >> 1);
    scaled[largest] = count - step;
    excess -= step;
  }
  return scaled;
}

/** Frequencies of which only the bits that the precision keeps are not 0, but for the first of the largest, which makes up for it. */
function round(exact: readonly number[], precision: number): number[] {
  const logs = exact.map(logOf);
  const rest = logs.indexOf(Math.max(...logs));
  const rounded = exact.map((count, symbol) => {
    const log = logOf(count) - 1;
    const dropped = symbol === rest || log < 1 ? 0 : log - keptBits(log, precision);
    return (count >> dropped) << dropped;
  });
  const sum = rounded.reduce((total, count) => total + count, 0);
  rounded[rest] = (rounded[rest] ?? 0) + range - sum;
  return rounded;
}

/** Bits of the header, about, and of all symbols. */
function costOf({ counts, precision }: Frequencies, symbols: Uint32Array): number {
  let bits = 0;
  for (const [symbol, count] of counts.entries()) {
    const log = logOf(count);
    bits += (logCodes[log]?.[1] ?? 0) + (log > 1 ? keptBits(log - 1, precision) : 0);
    bits += count > 0 ? (symbols[symbol] ?? 0) * (12 - Math.log2(count)) : 0;
  }
  return bits;
}

/**
 * The table that decoders build: as many slots as there are symbols, each shared by its own symbol, below a cutoff, and another, whose
 * surplus fills it up.
 */
export function createAnsTable(counts: readonly number[], symbolBits: number): AnsTable {
  const slots = 1 << symbolBits;
  const slotSize = range >> symbolBits;
  const cutoffs = Array.from({ length: slots }, (_, i) => counts[i] ?? 0);
  const others = cutoffs.map((_, i) => i);
  const offsets = cutoffs.map(() => 0);
  const single = counts.indexOf(range);
  if (single >= 0) {
    others.fill(single);
    for (let i = 0; i < slots; i++) {
      offsets[i] = slotSize * i;
    }
    cutoffs.fill(0);
  } else {
    shareSlots(cutoffs, others, offsets, slotSize);
  }
  const firsts = counts.map((_, symbol) => counts.slice(0, symbol).reduce((sum, count) => sum + count, 0));
  const places = new Uint16Array(range);
  for (let place = 0; place < range; place++) {
    const slot = Math.floor(place / slotSize);
    const within = place % slotSize;
    const isOwn = within < (cutoffs[slot] ?? 0);
    const symbol = isOwn ? slot : (others[slot] ?? 0);
    const offset = isOwn ? within : (offsets[slot] ?? 0) + within;
    places[(firsts[symbol] ?? 0) + offset] = place;
  }
  return { frequencies: counts, firsts, places };
}

function shareSlots(cutoffs: number[], others: number[], offsets: number[], slotSize: number): void {
  const over = [...cutoffs.keys()].filter((i) => (cutoffs[i] ?? 0) > slotSize);
  const under = [...cutoffs.keys()].filter((i) => (cutoffs[i] ?? 0) < slotSize);
  for (let rich = over.pop(); rich !== undefined; rich = over.pop()) {
    const poor = under.pop() ?? 0;
    const left = (cutoffs[rich] ?? 0) - (slotSize - (cutoffs[poor] ?? 0));
    cutoffs[rich] = left;
    others[poor] = rich;
    offsets[poor] = left;
    if (left < slotSize) {
      under.push(rich);
    } else if (left > slotSize) {
      over.push(rich);
    }
  }
  for (const [slot, cutoff] of cutoffs.entries()) {
    if (cutoff === slotSize) {
      others[slot] = slot;
      offsets[slot] = 0;
      cutoffs[slot] = 0;
    } else {
      offsets[slot] = (offsets[slot] ?? 0) - cutoff;
    }
  }
}
