// fpzip: floats predicted from their neighbours, differences range coded. Decodes and encodes, bit for bit as the reference does.
//
// One stream of a range coder, header included; see below for the coder.
//   header    each number coded as raw bits: 'f', 'p', 'z', 0 (8 bits each), version 0x0110 (16), mode 1 (8), type (1: 0 = float32,
//             1 = float64), precision P (7; 0 = all bits), nx, ny, nz, nf (32 each)
//   fields    nf of them, one after the other, each nx x ny x nz values with x fastest, each with a fresh model
//   end       the four bytes of `low`
//
// Value.  B = P, or the type's bits for P = 0: the value keeps its B highest bits, the others are 0. Its rank is its place in the
// order of floats as a B-bit number: bits b become ~b, and where the top bit is then set, the other bits are flipped back; shifted right
// by the bits that are not kept.
// Prediction.  In the value's own type, rounded after each step, in this order, with f(i, j, k) the decoded value i, j, k before it in x,
// y, z, and 0 outside the field: f(1,0,0) - f(0,1,1) + f(0,1,0) - f(1,0,1) + f(0,0,1) - f(1,1,0) + f(1,1,1). Of NaNs the result is the
// first in this order, made quiet; inf - inf is the quiet NaN with the sign set. So do the x86 processors that the reference runs on; other
// processors do not, so NaNs are worked out in `predictNaN`.
// Residual.  d = rank of the value - rank of the prediction. B > 8: with k = floor(log2(abs d)) the symbol B + 1 + k for d > 0,
// B - 1 - k for d < 0, B for 0, of 2 B + 1 symbols, then the k lower bits of abs d, raw. B <= 8: the symbol d + 2^B - 1 of 2^(B + 1) - 1.
//
// Range coder (carry-less).  low = 0, range = 2^32 - 1. An interval [l, l + w) of t = 2^n: range >>= n, low += range l, range *= w. Then,
// while low and low + range have the same top byte, it goes out and both shift left by 8. If now range < 2^16, two more bytes of low go
// out, it shifts by 16, and range = -low. Raw bits are intervals [v, v + 1) of 2^n, in parts of 16 bits, lowest part first. Symbols have
// n = 16. A decoder keeps d = code - low, where code is the window of 32 bits; d / range out of the interval means damage.
// Model (quasi-static).  S symbols have widths of sum 2^16, used for a period of symbols while frequencies are counted. Widths and the sums
// before them change at the end of a period only: widths become the frequencies, and a frequency f goes on as f >> 1 | 1. What this
// frees is spread over the next period: each symbol met adds free / period, and 1 more in the last free % period symbols of it. First
// frequencies: 2^16 / S, 1 more for the first 2^16 % S. First period: twice (S >> 4 | 2); each next twice as long, 1024 at most.
//
// Decoding, in two passes over each row. First residuals: the state of the coder in locals of 64 bits (what is 32 bits above lies on top;
// `window` is d with the bits behind it), bytes that are settled leave at once (one clz in place of a loop), symbols come from a table of
// 2^10 parts of the sums, made anew with the widths. Two parts of raw bits come of one division: the second divides by the same
// unit, if bytes were settled in between as expected, which is checked; else part by part. Input lies reversed in a block, so that four bytes
// are one load; a run of values that surely has its input and needs no new widths is read without looking at either. Then values: 4 rows (2
// of float64) at once, slanted, each one value behind the row above it, so that a vector has no value that waits for another of it.
// Encoding.  Values are known, so that a row's predictions and residuals are computed by vectors before it is coded.
//
// Speed of noisy affinities on a Zen core of 2.5 GHz, ns a value. Float32: decoding 37 (107 MB/s), of them residuals 31, prediction 4, copy
// 2; encoding 19 (214 MB/s); the reference 65 and 62. Float64: 70 and 30; the reference 101 and 119. The coder is one chain of dependent
// steps: two divisions of 20 cycles each are half of it, and native code of the same steps takes 30 ns. Tried without gain: division in
// float64 (28 cycles), one pass with scalar prediction (it hides behind the divisions but costs registers: 40 ns; for float64 it gained, 65
// ns), 64 bits of input ahead, code without branches for the second part. Left: what the compiler spills.

const enum Status {
  ok = 0,
  truncated = -1,
  damaged = -2,
  trailingBytes = -3,
  noRoom = -4,
}

// Scratch memory: state of coder and model, a block of input, sums before each symbol (u32; one more for the end), frequencies (u32), the
// lookup table; 16640 bytes in all. Then two planes. For decoding they have groups of 4 rows (float64: 2), one before them of zeros; a group is
// nx + 8 vectors, and value x of row i is lane i of vector x + i. For encoding they have rows of nx + 1 values, and a row before them, whose first
// values and first row are zeros; 64 bytes that mean nothing; magnitudes and signs of a row, nx values and 32 bytes each.
const stateBytes: usize = 128;
const blockBytes: u32 = 4096;
const mostSymbols: u32 = 511;
const partShift: u32 = 6;
const parts: u32 = 1024;
const blockOffset: usize = stateBytes + 64;
const sumsOffset: usize = blockOffset + blockBytes;
const countsOffset: usize = sumsOffset + 4 * (mostSymbols + 1);
const lookupOffset: usize = countsOffset + 4 * (mostSymbols + 1);
const valuesOffset: usize = lookupOffset + 8 * parts + 64;
const countsFromSums: usize = countsOffset - sumsOffset;

