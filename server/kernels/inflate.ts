// DEFLATE (RFC 1951), and the two checksums of its containers: CRC-32 (gzip, RFC 1952) and Adler-32 (zlib, RFC 1950).
//
// A stream is a sequence of blocks, read from the lowest bit of each byte up: 1 bit "last", 2 bits of type, then
//   0 stored    to the next byte boundary; u16 length, u16 its complement, both little endian; that many bytes
//   1 fixed     symbols in codes of 8 (0-143), 9 (144-255), 7 (256-279), 8 bits (280-287); distances in 5 bits
//   2 dynamic   5 bits HLIT, 5 bits HDIST, 4 bits HCLEN; HCLEN + 4 lengths of 3 bits for the code of code lengths, in the order
//               16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 15; then HLIT + 257 and HDIST + 1 code lengths in one sequence:
//               0-15 a length, 16 the one before 3-6 times (2 bits), 17 zero 3-10 times (3 bits), 18 zero 11-138 times (7 bits)
//   symbols     0-255 a byte, 256 end of block, 257-285 a match: length base + extra bits, then a distance symbol 0-29 + extra bits
// Codes are canonical, their first bit comes first: in the bit buffer they lie reversed.
//
// What is refused is what zlib refuses: oversubscribed codes, incomplete ones but for a single code of one bit, a block without a
// symbol 256, HLIT > 286, HDIST > 30, repeats past the end or before the beginning, symbols 286, 287, 30, 31, distances beyond the
// start of the output, wrong stored lengths.
//
// How it got its speed
//   - 64 bits of input at hand, refilled by one 8-byte load without a branch; `count` is right in its low 8 bits only, so that
//     subtracting a whole table entry consumes its bits.
//   - Tables of 2^11 and 2^9 packed entries with subtables, grown by doubling; an entry holds value, code length and the sum of code
//     length and extra bits, so that one mask and one shift give a length or distance.
//   - Up to three literals per refill; the next entry is looked up before a match is copied.
//   - Matches are copied 16 bytes at a time past their end, so the fast loop keeps away from the end of input and output; a careful
//     loop does the rest. Distances below 16 repeat a vector that `swizzle` makes.
//   - A second refill only where fewer than the 28 bits of a distance are left.
//   - CRC-32 without tables for all but the last 4,800 bytes: see `crc32`.
// Measured beside node:zlib with one output buffer (which checks the CRC, too), one thread, GB/s of content: labels 7.6, with CRC 4.8, zlib
// 2.1-2.2; noisy image 0.25, zlib 0.21; float affinities 0.26, zlib 0.24. CRC-32 alone 11-13 (8 us of it fixed), zlib.crc32 3.1-3.6;
// Adler-32 7.
// What did not help: four literals per refill (2 % slower), two (6 % slower); keeping the bits shifted to the table's index, which takes one
// operation from the chain from symbol to symbol (nothing); copies of 64 bytes a turn, all loads before the stores, memory.copy of long
// matches (1 to 19 % slower, on a busy machine). In an earlier prototype: two literals per entry; tables of 10 or 12 bits (the larger cost more
// to make than they save). Not tried: checksums of parts while they are in the nearest cache, for parts of 256 KiB cost as much per byte as
// 2 MiB do.
// What is left: labels are bound by writing memory; images by mispredicted branches between literals and short matches, as libdeflate
// is, whose speed this is.

const enum Status {
  ok = 0,
  cutOff = -1,
  outputFull = -2,
  badBlockType = -3,
  badStoredLength = -4,
  badCodeLengths = -5,
  badSymbol = -6,
  badDistance = -7,
}

const litlenBits: u32 = 11;
const distanceBits: u32 = 9;
const litlenEntries: u32 = 4096;
const distanceEntries: u32 = 2048;

// Entries: bits 0-5 bits to take, 8-11 those of the code, 16-31 value. Exceptional ones have bit 15, and one of the others.
const literalFlag: u32 = 0x80000000;
const exceptional: u32 = 0x8000;
const subtableFlag: u32 = 0x4000;
const endFlag: u32 = 0x2000;
const invalidEntry: u32 = exceptional | 0x1000;

