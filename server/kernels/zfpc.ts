// zfp 1.0 streams (codec version 5): the blocks that a zfpc container's streams hold. Decodes and encodes, bit for bit as the reference.
//
// After the header (see the TypeScript side) bits follow each other, the lowest of a byte first; a number's lowest bit comes first.
// A stream of d axes is cut into blocks of 4^d values, zfp's first axis x the fastest in a block and among blocks. zfp's axes are those of
// the voxels backwards: x is the last (channels), and voxels that lie side by side are on its last. Here, axis 0 is the voxels' first.
//
// Padding.  Where an axis has less than 4 values left: a -> aaaa, ab -> abba, abc -> abca.
// Limits.  A block has at most `maxBits` bits and is padded with zeros to `minBits`; of each coefficient the `maxPrecision` highest planes
// are kept, of floats also only planes that matter for `minExponent`; a `minExponent` below -1074 means the reversible mode.
//
// Head of a block (E = 8, bias 127 for float32; 11 and 1023 for float64)
//   integers                none
//   floats                  0: all are 0, nothing follows.  1, then the exponent e + bias (E bits)
//   floats, reversible      0: all are +0.  1 0, then e + bias as above: the values are integers times 2^(e - width + 2), exactly.
//                           1 1: the values' bits are integers, those of negative floats flipped but for the sign
//   reversible              then, precision - 1 (5 bits; 6 for 64-bit types): the planes that follow; all below are 0
// The exponent e is frexp's of the largest magnitude, -126 (-1022) at least; NaN counts as nothing, infinity as e = 0. Floats become
// integers by truncation of value * 2^(width - 2 - e), and what does not fit becomes the smallest integer; where that scale is beyond the
// type (magnitudes below 2^-98 of float32, 2^-962 of float64) everything does. That is how the x86 processors that the reference
// runs on have it. Planes kept: min(maxPrecision, max(0, e - minExponent + 2 d + 2)); none is the head 0.
//
// Transform.  Along each line of four (x, y, z, w) of each axis, zfp's x first, all modulo 2^width, shifts arithmetic:
//   x = (x + w) >> 1, w -= x;  z = (z + y) >> 1, y -= z;  x = (x + z) >> 1, z -= x;  w = (w + y) >> 1, y -= w;  w += y >> 1, y -= w >> 1
// Back, in the opposite order of axes:
//   y += w >> 1, w -= y >> 1;  y += w, w = 2 w - y;  z += x, x = 2 x - z;  y += z, z = 2 z - y;  w += x, x = 2 x - w
// Reversible: the third differences, w -= z, z -= y, y -= x;  w -= z, z -= y;  w -= z.
// Coefficients are then put in order (the table is the TypeScript side's) and become negabinary: (c + 0xaa...) ^ 0xaa....
//
// Planes.  From the highest bit of the coefficients down; n, at first 0, is the number of coefficients that are known to matter. A plane is the
// bits of these n; then, while n < 4^d: 0 if no further coefficient has a 1 in this plane, which ends it; else 1, and bits of the coefficients
// from n on up to and with the first 1, which becomes the last of the n. The 1 of the block's last coefficient is not written. The budget of
// bits may end anywhere; a run of zeros that it cuts off counts as if the 1 followed.
//
// Reading takes no check for each read: before a block that might come near the end, the rest of the input is copied with zeros behind it, and
// after each block its end is compared with the input's.
//
// Speed: about 200 MB/s decoded and 160 encoded of float32 affinities with one channel, lossless; 420 and 280 where channels are not correlated.
// The reference has 24, 31, 126, 111.
//   coder       A window of 57 bits in a local; a run of zeros is one ctz, not a loop; the budget is part of the same minimum. Once
//               all coefficients matter, and before any does, planes go without tests.
//   planes      i8x16.bitmask takes a bit of 16 bytes at once: of 16 coefficients when packing, of 16 planes when unpacking, which
//               then stores each coefficient to its place; the reference goes bit by bit.
//   transform   Lines of four as vectors along every axis, for coefficients lie with axes 0 and 1 exchanged: one 4 x 4 transpose a block.
//   one channel A block of four axes with one channel has equal values on axis 3, so that 192 of its 256 coefficients are 0: they are
//               not computed, nor, when all of theirs are 0, transformed back. They still are bits of the stream, which is why it is
//               larger than the voxels and why this is slower than three axes; only the writer's zfpc_correlated_dims helps.
// Profile (one channel, lossless): decoding half the coder, half planes and transform; encoding a third each gathering with the transform,
// planes, coder. What is left: unpacking could leave out the columns of coefficients that are 0; the coder is bound by the chain through its
// window. bulk memory.fill of a few words costs more than the stores that it replaces.

import { liftBlock, unliftBlock } from "./shared/zfpTransform";

const enum Status {
  truncated = -1,
  noRoom = -2,
}

const enum Type {
  int32 = 0,
  int64 = 1,
  float32 = 2,
  float64 = 3,
}

// Scratch memory. `order` comes from the caller; the rest is the kernel's own.
const orderAt: usize = 0;
const placeAt: usize = 264;
const masksAt: usize = 528;
const planesAt: usize = 560;
const columnsAt: usize = 2608;
const blockAt: usize = 4656;
const codesAt: usize = 6704;
const tailAt: usize = 8752;

// A mode of the reversible kind has a smallest exponent below that of every float.
const smallestExponent: i32 = -1074;

/**
 * Decodes the voxels [from, to) of a stream of `dims` axes of `type`; axis 0 is the one that the stream has last. `scratch` has 13,312 bytes,
 * 16-byte aligned; it begins with the order of coefficients: for each its place in a block whose axes 0 and 1 are exchanged, one byte
 * each. Blocks begin at bit `bit`. Strides are in bytes. Returns a Status.
 */