// What one value takes of the input at most: 5 times 3 bytes, and a load of 4 from there.
const margin: u32 = 20;

// Coder state. 64 bits each for decoding: `low` and `range` have their 32 bits on top, and so has the window, with bits that follow in the
// input below; as many of them as are known, then zeros. 32 bits each for encoding.
const lowAt: usize = 0;
const rangeAt: usize = 8;
const windowAt: usize = 16;
const nextAt: usize = 24;
const safeAt: usize = 28;
const inputAt: usize = 32;
const inputEndAt: usize = 36;
// Model state.
const periodAt: usize = 40;
const leftAt: usize = 44;
const laterAt: usize = 48;
const increaseAt: usize = 52;
const symbolsAt: usize = 56;
const zeroSymbolAt: usize = 60;

// ---------------------------------------------------------------- model

function resetModel(scratch: usize, symbols: u32, zeroSymbol: u32): void {
  const counts = scratch + countsOffset;
  const each = <u32>0x10000 / symbols;
  const more = <u32>0x10000 % symbols;
  for (let s: u32 = 0; s < symbols; s++) store<u32>(counts + (<usize>s << 2), each + <u32>(s < more));
  store<u32>(scratch, symbols, symbolsAt);
  store<u32>(scratch, zeroSymbol, zeroSymbolAt);
  store<u32>(scratch, (symbols >> 4) | 2, periodAt);
  store<u32>(scratch, 0, laterAt);
  endPeriod(scratch);
}

// The part of a period with an increase of 1 more, or new widths: true for new widths.
function endPeriod(scratch: usize): bool {
  const later = load<u32>(scratch, laterAt);
  if (later != 0) {
    store<u32>(scratch, later, leftAt);
    store<u32>(scratch, 0, laterAt);
    store<u32>(scratch, load<u32>(scratch, increaseAt) + 1, increaseAt);
    return false;
  }
  let period = load<u32>(scratch, periodAt);
  if (period < 1024) {
    period = min<u32>(period << 1, 1024);
    store<u32>(scratch, period, periodAt);
  }
  const sums = scratch + sumsOffset;
  const end = sums + (<usize>load<u32>(scratch, symbolsAt) << 2);
  let sum: u32 = 0;
  let free: u32 = 0x10000;
  for (let at = sums; at < end; at += 4) {
    const count = load<u32>(at, countsFromSums);
    store<u32>(at, sum);
    sum += count;
    const kept = (count >> 1) | 1;
    store<u32>(at, kept, countsFromSums);
    free -= kept;
  }
  store<u32>(end, 0x10000);
  store<u32>(scratch, free / period, increaseAt);
  const more = free % period;
  store<u32>(scratch, more, laterAt);
  store<u32>(scratch, period - more, leftAt);
  return true;
}

// For each of the 2^10 parts of the sums an entry of 8 bytes: sum before the symbol and its width (u16 each), and what `described` says of
// it. A part of more than one symbol has the width 0 and the number of the first of them.
function makeLookup(scratch: usize): void {
  const symbols = load<u32>(scratch, symbolsAt);
  const zeroSymbol = load<u32>(scratch, zeroSymbolAt);
  const sums = scratch + sumsOffset;
  const lookup = scratch + lookupOffset;
  const last = <u32>((1 << partShift) - 1);
  let first: u32 = 0;
  for (let s: u32 = 0; s < symbols; s++) {
    const next = load<u32>(sums + (<usize>s << 2), 4);
    const entry = (<u64>described(s, zeroSymbol) << 32) | (<u64>(next - first) << 16) | first;
    const end = lookup + (<usize>(next >> partShift) << 3);
    let at = lookup + (<usize>((first + last) >> partShift) << 3);
    // In pairs: an entry too many is written over by the next, or lies in the slack.
    for (; at < end; at += 16) v128.store(at, i64x2.splat(<i64>entry));
    if (((first + last) >> partShift) << partShift < next && (next & last) != 0) store<u64>(end, <u64>s << 32);
    first = next;
  }
}

// A symbol in a word: its number (bits 0-9), raw bits that follow it (10-15), residual not 0 (16), negative (31).
// @ts-ignore: decorator
@inline
function described(symbol: u32, zeroSymbol: u32): u32 {
  if (symbol == zeroSymbol) return symbol;
  const isNegative = <u32>(symbol < zeroSymbol);
  const more = (isNegative ? zeroSymbol - symbol : symbol - zeroSymbol) - 1;
  return symbol | ((more & 0x3f) << 10) | 0x10000 | (isNegative << 31);
}

// ---------------------------------------------------------------- values

// @ts-ignore: decorator
@inline
function swapBytes(word: u32): u32 {
  return (rotl<u32>(word, 8) & 0x00ff00ff) | (rotr<u32>(word, 8) & 0xff00ff00);
}

// Ranks of floats, from their bits.
// @ts-ignore: decorator
@inline
function ranksOf<U>(bits: v128, dropped: u32): v128 {
  const other = v128.not(bits);
  const flip = v128.shr<U>(
    sizeof<U>() == 8 ? i64x2.shr_s(other, 63) : i32x4.shr_s(other, 31),
    1,
  );
  return v128.shr<U>(v128.xor(other, flip), dropped);
}

