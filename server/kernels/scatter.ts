// Copies and fills of boxes: (row, plane) strided bytes to (row, plane) strided bytes, in 16-byte stores.
//
// Every pointer is an address in the shared memory, every size and stride is in bytes. The caller promises that source and target
// lie in the memory and do not overlap; rows of one box must not overlap each other.

/** Copies `planes` x `rows` rows of `rowBytes` bytes. */
export function scatter(
  src: usize,
  srcRow: usize,
  srcPlane: usize,
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
  rowBytes: usize,
  rows: usize,
  planes: usize,
): void {
  if (rowBytes == 0 || rows == 0) return;
  // Rows that touch are one long row; planes that touch are more rows of it.
  if (srcRow == rowBytes && dstRow == rowBytes) {
    rowBytes *= rows;
    srcRow = srcPlane;
    dstRow = dstPlane;
    rows = planes;
    planes = 1;
    if (srcRow == rowBytes && dstRow == rowBytes) {
      rowBytes *= rows;
      rows = 1;
    }
  }
  for (let z: usize = 0; z < planes; z++) {
    let from = src;
    let to = dst;
    if (rowBytes >= 16) {
      for (let y: usize = 0; y < rows; y++) {
        copyLong(from, to, rowBytes);
        from += srcRow;
        to += dstRow;
      }
    } else {
      for (let y: usize = 0; y < rows; y++) {
        copyShort(from, to, rowBytes);
        from += srcRow;
        to += dstRow;
      }
    }
    src += srcPlane;
    dst += dstPlane;
  }
}

/** Writes `planes` x `rows` rows of `rowBytes` bytes with the lowest `voxelBytes` (1, 2, 4 or 8) bytes of `pattern`, repeated. */
export function fill(
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
  rowBytes: usize,
  rows: usize,
  planes: usize,
  pattern: u64,
  voxelBytes: i32,
): void {
  if (rowBytes == 0 || rows == 0) return;
  if (dstRow == rowBytes) {
    rowBytes *= rows;
    dstRow = dstPlane;
    rows = planes;
    planes = 1;
    if (dstRow == rowBytes) {
      rowBytes *= rows;
      rows = 1;
    }
  }
  const repeated = repeat(pattern, voxelBytes);
  for (let z: usize = 0; z < planes; z++) {
    let to = dst;
    for (let y: usize = 0; y < rows; y++) {
      fillRow(to, rowBytes, repeated);
      to += dstRow;
    }
    dst += dstPlane;
  }
}

// The tail is one store that overlaps the bytes before it, so that no row needs a loop of bytes.
// @ts-ignore: decorator
@inline
function copyLong(from: usize, to: usize, bytes: usize): void {
  const last = bytes - 16;
  let i: usize = 0;
  while (i + 64 <= bytes) {
    const a = v128.load(from + i);
    const b = v128.load(from + i, 16);
    const c = v128.load(from + i, 32);
    const d = v128.load(from + i, 48);
    v128.store(to + i, a);
    v128.store(to + i, b, 16);
    v128.store(to + i, c, 32);
    v128.store(to + i, d, 48);
    i += 64;
  }
  while (i < last) {
    v128.store(to + i, v128.load(from + i));
    i += 16;
  }
  v128.store(to + last, v128.load(from + last));
}

// @ts-ignore: decorator
@inline
function copyShort(from: usize, to: usize, bytes: usize): void {
  if (bytes >= 8) {
    const tail = load<u64>(from + bytes - 8);
    store<u64>(to, load<u64>(from));
    store<u64>(to + bytes - 8, tail);
  } else if (bytes >= 4) {
    const tail = load<u32>(from + bytes - 4);
    store<u32>(to, load<u32>(from));
    store<u32>(to + bytes - 4, tail);
  } else {
    for (let i: usize = 0; i < bytes; i++) store<u8>(to + i, load<u8>(from + i));
  }
}

function repeat(pattern: u64, voxelBytes: i32): v128 {
  if (voxelBytes == 1) return i8x16.splat(<i8>pattern);
  if (voxelBytes == 2) return i16x8.splat(<i16>pattern);
  if (voxelBytes == 4) return i32x4.splat(<i32>pattern);
  return i64x2.splat(<i64>pattern);
}

// A row is a whole number of voxels, so the overlapping tail starts at a voxel.
// @ts-ignore: decorator
@inline
function fillRow(to: usize, bytes: usize, repeated: v128): void {
  if (bytes >= 16) {
    const last = bytes - 16;
    let i: usize = 0;
    while (i + 64 <= bytes) {
      v128.store(to + i, repeated);
      v128.store(to + i, repeated, 16);
      v128.store(to + i, repeated, 32);
      v128.store(to + i, repeated, 48);
      i += 64;
    }
    while (i < last) {
      v128.store(to + i, repeated);
      i += 16;
    }
    v128.store(to + last, repeated);
    return;
  }
  let word = <u64>i64x2.extract_lane(repeated, 0);
  let i: usize = 0;
  if (bytes >= 8) {
    store<u64>(to, word);
    i = 8;
  }
  while (i < bytes) {
    store<u8>(to + i, <u8>word);
    word = rotr<u64>(word, 8);
    i++;
  }
}