export function decode(
  input: usize,
  inputBytes: usize,
  bit: u32,
  type: u32,
  dims: u32,
  minBits: u32,
  maxBits: u32,
  maxPrecision: u32,
  minExponent: i32,
  n0: u32,
  n1: u32,
  n2: u32,
  n3: u32,
  from0: u32,
  from1: u32,
  from2: u32,
  from3: u32,
  to0: u32,
  to1: u32,
  to2: u32,
  to3: u32,
  target: usize,
  stride0: usize,
  stride1: usize,
  stride2: usize,
  stride3: usize,
  scratch: usize,
): i32 {
  return type == Type.int32 || type == Type.float32
    ? decodeBlocks<i32>(input, inputBytes, bit, type == Type.float32, dims, minBits, maxBits, maxPrecision, minExponent, n0, n1, n2, n3, from0, from1, from2, from3, to0, to1, to2, to3, target, stride0, stride1, stride2, stride3, scratch)
    : decodeBlocks<i64>(input, inputBytes, bit, type == Type.float64, dims, minBits, maxBits, maxPrecision, minExponent, n0, n1, n2, n3, from0, from1, from2, from3, to0, to1, to2, to3, target, stride0, stride1, stride2, stride3, scratch);
}

function decodeBlocks<T>(
  input: usize,
  inputBytes: usize,
  bit: u32,
  isFloat: bool,
  dims: u32,
  minBits: u32,
  maxBits: u32,
  maxPrecision: u32,
  minExponent: i32,
  n0: u32,
  n1: u32,
  n2: u32,
  n3: u32,
  from0: u32,
  from1: u32,
  from2: u32,
  from3: u32,
  to0: u32,
  to1: u32,
  to2: u32,
  to3: u32,
  target: usize,
  stride0: usize,
  stride1: usize,
  stride2: usize,
  stride3: usize,
  scratch: usize,
): i32 {
  const bits: u32 = sizeof<T>() << 3;
  const size: u32 = (<u32>1) << (dims << 1);
  const isReversible = minExponent < smallestExponent;
  const canSkip = minBits == maxBits && maxBits >= 32;
  const planes = scratch + planesAt;
  const block = scratch + blockAt;
  const endBit = (<u64>inputBytes) << 3;
  const mostBytes = mostBlockBytes(size, bits) + 16;
  let base = input;
  let readable: u64 = inputBytes;
  let pos: u64 = bit;
  if (dims == 4) makeMasks(scratch);

  for (let b0: u32 = 0; b0 < to0; b0 += 4) {
    for (let b1: u32 = 0; b1 < n1; b1 += 4) {
      for (let b2: u32 = 0; b2 < n2; b2 += 4) {
        for (let b3: u32 = 0; b3 < n3; b3 += 4) {
          const isWanted =
            b0 + 4 > from0 && b1 + 4 > from1 && b1 < to1 && b2 + 4 > from2 && b2 < to2 && b3 + 4 > from3 && b3 < to3;
          if (!isWanted && canSkip) {
            pos += maxBits;
            if (pos > endBit) return Status.truncated;
            continue;
          }
          // The last bytes are read from a copy that has zeros behind it, so that no read needs a check of its own.
          if ((pos >> 3) + mostBytes > readable) {
            base = copyTail(input, inputBytes, pos, mostBytes, scratch + tailAt);
            readable = inputBytes + mostBytes;
          }

          const start = pos;
          let isEmpty = false;
          let isCast = isFloat;
          let isZero = false;
          let exponent: i32 = 0;
          let precision = min(maxPrecision, bits);
          if (isFloat) {
            const head = window(base, pos);
            const exponentBits: u32 = sizeof<T>() == 8 ? 11 : 8;
            const bias: i32 = sizeof<T>() == 8 ? 1023 : 127;
            const mask = ((<u64>1) << exponentBits) - 1;
            if ((head & 1) == 0) {
              isEmpty = true;
              pos += 1;
            } else if (isReversible && (head & 2) != 0) {
              isCast = false;
              pos += 2;
            } else {
              const skipped: u32 = isReversible ? 2 : 1;
              exponent = <i32>((head >> skipped) & mask) - bias;
              pos += skipped + exponentBits;
              precision = precisionOf(exponent, maxPrecision, minExponent, dims, bits);
              isZero = isReversible && exponent == -bias;
            }
          }
          let first: u32 = bits;
          if (!isEmpty) {
            if (isReversible) {
              precision = (<u32>window(base, pos) & (bits - 1)) + 1;
              pos += sizeof<T>() == 8 ? 6 : 5;
            }
            first = bits - precision;
            const budget = maxBits - <u32>(pos - start);
            pos =
              dims == 4
                ? readPlanesOf256(base, pos, bits, first, budget, planes)
                : dims == 3
                  ? readPlanes<u64>(base, pos, 64, bits, first, budget, planes)
                  : readPlanes<u16>(base, pos, size, bits, first, budget, planes);
          }
          if (pos - start < minBits) pos = start + minBits;
          if (pos > endBit) return Status.truncated;
          if (!isWanted) continue;

          const isFlat = dims == 4 && n3 - b3 == 1 && (isEmpty || isFlatBlock(planes, first, bits, scratch));
          const outSize: u32 = isFlat ? 64 : max(size, 16);
          if (isEmpty || isZero) {
            memory.fill(block, 0, outSize * sizeof<T>());
          } else {
            unpackPlanes<T>(planes, size, first, scratch);
            if (isReversible) unliftBlock<T>(block, isFlat ? 3 : dims, outSize, true);
            else unliftBlock<T>(block, isFlat ? 3 : dims, outSize, false);
            if (isCast) uncast<T>(block, outSize, exponent);
            else if (isFloat) flipNegative<T>(block, block, outSize);
          }
          const l0 = lowOf(from0, b0);
          const l1 = lowOf(from1, b1);
          const l2 = lowOf(from2, b2);
          const l3 = lowOf(from3, b3);
          const h0 = min(to0 - b0, 4);
          const to =
            target +
            <usize>(b0 + l0 - from0) * stride0 +
            <usize>(b1 + l1 - from1) * stride1 +
            <usize>(b2 + l2 - from2) * stride2 +
            <usize>(b3 + l3 - from3) * stride3;
          const corner = block + ((l0 + 4 * l1 + 16 * l2 + 64 * l3) << alignof<T>());
          const c1 = min(to1 - b1, 4) - l1;
          const c2 = min(to2 - b2, 4) - l2;
          const c3 = min(to3 - b3, 4) - l3;
          if (l0 == 0 && h0 == 4 && stride0 == sizeof<T>()) {
            storeRows<T>(corner, to, c1, c2, c3, stride1, stride2, stride3);
          } else {
            storeVoxels<T>(corner, to, h0 - l0, c1, c2, c3, stride0, stride1, stride2, stride3);
          }
        }
      }
    }
  }
  return 0;
}

