// compresso, writing: version 1, connectivity 4, steps of 4 x 4 x 1 or 8 x 8 x 1. The kernel "compresso" describes the layout.
//
// Bytes are those of the reference's encoder. A voxel is a boundary if its right or its lower neighbor has another label. A location is, the
// first that holds: 1 if the right neighbor is no boundary and has the label, 3 likewise below, the label + 7 if that fits into T, else
// 6 and the label. (Never 0 or 2: such neighbors are boundaries; never 4 or 5: slices are to be read alone.) Windows are numbered in
// ascending order; a run of the first is cut where its code would not fit. Numbers of windows have to fit too, so that steps of 4 x 4 x 1
// allow no more than 2^15 of them.
//
// Speed of one thread, against the reference's encoder in the same minute: 64^3 of 64-bit tissue 5 times as fast (4 GB/s), 512 x 512 x 16 at
// a fine mip 3.5-6 times, noise 20 times. The one look at each voxel, in vectors, is most of it, and bound by loads; the rest works on
// words of bits, and skips sixteen empty windows at once. Left: rows shorter than a few vectors, whose last voxels go one by one.

import { allBits, bitmapRowBytes, findRuns, isBoundary } from "./shared/runs";
import { lowerBound, sortDistinct, storeUnsigned } from "./shared/labels";

const tooManyWindows: i32 = -1;

/** A chunk and where its stream goes: words of 32 bits in this order. */
@unmanaged
class Chunk {
  voxels: usize;
  labelBytes: u32;
  sx: u32;
  sy: u32;
  sz: u32;
  /** Sides of a window in x and y: 4 or 8. */
  step: u32;
  indexBytes: u32;
  /** Rows of bits of the whole chunk. */
  bitmap: usize;
  /** Scratch: 4 bytes for every other voxel of a slice, the same again, 4 for each row and one more, 8 for each slice. */
  edges: usize;
  slots: usize;
  rowRuns: usize;
  counts: usize;
  /** Scratch: the windows and 64 bytes more; for step 4, 128 KiB, for step 8, 8 bytes for each window. */
  windows: usize;
  table: usize;
  /** Results: runs of voxels that are no boundary, boundary voxels with a location. */
  runCount: u32;
  loneCount: u32;
  /** Results: sizes of sections. */
  idCount: u32;
  valueCount: u32;
  locationCount: u32;
}

/** Writes the bitmap, and counts runs and locations. */
export function findBoundaries(at: usize): void {
  const chunk = changetype<Chunk>(at);
  if (chunk.labelBytes == 1) markChunk<u8>(chunk);
  else if (chunk.labelBytes == 2) markChunk<u16>(chunk);
  else if (chunk.labelBytes == 4) markChunk<u32>(chunk);
  else markChunk<u64>(chunk);
}

function markChunk<T>(chunk: Chunk): void {
  const sx = chunk.sx;
  const rowBytes: usize = sx * sizeof<T>();
  let row = chunk.voxels;
  let bits = chunk.bitmap;
  let runs: u32 = 0;
  let lone: u32 = 0;
  for (let z: u32 = 0; z < chunk.sz; z++) {
    for (let y: u32 = 0; y < chunk.sy; y++) {
      markRow<T>(row, y + 1 < chunk.sy ? row + rowBytes : row, sx, bits);
      let carry: u64 = 0;
      for (let at: usize = 0; at < bitmapRowBytes(sx); at += 8) {
        const word = load<u64>(bits + at);
        const inside = sx - <u32>(at << 3);
        const open = inside < 64 ? ~word & ~(allBits << inside) : ~word;
        const left = (~word << 1) | carry;
        const above = y > 0 ? ~load<u64>(bits + at - bitmapRowBytes(sx)) : 0;
        runs += <u32>popcnt<u64>(open & ~left);
        lone += <u32>popcnt<u64>(word & ~(left | above));
        carry = ~word >> 63;
      }
      row += rowBytes;
      bits += bitmapRowBytes(sx);
    }
  }
  chunk.runCount = runs;
  chunk.loneCount = lone;
}

