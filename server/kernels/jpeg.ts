// jpeg, encoding: from pixels to the scan of a baseline image (ITU T.81, annexes A, C, F). Headers and tables are the TypeScript side's.
//
// One component, or three as Y, Cb, Cr at full resolution, a block of each in turn. Blocks of 8 x 8 pixels; those that the image's
// edge cuts repeat its last column and row. `tables`, all little endian, for the first component and then for the other two:
//   u16[64] divisors in natural order: eight times the quantization step
//   u32[16] codes of DC sizes, u32[256] codes of AC (run << 4 | size): length << 16 | code
// and after both u8[64], the place of each coefficient in zigzag order.
//
// The scan: of each block first the DC, as its difference to that of the component's block before: the code of its size in bits, then these
// bits, negative values less one. Then what is not zero in zigzag order: the code of (zeros before it << 4 | size), its bits; F0 for 16 zeros when there
// are more, 00 when no others follow. Bits fill bytes from the top; 00 follows a byte FF; ones fill the last byte.
//
// The integer transform is the Loeffler-Ligtenberg-Moschytz one with 13 fractional bits, as the reference library's "islow" is, and
// so are rounding and color conversion: the same pixels give the same file.
//
// Speed. A version that went through all 64 coefficients of a block one by one, with products of 32 bits in the transform, reached a third of the
// reference. So:
//   - samples and coefficients have 16 bits, eight at once; the transform multiplies and adds pairs (dot): a rotation is two of those;
//   - the level shift of 128 touches one of 64 coefficients after the first pass, and is made there;
//   - divisions are an estimate (a rounding product with 2^15 / divisor), off by one at most, and the correction that its remainder asks for;
//   - the coefficients that are not zero become bits of a word, by a table for each row, in zigzag order: runs are counted by ctz;
//   - a code and the place for its value are one entry; bits gather in a word that is written when it is full, in one store unless a byte is FF;
//   - blocks are transformed in batches, so that the coder does not wait for the stores of its own block.
// Three times as fast as that, 0.75 to 0.8 of the reference, which uses a coarser transform by default. Of the time, 60 % go into the coder, about 7 ns for
// each coefficient that is not zero; 20 % into dividing, 15 % into the transform. Left: colors are converted pixel by pixel.

const tableBytes: usize = 128 + 64 + 1024;
const acOffset: usize = 128 + 64;

const enum Status {
  noRoom = -1,
}

// A block's bytes at worst: 64 coefficients of 16 + 10 bits, each byte stuffed; and what is still to be written.
const MOST_BLOCK_BYTES: usize = 512;

const BATCH: u32 = 32;
const BLOCK_BYTES: usize = 128;

// Scratch, SCRATCH_BYTES in all: quantized blocks, natural order, 16 bits each; their masks, bits in zigzag order;
const BLOCKS: usize = 0;
const MASKS: usize = BLOCKS + <usize>BATCH * BLOCK_BYTES;
// for both kinds of components 64 divisors and 64 reciprocals of 16 bits, codes of 16 DC sizes and 256 AC symbols;
const KINDS: usize = MASKS + <usize>BATCH * 8;
const KIND_BYTES: usize = 256 + 64 + 1024;
// for each of eight rows and each set of its eight columns the bits of the mask; the byte of each coefficient; a block of pixels; predictions.
const ROWS: usize = KINDS + 2 * KIND_BYTES;
const PLACES: usize = ROWS + 8 * 256 * 8;
const PIXELS: usize = PLACES + 64;
const PREDICTIONS: usize = PIXELS + 64;

// A code with room for its value: 26 bits, and above them how many bits that are.
const CODE_BITS: u32 = 26;
const CODE_MASK: u32 = (1 << 26) - 1;

// Bits that are not written yet, the lowest 64 - `free` of `bits`. Globals of the instance; every call of `encode` resets them.
let bits: u64 = 0;
let free: i32 = 64;

/**
 * Writes the scan's data, padded to a whole byte. `pixels` are planar, `planeBytes` from one component to the next. `scratch` has 23,616
 * bytes. Returns the bytes written, or a Status when `out` might not suffice.
 */
