// compresso: labels as the map of their boundaries, one id for each region between them, and what the boundary voxels themselves hold.
//
// The TypeScript side reads the header and passes the sections:
//   windows    run-length coded indices into `values`, one window for each step of (xs, ys, zs) voxels in raster order: an odd
//              code w stands for w >> 1 windows of index 0, an even one for one window of index w >> 1
//   values     distinct windows; bit  x + xs * (y + ys * z)  says that this voxel is a boundary
//   ids        label of each region, in raster order of the regions' first voxels; regions are 4-connected in each slice, or 6-connected
//   locations  for boundary voxels, in raster order, whose left and upper neighbors (and, if 6-connected, the one in the slice
//              before) are boundaries too: 0 left, 1 right, 2 up, 3 down, 4 slice before, 5 slice after: same label as there; 6 the
//              label follows; else the label + 7
//
// Every code, index and neighbor is checked; damaged input gives a negative Status.

import { fillRow, splatOf } from "./shared/labels";

const enum Status {
  ok = 0,
  badWindowIndex = -1,
  badWindowCount = -2,
  badRegionCount = -3,
  badLocationCount = -4,
  badLocation = -5,
}

/**
 * Writes the boundaries as rows of bits, whole words of 64, into `bitmap`. Returns the runs of other voxels, of all rows if
 * 6-connected, else the most of any slice; or a Status.
 */
export function readBoundaries(
  windows: usize,
  windowCount: u32,
  windowBytes: u32,
  values: usize,
  valueCount: u32,
  sx: u32,
  sy: u32,
  sz: u32,
  xs: u32,
  ys: u32,
  zs: u32,
  connectivity: u32,
  bitmap: usize,
): i32 {
  const rowBytes = bitmapRowBytes(sx);
  memory.fill(bitmap, 0, rowBytes * sy * sz);
  let status: i32;
  if (windowBytes == 1) status = readWindows<u8>(windows, windowCount, values, valueCount, sx, sy, sz, xs, ys, zs, bitmap);
  else if (windowBytes == 2) status = readWindows<u16>(windows, windowCount, values, valueCount, sx, sy, sz, xs, ys, zs, bitmap);
  else if (windowBytes == 4) status = readWindows<u32>(windows, windowCount, values, valueCount, sx, sy, sz, xs, ys, zs, bitmap);
  else status = readWindows<u64>(windows, windowCount, values, valueCount, sx, sy, sz, xs, ys, zs, bitmap);
  if (status != Status.ok) return status;

  let total: u32 = 0;
  let most: u32 = 0;
  for (let z: u32 = 0; z < sz; z++) {
    let count: u32 = 0;
    for (let y: u32 = 0; y < sy; y++) count += countRuns(bitmap + <usize>(z * sy + y) * rowBytes, sx);
    total += count;
    most = max(most, count);
  }
  return connectivity == 6 ? total : most;
}

// @ts-ignore: decorator
@inline
function bitmapRowBytes(sx: u32): usize {
  return <usize>((sx + 63) >> 6) << 3;
}

function readWindows<W>(
  windows: usize,
  windowCount: u32,
  values: usize,
  valueCount: u32,
  sx: u32,
  sy: u32,
  sz: u32,
  xs: u32,
  ys: u32,
  zs: u32,
  bitmap: usize,
): i32 {
  const nx = (sx - 1) / xs + 1;
  const ny = (sy - 1) / ys + 1;
  const nz = (sz - 1) / zs + 1;
  const count: u64 = (<u64>nx) * ny * nz;
  const end = windows + windowCount * sizeof<W>();
  let index: u64 = 0;
  while (windows < end) {
    const code = <u64>load<W>(windows);
    windows += sizeof<W>();
    let repeats: u64 = 1;
    let value: u64 = 0;
    if ((code & 1) != 0) {
      repeats = code >> 1;
      value = valueCount == 0 ? 0 : <u64>load<W>(values);
    } else {
      const at = code >> 1;
      if (at >= valueCount && !(at == 0 && valueCount == 0)) return Status.badWindowIndex;
      value = valueCount == 0 ? 0 : <u64>load<W>(values + <usize>at * sizeof<W>());
    }
    if (repeats > count - index) return Status.badWindowCount;
    if (value == 0) {
      index += repeats;
      continue;
    }
    for (; repeats > 0; repeats--) {
      const block = <u32>index;
      stamp(value, block % nx, (block / nx) % ny, block / nx / ny, sx, sy, sz, xs, ys, zs, bitmap);
      index++;
    }
  }
  return index == count ? Status.ok : Status.badWindowCount;
}

