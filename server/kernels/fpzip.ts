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
// Decoding.  State of the coder in locals; all bytes that are settled leave at once (one clz in place of a loop); a table of 2^12 entries,
// made anew with the widths, leads to the symbol or just before it. The input is read 4 bytes at a time up to near its end, whose last bytes
// are read from a copy with zeros behind it, so that one comparison for each value bounds all reads.
// Encoding.  Values are known, so that a row's predictions and residuals are computed by vectors before it is coded.

const enum Status {
  ok = 0,
  truncated = -1,
  damaged = -2,
  trailingBytes = -3,
  noRoom = -4,
}

// Scratch memory: coder state (64 bytes), copy of the input's end, sums before each symbol (u32; one more for the end), frequencies (u32),
// lookup table, 8448 bytes in all; then two planes of (nx + 1)(ny + 1) values, whose first row and column stay 0; for encoding also 64
// bytes that nothing means, and the magnitudes and the signs of a row, nx values and 32 bytes each.
const stateBytes: usize = 64;
const tailBytes: u32 = 64;
const mostSymbols: u32 = 511;
const lookupBits: u32 = 12;
const tailOffset: usize = stateBytes;
const sumsOffset: usize = tailOffset + 2 * tailBytes;
const countsOffset: usize = sumsOffset + 4 * (mostSymbols + 1);
const lookupOffset: usize = countsOffset + 4 * (mostSymbols + 1);
const valuesOffset: usize = lookupOffset + (1 << lookupBits) + 64;
const countsFromSums: usize = countsOffset - sumsOffset;

// What one value takes of the input at most: 5 times 3 bytes, and a load of 4 from there.
const margin: u32 = 20;

// Coder state.
const lowAt: usize = 0;
const rangeAt: usize = 4;
const differenceAt: usize = 8;
const nextAt: usize = 12;
const safeAt: usize = 16;
const inputEndAt: usize = 20;
// Model state.
const periodAt: usize = 24;
const leftAt: usize = 28;
const laterAt: usize = 32;
const increaseAt: usize = 36;
const symbolsAt: usize = 40;

// ---------------------------------------------------------------- model