// Head, planes at their longest, and what a load takes beyond.
// @ts-ignore: decorator
@inline
function mostBlockBytes(size: u32, bits: u32): u32 {
  return ((bits + 1) * size + 32) / 8 + 16;
}

// @ts-ignore: decorator
@inline
function lowOf(from: u32, corner: u32): u32 {
  return from > corner ? from - corner : 0;
}

// Bits of each coefficient that a block of floats with this exponent keeps.
// @ts-ignore: decorator
@inline
function precisionOf(exponent: i32, maxPrecision: u32, minExponent: i32, dims: u32, bits: u32): u32 {
  const kept = max(0, exponent - minExponent + <i32>(2 * dims + 2));
  return min(min(maxPrecision, <u32>kept), bits);
}

// Copies the input from bit `pos` on, zeros behind it; returns the address that the input's first byte would have there.
function copyTail(input: usize, inputBytes: usize, pos: u64, zeros: u32, tail: usize): usize {
  const at = <usize>(pos >> 3);
  const rest = inputBytes - at;
  memory.copy(tail, input + at, rest);
  memory.fill(tail + rest, 0, zeros);
  return tail - at;
}

// At least 57 bits from bit `pos` on, the first lowest; zeros above them.
// @ts-ignore: decorator
@inline
function window(base: usize, pos: u64): u64 {
  return load<u64>(base + <usize>(pos >> 3)) >> (pos & 7);
}

// 64 bits from bit `pos` on.
// @ts-ignore: decorator
@inline
function read64(base: usize, pos: u64): u64 {
  const at = base + <usize>(pos >> 3);
  const shift = pos & 7;
  return (load<u64>(at) >> shift) | (((<u64>load<u8>(at, 8)) << 1) << (63 - shift));
}

const windowBits: u32 = 57;

// Reads the bit planes of a block of up to 64 coefficients, from the highest to plane `first`; plane k goes to planes[k], one word of type P,
// which has room for the coefficients. Returns the position after them.
function readPlanes<P>(base: usize, pos: u64, size: u32, bits: u32, first: u32, budget: u32, planes: usize): u64 {
  let n: u32 = 0;
  let k = bits;
  while (budget != 0 && k > first) {
    if (n == size && budget >= size) {
      const all = (<u64>1 << (size & 63)) - 1;
      do {
        k--;
        store<P>(planes + k * sizeof<P>(), <P>(sizeof<P>() == 8 ? read64(base, pos) : window(base, pos) & all));
        pos += size;
        budget -= size;
      } while (k > first && budget >= size);
      continue;
    }
    if (n == 0) {
      // Planes before the first that is not empty are one 0 each.
      const empty = min(min(<u32>ctz(window(base, pos) | ((<u64>1) << windowBits)), k - first), budget);
      for (let i: u32 = 0; i < empty; i++) {
        k--;
        store<P>(planes + k * sizeof<P>(), <P>0);
      }
      pos += empty;
      budget -= empty;
      if (budget == 0 || k == first) break;
    }
    k--;
    const m = min(n, budget);
    budget -= m;
    let x: u64;
    let w: u64;
    let left: i32;
    if (m > 40) {
      x = read64(base, pos);
      if (m < 64) x &= ((<u64>1) << m) - 1;
      pos += m;
      w = window(base, pos);
      left = <i32>windowBits;
    } else {
      w = window(base, pos);
      x = w & (((<u64>1) << m) - 1);
      w >>= m;
      pos += m;
      left = <i32>(windowBits - m);
    }
    while (budget != 0 && n < size) {
      if (left <= 0) {
        w = window(base, pos);
        left = <i32>windowBits;
      }
      budget--;
      pos++;
      left--;
      const any = w & 1;
      w >>= 1;
      if (!any) break;
      const available = min(budget, size - 1 - n);
      const zeros = <u32>ctz(w);
      if (<i32>zeros >= left) {
        const run = min(<u32>ctz(read64(base, pos)), available);
        const taken = min(run + 1, available);
        n += run;
        budget -= taken;
        pos += taken;
        left = 0;
      } else {
        const taken = min(zeros + 1, available);
        n += min(zeros, available);
        budget -= taken;
        pos += taken;
        w >>= taken;
        left -= taken;
      }
      x |= (<u64>1) << n;
      n++;
    }
    store<P>(planes + k * sizeof<P>(), <P>x);
  }
  zeroWords<P>(planes, k);
  return pos;
}

// @ts-ignore: decorator
@inline
function zeroWords<P>(at: usize, count: u32): void {
  const end = at + count * sizeof<P>();
  for (; at + 16 <= end; at += 16) v128.store(at, i64x2.splat(0));
  for (; at < end; at += sizeof<P>()) store<P>(at, <P>0);
}

// The same for 256 coefficients: planes of four words.
function readPlanesOf256(base: usize, pos: u64, bits: u32, first: u32, budget: u32, planes: usize): u64 {
  let n: u32 = 0;
  let k = bits;
  while (budget != 0 && k > first) {
    k--;
    const row = planes + (k << 5);
    v128.store(row, i64x2.splat(0));
    v128.store(row, i64x2.splat(0), 16);
    let m = min(n, budget);
    budget -= m;
    let at = row;
    while (m >= 64) {
      store<u64>(at, read64(base, pos));
      pos += 64;
      at += 8;
      m -= 64;
    }
    let w: u64;
    let left: i32;
    if (m > 40) {
      store<u64>(at, read64(base, pos) & (((<u64>1) << m) - 1));
      pos += m;
      w = window(base, pos);
      left = <i32>windowBits;
    } else {
      w = window(base, pos);
      if (m != 0) store<u64>(at, w & (((<u64>1) << m) - 1));
      w >>= m;
      pos += m;
      left = <i32>(windowBits - m);
    }
    while (budget != 0 && n < 256) {
      if (left <= 0) {
        w = window(base, pos);
        left = <i32>windowBits;
      }
      budget--;
      pos++;
      left--;
      const any = w & 1;
      w >>= 1;
      if (!any) break;
      const available = min(budget, 255 - n);
      const zeros = <u32>ctz(w);
      if (<i32>zeros >= left) {
        const run = min(countZeros(base, pos, available), available);
        const taken = min(run + 1, available);
        n += run;
        budget -= taken;
        pos += taken;
        left = 0;
      } else {
        const taken = min(zeros + 1, available);
        n += min(zeros, available);
        budget -= taken;
        pos += taken;
        w >>= taken;
        left -= taken;
      }
      const byte = row + (n >> 3);
      store<u8>(byte, load<u8>(byte) | <u8>((<u32>1) << (n & 7)));
      n++;
    }
  }
  zeroWords<u64>(planes, k << 2);
  return pos;
}