// Sets the bits of one window, without those outside the chunk.
function stamp(
  window: u64,
  xb: u32,
  yb: u32,
  zb: u32,
  sx: u32,
  sy: u32,
  sz: u32,
  xs: u32,
  ys: u32,
  zs: u32,
  bitmap: usize,
): void {
  const rowBytes = bitmapRowBytes(sx);
  const x = xb * xs;
  const width = min(xs, sx - x);
  const mask: u64 = width == 64 ? 0xffffffffffffffff : ((<u64>1) << width) - 1;
  const shift: u64 = x & 63;
  const nz = min(zs, sz - zb * zs);
  const ny = min(ys, sy - yb * ys);
  for (let z: u32 = 0; z < nz; z++) {
    let row = bitmap + <usize>((zb * zs + z) * sy + yb * ys) * rowBytes + ((<usize>(x >> 6)) << 3);
    for (let y: u32 = 0; y < ny; y++) {
      const bits = (window >> (xs * (y + ys * z))) & mask;
      if (bits != 0) {
        store<u64>(row, load<u64>(row) | (bits << shift));
        if (shift + width > 64) store<u64>(row, load<u64>(row, 8) | (bits >> (64 - shift)), 8);
      }
      row += rowBytes;
    }
  }
}

// Runs of voxels in a row that are no boundary.
// @ts-ignore: decorator
@inline
function countRuns(row: usize, sx: u32): u32 {
  let runs: u32 = 0;
  let carry: u64 = 0;
  for (let x: u32 = 0; x < sx; x += 64) {
    let open = ~load<u64>(row);
    if (sx - x < 64) open &= ((<u64>1) << (sx - x)) - 1;
    runs += <u32>popcnt<u64>(open & ~((open << 1) | carry));
    carry = open >> 63;
    row += 8;
  }
  return runs;
}

/**
 * Writes the voxels [from, to). Scratch: `runs` has 8 bytes for each run that readBoundaries returned, `rowRuns` 4 for each row of the
 * chunk and one more (one slice and one more, unless 6-connected), `ring` has room for three slices; without it, 0, the target is the whole
 * chunk. Returns a Status.
 */
export function paint(
  bitmap: usize,
  labelBytes: u32,
  sx: u32,
  sy: u32,
  sz: u32,
  connectivity: u32,
  ids: usize,
  idCount: u32,
  locations: usize,
  locationCount: u32,
  fromX: u32,
  fromY: u32,
  fromZ: u32,
  toX: u32,
  toY: u32,
  toZ: u32,
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
  runs: usize,
  rowRuns: usize,
  ring: usize,
): i32 {
  if (labelBytes == 1) return paintAll<u8>(bitmap, sx, sy, sz, connectivity, ids, idCount, locations, locationCount, fromX, fromY, fromZ, toX, toY, toZ, dst, dstRow, dstPlane, runs, rowRuns, ring);
  if (labelBytes == 2) return paintAll<u16>(bitmap, sx, sy, sz, connectivity, ids, idCount, locations, locationCount, fromX, fromY, fromZ, toX, toY, toZ, dst, dstRow, dstPlane, runs, rowRuns, ring);
  if (labelBytes == 4) return paintAll<u32>(bitmap, sx, sy, sz, connectivity, ids, idCount, locations, locationCount, fromX, fromY, fromZ, toX, toY, toZ, dst, dstRow, dstPlane, runs, rowRuns, ring);
  return paintAll<u64>(bitmap, sx, sy, sz, connectivity, ids, idCount, locations, locationCount, fromX, fromY, fromZ, toX, toY, toZ, dst, dstRow, dstPlane, runs, rowRuns, ring);
}

// A run: u16 first x, u16 x after its last, u32 slot. The slot is its parent in the forest of runs that touch, always an earlier run
// or itself; then the number of its region.