// Layout of the scratch memory, from a 16-byte boundary.
const resultAt: usize = 0; // u32 input bytes used, u32 output bytes made
const litlenAt: usize = 16;
const distanceAt: usize = litlenAt + 4 * <usize>litlenEntries;
const precodeAt: usize = distanceAt + 4 * <usize>distanceEntries;
const lengthsAt: usize = precodeAt + 4 * 128; // u8 of every symbol, in one sequence
const litlenBaseAt: usize = lengthsAt + 336; // u32 entry of every symbol, without its code length
const distanceBaseAt: usize = litlenBaseAt + 4 * 288;
const precodeBaseAt: usize = distanceBaseAt + 4 * 32;
const sortedAt: usize = precodeBaseAt + 4 * 20; // u16 symbols by code length
const countsAt: usize = sortedAt + 2 * 320; // u32[16] codes of each length
const offsetsAt: usize = countsAt + 64;
const repeatsAt: usize = offsetsAt + 64; // 16 bytes for each distance below 16: which of them repeats
const scratchSize: usize = repeatsAt + 256;

/** Bytes of scratch memory that `inflate` and `crc32` take. */
export function scratchBytes(): u32 {
  return <u32>max<usize>(scratchSize, crcScratchBytes);
}

// State between blocks. Every call of `inflate` sets it; `bits` above `count` are zero between blocks.
let next: usize = 0;
let end: usize = 0;
let out: usize = 0;
let outStart: usize = 0;
let outEnd: usize = 0;
let bits: u64 = 0;
let count: u32 = 0;
let scratch: usize = 0;

/**
 * Inflates the stream at `source` to at most `targetBytes` bytes at `target`. Writes the bytes used and the bytes made, two u32, to
 * `scratchStart`. Returns 0 or a Status; what was written before an error stays.
 */
export function inflate(source: usize, sourceBytes: u32, target: usize, targetBytes: u32, scratchStart: usize): i32 {
  next = source;
  end = source + sourceBytes;
  out = target;
  outStart = target;
  outEnd = target + targetBytes;
  bits = 0;
  count = 0;
  scratch = scratchStart;
  prepare();
  let isLast: u32 = 0;
  let status: i32 = Status.ok;
  while (isLast == 0 && status == Status.ok) {
    if (!need(3)) return Status.cutOff;
    isLast = take(1);
    const type = take(2);
    if (type == 0) status = copyStored();
    else if (type == 3) status = Status.badBlockType;
    else {
      status = type == 1 ? makeFixedCodes() : readDynamicCodes();
      if (status == Status.ok) status = inflateBlock();
    }
  }
  next -= count >> 3;
  store<u32>(scratch, <u32>(next - source), resultAt);
  store<u32>(scratch, <u32>(out - target), resultAt + 4);
  return status;
}

// --- Bits, one by one: for headers and ends

// Has the buffer `wanted` (at most 56) bits?
// @ts-ignore: decorator
@inline
function need(wanted: u32): bool {
  if (count < wanted) fill();
  return count >= wanted;
}

function fill(): void {
  if (end - next >= 8) {
    const taken = (63 - count) >> 3;
    bits |= load<u64>(next) << <u64>count;
    next += taken;
    count += taken << 3;
    bits &= (<u64>1 << <u64>count) - 1;
    return;
  }
  while (count <= 56 && next < end) {
    bits |= <u64>load<u8>(next++) << <u64>count;
    count += 8;
  }
}

// @ts-ignore: decorator
@inline
function take(wanted: u32): u32 {
  const value = <u32>bits & ((1 << wanted) - 1);
  bits >>= <u64>wanted;
  count -= wanted;
  return value;
}

function copyStored(): i32 {
  take(count & 7);
  next -= count >> 3;
  bits = 0;
  count = 0;
  if (end - next < 4) return Status.cutOff;
  const size = <usize>load<u16>(next);
  if (<u32>size != (~(<u32>load<u16>(next, 2)) & 0xffff)) return Status.badStoredLength;
  next += 4;
  if (end - next < size) return Status.cutOff;
  if (outEnd - out < size) return Status.outputFull;
  memory.copy(out, next, size);
  next += size;
  out += size;
  return Status.ok;
}

// --- Codes

