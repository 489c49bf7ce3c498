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
 * Writes the scan's data, padded to a whole byte. `pixels` are planar, `planeBytes` from one component to the next. `scratch` has 272
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
  for (let y: u32 = 0; y < height; y += 8) {
    for (let x: u32 = 0; x < width; x += 8) {
      if (end - out < 3 * mostBlockBytes) return Status.noRoom;
      for (let c: u32 = 0; c < components; c++) {
        loadBlock(block, pixels, width, height, x, y, components, c, planeBytes);
        transformRows(block);
        transformColumns(block);
        const table = c == 0 ? tables : tables + tableBytes;
        out = writeBlock(block, table, zigzag, predictions + (c << 2), out);
      }
    }
  }
  // Ones fill the last byte.
  if (bitCount > 0) out = writeBits(out, (1 << (8 - (bitCount & 7))) - 1, (8 - (bitCount & 7)) & 7);
  return <i32>(flush(out) - start);
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

// The one-dimensional transform of 8 values `step` bytes apart, in place: sums and differences, then rotations. `up` is the scale
// that the even outputs 0 and 4 get by a shift, `down` the descaling of all others.
// @ts-ignore: decorator
@inline
function transform(at: usize, step: usize, isFirst: bool): void {
  const s0 = load<i32>(at) + load<i32>(at + 7 * step);
  const d0 = load<i32>(at) - load<i32>(at + 7 * step);
  const s1 = load<i32>(at + step) + load<i32>(at + 6 * step);
  const d1 = load<i32>(at + step) - load<i32>(at + 6 * step);
  const s2 = load<i32>(at + 2 * step) + load<i32>(at + 5 * step);
  const d2 = load<i32>(at + 2 * step) - load<i32>(at + 5 * step);
  const s3 = load<i32>(at + 3 * step) + load<i32>(at + 4 * step);
  const d3 = load<i32>(at + 3 * step) - load<i32>(at + 4 * step);

  const e0 = s0 + s3;
  const e3 = s0 - s3;
  const e1 = s1 + s2;
  const e2 = s1 - s2;
  store<i32>(at, isFirst ? (e0 + e1) << 2 : (e0 + e1 + 2) >> 2);
  store<i32>(at + 4 * step, isFirst ? (e0 - e1) << 2 : (e0 - e1 + 2) >> 2);
  const down: i32 = isFirst ? 11 : 15;
  const half: i32 = 1 << (down - 1);
  // sqrt(2) cos(6 pi / 16) = 0.541196100; the others are its sum and difference with the sine.
  const even = (e2 + e3) * 4433;
  store<i32>(at + 2 * step, (even + e3 * 6270 + half) >> down);
  store<i32>(at + 6 * step, (even - e2 * 15137 + half) >> down);

  // sqrt(2) times cosines of multiples of pi / 16, combined so that nine products suffice.
  const z5 = (d3 + d1 + d2 + d0) * 9633;
  const z1 = (d3 + d0) * -7373;
  const z2 = (d2 + d1) * -20995;
  const z3 = (d3 + d1) * -16069 + z5;
  const z4 = (d2 + d0) * -3196 + z5;
  store<i32>(at + 7 * step, (d3 * 2446 + z1 + z3 + half) >> down);
  store<i32>(at + 5 * step, (d2 * 16819 + z2 + z4 + half) >> down);
  store<i32>(at + 3 * step, (d1 * 25172 + z2 + z3 + half) >> down);
  store<i32>(at + step, (d0 * 12299 + z1 + z4 + half) >> down);
}

function transformRows(block: usize): void {
  for (let row: usize = 0; row < 8; row++) transform(block + row * 32, 4, true);
}

function transformColumns(block: usize): void {
  for (let column: usize = 0; column < 8; column++) transform(block + column * 4, 32, false);
}

// Quantizes and codes a block: the DC difference, then runs of zeros with the coefficient that ends them (annex F.1.2).
function writeBlock(block: usize, table: usize, zigzag: usize, prediction: usize, out: usize): usize {
  const dc = quantize(load<i32>(block), load<u16>(table));
  const difference = dc - load<i32>(prediction);
  store<i32>(prediction, dc);
  const dcSize = sizeOf(difference);
  out = writeCode(out, load<u32>(table + 128 + (<usize>dcSize << 2)));
  out = writeBits(out, difference + (difference >> 31), dcSize);

  let run: u32 = 0;
  for (let k: usize = 1; k < 64; k++) {
    const natural = <usize>load<u8>(zigzag + k);
    const value = quantize(load<i32>(block + (natural << 2)), load<u16>(table + (natural << 1)));
    if (value == 0) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16) out = writeCode(out, load<u32>(table + acOffset + (0xf0 << 2)));
    const size = sizeOf(value);
    out = writeCode(out, load<u32>(table + acOffset + (<usize>((run << 4) | size) << 2)));
    out = writeBits(out, value + (value >> 31), size);
    run = 0;
  }
  return run > 0 ? writeCode(out, load<u32>(table + acOffset)) : out;
}

// Rounded to the nearest, halves away from zero.
// @ts-ignore: decorator
@inline
function quantize(value: i32, divisor: u16): i32 {
  const step = <i32>divisor;
  const magnitude = value < 0 ? -value : value;
  // Most are zero, and a division costs more than the rest.
  if (2 * magnitude < step) return 0;
  const rounded = (magnitude + (step >> 1)) / step;
  return value < 0 ? -rounded : rounded;
}

// Bits that the magnitude needs.
// @ts-ignore: decorator
@inline
function sizeOf(value: i32): u32 {
  return 32 - <u32>clz<i32>(value < 0 ? -value : value);
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
