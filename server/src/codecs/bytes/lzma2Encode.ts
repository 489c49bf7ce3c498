/**
 * LZMA2: LZMA in chunks, each with its sizes.
 *
 *   0                  the end
 *   1, 2               stored; 1 also forgets the dictionary: u16 big endian size - 1, bytes
 *   80 | reset | high  LZMA: 5 high and u16 big endian low bits of the content's size - 1, u16 big endian size - 1, the properties' byte if reset is 40
 *                      or 60, data. Reset: 0 nothing, 20 the model, 40 also the properties, 60 also the dictionary
 *
 * Symbols are chosen greedily, with one look ahead: this is no archiver, and its files are read by every xz.
 */
import { createMatchFinder, type Match, type MatchFinder, maxMatchLength, worthOf } from "./lzmaMatches.ts";
import {
  createLzmaModel,
  encodeLiteral,
  encodeMatch,
  encodeRepeat,
  type LzmaModel,
  lzmaProperties,
} from "./lzmaModel.ts";
import { createRangeEncoder, type RangeEncoder } from "./rangeEncoder.ts";
import { joinParts } from "./streams.ts";

const mostContentBytes = 2 ** 21;
const mostDataBytes = 2 ** 16;
/** More than a symbol takes. */
const symbolBytes = 32;
const smallestDictionary = 12;
const largestDictionary = 23;

interface Search {
  readonly bytes: Uint8Array;
  readonly finder: MatchFinder;
  readonly niceLength: number;
  /** What `finder` found at `foundAt`. */
  current: Match;
  ahead: Match;
  foundAt: number;
}

/** The chunks of `bytes`, and the code of the dictionary's size for the frame around them. */
export function encodeLzma2(bytes: Uint8Array, level: number): { data: Uint8Array; dictionaryCode: number } {
  const windowBits = Math.min(
    largestDictionary,
    Math.max(smallestDictionary, 32 - Math.clz32(Math.max(1, bytes.byteLength - 1))),
  );
  const niceLength = Math.min(maxMatchLength, 16 + level * 24);
  const finder = createMatchFinder(bytes, { depth: 4 + level * level, niceLength, windowBytes: 2 ** windowBits });
  const none = { length: 0, distance: 0 };
  const search: Search = { bytes, finder, niceLength, current: { ...none }, ahead: { ...none }, foundAt: -1 };
  const parts: Uint8Array[] = [];
  let model = createLzmaModel(bytes);
  let reset = 0x60;
  for (let at = 0; at < bytes.byteLength; ) {
    const coder = createRangeEncoder(mostDataBytes + symbolBytes);
    const end = encodeChunk(coder, model, search, at);
    const data = coder.finish();
    if (data.byteLength < end - at && data.byteLength <= mostDataBytes) {
      parts.push(chunkHeader(reset, end - at, data.byteLength), data);
      reset = 0;
    } else {
      parts.push(...storedChunks(bytes.subarray(at, end), reset === 0x60));
      // Its model has learnt from symbols that nobody will see.
      model = createLzmaModel(bytes);
      reset = reset === 0 ? 0x20 : Math.min(reset, 0x40);
    }
    at = end;
  }
  // Sizes are 2 or 3 times a power of two.
  return { data: joinParts([...parts, Uint8Array.of(0)]), dictionaryCode: 2 * (windowBits - smallestDictionary) };
}

function chunkHeader(reset: number, contentBytes: number, dataBytes: number): Uint8Array {
  const content = contentBytes - 1;
  const data = dataBytes - 1;
  const properties = reset >= 0x40 ? [lzmaProperties] : [];
  return Uint8Array.of(0x80 | reset | (content >> 16), content >> 8, content, data >> 8, data, ...properties);
}

function storedChunks(content: Uint8Array, isFirst: boolean): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < content.byteLength; at += mostDataBytes) {
    const part = content.subarray(at, at + mostDataBytes);
    const size = part.byteLength - 1;
    parts.push(Uint8Array.of(isFirst && at === 0 ? 1 : 2, size >> 8, size), part);
  }
  return parts;
}

/** Encodes symbols until the chunk is full; gives the place behind the last. */
function encodeChunk(coder: RangeEncoder, model: LzmaModel, search: Search, start: number): number {
  const stop = Math.min(search.bytes.byteLength, start + mostContentBytes - maxMatchLength);
  let at = start;
  while (at < stop && coder.sizeBytes + symbolBytes < mostDataBytes) {
    at += encodeSymbol(coder, model, search, at);
  }
  return at;
}

/** Encodes one symbol and gives its length. */
function encodeSymbol(coder: RangeEncoder, model: LzmaModel, search: Search, at: number): number {
  const { current } = search;
  if (search.foundAt !== at) {
    search.finder.find(at, current);
    search.foundAt = at;
  }
  const repeat = longestRepeat(search.bytes, model, at);
  if (repeat.length >= 2 && isRepeatBetter(repeat.length, current)) {
    encodeRepeat(coder, model, at, repeat.length, repeat.index);
    return repeat.length;
  }
  if (current.length < 3 || isBetterAhead(search, at)) {
    // A single byte at the last distance costs less than most literals.
    if (repeat.length > 0 && repeat.index === 0 && model.state >= 7) {
      encodeRepeat(coder, model, at, 1, 0);
    } else {
      encodeLiteral(coder, model, at);
    }
    return 1;
  }
  encodeMatch(coder, model, at, current.length, current.distance);
  return current.length;
}

function longestRepeat(bytes: Uint8Array, model: LzmaModel, at: number): { length: number; index: number } {
  const most = Math.min(maxMatchLength, bytes.byteLength - at);
  const best = { length: 0, index: 0 };
  for (let index = 0; index < 4; index++) {
    const from = at - (model.distances[index] ?? 0) - 1;
    let length = 0;
    while (from >= 0 && length < most && bytes[from + length] === bytes[at + length]) {
      length++;
    }
    if (length > best.length) {
      best.length = length;
      best.index = index;
    }
  }
  return best;
}

/** A repeated distance costs 10 bits and more less than a far one. */
function isRepeatBetter(repeatLength: number, { length, distance }: Match): boolean {
  const worth = distance >= 32_768 ? 3 : distance >= 512 ? 2 : 1;
  return repeatLength + worth >= length;
}

/** Does a clearly better match start at the next byte? Then it is the current one there. */
function isBetterAhead(search: Search, at: number): boolean {
  const { current, ahead, niceLength } = search;
  if (current.length >= niceLength) {
    return false;
  }
  search.finder.find(at + 1, ahead);
  const isBetter = worthOf(ahead.length, ahead.distance) > worthOf(current.length, current.distance);
  if (isBetter) {
    search.current = ahead;
    search.ahead = current;
    search.foundAt = at + 1;
  }
  return isBetter;
}