// Entries of the symbols without their code lengths, and the vectors of short distances.
function prepare(): void {
  for (let symbol: u32 = 0; symbol < 288; symbol++) store<u32>(scratch + (symbol << 2), litlenEntry(symbol), litlenBaseAt);
  for (let symbol: u32 = 0; symbol < 32; symbol++) store<u32>(scratch + (symbol << 2), distanceEntry(symbol), distanceBaseAt);
  for (let symbol: u32 = 0; symbol < 19; symbol++) store<u32>(scratch + (symbol << 2), symbol << 16, precodeBaseAt);
  for (let distance: u32 = 1; distance < 16; distance++) {
    for (let i: u32 = 0, from: u32 = 0; i < 16; i++) {
      store<u8>(scratch + (distance << 4) + i, <u8>from, repeatsAt);
      from = from + 1 == distance ? 0 : from + 1;
    }
  }
}

function litlenEntry(symbol: u32): u32 {
  if (symbol < 256) return literalFlag | (symbol << 16);
  if (symbol == 256) return exceptional | endFlag;
  const index = symbol - 257;
  if (index < 8) return (index + 3) << 16;
  if (index == 28) return 258 << 16;
  if (index > 28) return invalidEntry;
  const extra = (index >> 2) - 1;
  return ((((4 + (index & 3)) << extra) + 3) << 16) | extra;
}

function distanceEntry(symbol: u32): u32 {
  if (symbol < 4) return (symbol + 1) << 16;
  if (symbol > 29) return invalidEntry;
  const extra = (symbol >> 1) - 1;
  return ((((2 + (symbol & 1)) << extra) + 1) << 16) | extra;
}

function makeFixedCodes(): i32 {
  const lengths = scratch + lengthsAt;
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  memory.fill(lengths + 288, 5, 32);
  return makeCodes(288, 32);
}

function makeCodes(litlens: u32, distances: u32): i32 {
  const lengths = scratch + lengthsAt;
  if (!makeTable(lengths, litlens, scratch + litlenBaseAt, scratch + litlenAt, litlenBits, litlenEntries, true)) {
    return Status.badCodeLengths;
  }
  const isMade = makeTable(
    lengths + litlens, distances, scratch + distanceBaseAt, scratch + distanceAt, distanceBits, distanceEntries, true);
  return isMade ? Status.ok : Status.badCodeLengths;
}

function readDynamicCodes(): i32 {
  if (!need(14)) return Status.cutOff;
  const litlens = take(5) + 257;
  const distances = take(5) + 1;
  const precodes = take(4) + 4;
  if (litlens > 286 || distances > 30) return Status.badCodeLengths;
  const lengths = scratch + lengthsAt;
  memory.fill(lengths, 0, 19);
  for (let i: u32 = 0; i < precodes; i++) {
    if (!need(3)) return Status.cutOff;
    store<u8>(lengths + precodeAtPlace(i), <u8>take(3));
  }
  const table = scratch + precodeAt;
  if (!makeTable(lengths, 19, scratch + precodeBaseAt, table, 7, 128, false)) return Status.badCodeLengths;
  const total = litlens + distances;
  for (let i: u32 = 0; i < total; ) {
    // A code of up to 7 bits and up to 7 more; the last ones of a stream may be shorter.
    if (count < 14) fill();
    const entry = load<u32>(table + ((<usize>bits & 127) << 2));
    const codeBits = entry & 63;
    if (codeBits > count) return Status.cutOff;
    bits >>= <u64>codeBits;
    count -= codeBits;
    const symbol = entry >> 16;
    if (symbol < 16) {
      store<u8>(lengths + i, <u8>symbol);
      i++;
      continue;
    }
    const extra: u32 = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (extra > count) return Status.cutOff;
    const times = take(extra) + (symbol == 18 ? 11 : 3);
    if (i + times > total || (symbol == 16 && i == 0)) return Status.badCodeLengths;
    const value: u8 = symbol == 16 ? load<u8>(lengths + i - 1) : 0;
    for (const stop = i + times; i < stop; i++) store<u8>(lengths + i, value);
  }
  if (load<u8>(lengths, 256) == 0) return Status.badCodeLengths;
  return makeCodes(litlens, distances);
}

// Whose length comes at this place of a header: 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 15.
// @ts-ignore: decorator
@inline
function precodeAtPlace(place: u32): u32 {
  if (place < 3) return 16 + place;
  if (place == 3) return 0;
  return (place & 1) == 0 ? 6 + (place >> 1) : 9 - (place >> 1);
}