// Bits of floats, from ranks shifted to the top; those that are not kept are of no meaning.
// @ts-ignore: decorator
@inline
function bitsOf<U>(ranks: v128): v128 {
  const flip = v128.shr<U>(
    sizeof<U>() == 8 ? i64x2.shr_s(ranks, 63) : i32x4.shr_s(ranks, 31),
    1,
  );
  return v128.not(v128.xor(ranks, flip));
}

// The operands in the order in which they count.
// @ts-ignore: decorator
@inline
function predict<T>(a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128): v128 {
  let sum = v128.sub<T>(a, b);
  sum = v128.add<T>(sum, c);
  sum = v128.sub<T>(sum, d);
  sum = v128.add<T>(sum, e);
  sum = v128.sub<T>(sum, f);
  return v128.add<T>(sum, g);
}

// The same where there are NaNs.
function predictNaN<T, U>(a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128): v128 {
  let sum = quieted<T, U>(a);
  sum = stepNaN<T, U>(sum, b, v128.sub<T>(sum, b));
  sum = stepNaN<T, U>(sum, c, v128.add<T>(sum, c));
  sum = stepNaN<T, U>(sum, d, v128.sub<T>(sum, d));
  sum = stepNaN<T, U>(sum, e, v128.add<T>(sum, e));
  sum = stepNaN<T, U>(sum, f, v128.sub<T>(sum, f));
  return stepNaN<T, U>(sum, g, v128.add<T>(sum, g));
}

// @ts-ignore: decorator
@inline
function quieted<T, U>(value: v128): v128 {
  const quiet = v128.splat<U>(sizeof<T>() == 8 ? <U>0x0008000000000000 : <U>0x00400000);
  return v128.or(value, v128.and(v128.ne<T>(value, value), quiet));
}

// One step: `result` of `sum` and `operand` where it is a number; else the first NaN of them, or the one of inf - inf.
function stepNaN<T, U>(sum: v128, operand: v128, result: v128): v128 {
  const invalid = v128.splat<U>(sizeof<T>() == 8 ? <U>0xfff8000000000000 : <U>0xffc00000);
  let chosen = v128.bitselect(invalid, result, v128.ne<T>(result, result));
  chosen = v128.bitselect(quieted<T, U>(operand), chosen, v128.ne<T>(operand, operand));
  return v128.bitselect(sum, chosen, v128.ne<T>(sum, sum));
}

// ---------------------------------------------------------------- decoding

/**
 * Starts a stream: reads its header to `header` as 12 numbers of 32 bits (magic of 4, version, mode, type, precision, nx, ny, nz, nf); the
 * coder's state stays in `scratch`, laid out as above. Returns a Status.
 */
export function open(input: usize, inputBytes: u32, scratch: usize, header: usize): i32 {
  store<u64>(scratch, 0, lowAt);
  store<u64>(scratch, <u64>0xffffffff << 32, rangeAt);
  store<usize>(scratch, input, inputAt);
  store<usize>(scratch, input + inputBytes, inputEndAt);
  store<usize>(scratch, blockTop(scratch), nextAt);
  store<usize>(scratch, blockTop(scratch) + 1, safeAt);
  if (!refill(scratch)) return Status.truncated;
  const at = load<usize>(scratch, nextAt) - 4;
  store<u64>(scratch, (<u64>load<u32>(at) << 32) | load<u32>(at - 4), windowAt);
  store<usize>(scratch, at, nextAt);
  for (let field = 0; field < 12; field++) {
    if (!refill(scratch)) return Status.truncated;
    let bits: u32 = 8;
    if (field == 4 || field >= 8) bits = 16;
    else if (field == 6) bits = 1;
    else if (field == 7) bits = 7;
    let value = readBits(scratch, bits);
    if (field >= 8) value |= readBits(scratch, 16) << 16;
    store<u32>(header + (field << 2), value);
  }
  return Status.ok;
}

// @ts-ignore: decorator
@inline
function blockTop(scratch: usize): usize {
  return scratch + blockOffset + blockBytes;
}