function paintAll<T>(
  bitmap: usize,
  sx: u32,
  sy: u32,
  sz: u32,
  connectivity: u32,
  ids: usize,
  idCount: u32,
  locations: usize,
  locationCount: u32,
  fromX: u32,
  fromY: u32,
  fromZ: u32,
  toX: u32,
  toY: u32,
  toZ: u32,
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
  runs: usize,
  rowRuns: usize,
  ring: usize,
): i32 {
  const isSolid = connectivity == 6;
  const rowBytes: usize = ring == 0 ? dstRow : sx * sizeof<T>();
  const planeBytes = rowBytes * sy;
  let regions: u32 = 0;
  if (isSolid) {
    store<u32>(rowRuns, 0);
    for (let z: u32 = 0; z < sz; z++) findRuns(bitmap, sx, sy, z, true, runs, rowRuns + ((<usize>(z * sy)) << 2));
    regions = numberRegions(runs, load<u32>(rowRuns + ((<usize>(sz * sy)) << 2)), 0);
    if (regions != idCount) return Status.badRegionCount;
  }

  let location: u32 = 0;
  // Boundary voxels may refer to the slice after theirs, whose regions are painted one slice ahead.
  for (let ahead: u32 = 0; ahead <= toZ; ahead++) {
    if (ahead < sz) {
      let firstRow = rowRuns;
      if (isSolid) {
        firstRow += (<usize>(ahead * sy)) << 2;
      } else {
        store<u32>(rowRuns, 0);
        findRuns(bitmap, sx, sy, ahead, false, runs, rowRuns);
        regions = numberRegions(runs, load<u32>(rowRuns + ((<usize>sy) << 2)), regions);
        if (regions > idCount) return Status.badRegionCount;
      }
      const plane = ring == 0 ? dst + <usize>ahead * dstPlane : ring + <usize>(ahead % 3) * planeBytes;
      paintRegions<T>(runs, firstRow, sy, ids, plane, rowBytes);
    }
    if (ahead == 0) continue;
    const z = ahead - 1;
    const plane = ring == 0 ? dst + <usize>z * dstPlane : ring + <usize>(z % 3) * planeBytes;
    const before = ring == 0 ? plane - dstPlane : ring + <usize>((z + 2) % 3) * planeBytes;
    const after = ring == 0 ? plane + dstPlane : ring + <usize>((z + 1) % 3) * planeBytes;
    const used = paintBoundaries<T>(bitmap, sx, sy, sz, z, isSolid, locations, location, locationCount, plane, before, after, rowBytes);
    if (used < 0) return used;
    location = used;
    if (ring != 0 && z >= fromZ) {
      for (let y = fromY; y < toY; y++) {
        memory.copy(
          dst + <usize>(z - fromZ) * dstPlane + <usize>(y - fromY) * dstRow,
          plane + <usize>y * rowBytes + <usize>fromX * sizeof<T>(),
          <usize>(toX - fromX) * sizeof<T>(),
        );
      }
    }
  }
  if (toZ == sz && regions != idCount) return Status.badRegionCount;
  return toZ == sz && location != locationCount ? Status.badLocationCount : Status.ok;
}

// Appends the runs of a slice, joined where they touch. rowRuns[y] is the number of the first run of row y; the caller has set rowRuns[0].
function findRuns(bitmap: usize, sx: u32, sy: u32, z: u32, isSolid: bool, runs: usize, rowRuns: usize): void {
  const bitmapRow = bitmapRowBytes(sx);
  let row = bitmap + <usize>(z * sy) * bitmapRow;
  let next = load<u32>(rowRuns);
  for (let y: u32 = 0; y < sy; y++) {
    const first = next;
    next = appendRuns(row, sx, runs, first);
    store<u32>(rowRuns, next, 4);
    if (y > 0) joinRows(runs, load<u32>(rowRuns - 4), first, first, next);
    if (isSolid && z > 0) {
      const earlier = rowRuns - ((<usize>sy) << 2);
      joinRows(runs, load<u32>(earlier), load<u32>(earlier, 4), first, next);
    }
    row += bitmapRow;
    rowRuns += 4;
  }
}

function appendRuns(row: usize, sx: u32, runs: usize, next: u32): u32 {
  let x = nextBit(row, sx, 0, 0xffffffffffffffff);
  while (x < sx) {
    const end = nextBit(row, sx, x, 0);
    const run = runs + ((<usize>next) << 3);
    store<u16>(run, <u16>x);
    store<u16>(run, <u16>end, 2);
    store<u32>(run, next, 4);
    next++;
    x = end < sx ? nextBit(row, sx, end, 0xffffffffffffffff) : sx;
  }
  return next;
}

// The first x from `from` on whose bit, flipped by `flip`, is set; sx if there is none.
// @ts-ignore: decorator
@inline
function nextBit(row: usize, sx: u32, from: u32, flip: u64): u32 {
  let at = from & ~63;
  let word = (load<u64>(row + (at >> 3)) ^ flip) & ((<u64>0xffffffffffffffff) << (from & 63));
  while (word == 0) {
    at += 64;
    if (at >= sx) return sx;
    word = load<u64>(row + (at >> 3)) ^ flip;
  }
  return min(sx, at + <u32>ctz<u64>(word));
}

// Joins the runs [a, aEnd) and [b, bEnd) of two neighboring rows that have an x in common.
function joinRows(runs: usize, a: u32, aEnd: u32, b: u32, bEnd: u32): void {
  while (a < aEnd && b < bEnd) {
    const runA = runs + ((<usize>a) << 3);
    const runB = runs + ((<usize>b) << 3);
    const endA = load<u16>(runA, 2);
    const endB = load<u16>(runB, 2);
    if (load<u16>(runA) < endB && load<u16>(runB) < endA) join(runs, a, b);
    if (endA <= endB) a++;
    if (endB <= endA) b++;
  }
}

