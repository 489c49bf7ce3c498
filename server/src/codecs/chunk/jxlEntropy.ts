/**
 * Numbers as JPEG XL codes them: by context, with asymmetric numeral systems over 12 bits (ISO/IEC 18181-1, annex C).
 *
 * A code is written once for all streams that use it:
 *
 *     1 bit: LZ77; of more than one context: the map of contexts to histograms; 1 bit: prefix codes; 2 bits: 5 less than the bits of a symbol
 *     of each histogram: how numbers become symbols; of each histogram: its frequencies
 *     map         1 bit: simple: 2 bits of bits, and so many for each context
 *                 else 1 bit: moved to front, and a code and stream of its own
 *     numbers     below 16 are symbols; others of n + 1 bits are 16 + (n - 4) * 4 + their two bits below the highest, and n - 2 bits follow
 *     frequencies 1 bit: simple: 1 bit of symbols less 1, each as a byte (see `writeByte`); of two, 12 bits of the first's frequency
 *                 else 1 bit: flat; precision; symbols less 3 as a byte; of each the bits of its frequency, coded by `logCodes`, then of each
 *                 the bits below the highest that the precision leaves; the first of the most bits has what is left of 4096
 *
 * A stream is 32 bits of state, then, number by number, 16 bits whenever the state falls below 2^16, and the bits that follow the symbol.
 */

import { type AnsTable, createAnsTable, normalize, writeFrequencies } from "./jxlAns.ts";
import type { BitWriter } from "./jxlBits.ts";
import { clusterHistograms } from "./jxlHistograms.ts";

/** Numbers of one stream, in order, each with its context. */
export class NumberStream {
  private contexts = new Uint16Array(256);
  private values = new Uint32Array(256);
  length = 0;

  push(context: number, value: number): void {
    if (this.length === this.values.length) {
      const [contexts, values] = [this.contexts, this.values];
      this.contexts = new Uint16Array(2 * this.length);
      this.values = new Uint32Array(2 * this.length);
      this.contexts.set(contexts);
      this.values.set(values);
    }
    this.contexts[this.length] = context;
    this.values[this.length++] = value;
  }

  /** A number that may be negative: 0, -1, 1, -2 … */
  pushSigned(context: number, value: number): void {
    this.push(context, value < 0 ? -2 * value - 1 : 2 * value);
  }

  contextAt(index: number): number {
    return this.contexts[index] ?? 0;
  }

  valueAt(index: number): number {
    return this.values[index] ?? 0;
  }
}

/** A code for the numbers of some streams; they are written with it one by one. */
export interface NumberCode {
  /** Writes the code itself. */
  write(bits: BitWriter): void;
  writeStream(bits: BitWriter, stream: NumberStream): void;
}

const symbolBits = 6;
const symbols = 1 << symbolBits;

/** The code that suits the streams; contexts are below `contexts`. */
export function createNumberCode(streams: readonly NumberStream[], contexts: number): NumberCode {
  const { map, histograms } = clusterHistograms(countSymbols(streams, contexts));
  const frequencies = histograms.map(normalize);
  const tables = frequencies.map(({ counts }) => createAnsTable(counts, symbolBits));
  return {
    write(bits) {
      bits.write(0, 1);
      if (contexts > 1) {
        writeMap(bits, map, histograms.length);
      }
      bits.write(0, 1);
      bits.write(symbolBits - 5, 2);
      for (const _ of histograms) {
        bits.write(4, 3); // of 0 to 6
        bits.write(2, 3); // of 0 to 4
        bits.write(0, 2); // of 0 to 2
      }
      for (const frequency of frequencies) {
        writeFrequencies(bits, frequency);
      }
    },
    writeStream: (bits, stream) => writeAns(bits, stream, (context) => tables[map[context] ?? 0]),
  };
}

function countSymbols(streams: readonly NumberStream[], contexts: number): readonly Uint32Array[] {
  const counts = Array.from({ length: contexts }, () => new Uint32Array(symbols));
  for (const stream of streams) {
    for (let i = 0; i < stream.length; i++) {
      const histogram = counts[stream.contextAt(i)];
      const symbol = symbolOf(stream.valueAt(i));
      if (histogram !== undefined) {
        histogram[symbol] = (histogram[symbol] ?? 0) + 1;
      }
    }
  }
  return counts;
}

function symbolOf(value: number): number {
  if (value < 16) {
    return value;
  }
  const n = 31 - Math.clz32(value);
  return 16 + ((n - 4) << 2) + ((value >>> (n - 2)) & 3);
}

/** Bits that follow the symbol of a number: the lowest. */
function restBits(value: number): number {
  return value < 16 ? 0 : 29 - Math.clz32(value);
}

function writeMap(bits: BitWriter, map: readonly number[], histograms: number): void {
  const width = Math.ceil(Math.log2(histograms));
  if (width * map.length <= 64 && width <= 3) {
    bits.write(1, 1);
    bits.write(width, 2);
    for (const histogram of map) {
      bits.write(histogram, width);
    }
    return;
  }
  const stream = new NumberStream();
  const recent = Array.from({ length: 256 }, (_, i) => i);
  for (const histogram of map) {
    const place = recent.indexOf(histogram);
    stream.push(0, place);
    recent.splice(place, 1);
    recent.unshift(histogram);
  }
  bits.write(0, 1);
  bits.write(1, 1);
  const code = createNumberCode([stream], 1);
  code.write(bits);
  code.writeStream(bits, stream);
}

/** Encodes from the last number to the first, for the decoder's state runs the other way. */
function writeAns(bits: BitWriter, stream: NumberStream, tableOf: (context: number) => AnsTable | undefined): void {
  const words = new Uint16Array(stream.length + 1);
  /** Which numbers have a word before their own bits. */
  const hasWord = new Uint8Array(stream.length);
  let state = 0x13_0000;
  let count = 0;
  for (let i = stream.length - 1; i >= 0; i--) {
    const table = tableOf(stream.contextAt(i));
    const symbol = symbolOf(stream.valueAt(i));
    const frequency = table?.frequencies[symbol] ?? 0;
    const first = table?.firsts[symbol] ?? 0;
    if (state >>> 20 >= frequency) {
      words[count++] = state & 0xffff;
      state >>>= 16;
      hasWord[i] = 1;
    }
    const quotient = Math.floor(state / frequency);
    state = ((quotient << 12) | (table?.places[first + state - quotient * frequency] ?? 0)) >>> 0;
  }
  bits.write(state, 32);
  for (let i = 0; i < stream.length; i++) {
    const value = stream.valueAt(i);
    if (hasWord[i] === 1) {
      bits.write(words[--count] ?? 0, 16);
    }
    const rest = restBits(value);
    bits.write(rest === 0 ? 0 : value & ((1 << rest) - 1), rest);
  }
}
