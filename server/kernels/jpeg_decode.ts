// jpeg, decoding: the pixels of a gray baseline image (ITU T.81, sequential DCT, Huffman coding, 8 bits, one component, no restarts).
//
// The TypeScript side reads the markers; here is the scan:
//   bits     most significant first; a byte FF of data is followed by 00, which is no data
//   block    8 x 8 coefficients, left to right, top to bottom over ceil(width / 8) x ceil(height / 8) blocks. First the DC: a Huffman symbol s, then
//            s bits of the difference to the block before; then AC in zigzag order: a symbol r << 4 | s says that r zeros and a value of s bits
//            follow; 00 ends the block, F0 is 16 zeros. A value of s bits that begins with 0 stands for itself - (2^s - 1).
//   pixels   coefficients x steps, inverse DCT, + 128, clamped
//   end      fewer than 8 bits of padding
//
// The inverse DCT is the accurate integer one that all libjpegs share (Loeffler, Ligtenberg, Moschytz 1989: 13 bits of fraction, two bits kept between
// the passes, columns first), so pixels are equal to theirs, bit for bit. Between the passes values have 16 bits, as in the reference's
// vector code; where only damaged files exceed them, they saturate.
//
// Speed. Of the time, 55 % go into the symbols of the scan, 40 % into the transform. Symbols wait for each other: shift, look, shift, about 9 cycles
// each, and a branch mispredicted once or twice a block. So:
//   - the scan is copied once without its stuffing, in reverse: eight bytes from any place on are one little-endian load, the first of them on top;
//   - one look at 11 bits gives length, run and value together wherever they fit, as they do for 97 of 100 symbols;
//   - what a look cannot give, and the end of a block, is one flag: the common path has one branch for all of it;
//   - the buffer is refilled without a branch, and only when fewer bits are left than a look takes: about every tenth symbol;
//   - coefficients go to a batch of blocks, so that the transform does not wait for the stores of its own block;
//   - the transform multiplies and adds pairs of 16 bits (dot), eight columns at once: a rotation is two of those; a first version with
//     products of 32 bits took 1.8 times as long.
// Altogether 1.5 times as fast as the reference on real images, of 1.7 bits a pixel. Tried without gain: 12 bits (the tables leave the first-level
// cache), two symbols an entry, other places of the flag. Left: five symbols written out after each refill, with no look at the bits left, are 5 % faster
// still, and unreadable; blocks whose high coefficients are all zero could have a shorter transform.
//
// Scratch: two tables, a batch of blocks, places and steps (SCRATCH_BYTES in all), then the scan reversed: its length and 64 bytes.

const enum Status {
  ok = 0,
  badTable = -1,
  badCode = -2,
  badRun = -3,
  cutOff = -4,
  // A marker inside the scan, as of restarts: not for this kernel.
  hasMarker = -5,
  // More bytes than its blocks take, which the reference takes for padding, or not.
  tooLong = -6,
}

const LOOK_BITS: u32 = 11;
const LOOK_SIZE: u32 = 1 << 11;

// A table for decoding: LOOK_SIZE entries, then for codes longer than a look, by their length: the last code, and what to add to a code for the place of
// its symbol; i32 each, 17 of them.
const LAST: usize = LOOK_SIZE << 2;
const PLACE: usize = LAST + 68;
const TABLE_BYTES: usize = PLACE + 68;

// Blocks that are read before they are transformed, 64 coefficients of 16 bits each.
const BATCH: u32 = 32;
const BLOCK_BYTES: usize = 128;

const DC: usize = 0;
const AC: usize = 8384;
const BLOCKS: usize = 16768;
// For one more than each place in the zigzag its byte in the block; 128 of them, so that runs may leave the block before that is seen.
const PLACES: usize = BLOCKS + <usize>BATCH * BLOCK_BYTES;
// Steps in natural order, u16.
const STEPS: usize = PLACES + 136;
// Of each block of the batch, whether it has nothing but its DC.
const FLAT: usize = STEPS + 128;
// Where the reversed scan begins.
const SCRATCH_BYTES: usize = 21248;

// An entry: bits 0-5 how many bits to take, 6-12 zeros and the value, 13 SPECIAL, 14 OPEN, 16-31 the value.
//   SPECIAL alone         a code longer than a look, or none
//   SPECIAL, with bits    16 zeros, or END: the block has no more
//   SPECIAL | OPEN        the value is not in the entry; bits 16-19 say how many bits it has
const RUN_SHIFT: u32 = 6;
const SPECIAL: u32 = 1 << 13;
const OPEN: u32 = 1 << 14;
const VALUE_SHIFT: u32 = 16;
// More than any run makes of a place: 63 + 16.
const END: u32 = 80;