// Zeros from bit `pos` on; counts no further than `most` needs.
function countZeros(base: usize, pos: u64, most: u32): u32 {
  let count: u32 = 0;
  while (count < most) {
    const zeros = <u32>ctz(window(base, pos + count));
    if (zeros < windowBits) return count + zeros;
    count += windowBits;
  }
  return count;
}

// For each word of a plane of 256, the coefficients whose place on axis 3 is not 0.
function makeMasks(scratch: usize): void {
  for (let word: usize = 0; word < 4; word++) {
    let mask: u64 = 0;
    for (let i: usize = 0; i < 64; i++) {
      if (load<u8>(scratch + orderAt + word * 64 + i) >= 64) mask |= (<u64>1) << i;
    }
    store<u64>(scratch + masksAt + (word << 3), mask);
  }
}

// Are all coefficients zero but those whose place on axis 3 is 0?
function isFlatBlock(planes: usize, first: u32, bits: u32, scratch: usize): bool {
  let low = i64x2.splat(0);
  let high = i64x2.splat(0);
  for (let k = first; k < bits; k++) {
    low = v128.or(low, v128.load(planes + (k << 5)));
    high = v128.or(high, v128.load(planes + (k << 5), 16));
  }
  low = v128.and(low, v128.load(scratch + masksAt));
  high = v128.and(high, v128.load(scratch + masksAt, 16));
  return !v128.any_true(v128.or(low, high));
}

// From planes to coefficients, each to its place in the block.
function unpackPlanes<T>(planes: usize, size: u32, first: u32, scratch: usize): void {
  const columns = scratch + columnsAt;
  const block = scratch + blockAt;
  const rowBytes: usize = size == 256 ? 32 : 8;
  const columnCount: u32 = size >= 64 ? 8 : size == 16 ? 2 : 1;
  const bitsUsed: u32 = size == 4 ? 4 : 8;
  for (let word: u32 = 0; word < size; word += 64) {
    const from = planes + (word >> 3);
    for (let group: usize = 0; group < sizeof<T>() >> 1; group++) {
      const to = columns + (group << 7);
      if (size <= 16) splitPlanes(from + (group << 5), to);
      else if (group < first >> 4) memory.fill(to, 0, 128);
      else transposePlanes(from + group * 16 * rowBytes, rowBytes, to);
    }
    for (let column: u32 = 0; column < columnCount; column++) {
      const at = columns + (column << 4);
      let a = v128.load(at);
      let b = v128.load(at, 128);
      if (size == 4) {
        a = i8x16.shl(a, 4);
        b = i8x16.shl(b, 4);
      }
      let order = scratch + orderAt + word + (column << 3) + bitsUsed;
      const end = order - bitsUsed;
      if (sizeof<T>() == 8) {
        let c = v128.load(at, 256);
        let d = v128.load(at, 384);
        if (size == 4) {
          c = i8x16.shl(c, 4);
          d = i8x16.shl(d, 4);
        }
        while (order > end) {
          order--;
          const low = <u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16);
          const high = <u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16);
          store<u64>(block + (<usize>load<u8>(order) << 3), (<u64>low) | ((<u64>high) << 32));
          a = i8x16.add(a, a);
          b = i8x16.add(b, b);
          c = i8x16.add(c, c);
          d = i8x16.add(d, d);
        }
      } else {
        while (order > end) {
          order--;
          store<u32>(
            block + (<usize>load<u8>(order) << 2),
            <u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16),
          );
          a = i8x16.add(a, a);
          b = i8x16.add(b, b);
        }
      }
    }
  }
}

// Sixteen planes of two bytes to two columns of sixteen.
// @ts-ignore: decorator
@inline
function splitPlanes(from: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from, 16);
  v128.store(to, v128.shuffle<i8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30));
  v128.store(to, v128.shuffle<i8>(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), 16);
}

// Sixteen planes of eight bytes, `rowBytes` apart, to eight columns of sixteen.
function transposePlanes(from: usize, rowBytes: usize, to: usize): void {
  transposeEight(from, rowBytes, to);
  transposeEight(from + 8 * rowBytes, rowBytes, to + 8);
}

// Eight rows of eight bytes to eight columns of eight bytes, 16 bytes apart.
// @ts-ignore: decorator
@inline
function transposeEight(from: usize, rowBytes: usize, to: usize): void {
  const ab = pairOfRows(from, rowBytes);
  const cd = pairOfRows(from + 2 * rowBytes, rowBytes);
  const ef = pairOfRows(from + 4 * rowBytes, rowBytes);
  const gh = pairOfRows(from + 6 * rowBytes, rowBytes);
  const abcd0 = v128.shuffle<i16>(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11);
  const abcd4 = v128.shuffle<i16>(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15);
  const efgh0 = v128.shuffle<i16>(ef, gh, 0, 8, 1, 9, 2, 10, 3, 11);
  const efgh4 = v128.shuffle<i16>(ef, gh, 4, 12, 5, 13, 6, 14, 7, 15);
  const c01 = v128.shuffle<i32>(abcd0, efgh0, 0, 4, 1, 5);
  const c23 = v128.shuffle<i32>(abcd0, efgh0, 2, 6, 3, 7);
  const c45 = v128.shuffle<i32>(abcd4, efgh4, 0, 4, 1, 5);
  const c67 = v128.shuffle<i32>(abcd4, efgh4, 2, 6, 3, 7);
  v128.store64_lane(to, c01, 0);
  v128.store64_lane(to, c01, 1, 16);
  v128.store64_lane(to, c23, 0, 32);
  v128.store64_lane(to, c23, 1, 48);
  v128.store64_lane(to, c45, 0, 64);
  v128.store64_lane(to, c45, 1, 80);
  v128.store64_lane(to, c67, 0, 96);
  v128.store64_lane(to, c67, 1, 112);
}

// The bytes of two rows of eight, in turn.
// @ts-ignore: decorator
@inline
function pairOfRows(from: usize, rowBytes: usize): v128 {
  return v128.shuffle<i8>(
    v128.load64_zero(from), v128.load64_zero(from + rowBytes),
    0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23,
  );
}

