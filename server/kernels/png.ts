// png: the filters of rows, the order of samples, and whether deflate would find repetitions.
//
// A PNG image (ISO/IEC 15948) is, before deflate, rows from top to bottom: a byte that names the row's filter, then the row's bytes, filtered. Samples of 16
// bits are big endian, those of a pixel follow each other. With a = the byte one pixel to the left, b = the byte above, c = the byte above a, all zero
// outside the image, each byte stands for itself plus
//   0 nothing   1 sub: a   2 up: b   3 average: (a + b) >> 1   4 Paeth: the nearest of a, b, c, in this order, to a + b - c
// all modulo 256.
//
// Speed, decoding. Inflating and undoing average and Paeth took equal parts of the time, four fifths together: every byte waits for the one to its left. So:
//   - gray pixels of one byte: eight rows go in step, each a pixel behind the one above, as lanes of one vector; 8 x 8 bytes are transposed on the
//     way in and out. This takes a quarter of the time that row by row took. Groups of rows with at most one such filter go row by row;
//   - larger pixels: the bytes of a pixel are the lanes; sub adds within a vector in log steps, by swizzles made for the size of the pixel.
// Altogether 1.4 times the reference's speed row by row, 1.6 to 2 times with rows in step. Left: inflating, which takes two thirds; two-byte
// gray pixels in step; channels are taken apart sample by sample.
//
// Speed, encoding. Filters have no chains: all five are scored at once, 16 bytes at a time (the sum of magnitudes as the reference has it,
// so that rows get the same filters), then the best is written: 3 % of the time. The rest is deflate. Its search for matches finds nothing in filtered
// samples of microscopes: runs alone give as few bytes in half the time, and `repetitions` with a sample tells where they do. Three times the
// reference's speed, 0.998 of its size. Left: codes alone, without runs, are a fifth faster still, for noise only.

/**
 * Rows of a filtered image, dense and unfiltered, at `out`; before it lie `rowBytes` of room, behind it and behind the source 16 bytes; `scratch` has 128.
 * Returns 0, or the negative of a filter byte that is none.
 */
export function unfilter(
  source: usize,
  rows: u32,
  rowBytes: usize,
  pixelBytes: usize,
  scratch: usize,
  out: usize,
): i32 {
  memory.fill(out - rowBytes, 0, rowBytes);
  for (let row: u32 = 0; row < rows; row++) {
    if (pixelBytes == 1 && rowBytes >= 16 && row + 8 <= rows && isWorthAWave(source, rowBytes)) {
      undoEightRows(source, rowBytes, scratch, out);
      source += 8 * (rowBytes + 1);
      out += 8 * rowBytes;
      row += 7;
      continue;
    }
    const filter: u32 = load<u8>(source++);
    const above = out - rowBytes;
    switch (filter) {
      case 0:
        memory.copy(out, source, rowBytes);
        break;
      case 1:
        undoSub(source, rowBytes, pixelBytes, out);
        break;
      case 2:
        undoUp(source, above, rowBytes, out);
        break;
      case 3:
        if (pixelBytes == 1) undoAverageOfBytes(source, above, rowBytes, out);
        else undoAverage(source, above, rowBytes, pixelBytes, out);
        break;
      case 4:
        if (pixelBytes == 1) undoPaethOfBytes(source, above, rowBytes, out);
        else undoPaeth(source, above, rowBytes, pixelBytes, out);
        break;
      default:
        return -<i32>filter;
    }
    source += rowBytes;
    out += rowBytes;
  }
  return 0;
}

// Do at least two of eight rows have filters with chains, and all of them filters?
function isWorthAWave(source: usize, rowBytes: usize): bool {
  let chained: u32 = 0;
  for (let row: u32 = 0; row < 8; row++, source += rowBytes + 1) {
    const filter: u32 = load<u8>(source);
    if (filter > 4) return false;
    if (filter > 2) chained++;
  }
  return chained > 1;
}