// Before a value: is its input there? The block of input has its bytes reversed, so that they are read downwards, 4 bytes before `next` at
// a time; down to `safe` a value may begin. Takes the next block where that is passed; behind the last there are zeros.
function refill(scratch: usize): bool {
  const at = load<usize>(scratch, nextAt);
  if (at >= load<usize>(scratch, safeAt)) return true;
  const top = blockTop(scratch);
  const from = load<usize>(scratch, inputAt) + (top - at);
  const end = load<usize>(scratch, inputEndAt);
  if (from > end) return false;
  const bytes = min<usize>(end - from, blockBytes);
  let to = top;
  let next = from;
  for (; next + 16 <= from + bytes; next += 16) {
    to -= 16;
    const read = v128.load(next);
    v128.store(to, i8x16.shuffle(read, read, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  }
  for (; next < from + bytes; next++) store<u8>(--to, load<u8>(next));
  memory.fill(to - 64, 0, 64);
  store<usize>(scratch, from, inputAt);
  store<usize>(scratch, top, nextAt);
  store<usize>(scratch, from + bytes == end ? to : to + margin, safeAt);
  return true;
}

// Up to 16 raw bits, for the header: beyond the interval, they are what no header has.
function readBits(scratch: usize, count: u32): u32 {
  let low = load<u64>(scratch, lowAt);
  const step = (load<u64>(scratch, rangeAt) >> (32 + count)) << 32;
  let window = load<u64>(scratch, windowAt);
  let at = load<usize>(scratch, nextAt);
  const value = window / step;
  low += value * step;
  window = (window | load<u32>(at - 4)) - value * step;
  const settled = clz(low ^ (low + step)) & 0x38;
  let range = step << settled;
  window <<= settled;
  low <<= settled;
  at -= <usize>settled >> 3;
  if (range >> 48 == 0) {
    window = (window | load<u32>(at - 4)) << 16;
    at -= 2;
    low <<= 16;
    range = -low;
  }
  store<u64>(scratch, low, lowAt);
  store<u64>(scratch, range, rangeAt);
  store<u64>(scratch, window, windowAt);
  store<usize>(scratch, at, nextAt);
  return <u32>value;
}

/**
 * Decodes the opened stream. Of each field, value (x, y, z) with from <= (x, y) < to and z < toZ, and of the fields those in
 * [fromField, toField), go to `target + field * targetField + z * targetPlane + y * targetRow + x`, counted from the first wanted; `bias` is
 * subtracted from each. Stops after the last wanted row; a stream that is decoded to its end must end there. Returns a Status.
 */
export function decode(
  scratch: usize,
  isDouble: u32,
  precision: u32,
  nx: u32,
  ny: u32,
  nz: u32,
  nf: u32,
  fromX: u32,
  fromY: u32,
  fromZ: u32,
  fromField: u32,
  toX: u32,
  toY: u32,
  toZ: u32,
  toField: u32,
  target: usize,
  targetRow: usize,
  targetPlane: usize,
  targetField: usize,
  bias: f64,
): i32 {
  const bits = precision != 0 ? precision : isDouble != 0 ? 64 : 32;
  const symbols = bits > 8 ? 2 * bits + 1 : (<u32>2 << bits) - 1;
  const zeroSymbol = bits > 8 ? bits : (<u32>1 << bits) - 1;
  const lanes: u32 = isDouble != 0 ? 2 : 4;
  const groupBytes = (<usize>nx + 8) << 4;
  const planeBytes = groupBytes * (<usize>(ny + lanes - 1) / lanes + 1);
  let current = scratch + valuesOffset;
  let before = current + planeBytes;
  for (let field: u32 = 0; field < toField; field++) {
    resetModel(scratch, symbols, zeroSymbol);
    makeLookup(scratch);
    memory.fill(scratch + valuesOffset, 0, 2 * planeBytes);
    const isLast = field + 1 == toField;
    const planes = isLast ? toZ : nz;
    for (let z: u32 = 0; z < planes; z++) {
      const rows = isLast && z + 1 == planes ? toY : ny;
      const status =
        isDouble != 0
          ? decodePlane<f64, u64>(scratch, nx, rows, current, before, bits)
          : decodePlane<f32, u32>(scratch, nx, rows, current, before, bits);
      if (status != Status.ok) return status;
      if (field >= fromField && z >= fromZ && z < toZ) {
        const to = target + <usize>(field - fromField) * targetField + <usize>(z - fromZ) * targetPlane;
        if (isDouble != 0) writePlane<f64, u64>(current, groupBytes, fromX, fromY, toX, toY, to, targetRow, bias);
        else writePlane<f32, u32>(current, groupBytes, fromX, fromY, toX, toY, to, targetRow, bias);
      }
      const swapped = current;
      current = before;
      before = swapped;
    }
  }
  if (!refill(scratch)) return Status.truncated;
  if (toField != nf || toZ != nz || toY != ny) return Status.ok;
  const end = load<usize>(scratch, inputAt) + (blockTop(scratch) - load<usize>(scratch, nextAt));
  return end == load<usize>(scratch, inputEndAt) ? Status.ok : Status.trailingBytes;
}

// The first rows of a plane, in slanted groups; `current` and `before` are the addresses of this plane and of the one before it.
function decodePlane<T, U>(scratch: usize, nx: u32, rows: u32, current: usize, before: usize, bits: u32): i32 {
  const lanes: u32 = sizeof<T>() == 8 ? 2 : 4;
  const groupBytes = (<usize>nx + 8) << 4;
  const dropped = (<u32>sizeof<T>() << 3) - bits;
  for (let y: u32 = 0; y < rows; y += lanes) {
    current += groupBytes;
    before += groupBytes;
    const count = min(lanes, rows - y);
    for (let lane: u32 = 0; lane < count; lane++) {
      const to = current + (<usize>lane << 4) + <usize>lane * sizeof<T>();
      const status = bits > 8 ? readResiduals<U>(scratch, to, nx) : readNarrow<U>(scratch, to, nx);
      if (status != Status.ok) return status;
    }
    restoreGroup<T, U>(nx, count, current, before, groupBytes, dropped);
  }
  return Status.ok;
}

// Residuals become values. Lane i of the vector at step t is the value (t - i) of row i of the group.
function restoreGroup<T, U>(nx: u32, rows: u32, current: usize, before: usize, groupBytes: usize, dropped: u32): void {
  const slant: usize = sizeof<T>() == 8 ? 16 : 48;
  const mask = lanesBelow<U>(rows);
  const kept = v128.splat<U>(<U>-1 << <U>dropped);
  let last = i64x2.splat(0);
  let lastAbove = i64x2.splat(0);
  let lastBefore = i64x2.splat(0);
  let lastAboveBefore = i64x2.splat(0);
  const end = current + ((<usize>nx << 4) + slant);
  for (let at = current, other = before; at < end; at += 16, other += 16) {
    const nextBefore = v128.load(other);
    const above = rowsAbove<U>(v128.load(at + slant - groupBytes), last);
    const aboveBefore = rowsAbove<U>(v128.load(other + slant - groupBytes), lastBefore);
    let predicted = predict<T>(last, aboveBefore, above, lastBefore, nextBefore, lastAbove, lastAboveBefore);
    if (v128.any_true(v128.and(v128.ne<T>(predicted, predicted), mask))) {
      predicted = predictNaN<T, U>(last, aboveBefore, above, lastBefore, nextBefore, lastAbove, lastAboveBefore);
    }
    const rank = v128.add<U>(ranksOf<U>(predicted, dropped), v128.load(at));
    last = v128.and(bitsOf<U>(v128.shl<U>(rank, dropped)), kept);
    v128.store(at, last);
    lastAbove = above;
    lastBefore = nextBefore;
    lastAboveBefore = aboveBefore;
  }
}

// The vector of the rows one above: those of the group, as of the step before, after the last row of the group above.
// @ts-ignore: decorator
@inline
function rowsAbove<U>(groupAbove: v128, last: v128): v128 {
  return sizeof<U>() == 8
    ? v128.shuffle<u64>(groupAbove, last, 1, 2)
    : v128.shuffle<u32>(groupAbove, last, 3, 4, 5, 6);
}

// @ts-ignore: decorator
@inline
function lanesBelow<U>(count: u32): v128 {
  return sizeof<U>() == 8
    ? i64x2.lt_s(i64x2(0, 1), i64x2.splat(count))
    : i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

// Rows [fromY, toY) of a plane of slanted groups, from fromX to toX.
function writePlane<T, U>(
  plane: usize,
  groupBytes: usize,
  fromX: u32,
  fromY: u32,
  toX: u32,
  toY: u32,
  to: usize,
  toRow: usize,
  bias: f64,
): void {
  const size = sizeof<T>();
  const lanes: u32 = sizeof<T>() == 8 ? 2 : 4;
  for (let y = fromY; y < toY; y++, to += toRow) {
    const lane = <usize>(y % lanes);
    let from = plane + groupBytes * (<usize>(y / lanes) + 1) + (lane << 4) + lane * size + (<usize>fromX << 4);
    let at = to;
    const end = to + <usize>(toX - fromX) * size;
    if (bias != 0) {
      for (; at < end; at += size, from += 16) store<T>(at, <T>(load<T>(from) - <T>bias));
      continue;
    }
    // As integers: floats would make signalling NaNs quiet.
    for (; at + 4 * size <= end; at += 4 * size, from += 64) {
      store<U>(at, load<U>(from));
      store<U>(at, load<U>(from, 16), size);
      store<U>(at, load<U>(from, 32), 2 * size);
      store<U>(at, load<U>(from, 48), 3 * size);
    }
    for (; at < end; at += size, from += 16) store<U>(at, load<U>(from));
  }
}

// A row of residuals for more than 8 bits, to every 16th byte.
function readResiduals<U>(scratch: usize, to: usize, count: u32): i32 {
  const mostBytes: usize = sizeof<U>() == 8 ? 15 : 9;
  let low = load<u64>(scratch, lowAt);
  let range = load<u64>(scratch, rangeAt);
  let window = load<u64>(scratch, windowAt);
  let at = load<usize>(scratch, nextAt);
  const rowEnd = to + (<usize>count << 4);
  while (to < rowEnd) {
    if (at < load<usize>(scratch, safeAt)) {
      store<usize>(scratch, at, nextAt);
      if (!refill(scratch)) return Status.truncated;
      at = load<usize>(scratch, nextAt);
    }
    // A run of values whose input is there and whose symbols count alike. A period ends after the symbol that comes when none is left.
    const left = load<u32>(scratch, leftAt);
    const run = min<usize>(max(left, 1), (at - load<usize>(scratch, safeAt)) / mostBytes + 1);
    const end = min(rowEnd, to + (run << 4));
    const increase = left != 0 ? load<u32>(scratch, increaseAt) : 0;
    if (left != 0) store<u32>(scratch, left - <u32>((end - to) >> 4), leftAt);
    let symbol: u32 = 0;
    for (; to < end; to += 16) {
      const unit = <u32>(range >> 48);
      const part = <u32>(window >> 32) / (unit << partShift);
      if (part >= parts) return Status.damaged;
      const entry = scratch + (<usize>part << 3);
      const bounds = load<u32>(entry, lookupOffset);
      symbol = load<u32>(entry, lookupOffset + 4);
      let first = bounds & 0xffff;
      let width = bounds >> 16;
      if (width == 0) {
        const place = <u32>(window >> 32) / unit;
        while (load<u32>(scratch + (<usize>symbol << 2), sumsOffset + 4) <= place) symbol++;
        first = load<u32>(scratch + (<usize>symbol << 2), sumsOffset);
        width = load<u32>(scratch + (<usize>symbol << 2), sumsOffset + 4) - first;
        symbol = described(symbol, load<u32>(scratch, zeroSymbolAt));
      }
      let step = <u64>unit << 32;
      let offset = step * first;
      low += offset;
      window = (window | load<u32>(at - 4)) - offset;
      range = step * width;
      let settled = clz(low ^ (low + range)) & 0x38;
      range <<= settled;
      low <<= settled;
      window <<= settled;
      at -= <usize>settled >> 3;
      if (range >> 48 == 0) {
        window = (window | load<u32>(at - 4)) << 16;
        at -= 2;
        low <<= 16;
        range = -low;
      }
      const counted = scratch + (<usize>(symbol & 0x3ff) << 2);
      store<u32>(counted, load<u32>(counted, countsOffset) + increase, countsOffset);
      if ((symbol & 0x10000) == 0) {
        store<U>(to, 0);
        continue;
      }

      let more = (symbol >> 10) & 0x3f;
      let magnitude: U = <U>1 << <U>more;
      let shift: U = 0;
      while (more > 16) {
        // Two parts by one division, unless the second begins after fewer bytes than it takes from.
        const second: u64 = min(more - 16, 16);
        window |= load<u32>(at - 4);
        const unit = range >> 48;
        const raw = (window >> (32 - second)) / unit;
        const firstStep = unit << 32;
        const firstLow = low + (raw >> second) * firstStep;
        settled = clz(firstLow ^ (firstLow + firstStep)) & 0x38;
        if (unit < 0x100 || settled < second) {
          low = firstLow;
          window -= (raw >> second) * firstStep;
          range = firstStep;
          magnitude += <U>(raw >> second) << shift;
          shift += 16;
          more -= 16;
        } else {
          range = unit << (32 - second);
          offset = raw * range;
          low += offset;
          window -= offset;
          settled = clz(low ^ (low + range)) & 0x38;
          magnitude += (<U>(raw >> second) + (<U>(raw & ((<u64>1 << second) - 1)) << 16)) << shift;
          shift += 32;
          more -= 16 + <u32>second;
        }
        range <<= settled;
        low <<= settled;
        window <<= settled;
        at -= <usize>settled >> 3;
        if (range >> 48 == 0) {
          window = (window | load<u32>(at - 4)) << 16;
          at -= 2;
          low <<= 16;
          range = -low;
        }
      }
      if (more > 0) {
        const unit = <u32>(range >> (32 + more));
        const raw = <u32>(window >> 32) / unit;
        step = <u64>unit << 32;
        offset = step * raw;
        low += offset;
        window = (window | load<u32>(at - 4)) - offset;
        settled = clz(low ^ (low + step)) & 0x38;
        range = step << settled;
        low <<= settled;
        window <<= settled;
        at -= <usize>settled >> 3;
        magnitude += <U>raw << shift;
        if (range >> 48 == 0) {
          window = (window | load<u32>(at - 4)) << 16;
          at -= 2;
          low <<= 16;
          range = -low;
        }
      }
      const sign = <i32>symbol >> 31;
      store<U>(to, (magnitude ^ <U>sign) - <U>sign);
    }
    if (left == 0) {
      if (endPeriod(scratch)) makeLookup(scratch);
      store<u32>(scratch, load<u32>(scratch, leftAt) - 1, leftAt);
      const counted = scratch + (<usize>(symbol & 0x3ff) << 2);
      store<u32>(counted, load<u32>(counted, countsOffset) + load<u32>(scratch, increaseAt), countsOffset);
    }
  }
  store<u64>(scratch, low, lowAt);
  store<u64>(scratch, range, rangeAt);
  store<u64>(scratch, window, windowAt);
  store<usize>(scratch, at, nextAt);
  return Status.ok;
}

// A row of residuals for at most 8 bits, to every 16th byte.
function readNarrow<U>(scratch: usize, to: usize, count: u32): i32 {
  const zeroSymbol = load<u32>(scratch, zeroSymbolAt);
  const rowEnd = to + (<usize>count << 4);
  let low = load<u64>(scratch, lowAt);
  let range = load<u64>(scratch, rangeAt);
  let window = load<u64>(scratch, windowAt);
  for (; to < rowEnd; to += 16) {
    if (!refill(scratch)) return Status.truncated;
    let at = load<usize>(scratch, nextAt);
    const unit = <u32>(range >> 48);
    const place = <u32>(window >> 32) / unit;
    if (place > 0xffff) return Status.damaged;
    let symbol = load<u32>(scratch + (<usize>(place >> partShift) << 3), lookupOffset + 4) & 0x3ff;
    while (load<u32>(scratch + (<usize>symbol << 2), sumsOffset + 4) <= place) symbol++;
    const counted = scratch + (<usize>symbol << 2);
    const first = load<u32>(counted, sumsOffset);
    const step = <u64>unit << 32;
    low += step * first;
    window = (window | load<u32>(at - 4)) - step * first;
    range = step * (load<u32>(counted, sumsOffset + 4) - first);
    const settled = clz(low ^ (low + range)) & 0x38;
    range <<= settled;
    low <<= settled;
    window <<= settled;
    at -= <usize>settled >> 3;
    if (range >> 48 == 0) {
      window = (window | load<u32>(at - 4)) << 16;
      at -= 2;
      low <<= 16;
      range = -low;
    }
    store<usize>(scratch, at, nextAt);
    let left = load<u32>(scratch, leftAt);
    if (left == 0) {
      if (endPeriod(scratch)) makeLookup(scratch);
      left = load<u32>(scratch, leftAt);
    }
    store<u32>(scratch, left - 1, leftAt);
    store<u32>(counted, load<u32>(counted, countsOffset) + load<u32>(scratch, increaseAt), countsOffset);
    store<U>(to, <U>(<i32>(symbol - zeroSymbol)));
  }
  store<u64>(scratch, low, lowAt);
  store<u64>(scratch, range, rangeAt);
  store<u64>(scratch, window, windowAt);
  return Status.ok;
}

// ---------------------------------------------------------------- encoding

/**
 * Encodes fields of dense rows; `bias` is added to each value first. Returns the bytes written to `out`, or Status.noRoom where they
 * could be more than `outBytes`.
 */
export function encode(
  scratch: usize,
  isDouble: u32,
  precision: u32,
  nx: u32,
  ny: u32,
  nz: u32,
  nf: u32,
  source: usize,
  sourcePlane: usize,
  sourceField: usize,
  bias: f64,
  out: usize,
  outBytes: u32,
): i32 {
  const valueBytes: usize = isDouble != 0 ? 8 : 4;
  const rowBytes = <usize>nx * valueBytes;
  const bits = precision != 0 ? precision : <u32>valueBytes << 3;
  const isWide = bits > 8;
  const symbols = isWide ? 2 * bits + 1 : (<u32>2 << bits) - 1;
  const zeroSymbol = isWide ? bits : (<u32>1 << bits) - 1;
  const stride = rowBytes + valueBytes;
  const planeBytes = stride * (<usize>ny + 1);
  // What a row takes at most, and what the end does.
  const roomBytes = <u64>nx * margin + 64;
  if (outBytes < roomBytes) return Status.noRoom;
  writeHeader(scratch, isDouble, precision, nx, ny, nz, nf, out);
  let current = scratch + valuesOffset;
  let before = current + planeBytes;
  const magnitudes = before + planeBytes + 64;
  for (let field: u32 = 0; field < nf; field++) {
    resetModel(scratch, symbols, zeroSymbol);
    memory.fill(scratch + valuesOffset, 0, 2 * planeBytes);
    for (let z: u32 = 0; z < nz; z++) {
      let from = source + <usize>field * sourceField + <usize>z * sourcePlane;
      for (let y: u32 = 0; y < ny; y++) {
        if (<u64>(load<usize>(scratch, nextAt) - out) + roomBytes > outBytes) return Status.noRoom;
        const row = current + <usize>(y + 1) * stride + valueBytes;
        const other = before + <usize>(y + 1) * stride + valueBytes;
        if (isDouble != 0) {
          if (bias == 0) memory.copy(row, from, rowBytes);
          else addToRow<f64>(row, from, rowBytes, bias);
          encodeRow<f64, u64>(scratch, nx, row, row - stride, other, other - stride, magnitudes, bits, zeroSymbol);
        } else {
          if (bias == 0) memory.copy(row, from, rowBytes);
          else addToRow<f32>(row, from, rowBytes, bias);
          encodeRow<f32, u32>(scratch, nx, row, row - stride, other, other - stride, magnitudes, bits, zeroSymbol);
        }
        from += rowBytes;
      }
      const swapped = current;
      current = before;
      before = swapped;
    }
  }
  const end = load<usize>(scratch, nextAt);
  store<u32>(end, swapBytes(load<u32>(scratch, lowAt)));
  return <i32>(end + 4 - out);
}

function writeHeader(
  scratch: usize,
  isDouble: u32,
  precision: u32,
  nx: u32,
  ny: u32,
  nz: u32,
  nf: u32,
  out: usize,
): void {
  store<u32>(scratch, 0, lowAt);
  store<u32>(scratch, 0xffffffff, rangeAt);
  store<usize>(scratch, out, nextAt);
  writeBits(scratch, 0x66, 8);
  writeBits(scratch, 0x70, 8);
  writeBits(scratch, 0x7a, 8);
  writeBits(scratch, 0, 8);
  writeBits(scratch, 0x0110, 16);
  writeBits(scratch, 1, 8);
  writeBits(scratch, isDouble, 1);
  writeBits(scratch, precision, 7);
  for (let axis = 0; axis < 4; axis++) {
    const size = axis == 0 ? nx : axis == 1 ? ny : axis == 2 ? nz : nf;
    writeBits(scratch, size & 0xffff, 16);
    writeBits(scratch, size >> 16, 16);
  }
}

// Up to 16 raw bits, for the header.
function writeBits(scratch: usize, value: u32, count: u32): void {
  let at = load<usize>(scratch, nextAt);
  let range = load<u32>(scratch, rangeAt) >> count;
  let low = load<u32>(scratch, lowAt) + range * value;
  const settled = clz(low ^ (low + range)) & 0x18;
  store<u32>(at, swapBytes(low));
  at += settled >> 3;
  low <<= settled;
  range <<= settled;
  if (range < 0x10000) {
    store<u32>(at, swapBytes(low));
    at += 2;
    low <<= 16;
    range = -low;
  }
  store<u32>(scratch, low, lowAt);
  store<u32>(scratch, range, rangeAt);
  store<usize>(scratch, at, nextAt);
}

function addToRow<T>(to: usize, from: usize, bytes: usize, addend: f64): void {
  const end = to + bytes;
  const wide = v128.splat<T>(<T>addend);
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.add<T>(v128.load(from), wide));
  for (; to < end; to += sizeof<T>(), from += sizeof<T>()) store<T>(to, <T>(load<T>(from) + <T>addend));
}

// Encodes a row of nx values, of which only the highest bits are kept; the addresses are as of `decodeRow`.
function encodeRow<T, U>(
  scratch: usize,
  nx: u32,
  row: usize,
  above: usize,
  before: usize,
  aboveBefore: usize,
  magnitudes: usize,
  bits: u32,
  zeroSymbol: u32,
): void {
  const size = sizeof<T>();
  const signs = magnitudes + (<usize>nx * size + 32);
  const dropped = (<u32>size << 3) - bits;
  if (dropped != 0) {
    const kept: U = <U>-1 << <U>dropped;
    for (let x: u32 = 0; x < nx; x++) {
      const at = row + <usize>x * size;
      store<U>(at, load<U>(at) & kept);
    }
  }
  measureRow<T, U>(nx, row, above, before, aboveBefore, magnitudes, signs, dropped);
  codeRow<U>(scratch, nx, magnitudes, signs, bits > 8, zeroSymbol);
}

// Residuals of a row: magnitudes, and signs (all bits set for negative). Vectors go beyond the row's end; nothing comes of it.
function measureRow<T, U>(
  nx: u32,
  row: usize,
  above: usize,
  before: usize,
  aboveBefore: usize,
  magnitudes: usize,
  signs: usize,
  dropped: u32,
): void {
  const size = sizeof<T>();
  const end = <usize>nx * size;
  for (let x: usize = 0; x < end; x += 16) {
    const last = v128.load(row + x - size);
    const other = v128.load(aboveBefore + x);
    const up = v128.load(above + x);
    const lastOf = v128.load(before + x - size);
    const same = v128.load(before + x);
    const lastUp = v128.load(above + x - size);
    const lastOther = v128.load(aboveBefore + x - size);
    let predicted = predict<T>(last, other, up, lastOf, same, lastUp, lastOther);
    if (v128.any_true(v128.ne<T>(predicted, predicted))) {
      predicted = predictNaN<T, U>(last, other, up, lastOf, same, lastUp, lastOther);
    }
    const rank = ranksOf<U>(v128.load(row + x), dropped);
    const predictedRank = ranksOf<U>(predicted, dropped);
    const top = v128.splat<U>(<U>1 << <U>((<u32>size << 3) - 1));
    const topped = v128.xor(rank, top);
    const predictedTopped = v128.xor(predictedRank, top);
    const sign =
      size == 8 ? i64x2.gt_s(predictedTopped, topped) : i32x4.gt_s(predictedTopped, topped);
    const difference = v128.sub<U>(rank, predictedRank);
    v128.store(magnitudes + x, v128.sub<U>(v128.xor(difference, sign), sign));
    v128.store(signs + x, sign);
  }
}

// Codes residuals. Out there is room for all that they can take.
function codeRow<U>(scratch: usize, nx: u32, magnitudes: usize, signs: usize, isWide: bool, zeroSymbol: u32): void {
  const size = sizeof<U>();
  const sums = scratch + sumsOffset;
  let low = load<u32>(scratch, lowAt);
  let range = load<u32>(scratch, rangeAt);
  let at = load<usize>(scratch, nextAt);
  let left = load<u32>(scratch, leftAt);
  let increase = load<u32>(scratch, increaseAt);
  const end = magnitudes + <usize>nx * size;
  for (; magnitudes < end; magnitudes += size, signs += size) {
    const magnitude = load<U>(magnitudes);
    const sign = load<i32>(signs);
    const length = isWide ? (<i32>size << 3) - <i32>clz<U>(magnitude) : <i32>magnitude;
    const symbol = <i32>zeroSymbol + ((length ^ sign) - sign);
    const entry = sums + (<usize>symbol << 2);
    const first = load<u32>(entry);
    const width = load<u32>(entry, 4) - first;
    range >>= 16;
    low += range * first;
    range *= width;
    let settled = clz(low ^ (low + range)) & 0x18;
    store<u32>(at, swapBytes(low));
    at += settled >> 3;
    low <<= settled;
    range <<= settled;
    if (range < 0x10000) {
      store<u32>(at, swapBytes(low));
      at += 2;
      low <<= 16;
      range = -low;
    }
    if (left == 0) {
      endPeriod(scratch);
      left = load<u32>(scratch, leftAt);
      increase = load<u32>(scratch, increaseAt);
    }
    left--;
    store<u32>(entry, load<u32>(entry, countsFromSums) + increase, countsFromSums);
    if (!isWide || length < 2) continue;

    let more = length - 1;
    let raw: U = magnitude ^ (<U>1 << <U>more);
    while (more > 0) {
      const count = min(more, 16);
      range >>= count;
      low += range * (<u32>raw & 0xffff);
      settled = clz(low ^ (low + range)) & 0x18;
      store<u32>(at, swapBytes(low));
      at += settled >> 3;
      low <<= settled;
      range <<= settled;
      if (range < 0x10000) {
        store<u32>(at, swapBytes(low));
        at += 2;
        low <<= 16;
        range = -low;
      }
      raw >>= 16;
      more -= 16;
    }
  }
  store<u32>(scratch, low, lowAt);
  store<u32>(scratch, range, rangeAt);
  store<usize>(scratch, at, nextAt);
  store<u32>(scratch, left, leftAt);
}