export function encode(
  pixels: usize,
  width: u32,
  height: u32,
  components: u32,
  planeBytes: usize,
  tables: usize,
  scratch: usize,
  out: usize,
  outBytes: usize,
): i32 {
  const end = out + outBytes;
  const start = out;
  prepare(tables, scratch);
  const mostColumns = BATCH / components << 3;
  for (let y: u32 = 0; y < height; y += 8) {
    for (let x: u32 = 0; x < width; x += mostColumns) {
      const stop = min(width, x + mostColumns);
      let block = scratch + BLOCKS;
      let mask = scratch + MASKS;
      for (let column = x; column < stop; column += 8) {
        for (let c: u32 = 0; c < components; c++) {
          quantizeBlock(pixels, width, height, column, y, components, c, planeBytes, scratch, block, mask);
          block += BLOCK_BYTES;
          mask += 8;
        }
      }
      out = writeBlocks(scratch, block, components, out, end);
      if (out == 0) return Status.noRoom;
    }
  }
  // Ones fill the last byte.
  const padding = free & 7;
  bits = (bits << padding) | ((1 << padding) - 1);
  free -= padding;
  for (; free < 64; free += 8) out = writeByte(out, <u8>(bits >> (56 - free)));
  return <i32>(out - start);
}

// Tables as the coder wants them.
function prepare(tables: usize, scratch: usize): void {
  bits = 0;
  free = 64;
  memory.fill(scratch + PREDICTIONS, 0, 12);
  for (let kind: usize = 0; kind < 2; kind++) {
    const from = tables + kind * tableBytes;
    const to = scratch + KINDS + kind * KIND_BYTES;
    for (let i: usize = 0; i < 128; i += 2) {
      const divisor = max<u16>(load<u16>(from + i), 2);
      store<u16>(to + i, divisor);
      store<u16>(to + 128 + i, <u16>((32768 + (<u32>divisor >> 1)) / divisor));
    }
    for (let size: u32 = 0; size < 16; size++) store<u32>(to + 256 + (<usize>size << 2), codeOf(from + 128, size, size));
    for (let symbol: u32 = 0; symbol < 256; symbol++) {
      store<u32>(to + 320 + (<usize>symbol << 2), codeOf(from + acOffset, symbol, symbol & 15));
    }
  }
  const rows = scratch + ROWS;
  memory.fill(rows, 0, 8 * 256 * 8);
  for (let k: usize = 0; k < 64; k++) {
    const natural: usize = load<u8>(tables + 2 * tableBytes + k) & 63;
    store<u8>(scratch + PLACES + k, <u8>(natural << 1));
    const row = rows + ((natural >> 3) << 11);
    const column: u32 = 1 << <u32>(natural & 7);
    for (let set: u32 = 0; set < 256; set++) {
      if ((set & column) == 0) continue;
      const at = row + (<usize>set << 3);
      store<u64>(at, load<u64>(at) | ((<u64>1) << <u64>k));
    }
  }
}

// @ts-ignore: decorator
@inline
function codeOf(codes: usize, symbol: u32, size: u32): u32 {
  const code = load<u32>(codes + (<usize>symbol << 2));
  // Sizes that no 8-bit image has do not fit.
  return size > 11 ? 0 : (((code >> 16) + size) << CODE_BITS) | (((code & 0xffff) << size) & CODE_MASK);
}