// Eight rows of pixels of one byte, each a pixel behind the one above: row j is lane j, and at step t it is at column t - j. So what is above is what
// the lane before made one step earlier, and what is above and to the left is what was above then.
function undoEightRows(source: usize, rowBytes: usize, scratch: usize, out: usize): void {
  const filters = filtersOf(source, rowBytes + 1);
  const isSub = i16x8.eq(filters, i16x8.splat(1));
  const isUp = i16x8.eq(filters, i16x8.splat(2));
  const isAverage = i16x8.eq(filters, i16x8.splat(3));
  const isPaeth = i16x8.eq(filters, i16x8.splat(4));
  const results = scratch + 64;
  let a = i16x8.splat(0);
  let c = a;
  // Rows that have not begun are zero.
  let bytes = i16x8(255, 0, 0, 0, 0, 0, 0, 0);
  for (let t: usize = 0; t < rowBytes + 7; t += 8) {
    transpose(source + 1 + t, rowBytes, scratch, 8);
    let above = load<u64>(out - rowBytes + t);
    for (let step: usize = 0; step < 64; step += 8) {
      const b = i16x8.shuffle(i16x8.splat(<i16>(above & 255)), a, 7, 8, 9, 10, 11, 12, 13, 14);
      above >>= 8;
      const average = i16x8.shr_u(i16x8.add(a, b), 1);
      const others = v128.or(
        v128.or(v128.and(a, isSub), v128.and(b, isUp)),
        v128.and(average, isAverage),
      );
      const rest = i16x8.add(v128.load8x8_u(scratch + step), others);
      a = v128.and(i16x8.add(v128.and(paeth(a, b, c), isPaeth), rest), bytes);
      v128.store64_lane(results + step, i8x16.narrow_i16x8_u(a, a), 0);
      c = b;
      bytes = i16x8.shuffle(i16x8.splat(255), bytes, 7, 8, 9, 10, 11, 12, 13, 14);
    }
    if (t + 8 <= rowBytes) {
      // What a row has before its first column is the end of the row above, and that comes later.
      transpose(results, 8, out + t, rowBytes - 1);
    } else {
      transpose(results, 8, scratch, 8);
      for (let row: usize = 0; row < 8; row++) storeStart(scratch + 8 * row, out + row * rowBytes, t - row, rowBytes);
    }
  }
}

// Writes of eight bytes those that lie in the row.
// @ts-ignore: decorator
@inline
function storeStart(from: usize, row: usize, column: usize, rowBytes: usize): void {
  if (column >= rowBytes) return;
  const to = row + column;
  const count = rowBytes - column;
  const mask = count < 8 ? ((<u64>1) << (8 * <u64>count)) - 1 : <u64>-1;
  store<u64>(to, (load<u64>(to) & ~mask) | (load<u64>(from) & mask));
}

// The filters of eight rows, as lanes.
function filtersOf(source: usize, stride: usize): v128 {
  let filters: u64 = 0;
  for (let row: u64 = 0; row < 8; row++, source += stride) filters |= (<u64>load<u8>(source)) << (8 * row);
  return i16x8.extend_low_i8x16_u(i64x2.splat(filters));
}

// Eight rows of eight bytes to eight columns of them.
// @ts-ignore: decorator
@inline
function transpose(from: usize, stride: usize, to: usize, toStride: usize): void {
  const r04 = lowBytes(v128.load64_zero(from), v128.load64_zero(from + 4 * stride));
  const r15 = lowBytes(v128.load64_zero(from + stride), v128.load64_zero(from + 5 * stride));
  const r26 = lowBytes(v128.load64_zero(from + 2 * stride), v128.load64_zero(from + 6 * stride));
  const r37 = lowBytes(v128.load64_zero(from + 3 * stride), v128.load64_zero(from + 7 * stride));
  const even0 = lowBytes(r04, r26);
  const even4 = highBytes(r04, r26);
  const odd0 = lowBytes(r15, r37);
  const odd4 = highBytes(r15, r37);
  const c01 = lowBytes(even0, odd0);
  const c23 = highBytes(even0, odd0);
  const c45 = lowBytes(even4, odd4);
  const c67 = highBytes(even4, odd4);
  v128.store64_lane(to, c01, 0);
  v128.store64_lane(to + toStride, c01, 1);
  v128.store64_lane(to + 2 * toStride, c23, 0);
  v128.store64_lane(to + 3 * toStride, c23, 1);
  v128.store64_lane(to + 4 * toStride, c45, 0);
  v128.store64_lane(to + 5 * toStride, c45, 1);
  v128.store64_lane(to + 6 * toStride, c67, 0);
  v128.store64_lane(to + 7 * toStride, c67, 1);
}