// The table of a canonical code; false when the lengths make none. `mayLack`: one code of one bit, or none at all, will do.
function makeTable(
  lengths: usize, symbols: u32, bases: usize, table: usize, tableBits: u32, mostEntries: u32, mayLack: bool,
): bool {
  const counts = scratch + countsAt;
  const offsets = scratch + offsetsAt;
  const sorted = scratch + sortedAt;
  memory.fill(counts, 0, 64);
  for (let i: u32 = 0; i < symbols; i++) {
    const at = counts + (<usize>load<u8>(lengths + i) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  const unused = load<u32>(counts);
  const used = symbols - unused;
  let room: i32 = 1;
  let offset: u32 = 0;
  let shortest: u32 = 0;
  for (let length: u32 = 1; length < 16; length++) {
    const n = load<u32>(counts + (length << 2));
    if (n != 0 && shortest == 0) shortest = length;
    store<u32>(offsets + (length << 2), offset);
    offset += n;
    room = (room << 1) - <i32>n;
    if (room < 0) return false;
  }
  if (room > 0) {
    if (!mayLack || used > 1 || (used == 1 && shortest != 1)) return false;
    for (let i: u32 = 0; i < (1 << tableBits); i++) store<u32>(table + (i << 2), invalidEntry);
    if (used == 0) return true;
  }
  for (let i: u32 = 0; i < symbols; i++) {
    const length = <usize>load<u8>(lengths + i);
    if (length == 0) continue;
    const at = offsets + (length << 2);
    const place = load<u32>(at);
    store<u16>(sorted + (place << 1), <u16>i);
    store<u32>(at, place + 1);
  }
  if (room > 0) {
    const entry = load<u32>(bases + (<usize>load<u16>(sorted) << 2)) + 0x101;
    for (let i: u32 = 0; i < (1 << tableBits); i += 2) store<u32>(table + (i << 2), entry);
    return true;
  }
  return fillTable(bases, table, tableBits, mostEntries, shortest, used);
}

// The codes of `used` sorted symbols, all room taken. Codes are counted up with their bits reversed.
function fillTable(bases: usize, table: usize, tableBits: u32, mostEntries: u32, shortest: u32, used: u32): bool {
  const counts = scratch + countsAt;
  let from = scratch + sortedAt;
  const stop = from + (used << 1);
  let code: u32 = 0;
  let length = shortest;
  let left = load<u32>(counts + (length << 2));
  // Codes that fit the table: it is made as large as the code, and doubled for the next length.
  while (length <= tableBits) {
    for (; left > 0; left--) {
      const entry = load<u32>(bases + (<usize>load<u16>(from) << 2)) + length * 0x101;
      store<u32>(table + (code << 2), entry);
      from += 2;
      code = nextCode(code, length);
    }
    if (length == tableBits) break;
    double(table, length);
    length++;
    left = load<u32>(counts + (length << 2));
  }
  // Longer ones, in subtables behind it; the first bits, which they share, select one.
  let tableEnd: u32 = 1 << tableBits;
  let prefix: u32 = u32.MAX_VALUE;
  let subtable: usize = 0;
  let subtableBits: u32 = 0;
  for (; from < stop; from += 2) {
    while (left == 0) {
      length++;
      left = load<u32>(counts + (length << 2));
    }
    const first = code & ((1 << tableBits) - 1);
    if (first != prefix) {
      prefix = first;
      subtableBits = length - tableBits;
      for (let space = left; space < (1 << subtableBits) && tableBits + subtableBits < 15; ) {
        subtableBits++;
        space = (space << 1) + load<u32>(counts + ((tableBits + subtableBits) << 2));
      }
      if (tableEnd + (1 << subtableBits) > mostEntries) return false;
      subtable = table + (tableEnd << 2);
      store<u32>(table + (first << 2), exceptional | subtableFlag | (tableEnd << 16) | (subtableBits << 8) | tableBits);
      tableEnd += 1 << subtableBits;
    }
    const entry = load<u32>(bases + (<usize>load<u16>(from) << 2)) + (length - tableBits) * 0x101;
    const step: u32 = 1 << (length - tableBits);
    for (let i = code >> tableBits; i < (1 << subtableBits); i += step) store<u32>(subtable + (i << 2), entry);
    code = nextCode(code, length);
    left--;
  }
  return true;
}

// Adds one to a code whose first bit is the lowest; after the last one, all ones, comes anything.
// @ts-ignore: decorator
@inline
function nextCode(code: u32, length: u32): u32 {
  const bit: u32 = 0x80000000 >> clz((code ^ ((1 << length) - 1)) | 1);
  return (code & (bit - 1)) | bit;
}

// A table of 2^length entries twice.
// @ts-ignore: decorator
@inline
function double(table: usize, length: u32): void {
  const size: usize = <usize>4 << length;
  if (size < 16) {
    for (let i: usize = 0; i < size; i += 4) store<u32>(table + size + i, load<u32>(table + i));
  } else {
    for (let i: usize = 0; i < size; i += 16) v128.store(table + size + i, v128.load(table + i));
  }
}

// --- Symbols

// Bytes that the fast loop may read beyond those it needs, and write beyond those it makes.
const inputMargin: usize = 40;
const outputMargin: usize = 320;

// One block with the codes of the tables.
function inflateBlock(): i32 {
  if (end - next > inputMargin && outEnd - out > outputMargin) {
    const status = inflateFast();
    if (status != notFinished) return status;
  }
  return inflateCarefully();
}

// Of `inflateFast` only: the block goes on near an end.
const notFinished: i32 = 1;

function inflateFast(): i32 {
  const litlen = scratch + litlenAt;
  const distances = scratch + distanceAt;
  const repeats = scratch + repeatsAt;
  const start = outStart;
  const inputStop = end - inputMargin;
  const outputStop = outEnd - outputMargin;
  let from = next;
  let to = out;
  let buffer = bits;
  let left = count;
  let status: i32 = notFinished;

  buffer |= load<u64>(from) << <u64>left;
  from += 7 - ((left >> 3) & 7);
  left |= 56;
  let entry = load<u32>(litlen + ((<usize>buffer & 2047) << 2));
  while (true) {
    let saved = buffer;
    buffer >>= <u64>entry;
    left -= entry;
    if (entry & literalFlag) {
      store<u8>(to++, <u8>(entry >> 16));
      entry = load<u32>(litlen + ((<usize>buffer & 2047) << 2));
      saved = buffer;
      buffer >>= <u64>entry;
      left -= entry;
      if (entry & literalFlag) {
        store<u8>(to++, <u8>(entry >> 16));
        entry = load<u32>(litlen + ((<usize>buffer & 2047) << 2));
        saved = buffer;
        buffer >>= <u64>entry;
        left -= entry;
        if (entry & literalFlag) {
          store<u8>(to++, <u8>(entry >> 16));
          buffer |= load<u64>(from) << <u64>left;
          from += 7 - ((left >> 3) & 7);
          left |= 56;
          entry = load<u32>(litlen + ((<usize>buffer & 2047) << 2));
          if (from >= inputStop || to >= outputStop) break;
          continue;
        }
      }
    }
    if (entry & exceptional) {
      if (entry & subtableFlag) {
        const index = (entry >> 16) + (<u32>buffer & ((1 << ((entry >> 8) & 15)) - 1));
        entry = load<u32>(litlen + (index << 2));
        saved = buffer;
        buffer >>= <u64>entry;
        left -= entry;
        if (entry & literalFlag) {
          store<u8>(to++, <u8>(entry >> 16));
          buffer |= load<u64>(from) << <u64>left;
          from += 7 - ((left >> 3) & 7);
          left |= 56;
          entry = load<u32>(litlen + ((<usize>buffer & 2047) << 2));
          if (from >= inputStop || to >= outputStop) break;
          continue;
        }
      }
      if (entry & exceptional) {
        status = entry & endFlag ? Status.ok : Status.badSymbol;
        break;
      }
    }
    const length = <usize>((entry >> 16) + ((<u32>saved & ((1 << entry) - 1)) >> ((entry >> 8) & 15)));

    if ((left & 63) < 28) {
      buffer |= load<u64>(from) << <u64>left;
      from += 7 - ((left >> 3) & 7);
      left |= 56;
    }
    entry = load<u32>(distances + ((<usize>buffer & 511) << 2));
    if (entry & exceptional) {
      buffer >>= <u64>entry;
      left -= entry;
      if (!(entry & subtableFlag)) {
        status = Status.badSymbol;
        break;
      }
      const index = (entry >> 16) + (<u32>buffer & ((1 << ((entry >> 8) & 15)) - 1));
      entry = load<u32>(distances + (index << 2));
      if (entry & exceptional) {
        status = Status.badSymbol;
        break;
      }
    }
    const distance = <usize>((entry >> 16) + ((<u32>buffer & ((1 << entry) - 1)) >> ((entry >> 8) & 15)));
    buffer >>= <u64>entry;
    left -= entry;
    if (distance > to - start) {
      status = Status.badDistance;
      break;
    }
    buffer |= load<u64>(from) << <u64>left;
    from += 7 - ((left >> 3) & 7);
    left |= 56;
    entry = load<u32>(litlen + ((<usize>buffer & 2047) << 2));

    const stop = to + length;
    if (distance >= 16) {
      let copied = to - distance;
      v128.store(to, v128.load(copied));
      if (length > 16) {
        v128.store(to, v128.load(copied, 16), 16);
        while (to + 32 < stop) {
          to += 32;
          copied += 32;
          v128.store(to, v128.load(copied));
          v128.store(to, v128.load(copied, 16), 16);
        }
      }
    } else {
      const pattern = v128.swizzle(v128.load(to - distance), v128.load(repeats + (distance << 4)));
      const step = wholeSteps(distance);
      do {
        v128.store(to, pattern);
        to += step;
      } while (to < stop);
    }
    to = stop;
    if (from >= inputStop || to >= outputStop) break;
  }
  left &= 63;
  next = from;
  out = to;
  bits = buffer & ((<u64>1 << <u64>left) - 1);
  count = left;
  return status;
}

// The largest multiple of a distance below 16 that a vector holds.
// @ts-ignore: decorator
@inline
function wholeSteps(distance: usize): usize {
  if (distance > 8) return distance;
  if (distance > 5) return distance == 8 ? 16 : distance << 1;
  return distance == 3 || distance == 5 ? 15 : 16;
}

function inflateCarefully(): i32 {
  const litlen = scratch + litlenAt;
  const distances = scratch + distanceAt;
  while (true) {
    if (count < 48) fill();
    let entry = load<u32>(litlen + ((<usize>bits & 2047) << 2));
    if (entry & subtableFlag) {
      if (count < litlenBits) return Status.cutOff;
      take(litlenBits);
      entry = load<u32>(litlen + (((entry >> 16) + (<u32>bits & ((1 << ((entry >> 8) & 15)) - 1))) << 2));
    }
    if ((entry & 63) > count) return Status.cutOff;
    const saved = <u32>bits;
    take(entry & 63);
    if (entry & literalFlag) {
      if (out >= outEnd) return Status.outputFull;
      store<u8>(out++, <u8>(entry >> 16));
      continue;
    }
    if (entry & exceptional) return entry & endFlag ? Status.ok : Status.badSymbol;
    const length = <usize>((entry >> 16) + ((saved & ((1 << entry) - 1)) >> ((entry >> 8) & 15)));
    if (count < 28) fill();
    entry = load<u32>(distances + ((<usize>bits & 511) << 2));
    if (entry & subtableFlag) {
      if (count < distanceBits) return Status.cutOff;
      take(distanceBits);
      entry = load<u32>(distances + (((entry >> 16) + (<u32>bits & ((1 << ((entry >> 8) & 15)) - 1))) << 2));
    }
    if (entry & exceptional) return Status.badSymbol;
    if ((entry & 63) > count) return Status.cutOff;
    const distance = <usize>((entry >> 16) + ((<u32>bits & ((1 << entry) - 1)) >> ((entry >> 8) & 15)));
    take(entry & 63);
    if (distance > out - outStart) return Status.badDistance;
    if (length > outEnd - out) return Status.outputFull;
    for (const stop = out + length; out < stop; out++) store<u8>(out, load<u8>(out - distance));
  }
}

// --- Checksums

// CRC-32 is the remainder of the message as a polynomial over GF(2), lowest bit of each byte first, by
//   P = x^32 + x^26 + x^23 + x^22 + x^16 + x^12 + x^11 + x^10 + x^8 + x^7 + x^5 + x^4 + x^2 + x + 1.
// Adding a multiple of P leaves it as it is, and P has a multiple with few terms whose exponents are all multiples of 128:
//   y^300 + y^155 + y^117 + y^89 + 1  with  y = x^128   (found by search: the first with five terms).
// So a block of 16 bytes may be dropped if it is added to the blocks 145, 183, 211 and 300 further on: four loads, four xors and a
// store for 16 bytes, no table, nothing that waits for the block before. The last 300 blocks, and what follows them, go through tables
// of 8 bytes at a time. Written as a recurrence: kept[i] = message[i] + kept[i - 145] + kept[i - 183] + kept[i - 211] + kept[i - 300].
const windowBytes: usize = 300 * 16;
const distance1: usize = 145 * 16;
const distance2: usize = 183 * 16;
const distance3: usize = 211 * 16;
const crcTablesAt: usize = windowBytes; // behind the last 300 blocks
const crcScratchBytes: usize = crcTablesAt + 8 * 1024 + 16;
const leastFolded: usize = 4 * windowBytes;

/** CRC-32 of `bytes` bytes at `source`, continued from `seed`. */
export function crc32(source: usize, bytes: u32, seed: u32, scratchStart: usize): u32 {
  const tables = scratchStart + crcTablesAt;
  makeCrcTables(tables);
  const stop = source + bytes;
  if (<usize>bytes < leastFolded) return ~crcByTables(~seed, source, stop, tables);
  // A CRC that is under way is the message's first 32 bits, added.
  const window = scratchStart;
  const blocks = <usize>bytes & ~15;
  memory.fill(window, 0, windowBytes);
  fold(source, blocks - windowBytes, window, ~seed);
  // The last 300 blocks: what was dropped reaches those of them that it is meant for.
  const tail = source + (blocks - windowBytes);
  const crc = finishFold(tail, (blocks - windowBytes) % windowBytes, window, tables);
  return ~crcByTables(crc, source + blocks, stop, tables);
}

// Drops `size` bytes of blocks; block i lies at i % 300 of the window afterwards, as far as it is one of the last.
function fold(source: usize, size: usize, window: usize, seed: u32): void {
  const windowEnd = window + windowBytes;
  let at = window;
  let a = windowEnd - distance1;
  let b = windowEnd - distance2;
  let c = windowEnd - distance3;
  const stop = source + size;
  let first = v128.replace_lane<u32>(i32x4.splat(0), 0, seed);
  while (source < stop) {
    // As far as none of the four places wraps.
    const run = min(min(stop - source, windowEnd - at), min(windowEnd - a, min(windowEnd - b, windowEnd - c)));
    const runStop = source + run;
    v128.store(at, v128.xor(v128.load(at), first));
    first = i32x4.splat(0);
    const wide = source + (run & ~63);
    while (source < wide) {
      v128.store(at, mix(source, at, a, b, c, 0));
      v128.store(at, mix(source, at, a, b, c, 16), 16);
      v128.store(at, mix(source, at, a, b, c, 32), 32);
      v128.store(at, mix(source, at, a, b, c, 48), 48);
      source += 64;
      at += 64;
      a += 64;
      b += 64;
      c += 64;
    }
    while (source < runStop) {
      v128.store(at, mix(source, at, a, b, c, 0));
      source += 16;
      at += 16;
      a += 16;
      b += 16;
      c += 16;
    }
    if (at == windowEnd) at = window;
    if (a == windowEnd) a = window;
    if (b == windowEnd) b = window;
    if (c == windowEnd) c = window;
  }
}

// @ts-ignore: decorator
@inline
function mix(source: usize, at: usize, a: usize, b: usize, c: usize, offset: usize): v128 {
  return v128.xor(
    v128.xor(v128.load(source + offset), v128.load(at + offset)),
    v128.xor(v128.xor(v128.load(a + offset), v128.load(b + offset)), v128.load(c + offset)),
  );
}

// The CRC of the last 300 blocks, at `tail`, after those before them were folded; `at` is where the next of them lies in the window.
function finishFold(tail: usize, at: usize, window: usize, tables: usize): u32 {
  let crc: u32 = 0;
  for (let i: usize = 0; i < windowBytes; i += 16) {
    let block = v128.xor(v128.load(tail + i), v128.load(window + at));
    // Blocks that were not dropped are not added: only places before the tail count.
    if (i < distance1) block = v128.xor(block, v128.load(window + wrapped(at + windowBytes - distance1)));
    if (i < distance2) block = v128.xor(block, v128.load(window + wrapped(at + windowBytes - distance2)));
    if (i < distance3) block = v128.xor(block, v128.load(window + wrapped(at + windowBytes - distance3)));
    crc = crcOf8(crc, v128.extract_lane<u64>(block, 0), tables);
    crc = crcOf8(crc, v128.extract_lane<u64>(block, 1), tables);
    at = wrapped(at + 16);
  }
  return crc;
}

// @ts-ignore: decorator
@inline
function wrapped(at: usize): usize {
  return at >= windowBytes ? at - windowBytes : at;
}

// tables[k][i]: the CRC of the byte i with k zero bytes after it.
function makeCrcTables(tables: usize): void {
  store<u32>(tables, 0);
  let value: u32 = 1;
  for (let bit: u32 = 128; bit > 0; bit >>= 1) {
    value = (value >> 1) ^ (0xedb88320 & (0 - (value & 1)));
    // All entries with the bits above this one are there.
    for (let i: u32 = 0; i < 256; i += bit << 1) store<u32>(tables + ((bit + i) << 2), load<u32>(tables + (i << 2)) ^ value);
  }
  for (let at = tables; at < tables + 7 * 1024; at += 4) {
    const before = load<u32>(at);
    store<u32>(at, (before >> 8) ^ load<u32>(tables + ((before & 255) << 2)), 1024);
  }
}

// @ts-ignore: decorator
@inline
function crcOf8(crc: u32, bytes: u64, tables: usize): u32 {
  const low = <u32>bytes ^ crc;
  const high = <u32>(bytes >> 32);
  return (
    load<u32>(tables + ((low & 255) << 2), 7 * 1024) ^
    load<u32>(tables + (((low >> 8) & 255) << 2), 6 * 1024) ^
    load<u32>(tables + (((low >> 16) & 255) << 2), 5 * 1024) ^
    load<u32>(tables + ((low >> 24) << 2), 4 * 1024) ^
    load<u32>(tables + ((high & 255) << 2), 3 * 1024) ^
    load<u32>(tables + (((high >> 8) & 255) << 2), 2 * 1024) ^
    load<u32>(tables + (((high >> 16) & 255) << 2), 1024) ^
    load<u32>(tables + ((high >> 24) << 2))
  );
}

function crcByTables(crc: u32, from: usize, stop: usize, tables: usize): u32 {
  for (; stop - from >= 8; from += 8) crc = crcOf8(crc, load<u64>(from), tables);
  for (; from < stop; from++) crc = (crc >> 8) ^ load<u32>(tables + (((crc ^ load<u8>(from)) & 255) << 2));
  return crc;
}

/** Adler-32 of `bytes` bytes at `source`: two sums modulo 65521, of the bytes and of the sums so far. */
export function adler32(source: usize, bytes: u32): u32 {
  let low: u32 = 1;
  let high: u32 = 0;
  const descending = i16x8(8, 7, 6, 5, 4, 3, 2, 1);
  for (let left = bytes; left > 0; ) {
    // No 32-bit lane overflows within so many bytes.
    const size = min<u32>(left, 4096);
    left -= size;
    let sums = i32x4.splat(0);
    let sumsBefore = i32x4.splat(0);
    let weighted = i32x4.splat(0);
    const stop = source + (size & ~15);
    const steps = size >> 4;
    for (; source < stop; source += 16) {
      const block = v128.load(source);
      const first = i16x8.extend_low_i8x16_u(block);
      const second = i16x8.extend_high_i8x16_u(block);
      sumsBefore = i32x4.add(sumsBefore, sums);
      const firstSums = i32x4.extadd_pairwise_i16x8_u(first);
      sums = i32x4.add(sums, i32x4.add(firstSums, i32x4.extadd_pairwise_i16x8_u(second)));
      weighted = i32x4.add(weighted, i32x4.add(i32x4.dot_i16x8_s(first, descending), i32x4.dot_i16x8_s(second, descending)));
      weighted = i32x4.add(weighted, i32x4.shl(firstSums, 3));
    }
    high = (high + low * 16 * steps + 16 * total(sumsBefore) + total(weighted)) % 65521;
    low = (low + total(sums)) % 65521;
    for (let i = size & 15; i > 0; i--) {
      low = (low + load<u8>(source++)) % 65521;
      high = (high + low) % 65521;
    }
  }
  return (high << 16) | low;
}

// @ts-ignore: decorator
@inline
function total(lanes: v128): u32 {
  return (
    i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) + i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3)
  );
}