// Writes blocks up to `stop` with their masks; 0 when there might be no room.
function writeBlocks(scratch: usize, stop: usize, components: u32, out: usize, end: usize): usize {
  const places = scratch + PLACES;
  let word = bits;
  let room = free;
  let mask = scratch + MASKS;
  let component: u32 = 0;
  for (let block = scratch + BLOCKS; block < stop; block += BLOCK_BYTES) {
    if (end - out < MOST_BLOCK_BYTES) return 0;
    const kind = scratch + KINDS + (component == 0 ? 0 : KIND_BYTES);
    const prediction = scratch + PREDICTIONS + (component << 2);
    const ac = kind + 320;
    let left = load<u64>(mask) & ~(<u64>1);
    mask += 8;

    // DC
    const dc = <i32>load<i16>(block);
    let value = dc - load<i32>(prediction);
    store<i32>(prediction, dc);
    let size = sizeOf(value);
    let entry = load<u32>(kind + 256 + (<usize>size << 2));
    let code = valueBits(value, size) | (entry & CODE_MASK);
    let last: u32 = 0;
    for (;;) {
      const count = <i32>(entry >> CODE_BITS);
      room -= count;
      if (room < 0) {
        word = (word << (count + room)) | (<u64>code >> -room);
        out = writeWord(out, word);
        word = code;
        room += 64;
      } else {
        word = (word << count) | <u64>code;
      }
      if (left == 0) break;
      const k = <u32>ctz(left);
      let run = k - last - 1;
      if (run > 15) {
        entry = load<u32>(ac + (0xf0 << 2));
        code = entry & CODE_MASK;
        last += 16;
        continue;
      }
      last = k;
      left &= left - 1;
      value = <i32>load<i16>(block + load<u8>(places + k));
      size = sizeOf(value);
      entry = load<u32>(ac + (<usize>((run << 4) | size) << 2));
      code = valueBits(value, size) | (entry & CODE_MASK);
    }
    if (last != 63) {
      entry = load<u32>(ac);
      const count = <i32>(entry >> CODE_BITS);
      code = entry & CODE_MASK;
      room -= count;
      if (room < 0) {
        word = (word << (count + room)) | (<u64>code >> -room);
        out = writeWord(out, word);
        word = code;
        room += 64;
      } else {
        word = (word << count) | <u64>code;
      }
    }
    component++;
    if (component == components) component = 0;
  }
  bits = word;
  free = room;
  return out;
}

// Bits that the magnitude needs.
// @ts-ignore: decorator
@inline
function sizeOf(value: i32): u32 {
  return 32 - <u32>clz<i32>(abs(value));
}

// @ts-ignore: decorator
@inline
function valueBits(value: i32, size: u32): u32 {
  return <u32>(value + (value >> 31)) & ((1 << size) - 1);
}

// Eight bytes, the highest first; a zero follows each FF, so that no marker appears.
function writeWord(out: usize, word: u64): usize {
  // A byte FF, and now and then FE, has its top bit set, and no longer when one is added.
  if ((word & 0x8080808080808080 & ~(word + 0x0101010101010101)) == 0) {
    store<u64>(out, bswap<u64>(word));
    return out + 8;
  }
  for (let shift: i32 = 56; shift >= 0; shift -= 8) out = writeByte(out, <u8>(word >> shift));
  return out;
}

// @ts-ignore: decorator
@inline
function writeByte(out: usize, byte: u8): usize {
  store<u8>(out, byte);
  if (byte != 0xff) return out + 1;
  store<u8>(out, 0, 1);
  return out + 2;
}

// The block at x, y of a component: transformed, divided, its mask.
function quantizeBlock(
  pixels: usize,
  width: u32,
  height: u32,
  x: u32,
  y: u32,
  components: u32,
  component: u32,
  planeBytes: usize,
  scratch: usize,
  block: usize,
  mask: usize,
): void {
  const kind = scratch + KINDS + (component == 0 ? 0 : KIND_BYTES);
  if (components == 1 && x + 8 <= width && y + 8 <= height) {
    transform(pixels + <usize>y * width + x, width, block);
  } else {
    loadBlock(scratch + PIXELS, pixels, width, height, x, y, components, component, planeBytes);
    transform(scratch + PIXELS, 8, block);
  }
  const rows = scratch + ROWS;
  let found: u64 = 0;
  for (let at: usize = 0; at < 128; at += 32) {
    const a = divided(v128.load(block + at), v128.load(kind + at), v128.load(kind + at, 128));
    const b = divided(v128.load(block + at, 16), v128.load(kind + at, 16), v128.load(kind + at, 144));
    v128.store(block + at, a);
    v128.store(block + at, b, 16);
    const columns = <u32>i8x16.bitmask(i8x16.ne(i8x16.narrow_i16x8_s(a, b), i8x16.splat(0)));
    const row = rows + (at << 7);
    found |= load<u64>(row + (<usize>(columns & 255) << 3)) | load<u64>(row + (<usize>(columns >> 8) << 3), 2048);
  }
  store<u64>(mask, found);
}