// @ts-ignore: decorator
@inline
function lowBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function highBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// Lanes moved up by `count` bytes, zeros below.
// @ts-ignore: decorator
@inline
function shifts(count: usize): v128 {
  return i8x16.sub(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>min<usize>(count, 16)));
}

// As many whole pixels at once as a vector has.
function undoSub(source: usize, rowBytes: usize, pixelBytes: usize, out: usize): void {
  const step = (<usize>16 / pixelBytes) * pixelBytes;
  const by1 = shifts(pixelBytes);
  const by2 = shifts(2 * pixelBytes);
  const by4 = shifts(4 * pixelBytes);
  const by8 = shifts(8 * pixelBytes);
  const iota = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  // The last pixel, at all places of pixels.
  let places = i8x16.add(iota, i8x16.splat(<i8>(step - pixelBytes)));
  for (let at = pixelBytes; at < 16; at += pixelBytes) {
    const isBeyond = i8x16.ge_u(iota, i8x16.splat(<i8>at));
    places = i8x16.sub(places, v128.and(isBeyond, i8x16.splat(<i8>pixelBytes)));
  }
  let last = i8x16.splat(0);
  for (let at: usize = 0; at < rowBytes; at += step) {
    let sum = v128.load(source + at);
    sum = i8x16.add(sum, i8x16.swizzle(sum, by1));
    sum = i8x16.add(sum, i8x16.swizzle(sum, by2));
    if (pixelBytes < 4) sum = i8x16.add(sum, i8x16.swizzle(sum, by4));
    if (pixelBytes < 2) sum = i8x16.add(sum, i8x16.swizzle(sum, by8));
    sum = i8x16.add(sum, last);
    v128.store(out + at, sum);
    last = i8x16.swizzle(sum, places);
  }
}

function undoUp(source: usize, above: usize, rowBytes: usize, out: usize): void {
  for (let at: usize = 0; at < rowBytes; at += 16) {
    v128.store(out + at, i8x16.add(v128.load(source + at), v128.load(above + at)));
  }
}

function undoAverageOfBytes(source: usize, above: usize, rowBytes: usize, out: usize): void {
  let a: u32 = 0;
  for (let at: usize = 0; at < rowBytes; at++) {
    a = (load<u8>(source + at) + ((a + load<u8>(above + at)) >> 1)) & 255;
    store<u8>(out + at, <u8>a);
  }
}

// A pixel in each turn: its bytes are lanes, and what the lanes behind them hold is overwritten by the next.
function undoAverage(source: usize, above: usize, rowBytes: usize, pixelBytes: usize, out: usize): void {
  const one = i8x16.splat(1);
  let a = i8x16.splat(0);
  for (let at: usize = 0; at < rowBytes; at += pixelBytes) {
    const b = v128.load64_zero(above + at);
    // The instruction rounds up.
    const average = i8x16.sub(i8x16.avgr_u(a, b), v128.and(v128.xor(a, b), one));
    a = i8x16.add(v128.load64_zero(source + at), average);
    v128.store64_lane(out + at, a, 0);
  }
}

function undoPaethOfBytes(source: usize, above: usize, rowBytes: usize, out: usize): void {
  let a: i32 = 0;
  let c: i32 = 0;
  for (let at: usize = 0; at < rowBytes; at++) {
    const b = <i32>load<u8>(above + at);
    const toA = b - c;
    const toB = a - c;
    const distanceA = abs(toA);
    const distanceB = abs(toB);
    const distanceC = abs(toA + toB);
    const bOrC = select<i32>(b, c, distanceB <= distanceC);
    const nearest = select<i32>(a, bOrC, distanceA <= min(distanceB, distanceC));
    a = (load<u8>(source + at) + nearest) & 255;
    store<u8>(out + at, <u8>a);
    c = b;
  }
}