// Boundaries of a row; `below` is the row itself if there is none.
function markRow<T>(row: usize, below: usize, sx: u32, bits: usize): void {
  const lanes: u32 = 16 / sizeof<T>();
  let word: u64 = 0;
  let x: u32 = 0;
  while (x + 4 * lanes < sx) {
    const from = row + <usize>x * sizeof<T>();
    const under = below + <usize>x * sizeof<T>();
    const a = differences(from, sizeof<T>(), under);
    const b = differences(from + 16, sizeof<T>(), under + 16);
    const c = differences(from + 32, sizeof<T>(), under + 32);
    const d = differences(from + 48, sizeof<T>(), under + 48);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) {
      const group = lanesOf<T>(a) | (lanesOf<T>(b) << lanes) | (lanesOf<T>(c) << (2 * lanes)) | (lanesOf<T>(d) << (3 * lanes));
      word |= group << (x & 63);
    }
    x += 4 * lanes;
    if ((x & 63) == 0) {
      store<u64>(bits, word);
      bits += 8;
      word = 0;
    }
  }
  while (x + lanes < sx) {
    const from = row + <usize>x * sizeof<T>();
    word |= lanesOf<T>(differences(from, sizeof<T>(), below + <usize>x * sizeof<T>())) << (x & 63);
    x += lanes;
    if ((x & 63) == 0) {
      store<u64>(bits, word);
      bits += 8;
      word = 0;
    }
  }
  for (; x < sx; x++) {
    const label = load<T>(row + <usize>x * sizeof<T>());
    let isEdge = label != load<T>(below + <usize>x * sizeof<T>());
    if (x + 1 < sx) isEdge = isEdge || label != load<T>(row + <usize>(x + 1) * sizeof<T>());
    word |= (<u64>isEdge) << (x & 63);
  }
  store<u64>(bits, word);
}

// Bits in which labels differ from the next in the row or the one below.
// @ts-ignore: decorator
@inline
function differences(from: usize, step: usize, below: usize): v128 {
  const labels = v128.load(from);
  return v128.or(v128.xor(labels, v128.load(from + step)), v128.xor(labels, v128.load(below)));
}

// One bit for each label that differs.
// @ts-ignore: decorator
@inline
function lanesOf<T>(different: v128): u64 {
  const none = i32x4.splat(0);
  if (sizeof<T>() == 8) return <u64>(i64x2.bitmask(i64x2.ne(different, none)) & 3);
  if (sizeof<T>() == 4) return <u64>(i32x4.bitmask(i32x4.ne(different, none)) & 15);
  if (sizeof<T>() == 2) return <u64>(i16x8.bitmask(i16x8.ne(different, none)) & 0xff);
  return <u64>(i8x16.bitmask(i8x16.ne(different, none)) & 0xffff);
}

/**
 * Writes the sections at `out`, which has room for a label for each run, two for each location, every window once as a value and once as a
 * code, and the index. Returns their bytes, or tooManyWindows.
 */
export function encode(at: usize, out: usize): i32 {
  const chunk = changetype<Chunk>(at);
  if (chunk.labelBytes == 1) return encodeChunk<u8>(chunk, out);
  if (chunk.labelBytes == 2) return encodeChunk<u16>(chunk, out);
  return chunk.labelBytes == 4 ? encodeChunk<u32>(chunk, out) : encodeChunk<u64>(chunk, out);
}

function encodeChunk<T>(chunk: Chunk, out: usize): i32 {
  const isSmall = chunk.step == 4;
  const windowCount = isSmall ? gatherSmall(chunk) : gatherLarge(chunk);
  const ids = writeIds<T>(chunk, out);
  const values = isSmall ? numberSmall(chunk, ids) : numberLarge(chunk, windowCount, ids);
  if (values == 0) return tooManyWindows;
  const locations = writeLocations<T>(chunk, values);
  const codes = isSmall
    ? writeCodes<u16>(chunk, windowCount, ids, locations)
    : writeCodes<u64>(chunk, windowCount, ids, locations);
  return <i32>(writeIndex(chunk, codes) - out);
}

// The label of each region, where its first run begins; counts the regions of each slice.
function writeIds<T>(chunk: Chunk, to: usize): usize {
  const first = to;
  const bitmapPlane = bitmapRowBytes(chunk.sx) * chunk.sy;
  let row = chunk.voxels;
  for (let z: u32 = 0; z < chunk.sz; z++) {
    const sliceIds = to;
    findRuns(chunk.bitmap + <usize>z * bitmapPlane, chunk.sx, chunk.sy, chunk.edges, chunk.slots, chunk.rowRuns);
    for (let y: u32 = 0; y < chunk.sy; y++) {
      const end = load<u32>(chunk.rowRuns + (<usize>y << 2), 4);
      for (let run = load<u32>(chunk.rowRuns + (<usize>y << 2)); run < end; run++) {
        if (load<u32>(chunk.slots + (<usize>run << 2)) == run) {
          store<T>(to, load<T>(row + <usize>load<u16>(chunk.edges + (<usize>run << 2)) * sizeof<T>()));
          to += sizeof<T>();
        }
      }
      row += chunk.sx * sizeof<T>();
    }
    store<u32>(chunk.counts + (<usize>z << 3), <u32>((to - sliceIds) / sizeof<T>()));
  }
  chunk.idCount = <u32>((to - first) / sizeof<T>());
  return to;
}

