/** The Huffman codes of a bzip2 block: several, of which each 50 symbols take the one that suits them; bzip2Encode.ts has the layout. */
import { huffmanLengths } from "./huffman.ts";

/** Bits, the highest of each byte first. */
export interface BitWriter {
  /** The lowest `count` bits of `value`, at most 24. */
  write(value: number, count: number): void;
  finish(): Uint8Array;
}

const symbolsPerSelector = 50;
const maxCodeBits = 17;
/** How often codes and selectors are fitted to each other. */
const fittings = 4;

/** Writes selectors, codes and the symbols themselves. */
export function writeSymbols(out: BitWriter, symbols: Uint16Array, alphabet: number): void {
  const codes = firstCodes(symbols, alphabet);
  const selectors = new Uint8Array(Math.ceil(symbols.length / symbolsPerSelector));
  for (let i = 0; i < fittings; i++) {
    fitCodes(symbols, alphabet, codes, selectors);
  }
  out.write(codes.length, 3);
  out.write(selectors.length, 15);
  writeSelectors(out, selectors, codes.length);
  for (const lengths of codes) {
    writeLengths(out, lengths);
  }
  const values = codes.map(canonical);
  for (let i = 0; i < symbols.length; i++) {
    const code = selectors[Math.floor(i / symbolsPerSelector)] ?? 0;
    const symbol = symbols[i] ?? 0;
    out.write(values[code]?.[symbol] ?? 0, codes[code]?.[symbol] ?? 0);
  }
}

/** Codes that each favour a range of symbols of about the same frequency. */
function firstCodes(symbols: Uint16Array, alphabet: number): Uint8Array[] {
  const count = [200, 600, 1200, 2400].filter((limit) => symbols.length >= limit).length + 2;
  const weights = new Int32Array(alphabet);
  for (const symbol of symbols) {
    weights[symbol] = (weights[symbol] ?? 0) + 1;
  }
  let left = symbols.length;
  let symbol = 0;
  return Array.from({ length: count }, (_, i) => {
    const first = symbol;
    const wanted = left / (count - i);
    for (let sum = 0; sum < wanted && symbol < alphabet; symbol++) {
      sum += weights[symbol] ?? 0;
      left -= weights[symbol] ?? 0;
    }
    return Uint8Array.from({ length: alphabet }, (_, own) => (own >= first && own < symbol ? 1 : 15));
  });
}

/** Chooses the cheapest code for each 50 symbols, then makes the codes anew from the symbols that chose them. */
function fitCodes(symbols: Uint16Array, alphabet: number, codes: Uint8Array[], selectors: Uint8Array): void {
  const weights = codes.map(() => new Int32Array(alphabet));
  for (let group = 0; group < selectors.length; group++) {
    const start = group * symbolsPerSelector;
    const end = Math.min(start + symbolsPerSelector, symbols.length);
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [i, lengths] of codes.entries()) {
      let cost = 0;
      for (let at = start; at < end; at++) {
        cost += lengths[symbols[at] ?? 0] ?? 0;
      }
      if (cost < least) {
        least = cost;
        best = i;
      }
    }
    selectors[group] = best;
    const own = weights[best];
    for (let at = start; own !== undefined && at < end; at++) {
      const symbol = symbols[at] ?? 0;
      own[symbol] = (own[symbol] ?? 0) + 1;
    }
  }
  for (const [i, own] of weights.entries()) {
    codes[i] = huffmanLengths(own, maxCodeBits);
  }
}

function writeSelectors(out: BitWriter, selectors: Uint8Array, codes: number): void {
  const front = Array.from({ length: codes }, (_, i) => i);
  for (const selector of selectors) {
    const place = front.indexOf(selector);
    front.splice(place, 1);
    front.unshift(selector);
    out.write(2 ** (place + 1) - 2, place + 1);
  }
}

function writeLengths(out: BitWriter, lengths: Uint8Array): void {
  let current = lengths[0] ?? 0;
  out.write(current, 5);
  for (const length of lengths) {
    for (; current < length; current++) {
      out.write(2, 2);
    }
    for (; current > length; current--) {
      out.write(3, 2);
    }
    out.write(0, 1);
  }
}

function canonical(lengths: Uint8Array): Int32Array {
  const values = new Int32Array(lengths.length);
  let value = 0;
  for (let length = 1; length <= maxCodeBits; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) {
        values[symbol] = value++;
      }
    }
    value <<= 1;
  }
  return values;
}