function undoPaeth(source: usize, above: usize, rowBytes: usize, pixelBytes: usize, out: usize): void {
  const bytes = i16x8.splat(255);
  let a = i16x8.splat(0);
  let c = i16x8.splat(0);
  for (let at: usize = 0; at < rowBytes; at += pixelBytes) {
    const b = i16x8.extend_low_i8x16_u(v128.load64_zero(above + at));
    a = v128.and(i16x8.add(i16x8.extend_low_i8x16_u(v128.load64_zero(source + at)), paeth(a, b, c)), bytes);
    v128.store64_lane(out + at, i8x16.narrow_i16x8_u(a, a), 0);
    c = b;
  }
}

// The nearest of a, b, c to a + b - c, in 16 bits.
// @ts-ignore: decorator
@inline
function paeth(a: v128, b: v128, c: v128): v128 {
  const toA = i16x8.sub(b, c);
  const toB = i16x8.sub(a, c);
  const distanceA = i16x8.abs(toA);
  const distanceB = i16x8.abs(toB);
  const distanceC = i16x8.abs(i16x8.add(toA, toB));
  const least = i16x8.min_s(i16x8.min_s(distanceA, distanceB), distanceC);
  const bOrC = v128.bitselect(b, c, i16x8.eq(least, distanceB));
  return v128.bitselect(a, bOrC, i16x8.eq(least, distanceA));
}

/** Shared memory is copied here, because scripts do it byte by byte. */
export function copy(to: usize, from: usize, bytes: usize): void {
  memory.copy(to, from, bytes);
}

/** Big-endian words to little-endian ones and back, in place; up to 15 bytes behind them may be swapped too. */
export function swap(at: usize, bytes: usize): void {
  for (const end = at + bytes; at < end; at += 16) {
    const words = v128.load(at);
    v128.store(at, v128.or(i16x8.shl(words, 8), i16x8.shr_u(words, 8)));
  }
}

/** Samples of 1 or 2 bytes that lie pixel by pixel to channels one after the other. */
export function planarize(source: usize, pixels: usize, channels: usize, sampleBytes: usize, out: usize): void {
  for (let channel: usize = 0; channel < channels; channel++) {
    if (sampleBytes == 1) {
      let from = source + channel;
      for (const end = out + pixels; out < end; out++, from += channels) store<u8>(out, load<u8>(from));
    } else {
      let from = source + 2 * channel;
      for (const end = out + 2 * pixels; out < end; out += 2, from += 2 * channels) store<u16>(out, load<u16>(from));
    }
  }
}

/** The reverse of `planarize`. */
export function interleave(source: usize, pixels: usize, channels: usize, sampleBytes: usize, out: usize): void {
  for (let channel: usize = 0; channel < channels; channel++) {
    if (sampleBytes == 1) {
      let to = out + channel;
      for (const end = source + pixels; source < end; source++, to += channels) store<u8>(to, load<u8>(source));
    } else {
      let to = out + 2 * channel;
      for (const end = source + 2 * pixels; source < end; source += 2, to += 2 * channels) store<u16>(to, load<u16>(source));
    }
  }
}

/**
 * Filters rows, each by the filter that makes the sum of its bytes' magnitudes least. Behind the pixels lie 16 bytes of room, behind `out` too; `scratch` has
 * two rows and 64 bytes.
 */
export function filter(pixels: usize, rows: u32, rowBytes: usize, pixelBytes: usize, scratch: usize, out: usize): void {
  // Rows with zeros around them, so that none of them needs a special first pixel.
  let current = scratch + 16;
  let above = current + rowBytes + 32;
  memory.fill(scratch, 0, 2 * rowBytes + 64);
  for (let row: u32 = 0; row < rows; row++) {
    memory.copy(current, pixels, rowBytes);
    const best = bestFilter(current, above, rowBytes, pixelBytes);
    store<u8>(out, <u8>best);
    filterRow(best, current, above, rowBytes, pixelBytes, out + 1);
    pixels += rowBytes;
    out += rowBytes + 1;
    const other = above;
    above = current;
    current = other;
  }
}

