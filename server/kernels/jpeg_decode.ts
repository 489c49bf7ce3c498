// jpeg, decoding: the pixels of a gray baseline image (ITU T.81, sequential DCT, Huffman coding, 8 bits, one component, no restarts).
//
// The TypeScript side reads the markers; here is the scan:
//   bits     most significant first; a byte FF of data is followed by 00, which is no data
//   block    8 x 8 coefficients, left to right, top to bottom over ceil(width / 8) x ceil(height / 8) blocks. First the DC: a Huffman symbol s, then
//            s bits of the difference to the block before; then AC in zigzag order: a symbol r << 4 | s says that r zeros and a value of s bits
//            follow; 00 ends the block, F0 is 16 zeros. A value of s bits that begins with 0 stands for itself - (2^s - 1).
//   pixels   coefficients x steps, inverse DCT, + 128, clamped
//
// The inverse DCT is the accurate integer one that all libjpegs share (Loeffler, Ligtenberg, Moschytz 1989, with 13 bits of fraction and two bits kept
// between the passes), so pixels are equal to theirs, bit for bit; columns first, all eight of them at once.
//
// Speed. Most of the time goes into the symbols of the scan, each of which waits for the one before. So: the scan is copied once without its
// stuffing, in reverse, so that eight bytes from any place on are one little-endian load with the first of them on top; one look at 11 bits
// gives length, run and value together wherever they fit, as they do for nine symbols of ten; steps and places of the zigzag come in one load; a block
// without AC is one value. What is left is the latency of table looks: about 5 ns a symbol. Tried without gain: 12 bits (the
// tables leave the first-level cache), two symbols an entry.
//
// Scratch, two tables and a block (SCRATCH_BYTES in all), then the scan reversed: its length and 64 bytes.

const enum Status {
  ok = 0,
  badTable = -1,
  badCode = -2,
  badRun = -3,
  cutOff = -4,
  // A marker inside the scan, as of restarts: not for this kernel.
  hasMarker = -5,
}

const LOOK_BITS: u32 = 11;
const LOOK_SIZE: u32 = 1 << 11;

// A table for decoding: LOOK_SIZE entries, then for codes longer than a look, by their length: the last code, and what to add to a code for the place of
// its symbol; i32 each, 17 of them.
const LAST: usize = LOOK_SIZE << 2;
const PLACE: usize = LAST + 68;
const TABLE_BYTES: usize = PLACE + 68;

const DC: usize = 0;
const AC: usize = 8384;
const BLOCK: usize = 16768;
// Where the reversed scan begins.
const SCRATCH_BYTES: usize = 17152;

// An entry: bits 0-4 how many bits to take; 5-12 zeros before the value (END for the end of a block); 16-31 the value. With bit 13 (IS_OPEN) the look does not hold
// it all: bits 0-4 are those of the code, 14-17 those of the value; or the code itself is longer than a look, and nothing else is set.
const RUN_SHIFT: u32 = 5;
const IS_OPEN: u32 = 1 << 13;
const OPEN_SHIFT: u32 = 14;
const END: u32 = 128;

/**
 * Decodes `scanBytes` bytes of a scan into rows: row r of the image is at  dst + (r % rows) * dstRow + (r / rows) * dstPlane. `steps` has, for each
 * coefficient in zigzag order, its step and, shifted by 16, twice its natural place (u32). `dcCodes` and `acCodes` have 16 counts of codes by their length,
 * then the symbols, of which the caller has checked that there are as many as the counts say. Returns a Status.
 */
