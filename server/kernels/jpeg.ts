// JPEG (ITU T.81), baseline, encoding: from pixels to entropy-coded data. Headers and tables are the TypeScript side's.
//
// One component, or three as Y, Cb, Cr at full resolution, a block of each in turn. Blocks of 8 x 8 pixels; those that the image's
// edge cuts repeat its last column and row. `tables`, all little endian, for the first component and then for the other two:
//   u16[64] divisors in natural order: eight times the quantization step
//   u32[16] codes of DC sizes, u32[256] codes of AC (run << 4 | size): length << 16 | code
// and after both u8[64], the place of each coefficient in zigzag order.
//
// The integer transform is the Loeffler-Ligtenberg-Moschytz one with 13 fractional bits, as the reference library's "islow" is, and
// so are rounding and color conversion: the same pixels give the same file.

const tableBytes: usize = 128 + 64 + 1024;
const acOffset: usize = 128 + 64;

const enum Status {
  noRoom = -1,
}

// A block's bytes at worst: 64 coefficients of 16 + 10 bits, each byte stuffed.
const mostBlockBytes: usize = 512;

/**
 * Writes the scan's data, padded to a whole byte. `pixels` are planar, `planeBytes` from one component to the next. `scratch` has 784
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
  const block = scratch;
  const predictions = scratch + 256;
  const zigzag = tables + 2 * tableBytes;
  memory.fill(predictions, 0, 12);
  bits = 0;
  bitCount = 0;
  for (let i: usize = 0; i < 64; i++) {
    store<u32>(scratch + 272 + i * 4, reciprocalOf(load<u16>(tables + i * 2)));
    store<u32>(scratch + 528 + i * 4, reciprocalOf(load<u16>(tables + tableBytes + i * 2)));
  }
  for (let y: u32 = 0; y < height; y += 8) {
    for (let x: u32 = 0; x < width; x += 8) {
      if (end - out < 3 * mostBlockBytes) return Status.noRoom;
      for (let c: u32 = 0; c < components; c++) {
        loadBlock(block, pixels, width, height, x, y, components, c, planeBytes);
        transformBlock(block);
        const table = c == 0 ? tables : tables + tableBytes;
        const reciprocals = scratch + 272 + (c == 0 ? 0 : 256);
        out = writeBlock(block, table, reciprocals, zigzag, predictions + (c << 2), out);
      }
    }
  }
  // Ones fill the last byte.
  if (bitCount > 0) out = writeBits(out, (1 << (8 - (bitCount & 7))) - 1, (8 - (bitCount & 7)) & 7);
  return <i32>(flush(out) - start);
}

// @ts-ignore: decorator
@inline
function reciprocalOf(divisor: u16): u32 {
  return <u32>(0xffffffff / <u32>max<u16>(divisor, 2) + 1);
}

// Bits that are not written yet, in the lowest `bitCount` of `bits`. Globals of the instance; every call of `encode` resets them.
let bits: u64 = 0;
let bitCount: u32 = 0;

// The samples of a component, level-shifted, as i32[64].
// @ts-ignore: decorator
@inline
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
  if (components == 1 && x + 8 <= width && y + 8 <= height) {
    const shift = i32x4.splat(128);
    let row = pixels + <usize>y * width + x;
    for (let j: u32 = 0; j < 8; j++) {
      const samples = v128.load_ext<u8>(row);
      v128.store(block, i32x4.sub(i32x4.extend_low_i16x8_u(samples), shift));
      v128.store(block, i32x4.sub(i32x4.extend_high_i16x8_u(samples), shift), 16);
      row += width;
      block += 32;
    }
    return;
  }
  for (let j: u32 = 0; j < 8; j++) {
    const row = pixels + <usize>min(y + j, height - 1) * width;
    for (let i: u32 = 0; i < 8; i++) {
      const at = row + min(x + i, width - 1);
      const sample = components == 1 ? <i32>load<u8>(at) - 128 : colorSample(at, planeBytes, component);
      store<i32>(block, sample);
      block += 4;
    }
  }
}

// ITU-R BT.601 with 16 fractional bits, level-shifted.
// @ts-ignore: decorator
@inline
function colorSample(at: usize, planeBytes: usize, component: u32): i32 {
  const r = <i32>load<u8>(at);
  const g = <i32>load<u8>(at + planeBytes);
  const b = <i32>load<u8>(at + 2 * planeBytes);
  if (component == 0) return ((19595 * r + 38470 * g + 7471 * b + 32768) >> 16) - 128;
  if (component == 1) return (-11059 * r - 21709 * g + 32768 * b + 32767) >> 16;
  return (32768 * r - 27439 * g - 5329 * b + 32767) >> 16;
}

// The one-dimensional transform of four columns of 8 values, in place: sums and differences, then rotations. The first pass keeps two
// fractional bits, the second drops them.
// @ts-ignore: decorator
@inline
function transform(at: usize, isFirst: bool): void {
  const i0 = v128.load(at);
  const i1 = v128.load(at, 32);
  const i2 = v128.load(at, 64);
  const i3 = v128.load(at, 96);
  const i4 = v128.load(at, 128);
  const i5 = v128.load(at, 160);
  const i6 = v128.load(at, 192);
  const i7 = v128.load(at, 224);
  const d0 = i32x4.sub(i0, i7);
  const d1 = i32x4.sub(i1, i6);
  const d2 = i32x4.sub(i2, i5);
  const d3 = i32x4.sub(i3, i4);
  const s0 = i32x4.add(i0, i7);
  const s1 = i32x4.add(i1, i6);
  const s2 = i32x4.add(i2, i5);
  const s3 = i32x4.add(i3, i4);

  const e0 = i32x4.add(s0, s3);
  const e3 = i32x4.sub(s0, s3);
  const e1 = i32x4.add(s1, s2);
  const e2 = i32x4.sub(s1, s2);
  const two = i32x4.splat(2);
  const sum = i32x4.add(e0, e1);
  const difference = i32x4.sub(e0, e1);
  v128.store(at, isFirst ? i32x4.shl(sum, 2) : i32x4.shr_s(i32x4.add(sum, two), 2));
  v128.store(at, isFirst ? i32x4.shl(difference, 2) : i32x4.shr_s(i32x4.add(difference, two), 2), 128);
  const down: i32 = isFirst ? 11 : 15;
  const half = i32x4.splat(1 << (down - 1));
  // sqrt(2) cos(6 pi / 16) = 0.541196100; the others are its sum and difference with the sine.
  const even = i32x4.add(times(i32x4.add(e2, e3), 4433), half);
  v128.store(at, i32x4.shr_s(i32x4.add(even, times(e3, 6270)), down), 64);
  v128.store(at, i32x4.shr_s(i32x4.sub(even, times(e2, 15137)), down), 192);

  // sqrt(2) times cosines of multiples of pi / 16, combined so that nine products suffice.
  const d31 = i32x4.add(d3, d1);
  const d20 = i32x4.add(d2, d0);
  const z5 = i32x4.add(times(i32x4.add(d31, d20), 9633), half);
  const z1 = times(i32x4.add(d3, d0), -7373);
  const z2 = times(i32x4.add(d2, d1), -20995);
  const z3 = i32x4.add(times(d31, -16069), z5);
  const z4 = i32x4.add(times(d20, -3196), z5);
  v128.store(at, i32x4.shr_s(i32x4.add(i32x4.add(times(d3, 2446), z1), z3), down), 224);
  v128.store(at, i32x4.shr_s(i32x4.add(i32x4.add(times(d2, 16819), z2), z4), down), 160);
  v128.store(at, i32x4.shr_s(i32x4.add(i32x4.add(times(d1, 25172), z2), z3), down), 96);
  v128.store(at, i32x4.shr_s(i32x4.add(i32x4.add(times(d0, 12299), z1), z4), down), 32);
}

// @ts-ignore: decorator
@inline
function times(values: v128, factor: i32): v128 {
  return i32x4.mul(values, i32x4.splat(factor));
}

// Rows are the columns of the transposed block.
function transformBlock(block: usize): void {
  transposeBlock(block);
  transform(block, true);
  transform(block + 16, true);
  transposeBlock(block);
  transform(block, false);
  transform(block + 16, false);
}

// Each quarter in place; the upper right and the lower left one change places.
function transposeBlock(block: usize): void {
  transpose(block, block);
  transpose(block + 144, block + 144);
  const a = v128.load(block, 16);
  const b = v128.load(block, 48);
  const c = v128.load(block, 80);
  const d = v128.load(block, 112);
  transpose(block + 128, block + 16);
  transposed(a, b, c, d, block + 128);
}

// Four rows of four values, 32 bytes apart.
// @ts-ignore: decorator
@inline
function transpose(from: usize, to: usize): void {
  transposed(v128.load(from), v128.load(from, 32), v128.load(from, 64), v128.load(from, 96), to);
}

// @ts-ignore: decorator
@inline
function transposed(a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to, v128.shuffle<i64>(ab, cd, 1, 3), 32);
  v128.store(to, v128.shuffle<i64>(ab2, cd2, 0, 2), 64);
  v128.store(to, v128.shuffle<i64>(ab2, cd2, 1, 3), 96);
}

// Quantizes and codes a block: the DC difference, then runs of zeros with the coefficient that ends them (annex F.1.2).
function writeBlock(block: usize, table: usize, reciprocals: usize, zigzag: usize, prediction: usize, out: usize): usize {
  const dc = quantize(load<i32>(block), load<u16>(table), load<u32>(reciprocals));
  out = writeValue(out, load<u32>(table + 128 + (<usize>sizeOf(dc - load<i32>(prediction)) << 2)), dc - load<i32>(prediction));
  store<i32>(prediction, dc);

  let run: u32 = 0;
  for (let k: usize = 1; k < 64; k++) {
    const natural = <usize>load<u8>(zigzag + k);
    const coefficient = load<i32>(block + (natural << 2));
    const divisor = load<u16>(table + (natural << 1));
    // Most are zero.
    if (2 * abs(coefficient) < <i32>divisor) {
      run++;
      continue;
    }
    const value = quantize(coefficient, divisor, load<u32>(reciprocals + (natural << 2)));
    for (; run > 15; run -= 16) out = writeCode(out, load<u32>(table + acOffset + (0xf0 << 2)));
    out = writeValue(out, load<u32>(table + acOffset + (<usize>((run << 4) | sizeOf(value)) << 2)), value);
    run = 0;
  }
  return run > 0 ? writeCode(out, load<u32>(table + acOffset)) : out;
}

// Rounded to the nearest, halves away from zero. Magnitudes below 2^15 times divisors below 2^11: the reciprocal, rounded up, is exact.
// @ts-ignore: decorator
@inline
function quantize(value: i32, divisor: u16, reciprocal: u32): i32 {
  const rounded = <i32>((<u64>(abs(value) + (<i32>divisor >> 1)) * <u64>reciprocal) >> 32);
  return value < 0 ? -rounded : rounded;
}

// Bits that the magnitude needs.
// @ts-ignore: decorator
@inline
function sizeOf(value: i32): u32 {
  return 32 - <u32>clz<i32>(abs(value));
}

// A code, then as many bits of the value as it says; negative values less one.
// @ts-ignore: decorator
@inline
function writeValue(out: usize, code: u32, value: i32): usize {
  const size = sizeOf(value);
  const extra = <u32>(value + (value >> 31)) & ((1 << size) - 1);
  return writeBits(out, <i32>(((code & 0xffff) << size) | extra), (code >> 16) + size);
}

// @ts-ignore: decorator
@inline
function writeCode(out: usize, code: u32): usize {
  return writeBits(out, <i32>(code & 0xffff), code >> 16);
}

// @ts-ignore: decorator
@inline
function writeBits(out: usize, value: i32, count: u32): usize {
  bits = (bits << count) | (<u64>(<u32>value) & (((<u64>1) << count) - 1));
  bitCount += count;
  return bitCount > 32 ? flush(out) : out;
}

// Writes the whole bytes at hand; a zero follows each FF, so that no marker appears.
function flush(out: usize): usize {
  while (bitCount >= 8) {
    bitCount -= 8;
    const byte = <u8>(bits >> bitCount);
    store<u8>(out, byte);
    out++;
    if (byte == 0xff) {
      store<u8>(out, 0);
      out++;
    }
  }
  return out;
}