// 2^exponent as the reference has it: rounded to a subnormal or to 0, infinite where it is too large.
function powerOfTwo(exponent: i32): f64 {
  if (exponent > 1023) return Infinity;
  if (exponent >= -1022) return reinterpret<f64>((<u64>(exponent + 1023)) << 52);
  return exponent < -1074 ? 0 : reinterpret<f64>((<u64>1) << (exponent + 1074));
}

// Block floating point to floats, in place.
// @ts-ignore: decorator
@inline
function uncast<T>(block: usize, size: u32, exponent: i32): void {
  const end = block + (size << alignof<T>());
  const scale = powerOfTwo(exponent - (<i32>(sizeof<T>() << 3) - 2));
  if (sizeof<T>() == 8) {
    for (let p = block; p < end; p += 8) store<f64>(p, scale * <f64>load<i64>(p));
  } else {
    const scales = f32x4.splat(<f32>scale);
    for (let p = block; p < end; p += 16) {
      v128.store(p, f32x4.mul(scales, f32x4.convert_i32x4_s(v128.load(p))));
    }
  }
}

// Floats to block floating point. What does not fit becomes the smallest integer, as the reference's processor has it.
// @ts-ignore: decorator
@inline
function cast<T>(values: usize, block: usize, size: u32, exponent: i32): void {
  const end = values + (size << alignof<T>());
  const scale = powerOfTwo(<i32>(sizeof<T>() << 3) - 2 - exponent);
  if (sizeof<T>() == 8) {
    for (; values < end; values += 8) {
      const scaled = scale * load<f64>(values);
      store<i64>(block, abs(scaled) < 9223372036854775808.0 ? <i64>scaled : i64.MIN_VALUE);
      block += 8;
    }
  } else {
    const scales = f32x4.splat(<f32>scale);
    for (; values < end; values += 16) {
      const scaled = f32x4.mul(scales, v128.load(values));
      const fits = f32x4.lt(f32x4.abs(scaled), f32x4.splat(2147483648.0));
      v128.store(block, v128.bitselect(i32x4.trunc_sat_f32x4_s(scaled), i32x4.splat(i32.MIN_VALUE), fits));
      block += 16;
    }
  }
}

// Is block floating point the values exactly, signs of zeros included?
// @ts-ignore: decorator
@inline
function isCastExact<T>(values: usize, block: usize, size: u32, exponent: i32): bool {
  const end = values + (size << alignof<T>());
  const scale = powerOfTwo(exponent - (<i32>(sizeof<T>() << 3) - 2));
  if (sizeof<T>() == 8) {
    let differences: u64 = 0;
    for (; values < end; values += 8) {
      differences |= reinterpret<u64>(scale * <f64>load<i64>(block)) ^ load<u64>(values);
      block += 8;
    }
    return differences == 0;
  }
  const scales = f32x4.splat(<f32>scale);
  let differences = i32x4.splat(0);
  for (; values < end; values += 16) {
    const back = f32x4.mul(scales, f32x4.convert_i32x4_s(v128.load(block)));
    differences = v128.or(differences, v128.xor(back, v128.load(values)));
    block += 16;
  }
  return !v128.any_true(differences);
}

// Bits of floats to integers in the same order, and back: those of negative floats but for the sign are flipped.
// @ts-ignore: decorator
@inline
function flipNegative<T>(from: usize, to: usize, size: u32): void {
  const end = from + (size << alignof<T>());
  for (; from < end; from += 16) {
    const x = v128.load(from);
    const sign = sizeof<T>() == 8 ? i64x2.shr_s(x, 63) : i32x4.shr_s(x, 31);
    v128.store(to, v128.xor(x, sizeof<T>() == 8 ? i64x2.shr_u(sign, 1) : i32x4.shr_u(sign, 1)));
    to += 16;
  }
}

// Whole rows of axis 0, whose voxels lie side by side.
// @ts-ignore: decorator
@inline
function storeRows<T>(
  block: usize,
  to: usize,
  c1: usize,
  c2: usize,
  c3: usize,
  stride1: usize,
  stride2: usize,
  stride3: usize,
): void {
  for (let i3: usize = 0; i3 < c3; i3++) {
    for (let i2: usize = 0; i2 < c2; i2++) {
      let from = block + ((i3 * 64 + i2 * 16) << alignof<T>());
      let at = to + i3 * stride3 + i2 * stride2;
      for (let i1: usize = 0; i1 < c1; i1++) {
        v128.store(at, v128.load(from));
        if (sizeof<T>() == 8) v128.store(at, v128.load(from, 16), 16);
        from += 4 * sizeof<T>();
        at += stride1;
      }
    }
  }
}

function storeVoxels<T>(
  block: usize,
  to: usize,
  c0: usize,
  c1: usize,
  c2: usize,
  c3: usize,
  stride0: usize,
  stride1: usize,
  stride2: usize,
  stride3: usize,
): void {
  for (let i3: usize = 0; i3 < c3; i3++) {
    for (let i2: usize = 0; i2 < c2; i2++) {
      for (let i1: usize = 0; i1 < c1; i1++) {
        const from = block + ((i3 * 64 + i2 * 16 + i1 * 4) << alignof<T>());
        const at = to + i3 * stride3 + i2 * stride2 + i1 * stride1;
        for (let i0: usize = 0; i0 < c0; i0++) {
          store<T>(at + i0 * stride0, load<T>(from + (i0 << alignof<T>())));
        }
      }
    }
  }
}

// The writer: bits that are not yet a word, their number, and where the next word goes.
let pending: u64 = 0;
let pendingBits: u32 = 0;
let next: usize = 0;

/**
 * Encodes a whole stream. `out` begins with its header of `headerBits` bits, padded with zeros to a word; `scratch` is as for `decode`.
 * Returns the bytes of the stream, a multiple of 8, or a Status when `outBytes` might not suffice.
 */