/**
 * Decodes `scanBytes` bytes of a scan into rows: row r of the image is at dst + (r % rows) * dstRow + (r / rows) * dstPlane. `steps` has, for each
 * coefficient in zigzag order, its step and, shifted by 16, twice its natural place (u32). `dcCodes` and `acCodes` have 16 counts of codes by their length,
 * then the symbols, at most 256, of which the caller has checked that there are as many as the counts say. `rows` is not 0. Returns a Status.
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
  const dc = scratch + DC;
  const ac = scratch + AC;
  const blocks = scratch + BLOCKS;
  const places = scratch + PLACES;
  if (!buildTable(dcCodes, dc, true) || !buildTable(acCodes, ac, false)) return Status.badTable;
  arrange(steps, places, scratch + STEPS);
  const reversed = scratch + SCRATCH_BYTES;
  const bytes = reverse(scan, scanBytes, reversed);
  if (bytes == NO_BYTES) return Status.hasMarker;
  // Byte i of the scan is at end - 1 - i; eight bytes from it on are at end - 8 - i.
  const end = reversed + 32 + scanBytes;
  const start = end - bytes;

  const blocksX = (width + 7) >> 3;
  let next = end - 8;
  let buffer: u64 = 0;
  let bits: u32 = 0;
  let last: i32 = 0;
  for (let row: u32 = 0; row < height; row += 8) {
    for (let bx: u32 = 0; bx < blocksX; bx += BATCH) {
      const count = min(BATCH, blocksX - bx);
      memory.fill(blocks, 0, <usize>count * BLOCK_BYTES);
      for (let b: u32 = 0; b < count; b++) {
        const block = blocks + <usize>b * BLOCK_BYTES;
        buffer |= load<u64>(next) >> bits;
        next -= (63 - bits) >> 3;
        bits |= 56;
        let entry = load<u32>(dc + (<usize>(buffer >> (64 - LOOK_BITS)) << 2));
        if (entry == SPECIAL) {
          entry = longCode(buffer, dc, dcCodes, true);
          if (entry == 0) return Status.badCode;
        }
        buffer <<= entry;
        bits -= entry & 63;
        if ((entry & OPEN) != 0) {
          const size = (entry >> VALUE_SHIFT) & 15;
          last += extend(<u32>(buffer >> (64 - size)), size);
          buffer <<= size;
          bits -= size;
        } else {
          last += <i32>entry >> VALUE_SHIFT;
        }
        store<i16>(block, <i16>last);

        let k: u32 = 1;
        do {
          buffer |= load<u64>(next) >> bits;
          next -= (63 - bits) >> 3;
          bits |= 56;
          do {
            entry = load<u32>(ac + (<usize>(buffer >> (64 - LOOK_BITS)) << 2));
            if ((entry & SPECIAL) != 0) break;
            buffer <<= entry;
            bits -= entry & 63;
            k += (entry >> RUN_SHIFT) & 127;
            store<i16>(block + load<u8>(places + k), <i16>(<i32>entry >> VALUE_SHIFT));
          } while (k < 64 && bits >= LOOK_BITS);
          if ((entry & SPECIAL) == 0) continue;

          // Code and value have 31 bits at most.
          buffer |= load<u64>(next) >> bits;
          next -= (63 - bits) >> 3;
          bits |= 56;
          if (entry == SPECIAL) {
            entry = longCode(buffer, ac, acCodes, false);
            if (entry == 0) return Status.badCode;
          }
          buffer <<= entry;
          bits -= entry & 63;
          k += (entry >> RUN_SHIFT) & 127;
          if ((entry & OPEN) != 0) {
            const size = (entry >> VALUE_SHIFT) & 15;
            store<i16>(block + load<u8>(places + k), <i16>extend(<u32>(buffer >> (64 - size)), size));
            buffer <<= size;
            bits -= size;
          }
        } while (k < 64);
        if (k > 64 && k < END) return Status.badRun;
        store<u8>(scratch + FLAT + b, <u8>(k == 1 + END));
        // What was taken must have been there; a block reads at most 250 bytes beyond it, all of them scratch.
        if (next + 8 + (bits >> 3) < start) return Status.cutOff;
      }
      storeBatch(scratch, count, width, height, bx << 3, row, dst, dstRow, dstPlane, rows);
    }
  }
  return <u32>(next + 8 - start) * 8 + bits < 8 ? Status.ok : Status.tooLong;
}

// Transforms a batch of blocks, the first of them at column x and row `row` of the image, and writes as much of them as the image has.
function storeBatch(
  scratch: usize,
  count: u32,
  width: u32,
  height: u32,
  x: u32,
  row: u32,
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
  rows: u32,
): void {
  const steps = scratch + STEPS;
  const step = <i32>load<u16>(steps);
  const blockRows = min(<u32>8, height - row);
  const firstY = row % rows;
  const isWhole = blockRows == 8 && firstY + 8 <= rows;
  let to = dst + <usize>(row / rows) * dstPlane + <usize>firstY * dstRow + x;
  let block = scratch + BLOCKS;
  for (let b: u32 = 0; b < count; b++) {
    const columns = min(<u32>8, width - x);
    if (!isWhole || columns < 8) {
      transform(block, steps, block, 8);
      storePart(block, columns, blockRows, firstY, to, dstRow, dstPlane, rows);
    } else if (load<u8>(scratch + FLAT + b) != 0) {
      const value = <i32>(<i16>(<i32>load<i16>(block) * step));
      storeFlat(max(0, min(255, ((value + 4) >> 3) + 128)), to, dstRow);
    } else {
      transform(block, steps, to, dstRow);
    }
    x += 8;
    to += 8;
    block += BLOCK_BYTES;
  }
}

// A block of pixels, dense, that an edge of the image or the end of a plane cuts.
function storePart(
  block: usize,
  columns: u32,
  blockRows: u32,
  y: u32,
  to: usize,
  dstRow: usize,
  dstPlane: usize,
  rows: u32,
): void {
  for (let r: u32 = 0; r < blockRows; r++, block += 8) {
    for (let i: u32 = 0; i < columns; i++) store<u8>(to + i, load<u8>(block + i));
    to += dstRow;
    if (++y == rows) {
      y = 0;
      to += dstPlane - <usize>rows * dstRow;
    }
  }
}

// Places and steps from the steps in zigzag order.
function arrange(steps: usize, places: usize, natural: usize): void {
  memory.fill(places, 0, 136);
  for (let k: usize = 0; k < 64; k++) {
    const step = load<u32>(steps + (k << 2));
    const place = (step >> 16) & 126;
    store<u8>(places + k + 1, <u8>place);
    store<u16>(natural + place, <u16>step);
  }
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

// The look-up table of a code; false where the counts are of no code, or a DC symbol is of no size.
function buildTable(codes: usize, table: usize, isDc: bool): bool {
  for (let i: usize = 0; i < TABLE_BYTES; i += 4) store<u32>(table + i, SPECIAL);
  let code: u32 = 0;
  let place: u32 = 0;
  for (let length: u32 = 1; length <= 16; length++) {
    const count: u32 = load<u8>(codes + length - 1);
    store<i32>(table + PLACE + (length << 2), <i32>place - <i32>code);
    for (let i: u32 = 0; i < count; i++, code++, place++) {
      const symbol: u32 = load<u8>(codes + 16 + place);
      if (isDc && symbol > 15) return false;
      if (length > LOOK_BITS) continue;
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

// The entry of a symbol whose code of `length` bits is followed, in the look, by `restBits` bits that hold `rest`.
function entryOf(symbol: u32, length: u32, rest: u32, restBits: u32, isDc: bool): u32 {
  const size = symbol & 15;
  const run = isDc ? 0 : symbol >> 4;
  if (size == 0) {
    if (isDc) return length;
    return length | ((run == 15 ? 16 : END) << RUN_SHIFT) | SPECIAL;
  }
  if (size <= restBits) {
    const value = extend(rest >> (restBits - size), size);
    return (length + size) | ((run + 1) << RUN_SHIFT) | ((<u32>value & 0xffff) << VALUE_SHIFT);
  }
  return length | ((run + 1) << RUN_SHIFT) | SPECIAL | OPEN | (size << VALUE_SHIFT);
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

// One row of coefficients times their steps, of 16 bits.
// @ts-ignore: decorator
@inline
function coefficients(block: usize, steps: usize, row: usize): v128 {
  return i16x8.mul(v128.load(block + (row << 4)), v128.load(steps + (row << 4)));
}

// A block's coefficients to pixels, eight rows of them at `to`. Uses the block's memory; `to` may be the block.
function transform(block: usize, steps: usize, to: usize, stride: usize): void {
  pass(
    coefficients(block, steps, 0),
    coefficients(block, steps, 1),
    coefficients(block, steps, 2),
    coefficients(block, steps, 3),
    coefficients(block, steps, 4),
    coefficients(block, steps, 5),
    coefficients(block, steps, 6),
    coefficients(block, steps, 7),
    11,
    block,
    16,
  );
  pass(
    v128.load(block),
    v128.load(block, 16),
    v128.load(block, 32),
    v128.load(block, 48),
    v128.load(block, 64),
    v128.load(block, 80),
    v128.load(block, 96),
    v128.load(block, 112),
    18,
    to,
    stride,
  );
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

// One dimension of the inverse DCT for eight columns at once, rounded off by `shift` bits and transposed: after the first pass (11) to rows of 16 bits, after the
// second (18) to pixels. Names end in l and h for the lower and the upper four columns.
// @ts-ignore: decorator
@inline
function pass(
  c0: v128,
  c1: v128,
  c2: v128,
  c3: v128,
  c4: v128,
  c5: v128,
  c6: v128,
  c7: v128,
  shift: i32,
  to: usize,
  stride: usize,
): void {
  // Even coefficients. The rounding of all results is added here, once.
  const round = i32x4.splat(1 << (shift - 1));
  const p04l = low(c0, c4);
  const p04h = high(c0, c4);
  const p26l = low(c2, c6);
  const p26h = high(c2, c6);
  const t0l = i32x4.add(dot(p04l, 8192, 8192), round);
  const t0h = i32x4.add(dot(p04h, 8192, 8192), round);
  const t1l = i32x4.add(dot(p04l, 8192, -8192), round);
  const t1h = i32x4.add(dot(p04h, 8192, -8192), round);
  const t2l = dot(p26l, F_0_541, F_0_541 - F_1_847);
  const t2h = dot(p26h, F_0_541, F_0_541 - F_1_847);
  const t3l = dot(p26l, F_0_541 + F_0_765, F_0_541);
  const t3h = dot(p26h, F_0_541 + F_0_765, F_0_541);
  const t10l = i32x4.add(t0l, t3l);
  const t10h = i32x4.add(t0h, t3h);
  const t13l = i32x4.sub(t0l, t3l);
  const t13h = i32x4.sub(t0h, t3h);
  const t11l = i32x4.add(t1l, t2l);
  const t11h = i32x4.add(t1h, t2h);
  const t12l = i32x4.sub(t1l, t2l);
  const t12h = i32x4.sub(t1h, t2h);

  // Odd ones.
  const s3 = i16x8.add(c7, c3);
  const s4 = i16x8.add(c5, c1);
  const p34l = low(s3, s4);
  const p34h = high(s3, s4);
  const z3l = dot(p34l, F_1_175 - F_1_961, F_1_175);
  const z3h = dot(p34h, F_1_175 - F_1_961, F_1_175);
  const z4l = dot(p34l, F_1_175, F_1_175 - F_0_390);
  const z4h = dot(p34h, F_1_175, F_1_175 - F_0_390);
  const p17l = low(c1, c7);
  const p17h = high(c1, c7);
  const p35l = low(c3, c5);
  const p35h = high(c3, c5);

  const u3l = i32x4.add(dot(p17l, F_1_501 - F_0_899, -F_0_899), z4l);
  const u3h = i32x4.add(dot(p17h, F_1_501 - F_0_899, -F_0_899), z4h);
  const r0 = sum(t10l, u3l, t10h, u3h, shift);
  const r7 = difference(t10l, u3l, t10h, u3h, shift);
  const u0l = i32x4.add(dot(p17l, -F_0_899, F_0_298 - F_0_899), z3l);
  const u0h = i32x4.add(dot(p17h, -F_0_899, F_0_298 - F_0_899), z3h);
  const r3 = sum(t13l, u0l, t13h, u0h, shift);
  const r4 = difference(t13l, u0l, t13h, u0h, shift);
  const u2l = i32x4.add(dot(p35l, F_3_072 - F_2_562, -F_2_562), z3l);
  const u2h = i32x4.add(dot(p35h, F_3_072 - F_2_562, -F_2_562), z3h);
  const r1 = sum(t11l, u2l, t11h, u2h, shift);
  const r6 = difference(t11l, u2l, t11h, u2h, shift);
  const u1l = i32x4.add(dot(p35l, -F_2_562, F_2_053 - F_2_562), z4l);
  const u1h = i32x4.add(dot(p35h, -F_2_562, F_2_053 - F_2_562), z4h);
  const r2 = sum(t12l, u1l, t12h, u1h, shift);
  const r5 = difference(t12l, u1l, t12h, u1h, shift);

  if (shift == 11) storeTransposed(r0, r1, r2, r3, r4, r5, r6, r7, to);
  else storePixels(r0, r1, r2, r3, r4, r5, r6, r7, to, stride);
}

// Of each pair of columns x and y: x a + y b.
// @ts-ignore: decorator
@inline
function dot(pairs: v128, a: i32, b: i32): v128 {
  return i32x4.dot_i16x8_s(pairs, i32x4.splat((a & 0xffff) | (b << 16)));
}

// @ts-ignore: decorator
@inline
function sum(tl: v128, ul: v128, th: v128, uh: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(tl, ul), shift), i32x4.shr_s(i32x4.add(th, uh), shift));
}

// @ts-ignore: decorator
@inline
function difference(tl: v128, ul: v128, th: v128, uh: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.sub(tl, ul), shift), i32x4.shr_s(i32x4.sub(th, uh), shift));
}

// The lower columns of two rows, alternating.
// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// @ts-ignore: decorator
@inline
function storeTransposed(
  r0: v128,
  r1: v128,
  r2: v128,
  r3: v128,
  r4: v128,
  r5: v128,
  r6: v128,
  r7: v128,
  to: usize,
): void {
  const a0 = low(r0, r4);
  const a1 = high(r0, r4);
  const a2 = low(r1, r5);
  const a3 = high(r1, r5);
  const a4 = low(r2, r6);
  const a5 = high(r2, r6);
  const a6 = low(r3, r7);
  const a7 = high(r3, r7);
  const b0 = low(a0, a4);
  const b1 = high(a0, a4);
  const b2 = low(a2, a6);
  const b3 = high(a2, a6);
  const b4 = low(a1, a5);
  const b5 = high(a1, a5);
  const b6 = low(a3, a7);
  const b7 = high(a3, a7);
  v128.store(to, low(b0, b2));
  v128.store(to, high(b0, b2), 16);
  v128.store(to, low(b1, b3), 32);
  v128.store(to, high(b1, b3), 48);
  v128.store(to, low(b4, b6), 64);
  v128.store(to, high(b4, b6), 80);
  v128.store(to, low(b5, b7), 96);
  v128.store(to, high(b5, b7), 112);
}

// Columns of samples around 0 to rows of pixels.
// @ts-ignore: decorator
@inline
function storePixels(
  r0: v128,
  r1: v128,
  r2: v128,
  r3: v128,
  r4: v128,
  r5: v128,
  r6: v128,
  r7: v128,
  to: usize,
  stride: usize,
): void {
  const middle = i8x16.splat(-128);
  const q04 = v128.xor(i8x16.narrow_i16x8_s(r0, r4), middle);
  const q15 = v128.xor(i8x16.narrow_i16x8_s(r1, r5), middle);
  const q26 = v128.xor(i8x16.narrow_i16x8_s(r2, r6), middle);
  const q37 = v128.xor(i8x16.narrow_i16x8_s(r3, r7), middle);
  const a01 = i8x16.shuffle(q04, q15, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const a45 = i8x16.shuffle(q04, q15, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const a23 = i8x16.shuffle(q26, q37, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const a67 = i8x16.shuffle(q26, q37, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const left0 = low(a01, a23);
  const left4 = high(a01, a23);
  const right0 = low(a45, a67);
  const right4 = high(a45, a67);
  storePair(i32x4.shuffle(left0, right0, 0, 4, 1, 5), to, stride);
  storePair(i32x4.shuffle(left0, right0, 2, 6, 3, 7), to + 2 * stride, stride);
  storePair(i32x4.shuffle(left4, right4, 0, 4, 1, 5), to + 4 * stride, stride);
  storePair(i32x4.shuffle(left4, right4, 2, 6, 3, 7), to + 6 * stride, stride);
}

// Two rows of eight pixels.
// @ts-ignore: decorator
@inline
function storePair(rows: v128, to: usize, stride: usize): void {
  v128.store64_lane(to, rows, 0);
  v128.store64_lane(to + stride, rows, 1);
}

// A block of one pixel value.
// @ts-ignore: decorator
@inline
function storeFlat(pixel: i32, to: usize, stride: usize): void {
  const pixels = <u64>pixel * 0x0101010101010101;
  for (let r: u32 = 0; r < 8; r++, to += stride) store<u64>(to, pixels);
}
