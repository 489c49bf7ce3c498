// The transforms of zfp's blocks, described in the kernel that uses them. A block's values lie axis 0 fastest; its coefficients lie with axes 0 and 1
// exchanged, so that lines along axis 0 are lifted as vectors as well. 16 values at least: of one axis, the rest has no meaning.

// Coefficients in negabinary, axes 0 and 1 exchanged, to values. The axes in the order 0, 1, 2, 3.
// @ts-ignore: decorator
@inline
export function unliftBlock<T>(block: usize, dims: u32, size: u32, isReversible: bool): void {
  const end = block + (size << alignof<T>());
  const row: usize = 4 * sizeof<T>();
  for (let group = block; group < end; group += 16 * sizeof<T>()) {
    for (let i: usize = 0; i < row; i += 16) unlift<T>(group + i, row, isReversible, true);
    transpose<T>(group);
    if (dims >= 2) {
      for (let i: usize = 0; i < row; i += 16) unlift<T>(group + i, row, isReversible, false);
    }
  }
  if (dims >= 3) {
    for (let cube = block; cube < end; cube += 64 * sizeof<T>()) {
      for (let i: usize = 0; i < 4 * row; i += 16) unlift<T>(cube + i, 4 * row, isReversible, false);
    }
  }
  if (dims == 4) {
    for (let i: usize = 0; i < 16 * row; i += 16) unlift<T>(block + i, 16 * row, isReversible, false);
  }
}

// Lines of four, a vector of them at once.
// @ts-ignore: decorator
@inline
function unlift<T>(p: usize, stride: usize, isReversible: bool, isNegabinary: bool): void {
  let x = v128.load(p);
  let y = v128.load(p + stride);
  let z = v128.load(p + 2 * stride);
  let w = v128.load(p + 3 * stride);
  if (isNegabinary) {
    const mask = v128.splat<u8>(0xaa);
    x = v128.sub<T>(v128.xor(x, mask), mask);
    y = v128.sub<T>(v128.xor(y, mask), mask);
    z = v128.sub<T>(v128.xor(z, mask), mask);
    w = v128.sub<T>(v128.xor(w, mask), mask);
  }
  if (isReversible) {
    w = v128.add<T>(w, z);
    z = v128.add<T>(z, y);
    w = v128.add<T>(w, z);
    y = v128.add<T>(y, x);
    z = v128.add<T>(z, y);
    w = v128.add<T>(w, z);
  } else {
    y = v128.add<T>(y, v128.shr<T>(w, 1));
    w = v128.sub<T>(w, v128.shr<T>(y, 1));
    y = v128.add<T>(y, w);
    w = v128.sub<T>(v128.add<T>(w, w), y);
    z = v128.add<T>(z, x);
    x = v128.sub<T>(v128.add<T>(x, x), z);
    y = v128.add<T>(y, z);
    z = v128.sub<T>(v128.add<T>(z, z), y);
    w = v128.add<T>(w, x);
    x = v128.sub<T>(v128.add<T>(x, x), w);
  }
  v128.store(p, x);
  v128.store(p + stride, y);
  v128.store(p + 2 * stride, z);
  v128.store(p + 3 * stride, w);
}

// @ts-ignore: decorator
@inline
function lift<T>(p: usize, stride: usize, isReversible: bool, toNegabinary: bool): void {
  let x = v128.load(p);
  let y = v128.load(p + stride);
  let z = v128.load(p + 2 * stride);
  let w = v128.load(p + 3 * stride);
  if (isReversible) {
    w = v128.sub<T>(w, z);
    z = v128.sub<T>(z, y);
    y = v128.sub<T>(y, x);
    w = v128.sub<T>(w, z);
    z = v128.sub<T>(z, y);
    w = v128.sub<T>(w, z);
  } else {
    x = v128.shr<T>(v128.add<T>(x, w), 1);
    w = v128.sub<T>(w, x);
    z = v128.shr<T>(v128.add<T>(z, y), 1);
    y = v128.sub<T>(y, z);
    x = v128.shr<T>(v128.add<T>(x, z), 1);
    z = v128.sub<T>(z, x);
    w = v128.shr<T>(v128.add<T>(w, y), 1);
    y = v128.sub<T>(y, w);
    w = v128.add<T>(w, v128.shr<T>(y, 1));
    y = v128.sub<T>(y, v128.shr<T>(w, 1));
  }
  if (toNegabinary) {
    const mask = v128.splat<u8>(0xaa);
    x = v128.xor(v128.add<T>(x, mask), mask);
    y = v128.xor(v128.add<T>(y, mask), mask);
    z = v128.xor(v128.add<T>(z, mask), mask);
    w = v128.xor(v128.add<T>(w, mask), mask);
  }
  v128.store(p, x);
  v128.store(p + stride, y);
  v128.store(p + 2 * stride, z);
  v128.store(p + 3 * stride, w);
}

// Values to coefficients in negabinary, axes 0 and 1 exchanged. The axes in the order 3, 2, 1, 0.
// @ts-ignore: decorator
@inline
export function liftBlock<T>(block: usize, dims: u32, size: u32, isReversible: bool): void {
  const end = block + (size << alignof<T>());
  const row: usize = 4 * sizeof<T>();
  if (dims == 4) {
    for (let i: usize = 0; i < 16 * row; i += 16) lift<T>(block + i, 16 * row, isReversible, false);
  }
  if (dims >= 3) {
    for (let cube = block; cube < end; cube += 64 * sizeof<T>()) {
      for (let i: usize = 0; i < 4 * row; i += 16) lift<T>(cube + i, 4 * row, isReversible, false);
    }
  }
  for (let group = block; group < end; group += 16 * sizeof<T>()) {
    if (dims >= 2) {
      for (let i: usize = 0; i < row; i += 16) lift<T>(group + i, row, isReversible, false);
    }
    transpose<T>(group);
    for (let i: usize = 0; i < row; i += 16) lift<T>(group + i, row, isReversible, true);
  }
}

// Four rows of four.
// @ts-ignore: decorator
@inline
function transpose<T>(p: usize): void {
  if (sizeof<T>() == 8) {
    // The quarters off the diagonal change places.
    const a0 = v128.load(p);
    const a1 = v128.load(p, 32);
    v128.store(p, v128.shuffle<i64>(a0, a1, 0, 2));
    v128.store(p, v128.shuffle<i64>(a0, a1, 1, 3), 32);
    const b0 = v128.load(p, 16);
    const b1 = v128.load(p, 48);
    const c0 = v128.load(p, 64);
    const c1 = v128.load(p, 96);
    v128.store(p, v128.shuffle<i64>(c0, c1, 0, 2), 16);
    v128.store(p, v128.shuffle<i64>(c0, c1, 1, 3), 48);
    v128.store(p, v128.shuffle<i64>(b0, b1, 0, 2), 64);
    v128.store(p, v128.shuffle<i64>(b0, b1, 1, 3), 96);
    const d0 = v128.load(p, 80);
    const d1 = v128.load(p, 112);
    v128.store(p, v128.shuffle<i64>(d0, d1, 0, 2), 80);
    v128.store(p, v128.shuffle<i64>(d0, d1, 1, 3), 112);
  } else {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(p, v128.shuffle<i64>(ab0, cd0, 0, 2));
    v128.store(p, v128.shuffle<i64>(ab0, cd0, 1, 3), 16);
    v128.store(p, v128.shuffle<i64>(ab2, cd2, 0, 2), 32);
    v128.store(p, v128.shuffle<i64>(ab2, cd2, 1, 3), 48);
  }
}