export function encode(
  voxels: usize,
  type: u32,
  dims: u32,
  minBits: u32,
  maxBits: u32,
  maxPrecision: u32,
  minExponent: i32,
  n0: u32,
  n1: u32,
  n2: u32,
  n3: u32,
  stride0: usize,
  stride1: usize,
  stride2: usize,
  stride3: usize,
  out: usize,
  outBytes: usize,
  headerBits: u32,
  scratch: usize,
): i32 {
  pendingBits = headerBits & 63;
  next = out + <usize>((headerBits >> 6) << 3);
  pending = load<u64>(next);
  const isDone =
    type == Type.int32 || type == Type.float32
      ? encodeBlocks<i32>(voxels, type == Type.float32, dims, minBits, maxBits, maxPrecision, minExponent, n0, n1, n2, n3, stride0, stride1, stride2, stride3, out + outBytes, scratch)
      : encodeBlocks<i64>(voxels, type == Type.float64, dims, minBits, maxBits, maxPrecision, minExponent, n0, n1, n2, n3, stride0, stride1, stride2, stride3, out + outBytes, scratch);
  if (!isDone) return Status.noRoom;
  if (pendingBits != 0) {
    store<u64>(next, pending);
    next += 8;
  }
  return <i32>(next - out);
}

// Whether there was room.
function encodeBlocks<T>(
  voxels: usize,
  isFloat: bool,
  dims: u32,
  minBits: u32,
  maxBits: u32,
  maxPrecision: u32,
  minExponent: i32,
  n0: u32,
  n1: u32,
  n2: u32,
  n3: u32,
  stride0: usize,
  stride1: usize,
  stride2: usize,
  stride3: usize,
  end: usize,
  scratch: usize,
): bool {
  const bits: u32 = sizeof<T>() << 3;
  const size: u32 = (<u32>1) << (dims << 1);
  const isReversible = minExponent < smallestExponent;
  const planes = scratch + planesAt;
  const block = scratch + blockAt;
  const codes = scratch + codesAt;
  const values = isFloat ? codes : block;
  const most = max(mostBlockBytes(size, bits), minBits >> 3) + 16;
  for (let i: usize = 0; i < max(size, 16); i++) store<u8>(scratch + placeAt + i, 0xff);
  for (let i: usize = 0; i < size; i++) store<u8>(scratch + placeAt + load<u8>(scratch + orderAt + i), <u8>i);

  for (let b0: u32 = 0; b0 < n0; b0 += 4) {
    for (let b1: u32 = 0; b1 < n1; b1 += 4) {
      for (let b2: u32 = 0; b2 < n2; b2 += 4) {
        for (let b3: u32 = 0; b3 < n3; b3 += 4) {
          if (next + most > end) return false;
          const from = voxels + <usize>b0 * stride0 + <usize>b1 * stride1 + <usize>b2 * stride2 + <usize>b3 * stride3;
          let isFlat = dims == 4 && n3 - b3 == 1;
          let inSize: u32 = isFlat ? 64 : max(size, 16);
          let inDims = isFlat ? 3 : dims;
          if (n0 - b0 >= 4 && n1 - b1 >= 4 && n2 - b2 >= 4 && (isFlat || n3 - b3 >= 4) && stride0 == sizeof<T>() && dims >= 3) {
            gatherRows<T>(from, values, isFlat || dims == 3 ? 1 : 4, stride1, stride2, stride3);
          } else {
            gatherVoxels<T>(from, values, inDims, n0 - b0, n1 - b1, n2 - b2, n3 - b3, stride0, stride1, stride2, stride3);
          }

          let used: u32 = 0;
          let isEmpty = false;
          let precision = min(maxPrecision, bits);
          if (isFloat) {
            const exponentBits: u32 = sizeof<T>() == 8 ? 11 : 8;
            const bias: i32 = sizeof<T>() == 8 ? 1023 : 127;
            const exponent = exponentOf<T>(values, inSize);
            precision = precisionOf(exponent, maxPrecision, minExponent, dims, bits);
            isEmpty = exponent == -bias && (!isReversible || isAllZero(values, inSize << alignof<T>()));
            if (!isReversible && precision == 0) isEmpty = true;
            if (isEmpty) {
              put(0, 1);
              used = 1;
            } else {
              cast<T>(values, block, inSize, exponent);
              if (!isReversible) {
                used = 1 + exponentBits;
                put((<u64>(exponent + bias) << 1) | 1, used);
              } else if (exponent != -bias && isCastExact<T>(values, block, inSize, exponent)) {
                used = 2 + exponentBits;
                put((<u64>(exponent + bias) << 2) | 1, used);
              } else {
                flipNegative<T>(values, block, inSize);
                used = 2;
                put(3, used);
              }
            }
          }
          if (!isEmpty) {
            if (isFlat && !isReversible && !canDouble<T>(block)) {
              memory.copy(block + 64 * sizeof<T>(), block, 64 * sizeof<T>());
              memory.copy(block + 128 * sizeof<T>(), block, 128 * sizeof<T>());
              isFlat = false;
              inSize = 256;
              inDims = 4;
            }
            if (isReversible) liftBlock<T>(block, inDims, inSize, true);
            else liftBlock<T>(block, inDims, inSize, false);
            const union = orderCodes<T>(block, codes, size, isFlat, scratch);
            if (isReversible) {
              // Planes below the lowest bit that is set in any coefficient are left out.
              precision = max(1, min(maxPrecision, bits - <u32>min<u64>(ctz(union), bits)));
              put(precision - 1, sizeof<T>() == 8 ? 6 : 5);
              used += sizeof<T>() == 8 ? 6 : 5;
            }
            const first = bits - precision;
            packPlanes<T>(codes, size, first, planes, scratch + columnsAt);
            const budget = maxBits - used;
            used +=
              dims == 4
                ? writePlanesOf256(planes, bits, first, budget)
                : dims == 3
                  ? writePlanes<u64>(planes, 64, bits, first, budget)
                  : writePlanes<u16>(planes, size, bits, first, budget);
          }
          for (; used < minBits; used += min(64, minBits - used)) put(0, min(64, minBits - used));
        }
      }
    }
  }
  return true;
}

// Writes the lowest `count` bits, at most 64, of a value that has no others.
// @ts-ignore: decorator
@inline
function put(value: u64, count: u32): void {
  pending |= value << pendingBits;
  const before = pendingBits;
  pendingBits += count;
  if (pendingBits >= 64) {
    store<u64>(next, pending);
    next += 8;
    pendingBits -= 64;
    pending = (value >> 1) >> (63 - before);
  }
}

// A block none of whose rows is cut off.
// @ts-ignore: decorator
@inline
function gatherRows<T>(from: usize, to: usize, c3: usize, stride1: usize, stride2: usize, stride3: usize): void {
  for (let i3: usize = 0; i3 < c3; i3++) {
    for (let i2: usize = 0; i2 < 4; i2++) {
      let at = from + i3 * stride3 + i2 * stride2;
      for (let i1: usize = 0; i1 < 4; i1++) {
        v128.store(to, v128.load(at));
        if (sizeof<T>() == 8) v128.store(to, v128.load(at, 16), 16);
        to += 4 * sizeof<T>();
        at += stride1;
      }
    }
  }
}