export function decodeGray(
  scan: usize,
  scanBytes: u32,
  width: u32,
  height: u32,
  steps: usize,
  dcCodes: usize,
  acCodes: usize,
  scratch: usize,
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
  rows: u32,
): i32 {
  if (!buildTable(dcCodes, scratch + DC, true) || !buildTable(acCodes, scratch + AC, false)) return Status.badTable;
  const reversed = scratch + SCRATCH_BYTES;
  const bytes = reverse(scan, scanBytes, reversed);
  if (bytes == NO_BYTES) return Status.hasMarker;
  // The address of stream byte 0 is end - 1; eight bytes from byte i on are at end - 8 - i.
  const end = reversed + 32 + scanBytes;
  const start = end - bytes;

  const block = scratch + BLOCK;
  const dc = scratch + DC;
  const ac = scratch + AC;
  const blocksX = (width + 7) >> 3;
  const blocksY = (height + 7) >> 3;
  let next = end - 8;
  let buffer: u64 = 0;
  let bits: u32 = 0;
  let last: i32 = 0;

  for (let by: u32 = 0; by < blocksY; by++) {
    const blockRows = min(<u32>8, height - (by << 3));
    for (let bx: u32 = 0; bx < blocksX; bx++) {
      // --- DC
      buffer |= load<u64>(next) >> bits;
      next -= (63 - bits) >> 3;
      bits |= 56;
      let entry = load<u32>(dc + (<usize>(buffer >> (64 - LOOK_BITS)) << 2));
      if ((entry & IS_OPEN) != 0) {
        entry = openEntry(entry, buffer, dc, dcCodes, true);
        if (entry == 0) return Status.badCode;
      }
      last += <i32>entry >> 16;
      buffer <<= entry & 31;
      bits -= entry & 31;

      // --- AC, two symbols a turn: they take at most 26 bits each
      clearBlock(block);
      let k: u32 = 1;
      let count: u32 = 0;
      while (true) {
        buffer |= load<u64>(next) >> bits;
        next -= (63 - bits) >> 3;
        bits |= 56;
        entry = load<u32>(ac + (<usize>(buffer >> (64 - LOOK_BITS)) << 2));
        if ((entry & IS_OPEN) != 0) {
          entry = openEntry(entry, buffer, ac, acCodes, false);
          if (entry == 0) return Status.badCode;
        }
        buffer <<= entry & 31;
        bits -= entry & 31;
        k += (entry >> RUN_SHIFT) & 0xff;
        if (k > 63) break;
        let step = load<u32>(steps + (k << 2));
        store<i16>(block + (step >> 16), <i16>((<i32>entry >> 16) * <i32>(step & 0xffff)));
        count++;
        if (++k > 63) break;

        entry = load<u32>(ac + (<usize>(buffer >> (64 - LOOK_BITS)) << 2));
        if ((entry & IS_OPEN) != 0) {
          entry = openEntry(entry, buffer, ac, acCodes, false);
          if (entry == 0) return Status.badCode;
        }
        buffer <<= entry & 31;
        bits -= entry & 31;
        k += (entry >> RUN_SHIFT) & 0xff;
        if (k > 63) break;
        step = load<u32>(steps + (k << 2));
        store<i16>(block + (step >> 16), <i16>((<i32>entry >> 16) * <i32>(step & 0xffff)));
        count++;
        if (++k > 63) break;
      }
      // 64: the last place is taken; END and beyond: the block ended; between them a run has left it.
      if (k > 64 && k < END) return Status.badRun;
      // What was taken must have been there.
      if (next + 8 + (bits >> 3) < start) return Status.cutOff;

      // --- pixels
      const columns = min(<u32>8, width - (bx << 3));
      const row = by << 3;
      const to = dst + (bx << 3);
      const scaled = <i16>(last * <i32>(load<u32>(steps) & 0xffff));
      if (count == 0) {
        const pixel = clampPixel(((<i32>scaled * 4 + 16) >> 5) + 128);
        storeFlat(pixel, columns, blockRows, row, rows, to, dstRow, dstPlane);
      } else {
        store<i16>(block, scaled);
        transform(block);
        storeBlock(block, columns, blockRows, row, rows, to, dstRow, dstPlane);
      }
    }
  }
  return Status.ok;
}