// Rounded to the nearest, halves away from zero.
// @ts-ignore: decorator
@inline
function divided(values: v128, divisors: v128, reciprocals: v128): v128 {
  const sign = i16x8.shr_s(values, 15);
  const magnitude = i16x8.abs(values);
  const estimate = i16x8.q15mulr_sat_s(magnitude, reciprocals);
  const rest = i16x8.sub(i16x8.add(magnitude, i16x8.shr_u(divisors, 1)), i16x8.mul(estimate, divisors));
  const over = i16x8.ge_s(rest, divisors);
  const under = i16x8.shr_s(rest, 15);
  const result = i16x8.add(i16x8.sub(estimate, over), under);
  return i16x8.sub(v128.xor(result, sign), sign);
}

// The samples of a component, dense.
function loadBlock(
  block: usize,
  pixels: usize,
  width: u32,
  height: u32,
  x: u32,
  y: u32,
  components: u32,
  component: u32,
  planeBytes: usize,
): void {
  for (let j: u32 = 0; j < 8; j++) {
    const row = pixels + <usize>min(y + j, height - 1) * width;
    for (let i: u32 = 0; i < 8; i++, block++) {
      const at = row + min(x + i, width - 1);
      store<u8>(block, components == 1 ? load<u8>(at) : colorSample(at, planeBytes, component));
    }
  }
}