function join(runs: usize, a: u32, b: u32): void {
  const rootA = rootOf(runs, a);
  const rootB = rootOf(runs, b);
  if (rootA < rootB) store<u32>(runs + ((<usize>rootB) << 3), rootA, 4);
  else store<u32>(runs + ((<usize>rootA) << 3), rootB, 4);
}

// @ts-ignore: decorator
@inline
function rootOf(runs: usize, run: u32): u32 {
  while (true) {
    const slot = runs + ((<usize>run) << 3);
    const parent = load<u32>(slot, 4);
    if (parent == run) return run;
    const grandparent = load<u32>(runs + ((<usize>parent) << 3), 4);
    store<u32>(slot, grandparent, 4);
    run = grandparent;
  }
}

// Replaces parents by numbers of regions, from `first` on in order of their first run; returns the number after the last.
function numberRegions(runs: usize, count: u32, first: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const run = runs + ((<usize>i) << 3);
    const parent = load<u32>(run, 4);
    store<u32>(run, parent == i ? first++ : load<u32>(runs + ((<usize>parent) << 3), 4), 4);
  }
  return first;
}

function paintRegions<T>(runs: usize, rowRuns: usize, sy: u32, ids: usize, plane: usize, rowBytes: usize): void {
  for (let y: u32 = 0; y < sy; y++) {
    let run = runs + ((<usize>load<u32>(rowRuns)) << 3);
    const end = runs + ((<usize>load<u32>(rowRuns, 4)) << 3);
    while (run < end) {
      const label = load<T>(ids + <usize>load<u32>(run, 4) * sizeof<T>());
      const x: usize = load<u16>(run);
      fillRow<T>(plane + x * sizeof<T>(), (<usize>load<u16>(run, 2) - x) * sizeof<T>(), label, splatOf<T>(label));
      run += 8;
    }
    rowRuns += 4;
    plane += rowBytes;
  }
}

// Labels of the boundary voxels of a slice; returns the number of the next location, or a Status.
function paintBoundaries<T>(
  bitmap: usize,
  sx: u32,
  sy: u32,
  sz: u32,
  z: u32,
  isSolid: bool,
  locations: usize,
  location: u32,
  locationCount: u32,
  plane: usize,
  before: usize,
  after: usize,
  rowBytes: usize,
): i32 {
  const bitmapRow = bitmapRowBytes(sx);
  const bitmapPlane = bitmapRow * sy;
  let bits = bitmap + <usize>z * bitmapPlane;
  for (let y: u32 = 0; y < sy; y++) {
    const row = <usize>y * rowBytes;
    let x = nextBit(bits, sx, 0, 0);
    while (x < sx) {
      const end = nextBit(bits, sx, x, 0xffffffffffffffff);
      if (x > 0) {
        const at = plane + row + <usize>x * sizeof<T>();
        store<T>(at, load<T>(at - sizeof<T>()));
        x++;
      }
      for (; x < end; x++) {
        const column = <usize>x * sizeof<T>();
        const at = plane + row + column;
        if (y > 0 && !isBoundary(bits - bitmapRow, x)) {
          store<T>(at, load<T>(at - rowBytes));
        } else if (isSolid && z > 0 && !isBoundary(bits - bitmapPlane, x)) {
          store<T>(at, load<T>(before + row + column));
        } else {
          if (location >= locationCount) return Status.badLocationCount;
          const code = load<T>(locations + <usize>location * sizeof<T>());
          location++;
          if (code > <T>6) {
            store<T>(at, code - <T>7);
          } else if (code == <T>6) {
            if (location >= locationCount) return Status.badLocationCount;
            store<T>(at, load<T>(locations + <usize>location * sizeof<T>()));
            location++;
          } else if (code == <T>0 && x > 0) {
            store<T>(at, load<T>(at - sizeof<T>()));
          } else if (code == <T>1 && x + 1 < sx && !isBoundary(bits, x + 1)) {
            store<T>(at, load<T>(at + sizeof<T>()));
          } else if (code == <T>2 && y > 0) {
            store<T>(at, load<T>(at - rowBytes));
          } else if (code == <T>3 && y + 1 < sy && !isBoundary(bits + bitmapRow, x)) {
            store<T>(at, load<T>(at + rowBytes));
          } else if (code == <T>4 && z > 0) {
            store<T>(at, load<T>(before + row + column));
          } else if (code == <T>5 && z + 1 < sz && !isBoundary(bits + bitmapPlane, x)) {
            store<T>(at, load<T>(after + row + column));
          } else {
            return Status.badLocation;
          }
        }
      }
      x = end < sx ? nextBit(bits, sx, end, 0) : sx;
    }
    bits += bitmapRow;
  }
  return <i32>location;
}

// @ts-ignore: decorator
@inline
function isBoundary(row: usize, x: u32): bool {
  return ((load<u8>(row + (x >> 3)) >> <u8>(x & 7)) & 1) != 0;
}