// Place on an axis from which a block takes its place `i` when it has `n` voxels left: a, aaaa; ab, abba; abc, abca.
// @ts-ignore: decorator
@inline
function paddedPlace(i: usize, n: usize): usize {
  return i < n ? i : n == 2 && i == 2 ? 1 : 0;
}

// A block of any number of axes, at least 16 values, cut off or not.
function gatherVoxels<T>(
  from: usize,
  to: usize,
  dims: u32,
  n0: u32,
  n1: u32,
  n2: u32,
  n3: u32,
  stride0: usize,
  stride1: usize,
  stride2: usize,
  stride3: usize,
): void {
  const c1: usize = dims >= 2 ? 4 : 1;
  const c2: usize = dims >= 3 ? 4 : 1;
  const c3: usize = dims == 4 ? 4 : 1;
  if (dims == 1) memory.fill(to, 0, 16 * sizeof<T>());
  for (let i3: usize = 0; i3 < c3; i3++) {
    for (let i2: usize = 0; i2 < c2; i2++) {
      for (let i1: usize = 0; i1 < c1; i1++) {
        const row =
          from + paddedPlace(i3, n3) * stride3 + paddedPlace(i2, n2) * stride2 + paddedPlace(i1, n1) * stride1;
        for (let i0: usize = 0; i0 < 4; i0++) {
          store<T>(to, load<T>(row + paddedPlace(i0, n0) * stride0));
          to += sizeof<T>();
        }
      }
    }
  }
}

// Exponent of the largest magnitude, as frexp gives it, but that of subnormals is the smallest and that of 0 one less. NaN counts as
// nothing; of infinity, frexp gives 0.
// @ts-ignore: decorator
@inline
function exponentOf<T>(values: usize, size: u32): i32 {
  const end = values + (size << alignof<T>());
  let most = i32x4.splat(0);
  if (sizeof<T>() == 8) {
    for (; values < end; values += 16) most = f64x2.pmax(most, f64x2.abs(v128.load(values)));
    const magnitude = reinterpret<u64>(max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1)));
    if (magnitude == 0) return -1023;
    return magnitude == 0x7ff0000000000000 ? 0 : <i32>(magnitude >> 52) - 1022;
  }
  for (; values < end; values += 16) most = f32x4.pmax(most, f32x4.abs(v128.load(values)));
  most = f32x4.pmax(most, v128.shuffle<i64>(most, most, 1, 0));
  most = f32x4.pmax(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2));
  const magnitude = <u32>i32x4.extract_lane(most, 0);
  if (magnitude == 0) return -127;
  return magnitude == 0x7f800000 ? 0 : <i32>(magnitude >> 23) - 126;
}

// Can the first 64 integers be doubled? If so, lines of four equal ones become their value and three zeros.
// @ts-ignore: decorator
@inline
function canDouble<T>(block: usize): bool {
  let union = i32x4.splat(0);
  for (let i: usize = 0; i < 64 * sizeof<T>(); i += 16) {
    const x = v128.load(block + i);
    union = v128.or(union, v128.xor(x, v128.add<T>(x, x)));
  }
  return v128.bitmask<T>(union) == 0;
}

function isAllZero(values: usize, bytes: usize): bool {
  let union = i32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) union = v128.or(union, v128.load(values + i));
  return !v128.any_true(union);
}

// Coefficients to their order; the union of their bits. Those of a flat block whose place on axis 3 is not 0 are 0.
// @ts-ignore: decorator
@inline
function orderCodes<T>(block: usize, codes: usize, size: u32, isFlat: bool, scratch: usize): u64 {
  let union: u64 = 0;
  if (isFlat) {
    memory.fill(codes, 0, 256 * sizeof<T>());
    for (let i: usize = 0; i < 64; i++) {
      const code = load<T>(block + (i << alignof<T>()));
      union |= <u64>code;
      store<T>(codes + ((<usize>load<u8>(scratch + placeAt + i)) << alignof<T>()), code);
    }
    return union;
  }
  for (let i: usize = 0; i < size; i++) {
    const code = load<T>(block + ((<usize>load<u8>(scratch + orderAt + i)) << alignof<T>()));
    union |= <u64>code;
    store<T>(codes + (i << alignof<T>()), code);
  }
  return union;
}

// From coefficients in order to planes, as `readPlanes` gives them, those from `first` on. `bytes` is scratch: the bytes of the codes by
// significance.
function packPlanes<T>(codes: usize, size: u32, first: u32, planes: usize, bytes: usize): void {
  const rowBytes: usize = size == 256 ? 32 : size == 64 ? 8 : 2;
  for (let i: u32 = 0; i < size; i += 16) {
    const from = codes + (i << alignof<T>());
    if (sizeof<T>() == 8) {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      const c = v128.load(from, 32);
      const d = v128.load(from, 48);
      const e = v128.load(from, 64);
      const f = v128.load(from, 80);
      const g = v128.load(from, 96);
      const h = v128.load(from, 112);
      splitBytes(
        v128.shuffle<i32>(a, b, 0, 2, 4, 6), v128.shuffle<i32>(c, d, 0, 2, 4, 6),
        v128.shuffle<i32>(e, f, 0, 2, 4, 6), v128.shuffle<i32>(g, h, 0, 2, 4, 6),
        bytes + i,
      );
      splitBytes(
        v128.shuffle<i32>(a, b, 1, 3, 5, 7), v128.shuffle<i32>(c, d, 1, 3, 5, 7),
        v128.shuffle<i32>(e, f, 1, 3, 5, 7), v128.shuffle<i32>(g, h, 1, 3, 5, 7),
        bytes + i + 1024,
      );
    } else {
      splitBytes(v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48), bytes + i);
    }
  }
  for (let byte: u32 = first >> 3; byte < sizeof<T>(); byte++) {
    for (let word: u32 = 0; word < size; word += 64) {
      const at = bytes + (byte << 8) + word;
      let row = planes + <usize>(byte * 8 + 7) * rowBytes + (word >> 3);
      let a = v128.load(at);
      if (size <= 16) {
        const mask: u32 = size == 16 ? 0xffff : 15;
        for (let i = 0; i < 8; i++) {
          store<u16>(row, <u16>(<u32>i8x16.bitmask(a) & mask));
          a = i8x16.add(a, a);
          row -= rowBytes;
        }
        continue;
      }
      let b = v128.load(at, 16);
      let c = v128.load(at, 32);
      let d = v128.load(at, 48);
      for (let i = 0; i < 8; i++) {
        const low = <u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16);
        const high = <u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16);
        store<u64>(row, (<u64>low) | ((<u64>high) << 32));
        a = i8x16.add(a, a);
        b = i8x16.add(b, b);
        c = i8x16.add(c, c);
        d = i8x16.add(d, d);
        row -= rowBytes;
      }
    }
  }
}