function resetModel(scratch: usize, symbols: u32): void {
  const counts = scratch + countsOffset;
  const each = <u32>0x10000 / symbols;
  const more = <u32>0x10000 % symbols;
  for (let s: u32 = 0; s < symbols; s++) store<u32>(counts + (<usize>s << 2), each + <u32>(s < more));
  store<u32>(scratch, symbols, symbolsAt);
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

// For each of the 2^12 parts of the sums the symbol at its beginning; of more than 256 symbols, half its number.
function makeLookup(scratch: usize): void {
  const symbols = load<u32>(scratch, symbolsAt);
  const halve = <u32>(symbols > 256);
  const sums = scratch + sumsOffset;
  const lookup = scratch + lookupOffset;
  const shift = 16 - lookupBits;
  const last = <u32>((1 << shift) - 1);
  let at = lookup;
  for (let s: u32 = 0; s < symbols; s++) {
    // The parts that begin before the symbol's end. Stores may reach beyond, where later symbols' follow, or 7 bytes of slack.
    const end = lookup + ((load<u32>(sums + (<usize>s << 2), 4) + last) >> shift);
    const entries = <u64>(s >> halve) * 0x0101010101010101;
    for (let to = at; to < end; to += 8) store<u64>(to, entries);
    at = end;
  }
}

// ---------------------------------------------------------------- values

// @ts-ignore: decorator
@inline
function swapBytes(word: u32): u32 {
  return (rotl<u32>(word, 8) & 0x00ff00ff) | (rotr<u32>(word, 8) & 0xff00ff00);
}

/** Place of a float in the order of floats, from its bits; its own inverse but for the complement. */
// @ts-ignore: decorator
@inline
function rankOf<U>(bits: U): U {
  if (sizeof<U>() == 8) {
    const other = ~(<u64>bits);
    return <U>(other ^ (<u64>(<i64>other >> 63) >> 1));
  }
  const other = ~(<u32>bits);
  return <U>(other ^ (<u32>(<i32>other >> 31) >> 1));
}

// @ts-ignore: decorator
@inline
function bitsOf<U>(rank: U): U {
  if (sizeof<U>() == 8) return <U>~(<u64>rank ^ (<u64>(<i64>rank >> 63) >> 1));
  return <U>~(<u32>rank ^ (<u32>(<i32>rank >> 31) >> 1));
}

// @ts-ignore: decorator
@inline
function toBits<T, U>(value: T): U {
  return sizeof<T>() == 8 ? <U>reinterpret<u64>(<f64>value) : <U>reinterpret<u32>(<f32>value);
}

// The prediction where it is not a number, from the bits of the values: `row` is the address of f(0, 0, 0), `above` of f(0, 1, 0),
// `before` of f(0, 0, 1), `aboveBefore` of f(0, 1, 1).
function predictNaN<T, U>(row: usize, above: usize, before: usize, aboveBefore: usize): U {
  const size = sizeof<T>();
  const quiet: U = size == 8 ? <U>0x0008000000000000 : <U>0x00400000;
  const invalid: U = size == 8 ? <U>0xfff8000000000000 : <U>0xffc00000;
  let value = load<T>(row - size);
  if (value != value) return load<U>(row - size) | quiet;
  for (let step = 0; step < 6; step++) {
    let at = aboveBefore;
    if (step == 1) at = above;
    else if (step == 2) at = before - size;
    else if (step == 3) at = before;
    else if (step == 4) at = above - size;
    else if (step == 5) at = aboveBefore - size;
    const operand = load<T>(at);
    if (operand != operand) return load<U>(at) | quiet;
    value = <T>((step & 1) == 0 ? value - operand : value + operand);
    if (value != value) return invalid;
  }
  return invalid;
}

// ---------------------------------------------------------------- decoding

/**
 * Starts a stream: reads its header to `header` as 12 numbers of 32 bits (magic of 4, version, mode, type, precision, nx, ny, nz, nf); the
 * coder's state stays in `scratch`, laid out as above. Returns a Status.
 */
export function open(input: usize, inputBytes: u32, scratch: usize, header: usize): i32 {
  const copied = min(inputBytes, tailBytes);
  memory.copy(scratch + tailOffset, input + inputBytes - copied, copied);
  memory.fill(scratch + tailOffset + copied, 0, 2 * tailBytes - copied);
  store<u32>(scratch, 0, lowAt);
  store<u32>(scratch, 0xffffffff, rangeAt);
  store<usize>(scratch, input + inputBytes, inputEndAt);
  let at = input;
  let safe = input + inputBytes - margin;
  if (inputBytes < tailBytes) {
    at = scratch + tailOffset;
    safe = at + inputBytes;
    store<usize>(scratch, 0, inputEndAt);
  }
  store<u32>(scratch, swapBytes(load<u32>(at)), differenceAt);
  store<usize>(scratch, at + 4, nextAt);
  store<usize>(scratch, safe, safeAt);
  for (let field = 0; field < 12; field++) {
    let bits: u32 = 8;
    if (field == 4) bits = 16;
    else if (field == 6) bits = 1;
    else if (field == 7) bits = 7;
    let value: u32 = 0;
    if (field >= 8) {
      value = readBits(scratch, 16);
      bits = 16;
      value |= readBits(scratch, 16) << 16;
    } else {
      value = readBits(scratch, bits);
    }
    store<u32>(header + (field << 2), value);
    if (!refill(scratch)) return Status.truncated;
  }
  return Status.ok;
}

// Before a value: is its input there? Goes over to the copy of the input's end where that begins.
function refill(scratch: usize): bool {
  const at = load<usize>(scratch, nextAt);
  if (at <= load<usize>(scratch, safeAt)) return true;
  const inputEnd = load<usize>(scratch, inputEndAt);
  if (inputEnd == 0) return false;
  // The copy holds the last `tailBytes` of the input, or all of it, and zeros.
  const tailEnd = scratch + tailOffset + tailBytes;
  store<usize>(scratch, tailEnd - (inputEnd - at), nextAt);
  store<usize>(scratch, tailEnd, safeAt);
  store<usize>(scratch, 0, inputEndAt);
  return true;
}

// Up to 16 raw bits, for the header: beyond the interval, they are what no header has.
function readBits(scratch: usize, count: u32): u32 {
  let low = load<u32>(scratch, lowAt);
  let range = load<u32>(scratch, rangeAt) >> count;
  let difference = load<u32>(scratch, differenceAt);
  let at = load<usize>(scratch, nextAt);
  const value = difference / range;
  low += value * range;
  difference -= value * range;
  const settled = clz(low ^ (low + range)) & 0x18;
  difference = <u32>((((<u64>difference << 32) | swapBytes(load<u32>(at))) << settled) >> 32);
  at += settled >> 3;
  low <<= settled;
  range <<= settled;
  if (range < 0x10000) {
    difference = (difference << 16) | (swapBytes(load<u32>(at)) >> 16);
    at += 2;
    low <<= 16;
    range = -low;
  }
  store<u32>(scratch, low, lowAt);
  store<u32>(scratch, range, rangeAt);
  store<u32>(scratch, difference, differenceAt);
  store<usize>(scratch, at, nextAt);
  return value;
}

/**
 * Decodes the opened stream. Of each field, value (x, y, z) with from <= (x, y) < to and z < toZ, and of the fields those in
 * [fromField, toField), go to `target + field * targetField + z * targetPlane + y * targetRow + x`, counted from the first wanted; `bias` is
 * subtracted from each. Stops after the last wanted value; a stream that is decoded to its end must end there. Returns a Status.
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
  const valueBytes: usize = isDouble != 0 ? 8 : 4;
  const bits = precision != 0 ? precision : <u32>valueBytes << 3;
  const isWide = bits > 8;
  const symbols = isWide ? 2 * bits + 1 : (<u32>2 << bits) - 1;
  const zeroSymbol = isWide ? bits : (<u32>1 << bits) - 1;
  const stride = (<usize>nx + 1) * valueBytes;
  const planeBytes = stride * (<usize>ny + 1);
  let current = scratch + valuesOffset;
  let before = current + planeBytes;
  for (let field: u32 = 0; field < toField; field++) {
    resetModel(scratch, symbols);
    makeLookup(scratch);
    memory.fill(scratch + valuesOffset, 0, 2 * planeBytes);
    const isLast = field + 1 == toField;
    const planes = isLast ? toZ : nz;
    for (let z: u32 = 0; z < planes; z++) {
      const rows = isLast && z + 1 == planes ? toY : ny;
      const isWanted = field >= fromField && z >= fromZ && z < toZ;
      const plane = target + <usize>(field - fromField) * targetField + <usize>(z - fromZ) * targetPlane;
      for (let y: u32 = 0; y < rows; y++) {
        const row = current + <usize>(y + 1) * stride + valueBytes;
        const other = before + <usize>(y + 1) * stride + valueBytes;
        const status =
          isDouble != 0
            ? decodeRow<f64, u64>(scratch, nx, row, row - stride, other, other - stride, bits, zeroSymbol)
            : decodeRow<f32, u32>(scratch, nx, row, row - stride, other, other - stride, bits, zeroSymbol);
        if (status != Status.ok) return status;
        if (isWanted && y >= fromY && y < toY) {
          const to = plane + <usize>(y - fromY) * targetRow;
          const from = row + <usize>fromX * valueBytes;
          const bytes = <usize>(toX - fromX) * valueBytes;
          if (bias == 0) memory.copy(to, from, bytes);
          else if (isDouble != 0) addToRow<f64>(to, from, bytes, -bias);
          else addToRow<f32>(to, from, bytes, -bias);
        }
      }
      const swapped = current;
      current = before;
      before = swapped;
    }
  }
  if (!refill(scratch)) return Status.truncated;
  if (toField != nf || toZ != nz || toY != ny) return Status.ok;
  const inputEnd = load<usize>(scratch, inputEndAt);
  const isEnd = inputEnd == 0 && load<usize>(scratch, nextAt) == load<usize>(scratch, safeAt);
  return isEnd ? Status.ok : Status.trailingBytes;
}

function addToRow<T>(to: usize, from: usize, bytes: usize, addend: f64): void {
  const end = to + bytes;
  const wide = sizeof<T>() == 8 ? f64x2.splat(addend) : f32x4.splat(<f32>addend);
  for (; to + 16 <= end; to += 16, from += 16) {
    const values = v128.load(from);
    v128.store(to, sizeof<T>() == 8 ? f64x2.add(values, wide) : f32x4.add(values, wide));
  }
  for (; to < end; to += sizeof<T>(), from += sizeof<T>()) store<T>(to, <T>(load<T>(from) + <T>addend));
}

// One row of nx values to `row`; the addresses are of its first value and of those above it, before it (z), and both.
function decodeRow<T, U>(
  scratch: usize,
  nx: u32,
  row: usize,
  above: usize,
  before: usize,
  aboveBefore: usize,
  bits: u32,
  zeroSymbol: u32,
): i32 {
  const size = sizeof<T>();
  const sums = scratch + sumsOffset;
  const lookup = scratch + lookupOffset;
  const halve = <u32>(load<u32>(scratch, symbolsAt) > 256);
  const lookupShift = 16 - lookupBits;
  const dropped: U = <U>((<u32>size << 3) - bits);
  const kept: U = <U>-1 << dropped;
  const isWide = bits > 8;
  const rowEnd = row + <usize>nx * size;

  let low = load<u32>(scratch, lowAt);
  let range = load<u32>(scratch, rangeAt);
  let difference = load<u32>(scratch, differenceAt);
  let at = load<usize>(scratch, nextAt);
  let safe = load<usize>(scratch, safeAt);
  let left = load<u32>(scratch, leftAt);
  let increase = load<u32>(scratch, increaseAt);

  let last = load<T>(row - size);
  let lastAbove = load<T>(above - size);
  let lastBefore = load<T>(before - size);
  let lastAboveBefore = load<T>(aboveBefore - size);

  while (row < rowEnd) {
    if (at > safe) {
      store<usize>(scratch, at, nextAt);
      if (!refill(scratch)) return Status.truncated;
      at = load<usize>(scratch, nextAt);
      safe = load<usize>(scratch, safeAt);
    }

    // The symbol.
    range >>= 16;
    const place = difference / range;
    if (place > 0xffff) return Status.damaged;
    let found = sums + (<usize>((<u32>load<u8>(lookup + (place >> lookupShift))) << halve) << 2);
    while (load<u32>(found, 4) <= place) found += 4;
    const first = load<u32>(found);
    const width = load<u32>(found, 4) - first;
    low += range * first;
    difference -= range * first;
    range *= width;
    let settled = clz(low ^ (low + range)) & 0x18;
    difference = <u32>((((<u64>difference << 32) | swapBytes(load<u32>(at))) << settled) >> 32);
    at += settled >> 3;
    low <<= settled;
    range <<= settled;
    if (range < 0x10000) {
      difference = (difference << 16) | (swapBytes(load<u32>(at)) >> 16);
      at += 2;
      low <<= 16;
      range = -low;
    }
    if (left == 0) {
      if (endPeriod(scratch)) makeLookup(scratch);
      left = load<u32>(scratch, leftAt);
      increase = load<u32>(scratch, increaseAt);
    }
    left--;
    store<u32>(found, load<u32>(found, countsFromSums) + increase, countsFromSums);

    // The residual.
    let residual: U = 0;
    const signed = <i32>((found - sums) >> 2) - <i32>zeroSymbol;
    if (!isWide) {
      residual = <U>signed;
    } else if (signed != 0) {
      const sign = signed >> 31;
      let more = ((signed ^ sign) - sign) - 1;
      let magnitude: U = <U>1 << <U>more;
      let shift: U = 0;
      while (more > 0) {
        const count = min(more, 16);
        range >>= count;
        const raw = difference / range;
        if (raw >> count != 0) return Status.damaged;
        magnitude += <U>raw << shift;
        low += range * raw;
        difference -= range * raw;
        settled = clz(low ^ (low + range)) & 0x18;
        difference = <u32>((((<u64>difference << 32) | swapBytes(load<u32>(at))) << settled) >> 32);
        at += settled >> 3;
        low <<= settled;
        range <<= settled;
        if (range < 0x10000) {
          difference = (difference << 16) | (swapBytes(load<u32>(at)) >> 16);
          at += 2;
          low <<= 16;
          range = -low;
        }
        shift += 16;
        more -= 16;
      }
      residual = (magnitude ^ <U>sign) - <U>sign;
    }

    // The value.
    const nextAbove = load<T>(above);
    const nextBefore = load<T>(before);
    const nextAboveBefore = load<T>(aboveBefore);
    const predicted = <T>(last - nextAboveBefore + nextAbove - lastBefore + nextBefore - lastAbove + lastAboveBefore);
    let predictedBits = toBits<T, U>(predicted);
    if (predicted != predicted) predictedBits = predictNaN<T, U>(row, above, before, aboveBefore);
    const value = bitsOf<U>(((rankOf<U>(predictedBits) >> dropped) + residual) << dropped) & kept;
    store<U>(row, value);
    last = sizeof<T>() == 8 ? <T>reinterpret<f64>(<u64>value) : <T>reinterpret<f32>(<u32>value);
    lastAbove = nextAbove;
    lastBefore = nextBefore;
    lastAboveBefore = nextAboveBefore;
    row += size;
    above += size;
    before += size;
    aboveBefore += size;
  }
  store<u32>(scratch, low, lowAt);
  store<u32>(scratch, range, rangeAt);
  store<u32>(scratch, difference, differenceAt);
  store<usize>(scratch, at, nextAt);
  store<u32>(scratch, left, leftAt);
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
    resetModel(scratch, symbols);
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
    let predicted = v128.sub<T>(last, v128.load(aboveBefore + x));
    predicted = v128.add<T>(predicted, v128.load(above + x));
    predicted = v128.sub<T>(predicted, v128.load(before + x - size));
    predicted = v128.add<T>(predicted, v128.load(before + x));
    predicted = v128.sub<T>(predicted, v128.load(above + x - size));
    predicted = v128.add<T>(predicted, v128.load(aboveBefore + x - size));
    if (v128.any_true(v128.ne<T>(predicted, predicted))) {
      // The room of the signs holds them for the moment.
      v128.store(signs + x, predicted);
      for (let at = x; at < min(end, x + 16); at += size) {
        const one = load<T>(signs + at);
        if (one != one) store<U>(signs + at, predictNaN<T, U>(row + at, above + at, before + at, aboveBefore + at));
      }
      predicted = v128.load(signs + x);
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

// @ts-ignore: decorator
@inline
function ranksOf<U>(bits: v128, dropped: u32): v128 {
  const other = v128.not(bits);
  if (sizeof<U>() == 8) {
    const flip = i64x2.shr_u(i64x2.shr_s(other, 63), 1);
    return i64x2.shr_u(v128.xor(other, flip), dropped);
  }
  const flip = i32x4.shr_u(i32x4.shr_s(other, 31), 1);
  return i32x4.shr_u(v128.xor(other, flip), dropped);
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