// What boundary voxels hold that their left and upper neighbors do not explain; counts those of each slice.
function writeLocations<T>(chunk: Chunk, to: usize): usize {
  const first = to;
  const bitmapRow = bitmapRowBytes(chunk.sx);
  let bits = chunk.bitmap;
  let row = chunk.voxels;
  for (let z: u32 = 0; z < chunk.sz; z++) {
    const sliceLocations = to;
    for (let y: u32 = 0; y < chunk.sy; y++) {
      let carry: u64 = 0;
      for (let at: usize = 0; at < bitmapRow; at += 8) {
        const word = load<u64>(bits + at);
        const above = y > 0 ? ~load<u64>(bits + at - bitmapRow) : 0;
        let lone = word & ~((~word << 1) | carry | above);
        carry = ~word >> 63;
        for (; lone != 0; lone &= lone - 1) {
          to = writeLocation<T>(chunk, <u32>(at << 3) + <u32>ctz<u64>(lone), y, bits, row, to);
        }
      }
      bits += bitmapRow;
      row += chunk.sx * sizeof<T>();
    }
    store<u32>(chunk.counts + (<usize>z << 3), <u32>((to - sliceLocations) / sizeof<T>()), 4);
  }
  chunk.locationCount = <u32>((to - first) / sizeof<T>());
  return to;
}

// @ts-ignore: decorator
@inline
function writeLocation<T>(chunk: Chunk, x: u32, y: u32, bits: usize, row: usize, to: usize): usize {
  const voxel = row + <usize>x * sizeof<T>();
  const rowBytes: usize = chunk.sx * sizeof<T>();
  const label = load<T>(voxel);
  let code = label + <T>7;
  if (x + 1 < chunk.sx && !isBoundary(bits, x + 1) && load<T>(voxel + sizeof<T>()) == label) {
    code = <T>1;
  } else if (y + 1 < chunk.sy && !isBoundary(bits + bitmapRowBytes(chunk.sx), x) && load<T>(voxel + rowBytes) == label) {
    code = <T>3;
  } else if (code < <T>7) {
    store<T>(to, <T>6);
    to += sizeof<T>();
    code = label;
  }
  store<T>(to, code);
  return to + sizeof<T>();
}

// Windows of 4 x 4, sixteen from four words at a time; the table gets a 1 for each that there is. Returns their count.
function gatherSmall(chunk: Chunk): u32 {
  memory.fill(chunk.table, 0, 131072);
  const rowBytes = bitmapRowBytes(chunk.sx);
  const nx = (chunk.sx - 1) / 4 + 1;
  let to = chunk.windows;
  for (let z: u32 = 0; z < chunk.sz; z++) {
    for (let y: u32 = 0; y < chunk.sy; y += 4) {
      const from = chunk.bitmap + <usize>(z * chunk.sy + y) * rowBytes;
      const rows = chunk.sy - y;
      for (let at: usize = 0; at < rowBytes; at += 8) {
        let a = load<u64>(from + at);
        let b = rows > 1 ? load<u64>(from + at + rowBytes) : 0;
        let c = rows > 2 ? load<u64>(from + at + 2 * rowBytes) : 0;
        let d = rows > 3 ? load<u64>(from + at + 3 * rowBytes) : 0;
        const count: u32 = min<u32>(16, nx - <u32>(at << 1));
        if ((a | b | c | d) == 0) {
          v128.store(to, i32x4.splat(0));
          v128.store(to, i32x4.splat(0), 16);
          store<u16>(chunk.table, 1);
        } else {
          for (let i: usize = 0; i < <usize>count; i++) {
            const window = (<usize>a & 15) | ((<usize>b & 15) << 4) | ((<usize>c & 15) << 8) | ((<usize>d & 15) << 12);
            store<u16>(to + (i << 1), <u16>window);
            store<u16>(chunk.table + (window << 1), 1);
            a >>= 4;
            b >>= 4;
            c >>= 4;
            d >>= 4;
          }
        }
        to += <usize>count << 1;
      }
    }
  }
  return <u32>((to - chunk.windows) >> 1);
}