const NO_BYTES: u32 = 0xffffffff;

// Copies the scan without stuffing, its first byte last, so that its end is always at the same place, with zeros before it. Returns its bytes, NO_BYTES where a
// marker is among them.
function reverse(scan: usize, count: u32, out: usize): u32 {
  const zero = i64x2.splat(0);
  const stop = scan + count;
  const top = out + 32 + count;
  let to = top;
  let from = scan;
  const stuffed = i8x16.splat(-1);
  while (from < stop) {
    if (from + 16 <= stop) {
      const piece = v128.load(from);
      if (!v128.any_true(i8x16.eq(piece, stuffed))) {
        to -= 16;
        v128.store(to, i8x16.shuffle(piece, piece, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
        from += 16;
        continue;
      }
    }
    const byte = load<u8>(from++);
    store<u8>(--to, byte);
    if (byte == 0xff) {
      if (from == stop || load<u8>(from) != 0) return NO_BYTES;
      from++;
    }
  }
  v128.store(to - 16, zero);
  v128.store(to - 32, zero);
  return <u32>(top - to);
}

// The look-up table of a code; false where the counts are of no code.
function buildTable(codes: usize, table: usize, isDc: bool): bool {
  for (let at: usize = 0; at < LAST; at += 4) store<u32>(table + at, IS_OPEN);
  let code: u32 = 0;
  let place: u32 = 0;
  for (let length: u32 = 1; length <= 16; length++) {
    const count: u32 = load<u8>(codes + length - 1);
    store<i32>(table + PLACE + (length << 2), <i32>place - <i32>code);
    for (let i: u32 = 0; i < count; i++, code++, place++) {
      if (length > LOOK_BITS) continue;
      const symbol: u32 = load<u8>(codes + 16 + place);
      const first = code << (LOOK_BITS - length);
      const span: u32 = 1 << (LOOK_BITS - length);
      if (first + span > LOOK_SIZE) return false;
      for (let rest: u32 = 0; rest < span; rest++) {
        store<u32>(table + ((first + rest) << 2), entryOf(symbol, length, rest, LOOK_BITS - length, isDc));
      }
    }
    // A code of ones only is none.
    if (code >= (<u32>1 << length) && count > 0) return false;
    store<i32>(table + LAST + (length << 2), count > 0 ? <i32>code - 1 : -1);
    code <<= 1;
  }
  return true;
}

// The entry of a symbol whose code of `length` bits is followed, in the look, by `restBits` bits that hold `rest`. A value has at most 10 bits, a difference 11;
// symbols of more stay open, with nothing else set.
function entryOf(symbol: u32, length: u32, rest: u32, restBits: u32, isDc: bool): u32 {
  const size = symbol & 15;
  const run = isDc ? 0 : symbol >> 4;
  if (size > (isDc ? 11 : 10) || (isDc && symbol > 15)) return IS_OPEN;
  if (size == 0) {
    if (isDc) return length;
    return length | ((run == 15 ? 15 : END) << RUN_SHIFT);
  }
  if (size <= restBits) {
    const value = extend(rest >> (restBits - size), size);
    return (length + size) | (run << RUN_SHIFT) | ((<u32>value & 0xffff) << 16);
  }
  return length | (run << RUN_SHIFT) | IS_OPEN | (size << OPEN_SHIFT);
}

// An open entry made whole by the bits that follow; 0 where there is no such code.
function openEntry(entry: u32, buffer: u64, table: usize, codes: usize, isDc: bool): u32 {
  if (entry == IS_OPEN) {
    entry = longCode(buffer, table, codes, isDc);
    if ((entry & IS_OPEN) == 0) return entry;
  }
  const size = (entry >> OPEN_SHIFT) & 15;
  if (size == 0) return 0;
  const length = entry & 31;
  const value = extend(<u32>((buffer << length) >> (64 - size)), size);
  return (length + size) | (entry & (0xff << RUN_SHIFT)) | ((<u32>value & 0xffff) << 16);
}

// The entry of a code that is longer than a look; 0 where there is none.
function longCode(buffer: u64, table: usize, codes: usize, isDc: bool): u32 {
  for (let length = LOOK_BITS + 1; length <= 16; length++) {
    const code = <i32>(buffer >> (64 - length));
    if (code <= load<i32>(table + LAST + (length << 2))) {
      const place = code + load<i32>(table + PLACE + (length << 2));
      if (<u32>place > 255) return 0;
      return entryOf(load<u8>(codes + 16 + place), length, 0, 0, isDc);
    }
  }
  return 0;
}

// The value that `size` bits stand for.
// @ts-ignore: decorator
@inline
function extend(bits: u32, size: u32): i32 {
  return <i32>bits < (1 << (size - 1)) ? <i32>bits - (1 << size) + 1 : <i32>bits;
}

// @ts-ignore: decorator
@inline
function clearBlock(block: usize): void {
  const zero = i64x2.splat(0);
  v128.store(block, zero);
  v128.store(block, zero, 16);
  v128.store(block, zero, 32);
  v128.store(block, zero, 48);
  v128.store(block, zero, 64);
  v128.store(block, zero, 80);
  v128.store(block, zero, 96);
  v128.store(block, zero, 112);
}

// @ts-ignore: decorator
@inline
function clampPixel(value: i32): u8 {
  return <u8>max(0, min(255, value));
}

// Factors with 13 bits of fraction.
const F_0_298: i32 = 2446;
const F_0_390: i32 = 3196;
const F_0_541: i32 = 4433;
const F_0_765: i32 = 6270;
const F_0_899: i32 = 7373;
const F_1_175: i32 = 9633;
const F_1_501: i32 = 12299;
const F_1_847: i32 = 15137;
const F_1_961: i32 = 16069;
const F_2_053: i32 = 16819;
const F_2_562: i32 = 20995;
const F_3_072: i32 = 25172;

// Columns, then rows. The block of coefficients becomes samples, column after column.
function transform(block: usize): void {
  pass(
    v128.load(block),
    v128.load(block, 16),
    v128.load(block, 32),
    v128.load(block, 48),
    v128.load(block, 64),
    v128.load(block, 80),
    v128.load(block, 96),
    v128.load(block, 112),
    block,
    11,
  );
  const a0 = v128.load(block);
  const a1 = v128.load(block, 16);
  const a2 = v128.load(block, 32);
  const a3 = v128.load(block, 48);
  const a4 = v128.load(block, 64);
  const a5 = v128.load(block, 80);
  const a6 = v128.load(block, 96);
  const a7 = v128.load(block, 112);
  // Eight rows of eight become columns: by ones, by twos, by fours.
  const b0 = low16(a0, a1);
  const b1 = high16(a0, a1);
  const b2 = low16(a2, a3);
  const b3 = high16(a2, a3);
  const b4 = low16(a4, a5);
  const b5 = high16(a4, a5);
  const b6 = low16(a6, a7);
  const b7 = high16(a6, a7);
  const c0 = i32x4.shuffle(b0, b2, 0, 4, 1, 5);
  const c1 = i32x4.shuffle(b0, b2, 2, 6, 3, 7);
  const c2 = i32x4.shuffle(b1, b3, 0, 4, 1, 5);
  const c3 = i32x4.shuffle(b1, b3, 2, 6, 3, 7);
  const c4 = i32x4.shuffle(b4, b6, 0, 4, 1, 5);
  const c5 = i32x4.shuffle(b4, b6, 2, 6, 3, 7);
  const c6 = i32x4.shuffle(b5, b7, 0, 4, 1, 5);
  const c7 = i32x4.shuffle(b5, b7, 2, 6, 3, 7);
  pass(
    i64x2.shuffle(c0, c4, 0, 2),
    i64x2.shuffle(c0, c4, 1, 3),
    i64x2.shuffle(c1, c5, 0, 2),
    i64x2.shuffle(c1, c5, 1, 3),
    i64x2.shuffle(c2, c6, 0, 2),
    i64x2.shuffle(c2, c6, 1, 3),
    i64x2.shuffle(c3, c7, 0, 2),
    i64x2.shuffle(c3, c7, 1, 3),
    block,
    18,
  );
}

// @ts-ignore: decorator
@inline
function low16(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function high16(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// Two factors for the halves of pairs of 16-bit numbers.
// @ts-ignore: decorator
@inline
function factors(first: i32, second: i32): v128 {
  return i32x4.splat((first & 0xffff) | (second << 16));
}

// One dimension of the inverse DCT for eight columns at once, each result rounded off by `shift` bits. Products are sums of pairs, two inputs and two factors at a time, so that
// factors that the algorithm applies one after the other are added up beforehand.
// @ts-ignore: decorator
@inline
function pass(
  i0: v128,
  i1: v128,
  i2: v128,
  i3: v128,
  i4: v128,
  i5: v128,
  i6: v128,
  i7: v128,
  out: usize,
  shift: i32,
): void {
  // The rounding of all results is added here, once.
  const round = i32x4.splat(1 << (shift - 1));
  const zero = i64x2.splat(0);
  const sum = i16x8.add(i0, i4);
  const difference = i16x8.sub(i0, i4);
  const s3 = i16x8.add(i7, i3);
  const s4 = i16x8.add(i5, i1);
  halfPass(true, sum, difference, i1, i2, i3, i5, i6, i7, s3, s4, round, zero, out, shift);
  halfPass(false, sum, difference, i1, i2, i3, i5, i6, i7, s3, s4, round, zero, out + 8, shift);
}

// Four columns of a pass, the lower or the upper ones.
// @ts-ignore: decorator
@inline
function halfPass(
  isLow: bool,
  sum: v128,
  difference: v128,
  i1: v128,
  i2: v128,
  i3: v128,
  i5: v128,
  i6: v128,
  i7: v128,
  s3: v128,
  s4: v128,
  round: v128,
  zero: v128,
  at: usize,
  shift: i32,
): void {
  const p26 = isLow ? low16(i2, i6) : high16(i2, i6);
  const t3 = i32x4.dot_i16x8_s(p26, factors(F_0_541 + F_0_765, F_0_541));
  const t2 = i32x4.dot_i16x8_s(p26, factors(F_0_541, F_0_541 - F_1_847));
  // A number in the upper half of 32 bits, shifted down by 3, is it times 2^13.
  const t0 = i32x4.add(i32x4.shr_s(isLow ? low16(zero, sum) : high16(zero, sum), 3), round);
  const t1 = i32x4.add(i32x4.shr_s(isLow ? low16(zero, difference) : high16(zero, difference), 3), round);
  const t10 = i32x4.add(t0, t3);
  const t13 = i32x4.sub(t0, t3);
  const t11 = i32x4.add(t1, t2);
  const t12 = i32x4.sub(t1, t2);

  const p34 = isLow ? low16(s3, s4) : high16(s3, s4);
  const z3 = i32x4.dot_i16x8_s(p34, factors(F_1_175 - F_1_961, F_1_175));
  const z4 = i32x4.dot_i16x8_s(p34, factors(F_1_175, F_1_175 - F_0_390));
  const p71 = isLow ? low16(i7, i1) : high16(i7, i1);
  const p53 = isLow ? low16(i5, i3) : high16(i5, i3);
  const u0 = i32x4.add(i32x4.dot_i16x8_s(p71, factors(F_0_298 - F_0_899, -F_0_899)), z3);
  const u3 = i32x4.add(i32x4.dot_i16x8_s(p71, factors(-F_0_899, F_1_501 - F_0_899)), z4);
  const u1 = i32x4.add(i32x4.dot_i16x8_s(p53, factors(F_2_053 - F_2_562, -F_2_562)), z4);
  const u2 = i32x4.add(i32x4.dot_i16x8_s(p53, factors(-F_2_562, F_3_072 - F_2_562)), z3);

  put(at, 0, i32x4.add(t10, u3), shift);
  put(at, 7, i32x4.sub(t10, u3), shift);
  put(at, 1, i32x4.add(t11, u2), shift);
  put(at, 6, i32x4.sub(t11, u2), shift);
  put(at, 2, i32x4.add(t12, u1), shift);
  put(at, 5, i32x4.sub(t12, u1), shift);
  put(at, 3, i32x4.add(t13, u0), shift);
  put(at, 4, i32x4.sub(t13, u0), shift);
}

// @ts-ignore: decorator
@inline
function put(out: usize, index: usize, value: v128, shift: i32): void {
  const result = i32x4.shr_s(value, shift);
  v128.store64_lane(out + (index << 4), i16x8.narrow_i32x4_s(result, result), 0);
}

// Two columns of samples as pixels, their rows in turn.
// @ts-ignore: decorator
@inline
function pairOf(block: usize, column: usize): v128 {
  const middle = i16x8.splat(128);
  const pair = i8x16.narrow_i16x8_u(
    i16x8.add_sat_s(v128.load(block + (column << 4)), middle),
    i16x8.add_sat_s(v128.load(block + (column << 4), 16), middle),
  );
  return i8x16.shuffle(pair, pair, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
}

// Turns the columns of samples into rows of pixels, as many as the image has of the block.
function storeBlock(
  block: usize,
  columns: u32,
  blockRows: u32,
  row: u32,
  rows: u32,
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
): void {
  const c01 = pairOf(block, 0);
  const c23 = pairOf(block, 2);
  const c45 = pairOf(block, 4);
  const c67 = pairOf(block, 6);
  const left0 = i16x8.shuffle(c01, c23, 0, 8, 1, 9, 2, 10, 3, 11);
  const left4 = i16x8.shuffle(c01, c23, 4, 12, 5, 13, 6, 14, 7, 15);
  const right0 = i16x8.shuffle(c45, c67, 0, 8, 1, 9, 2, 10, 3, 11);
  const right4 = i16x8.shuffle(c45, c67, 4, 12, 5, 13, 6, 14, 7, 15);
  v128.store(block, i32x4.shuffle(left0, right0, 0, 4, 1, 5));
  v128.store(block, i32x4.shuffle(left0, right0, 2, 6, 3, 7), 16);
  v128.store(block, i32x4.shuffle(left4, right4, 0, 4, 1, 5), 32);
  v128.store(block, i32x4.shuffle(left4, right4, 2, 6, 3, 7), 48);
  let y = row % rows;
  let line = dst + <usize>(row / rows) * dstPlane + <usize>y * dstRow;
  for (let r: u32 = 0; r < blockRows; r++) {
    if (columns == 8) store<i64>(line, load<i64>(block + (<usize>r << 3)));
    else for (let x: u32 = 0; x < columns; x++) store<u8>(line + x, load<u8>(block + (<usize>r << 3) + x));
    line += dstRow;
    if (++y == rows) {
      y = 0;
      line += dstPlane - <usize>rows * dstRow;
    }
  }
}

function storeFlat(
  pixel: u8,
  columns: u32,
  blockRows: u32,
  row: u32,
  rows: u32,
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
): void {
  let y = row % rows;
  let line = dst + <usize>(row / rows) * dstPlane + <usize>y * dstRow;
  for (let r: u32 = 0; r < blockRows; r++) {
    if (columns == 8) store<i64>(line, <i64>pixel * 0x0101010101010101);
    else memory.fill(line, pixel, columns);
    line += dstRow;
    if (++y == rows) {
      y = 0;
      line += dstPlane - <usize>rows * dstRow;
    }
  }
}