// Sixteen words to the bytes of each significance, 256 apart.
// @ts-ignore: decorator
@inline
function splitBytes(a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const ab0 = v128.shuffle<i8>(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const ab2 = v128.shuffle<i8>(a, b, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
  const cd0 = v128.shuffle<i8>(c, d, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const cd2 = v128.shuffle<i8>(c, d, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
  v128.store(to, v128.shuffle<i64>(ab0, cd0, 0, 2));
  v128.store(to, v128.shuffle<i64>(ab0, cd0, 1, 3), 256);
  v128.store(to, v128.shuffle<i64>(ab2, cd2, 0, 2), 512);
  v128.store(to, v128.shuffle<i64>(ab2, cd2, 1, 3), 768);
}

// Writes the planes from the highest to `first`, at most `budget` bits; returns their number. The writer's state is in locals meanwhile.
function writePlanes<P>(planes: usize, size: u32, bits: u32, first: u32, budget: u32): u32 {
  const most = budget;
  let acc = pending;
  let count = pendingBits;
  let to = next;
  let n: u32 = 0;
  let k = bits;
  while (budget != 0 && k > first) {
    k--;
    let x = <u64>load<P>(planes + k * sizeof<P>());
    const m = min(n, budget);
    budget -= m;
    if (m != 0) {
      const known = m < 64 ? x & (((<u64>1) << m) - 1) : x;
      acc |= known << count;
      const before = count;
      count += m;
      if (count >= 64) {
        store<u64>(to, acc);
        to += 8;
        count -= 64;
        acc = (known >> 1) >> (63 - before);
      }
      if (m == 64) continue;
      x >>= m;
    }
    while (budget != 0 && n < size) {
      let pattern: u64 = 0;
      let length: u32 = 1;
      budget--;
      const isLast = x == 0;
      if (!isLast) {
        const available = min(budget, size - 1 - n);
        const zeros = <u32>ctz(x);
        const taken = min(zeros + 1, available);
        pattern = zeros < available ? 1 | ((<u64>2) << zeros) : 1;
        length = taken + 1;
        budget -= taken;
        const run = min(zeros, available);
        n += run + 1;
        x = (x >> run) >> 1;
      }
      acc |= pattern << count;
      const before = count;
      count += length;
      if (count >= 64) {
        store<u64>(to, acc);
        to += 8;
        count -= 64;
        acc = (pattern >> 1) >> (63 - before);
      }
      if (isLast) break;
    }
  }
  pending = acc;
  pendingBits = count;
  next = to;
  return most - budget;
}

// The same for 256 coefficients.
function writePlanesOf256(planes: usize, bits: u32, first: u32, budget: u32): u32 {
  const most = budget;
  let acc = pending;
  let count = pendingBits;
  let to = next;
  let n: u32 = 0;
  let k = bits;
  while (budget != 0 && k > first) {
    k--;
    const row = planes + (k << 5);
    const m = min(n, budget);
    budget -= m;
    for (let i: u32 = 0; i < m; i += 64) {
      let known = load<u64>(row + (i >> 3));
      const length = min(m - i, 64);
      if (length < 64) known &= ((<u64>1) << length) - 1;
      acc |= known << count;
      const before = count;
      count += length;
      if (count >= 64) {
        store<u64>(to, acc);
        to += 8;
        count -= 64;
        acc = (known >> 1) >> (63 - before);
      }
    }
    if (n >= 256) continue;
    let word = n >> 6;
    let x = load<u64>(row + (word << 3)) >> (n & 63);
    let beyond = wordsAfter(row, word);
    while (budget != 0 && n < 256) {
      let pattern: u64 = 0;
      let length: u32 = 1;
      budget--;
      const isLast = (x | beyond) == 0;
      if (!isLast) {
        const available = min(budget, 255 - n);
        let zeros: u32;
        if (x != 0) {
          zeros = <u32>ctz(x);
          x = (x >> zeros) >> 1;
        } else {
          zeros = 64 - (n & 63);
          word = (n >> 6) + 1;
          x = load<u64>(row + (word << 3));
          while (x == 0) {
            zeros += 64;
            word++;
            x = load<u64>(row + (word << 3));
          }
          const inWord = <u32>ctz(x);
          zeros += inWord;
          x = (x >> inWord) >> 1;
          beyond = wordsAfter(row, word);
        }
        const taken = min(zeros + 1, available);
        budget -= taken;
        n += min(zeros, available) + 1;
        length = taken + 1;
        pattern = 1;
        let place = zeros + 1;
        while (length > 64) {
          acc |= pattern << count;
          store<u64>(to, acc);
          to += 8;
          acc = (pattern >> 1) >> (63 - count);
          pattern = 0;
          length -= 64;
          place -= 64;
        }
        if (zeros < available) pattern |= (<u64>1) << place;
      }
      acc |= pattern << count;
      const before = count;
      count += length;
      if (count >= 64) {
        store<u64>(to, acc);
        to += 8;
        count -= 64;
        acc = (pattern >> 1) >> (63 - before);
      }
      if (isLast) break;
      // A run that ended at a word's end leaves x empty, and the next word to be looked at.
      if ((n & 63) == 0 && n < 256) {
        word = n >> 6;
        x = load<u64>(row + (word << 3));
        beyond = wordsAfter(row, word);
      }
    }
  }
  pending = acc;
  pendingBits = count;
  next = to;
  return most - budget;
}

// The union of a plane's words after this one.
// @ts-ignore: decorator
@inline
function wordsAfter(row: usize, word: u32): u64 {
  let union: u64 = 0;
  for (word++; word < 4; word++) union |= load<u64>(row + (word << 3));
  return union;
}