// The first filter of the least score.
function bestFilter(current: usize, above: usize, rowBytes: usize, pixelBytes: usize): u32 {
  let none = i32x4.splat(0);
  let sub = none;
  let up = none;
  let average = none;
  let nearest = none;
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const x = v128.load(current + at);
    const a = v128.load(current + at - pixelBytes);
    const b = v128.load(above + at);
    const c = v128.load(above + at - pixelBytes);
    // Bytes behind the row count for nothing.
    const lanes = i8x16.lt_u(
      i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
      i8x16.splat(<i8>min<usize>(rowBytes - at, 16)),
    );
    none = i32x4.add(none, magnitudes(x, lanes));
    sub = i32x4.add(sub, magnitudes(i8x16.sub(x, a), lanes));
    up = i32x4.add(up, magnitudes(i8x16.sub(x, b), lanes));
    average = i32x4.add(average, magnitudes(i8x16.sub(x, averages(a, b)), lanes));
    nearest = i32x4.add(nearest, magnitudes(i8x16.sub(x, paethOfBytes(a, b, c)), lanes));
  }
  let best: u32 = 0;
  let least = total(none);
  let score = total(sub);
  if (score < least) {
    best = 1;
    least = score;
  }
  score = total(up);
  if (score < least) {
    best = 2;
    least = score;
  }
  score = total(average);
  if (score < least) {
    best = 3;
    least = score;
  }
  return total(nearest) < least ? 4 : best;
}

// The sums of four bytes each, as numbers from -128 to 127, without their signs.
// @ts-ignore: decorator
@inline
function magnitudes(differences: v128, lanes: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(
    i16x8.extadd_pairwise_i8x16_u(v128.and(i8x16.abs(differences), lanes)),
  );
}

// @ts-ignore: decorator
@inline
function total(sums: v128): u32 {
  return (
    <u32>i32x4.extract_lane(sums, 0) +
    <u32>i32x4.extract_lane(sums, 1) +
    <u32>i32x4.extract_lane(sums, 2) +
    <u32>i32x4.extract_lane(sums, 3)
  );
}

// @ts-ignore: decorator
@inline
function averages(a: v128, b: v128): v128 {
  return i8x16.sub(i8x16.avgr_u(a, b), v128.and(v128.xor(a, b), i8x16.splat(1)));
}

// @ts-ignore: decorator
@inline
function paethOfBytes(a: v128, b: v128, c: v128): v128 {
  return i8x16.narrow_i16x8_u(
    paeth(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b), i16x8.extend_low_i8x16_u(c)),
    paeth(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b), i16x8.extend_high_i8x16_u(c)),
  );
}

function filterRow(best: u32, current: usize, above: usize, rowBytes: usize, pixelBytes: usize, out: usize): void {
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const x = v128.load(current + at);
    let prediction = i8x16.splat(0);
    if (best == 1) {
      prediction = v128.load(current + at - pixelBytes);
    } else if (best == 2) {
      prediction = v128.load(above + at);
    } else if (best == 3) {
      prediction = averages(v128.load(current + at - pixelBytes), v128.load(above + at));
    } else if (best == 4) {
      const c = v128.load(above + at - pixelBytes);
      prediction = paethOfBytes(v128.load(current + at - pixelBytes), v128.load(above + at), c);
    }
    v128.store(out + at, i8x16.sub(x, prediction));
  }
}

const TABLE_BITS: u32 = 12;
// As deflate looks back.
const WINDOW: u32 = 32768;

/**
 * About how many places begin eight bytes that were there before, within deflate's window, and are no run of one byte. Every eighth place is put
 * into `table`, of 16,384 bytes, by a hash, and every third is looked for, so that no distance is missed; a table that the first-level cache does not hold, and
 * all places, took a quarter of the time of encoding. What has no repetitions compresses as well, and several times as fast, without a
 * search for matches.
 */
export function repetitions(source: usize, bytes: u32, table: usize): u32 {
  memory.fill(table, 0, <usize>4 << TABLE_BITS);
  let found: u32 = 0;
  let next: u32 = 0;
  for (let at: u32 = 0; at + 8 <= bytes; at += 3) {
    // Places count from 1.
    for (; next <= at; next += 8) store<u32>(slotOf(load<u64>(source + next), table), next + 1);
    const word = load<u64>(source + at);
    const before = load<u32>(slotOf(word, table)) - 1;
    if (before < at && at - before <= WINDOW && load<u64>(source + before) == word && word != rotl<u64>(word, 8)) found++;
  }
  return 24 * found;
}

// @ts-ignore: decorator
@inline
function slotOf(word: u64, table: usize): usize {
  return table + (<usize>((word * 0x9e3779b97f4a7c15) >> (64 - TABLE_BITS)) << 2);
}