// ITU-R BT.601 with 16 fractional bits.
// @ts-ignore: decorator
@inline
function colorSample(at: usize, planeBytes: usize, component: u32): u8 {
  const r = <i32>load<u8>(at);
  const g = <i32>load<u8>(at + planeBytes);
  const b = <i32>load<u8>(at + 2 * planeBytes);
  if (component == 0) return <u8>((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
  if (component == 1) return <u8>(((-11059 * r - 21709 * g + 32768 * b + 32767) >> 16) + 128);
  return <u8>(((32768 * r - 27439 * g - 5329 * b + 32767) >> 16) + 128);
}

// Rows, then columns: eight times the coefficients, natural order, at `block`.
function transform(from: usize, stride: usize, block: usize): void {
  const ab = lowBytes(v128.load64_zero(from), v128.load64_zero(from + 4 * stride));
  const cd = lowBytes(v128.load64_zero(from + stride), v128.load64_zero(from + 5 * stride));
  const ef = lowBytes(v128.load64_zero(from + 2 * stride), v128.load64_zero(from + 6 * stride));
  const gh = lowBytes(v128.load64_zero(from + 3 * stride), v128.load64_zero(from + 7 * stride));
  const even0 = lowBytes(ab, ef);
  const even4 = highBytes(ab, ef);
  const odd0 = lowBytes(cd, gh);
  const odd4 = highBytes(cd, gh);
  const c01 = lowBytes(even0, odd0);
  const c23 = highBytes(even0, odd0);
  const c45 = lowBytes(even4, odd4);
  const c67 = highBytes(even4, odd4);
  pass(
    i16x8.extend_low_i8x16_u(c01),
    i16x8.extend_high_i8x16_u(c01),
    i16x8.extend_low_i8x16_u(c23),
    i16x8.extend_high_i8x16_u(c23),
    i16x8.extend_low_i8x16_u(c45),
    i16x8.extend_high_i8x16_u(c45),
    i16x8.extend_low_i8x16_u(c67),
    i16x8.extend_high_i8x16_u(c67),
    11,
    block,
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
    15,
    block,
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

// One dimension of the transform for eight lines at once, rounded off by `shift` bits. The first pass (11) keeps two fractional bits, makes the level
// shift and transposes; the second (15) drops them.
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
  shift: i32,
  to: usize,
): void {
  const isFirst = shift == 11;
  const t0 = i16x8.add(i0, i7);
  const t1 = i16x8.add(i1, i6);
  const t2 = i16x8.add(i2, i5);
  const t3 = i16x8.add(i3, i4);
  const e0 = i16x8.add(t0, t3);
  const e1 = i16x8.add(t1, t2);
  const total = i16x8.add(e0, e1);
  const balance = i16x8.sub(e0, e1);
  const two = i16x8.splat(2);
  const r0 = isFirst
    ? i16x8.shl(i16x8.sub(total, i16x8.splat(1024)), 2)
    : i16x8.shr_s(i16x8.add(total, two), 2);
  const r4 = isFirst ? i16x8.shl(balance, 2) : i16x8.shr_s(i16x8.add(balance, two), 2);
  const e3 = i16x8.sub(t0, t3);
  const e2 = i16x8.sub(t1, t2);
  const p32l = low(e3, e2);
  const p32h = high(e3, e2);
  const none = i32x4.splat(0);
  const r2 = rotated(p32l, p32h, F_0_541 + F_0_765, F_0_541, none, none, shift);
  const r6 = rotated(p32l, p32h, F_0_541, F_0_541 - F_1_847, none, none, shift);

  const d4 = i16x8.sub(i3, i4);
  const d5 = i16x8.sub(i2, i5);
  const d6 = i16x8.sub(i1, i6);
  const d7 = i16x8.sub(i0, i7);
  const z3 = i16x8.add(d4, d6);
  const z4 = i16x8.add(d5, d7);
  const p34l = low(z3, z4);
  const p34h = high(z3, z4);
  const z3l = dot(p34l, F_1_175 - F_1_961, F_1_175);
  const z3h = dot(p34h, F_1_175 - F_1_961, F_1_175);
  const z4l = dot(p34l, F_1_175, F_1_175 - F_0_390);
  const z4h = dot(p34h, F_1_175, F_1_175 - F_0_390);
  const p47l = low(d4, d7);
  const p47h = high(d4, d7);
  const p56l = low(d5, d6);
  const p56h = high(d5, d6);
  const r7 = rotated(p47l, p47h, F_0_298 - F_0_899, -F_0_899, z3l, z3h, shift);
  const r1 = rotated(p47l, p47h, -F_0_899, F_1_501 - F_0_899, z4l, z4h, shift);
  const r5 = rotated(p56l, p56h, F_2_053 - F_2_562, -F_2_562, z4l, z4h, shift);
  const r3 = rotated(p56l, p56h, -F_2_562, F_3_072 - F_2_562, z3l, z3h, shift);
  if (isFirst) {
    storeTransposed(r0, r1, r2, r3, r4, r5, r6, r7, to);
    return;
  }
  v128.store(to, r0);
  v128.store(to, r1, 16);
  v128.store(to, r2, 32);
  v128.store(to, r3, 48);
  v128.store(to, r4, 64);
  v128.store(to, r5, 80);
  v128.store(to, r6, 96);
  v128.store(to, r7, 112);
}

// Of each pair x, y: x a + y b + more, rounded off.
// @ts-ignore: decorator
@inline
function rotated(pairsl: v128, pairsh: v128, a: i32, b: i32, morel: v128, moreh: v128, shift: i32): v128 {
  const half = i32x4.splat(1 << (shift - 1));
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(i32x4.add(dot(pairsl, a, b), morel), half), shift),
    i32x4.shr_s(i32x4.add(i32x4.add(dot(pairsh, a, b), moreh), half), shift),
  );
}

// @ts-ignore: decorator
@inline
function dot(pairs: v128, a: i32, b: i32): v128 {
  return i32x4.dot_i16x8_s(pairs, i32x4.splat((a & 0xffff) | (b << 16)));
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

// The lower halves of two vectors, alternating.
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
function lowBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function highBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