// Numbers the windows in the table, ascending, and writes them as values; returns the address after them, 0 if they are too many.
function numberSmall(chunk: Chunk, to: usize): usize {
  let count: u32 = 0;
  for (let at: usize = 0; at < 131072; at += 8) {
    if (load<u64>(chunk.table + at) == 0) continue;
    for (let slot = chunk.table + at; slot < chunk.table + at + 8; slot += 2) {
      if (load<u16>(slot) == 0) continue;
      store<u16>(slot, <u16>count);
      // Values past the limit are not written: the caller has no room for them.
      if (count < 0x8000) store<u16>(to + (<usize>count << 1), <u16>((slot - chunk.table) >> 1));
      count++;
    }
  }
  chunk.valueCount = count;
  return count > 0x8000 ? 0 : to + (<usize>count << 1);
}

// Windows of 8 x 8, a byte of each of eight rows. Returns their count.
function gatherLarge(chunk: Chunk): u32 {
  const rowBytes = bitmapRowBytes(chunk.sx);
  const nx: usize = (chunk.sx - 1) / 8 + 1;
  let to = chunk.windows;
  for (let z: u32 = 0; z < chunk.sz; z++) {
    for (let y: u32 = 0; y < chunk.sy; y += 8) {
      const from = chunk.bitmap + <usize>(z * chunk.sy + y) * rowBytes;
      const rows: usize = min<u32>(8, chunk.sy - y);
      for (let x: usize = 0; x < nx; x++) {
        let window: u64 = 0;
        for (let row: usize = 0; row < rows; row++) {
          window |= (<u64>load<u8>(from + x + row * rowBytes)) << (row << 3);
        }
        store<u64>(to, window);
        to += 8;
      }
    }
  }
  return <u32>((to - chunk.windows) >> 3);
}

// Sorts the windows into the table and writes them as values; returns the address after them.
function numberLarge(chunk: Chunk, windowCount: u32, to: usize): usize {
  let count: u32 = 0;
  let previous: u64 = 0;
  let hasEmpty = false;
  for (let i: u32 = 0; i < windowCount; i++) {
    const window = load<u64>(chunk.windows + (<usize>i << 3));
    if (window == 0) hasEmpty = true;
    if (window == previous || window == 0) continue;
    previous = window;
    store<u64>(chunk.table + (<usize>count << 3), window);
    count++;
  }
  if (hasEmpty) {
    store<u64>(chunk.table + (<usize>count << 3), 0);
    count++;
  }
  count = sortDistinct(chunk.table, count);
  chunk.valueCount = count;
  memory.copy(to, chunk.table, <usize>count << 3);
  return to + (<usize>count << 3);
}

// Windows as numbers, runs of the first value shortened; returns the address after them.
function writeCodes<W>(chunk: Chunk, windowCount: u32, values: usize, to: usize): usize {
  const first = load<W>(values);
  const most: u64 = sizeof<W>() == 2 ? 0x7fff : allBits >> 1;
  const fours: u64 = <u64>first * 0x0001000100010001;
  const end = chunk.windows + <usize>windowCount * sizeof<W>();
  let run: u64 = 0;
  let from = chunk.windows;
  while (from < end) {
    if (sizeof<W>() == 2 && run + 4 <= most && from + 8 <= end && load<u64>(from) == fours) {
      run += 4;
      from += 8;
    } else {
      const window = load<W>(from);
      from += sizeof<W>();
      if (window == first) {
        run++;
      } else {
        if (run > 0) {
          store<W>(to, <W>((run << 1) | 1));
          to += sizeof<W>();
          run = 0;
        }
        const number: u32 =
          sizeof<W>() == 2
            ? load<u16>(chunk.table + (<usize>window << 1))
            : lowerBound(chunk.table, chunk.valueCount, <u64>window);
        store<W>(to, <W>(number << 1));
        to += sizeof<W>();
      }
    }
    if (run == most) {
      store<W>(to, <W>((run << 1) | 1));
      to += sizeof<W>();
      run = 0;
    }
  }
  if (run > 0) {
    store<W>(to, <W>((run << 1) | 1));
    to += sizeof<W>();
  }
  return to;
}

function writeIndex(chunk: Chunk, to: usize): usize {
  const bytes = chunk.indexBytes;
  for (let z: u32 = 0; z < chunk.sz; z++) {
    storeUnsigned(to, load<u32>(chunk.counts + (<usize>z << 3)), bytes);
    to += bytes;
  }
  for (let z: u32 = 0; z < chunk.sz; z++) {
    storeUnsigned(to, z == 0 ? 0 : load<u32>(chunk.counts + (<usize>(z - 1) << 3), 4), bytes);
    to += bytes;
  }
  return to;
}
