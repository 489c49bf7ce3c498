// png: the filters of rows, the order of samples, and whether deflate would find repetitions.
//
// A PNG image (ISO/IEC 15948) is, before deflate, rows from top to bottom: a byte that names the row's filter, then the row's bytes, filtered. Samples of 16
// bits are big endian, those of a pixel follow each other. With a = the byte one pixel to the left, b = the byte above, c = the byte above a, all zero
// outside the image, each byte stands for itself plus
//   0 nothing   1 sub: a   2 up: b   3 average: (a + b) >> 1   4 Paeth: the nearest of a, b, c, in this order, to a + b - c
// all modulo 256.
//
// Speed, decoding. Inflating takes two thirds of the time. Of undoing the filters only "up" is free of chains. Sub adds within a vector in log steps, for
// all sizes of pixels, by swizzles. Average and Paeth go pixel by pixel, where the channels of a pixel are lanes of one vector, and
//PAETH
// Speed, encoding. Filters have no chains: all five are scored at once, 16 bytes at a time (the sum of magnitudes as the reference
// has it, so that rows get the same filters), then the best is written. What is left is deflate: see `repetitions`.

/**
 * Rows of a filtered image, dense and unfiltered, at `out`; before it lie `rowBytes` of room, behind it and behind the source 16 bytes. Returns 0, or the
 * negative of a filter byte that is none.
 */
export function unfilter(source: usize, rows: u32, rowBytes: usize, pixelBytes: usize, out: usize): i32 {
  memory.fill(out - rowBytes, 0, rowBytes);
  for (let row: u32 = 0; row < rows; row++) {
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

const TABLE_BITS: u32 = 14;
// As deflate looks back.
const WINDOW: u32 = 32768;

/**
 * How many places begin eight bytes that were there before, within deflate's window, and are no run of one byte. Looks at them by a hash of
 * every fourth place before; `table` has 65,536 bytes. What has none compresses as well, and several times as fast, without a search for matches.
 */
export function repetitions(source: usize, bytes: u32, table: usize): u32 {
  memory.fill(table, 0, <usize>4 << TABLE_BITS);
  let count: u32 = 0;
  for (let at: u32 = 0; at + 8 <= bytes; at++) {
    const word = load<u64>(source + at);
    const slot = table + (<usize>((word * 0x9e3779b97f4a7c15) >> (64 - TABLE_BITS)) << 2);
    // Places count from 1.
    const before = load<u32>(slot);
    if (before != 0 && at + 1 - before <= WINDOW && load<u64>(source + before - 1) == word && word != rotl<u64>(word, 8)) count++;
    if ((at & 3) == 0) store<u32>(slot, at + 1);
  }
  return count;
}
