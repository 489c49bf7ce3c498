// Slices of crackle: the lattice of cracks, its regions, and CRC-32C of region images that are never written. Shared by reading and writing.
//
// The lattice of a slice has nodes (x, y), 0 <= x <= sx, 0 <= y <= sy: the corners of its voxels. Row y of the bitmap holds two lines of
// `latticeWords(sx)` words of 64 bits: first the cracks that go down from the nodes of the row (bit x: between voxels x - 1 and x of row
// y), then those that go right (bit x: between voxel x of rows y - 1 and y). So a node is a bit position  p = y * stride + x,  its cracks
// are the bits p (down), p - stride (up), p + stride / 2 (right), p + stride / 2 - 1 (left), and a word has at least two bits
// to spare. `guardRows` rows of zeros lie before and after.
//
// Regions are found from the bits, not from voxels. Runs of a row begin where a crack goes down; a run touches the one above it where no
// crack lies between. Of all touching places only those matter that begin a run, lie under the beginning of one, or follow a crack: one
// AND and three ORs for 64 voxels. Provisional labels join by union-find toward the smaller, so that a root is the region's
// first run in raster order, and numbering the roots in ascending order is the numbering that the format asks for.
//
// CRC-32C of the image of region numbers (u32 each, n of them). Let A be the linear map of absorbing four bytes, e = 2^31 (the polynomial 1
// in reflected bits), S(m) = A e + A^2 e + ... + A^m e. A run [i, j) of the number w adds  w * (S(n - i) + S(n - j)),  a product of
// polynomials. The factors of all runs of a region are added first, in `factors`, two loads for a run; then w is multiplied in bit by bit
// for the few regions. So the checksum costs n steps once for the table of S (shared by all slices) and nothing for each voxel.

/** A batch of 32 moves cannot pass these. */
export const guardRows: u32 = 33;

const polynomial: u32 = 0x82f63b78;
const none: u32 = 0xffffffff;

/** Steps of the table of S that are made one after the other; the rest follow from those before, this many apart. */
const stepsApart: u32 = 16;

// @ts-ignore: decorator
@inline
export function latticeWords(sx: u32): u32 {
  return (sx + 65) >> 6;
}

/** The bits of word `word` that are voxels of a row. */
// @ts-ignore: decorator
@inline
export function voxelMask(sx: u32, word: u32): u64 {
  const left = sx - (word << 6);
  return left >= 64 ? 0xffffffffffffffff : ((<u64>1) << left) - 1;
}

/** Bytes of a number that can be `most`, as the format counts them. */
// @ts-ignore: decorator
@inline
export function widthOf(most: u32): u32 {
  return most < 0x100 ? 1 : most < 0x10000 ? 2 : 4;
}

/** 1024 words: what four bytes, each alone, become. */
export function buildCrcTable(table: usize): void {
  for (let i: u32 = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = timesX(crc);
    store<u32>(table + (i << 2), crc);
  }
  for (let i: u32 = 256; i < 1024; i++) {
    const crc = load<u32>(table + ((i - 256) << 2));
    store<u32>(table + (i << 2), (crc >> 8) ^ load<u32>(table + ((crc & 255) << 2)));
  }
}

// @ts-ignore: decorator
@inline
function timesX(value: u32): u32 {
  return (value >> 1) ^ (polynomial & (0 - (value & 1)));
}

// The linear map of a table of 4 x 256 words.
// @ts-ignore: decorator
@inline
function map(table: usize, value: u32): u32 {
  return (
    load<u32>(table + ((value & 255) << 2), 3072) ^
    load<u32>(table + (((value >> 8) & 255) << 2), 2048) ^
    load<u32>(table + (((value >> 16) & 255) << 2), 1024) ^
    load<u32>(table + ((value >> 24) << 2))
  );
}

/** CRC-32C of bytes. */
export function crcOf(bytes: usize, count: u32, table: usize): u32 {
  let crc: u32 = 0xffffffff;
  const end = bytes + count;
  for (; bytes + 4 <= end; bytes += 4) crc = map(table, crc ^ load<u32>(bytes));
  for (; bytes < end; bytes++) crc = (crc >> 8) ^ load<u32>(table + (((crc ^ load<u8>(bytes)) & 255) << 2));
  return ~crc;
}

/** remainders[i] = S(n - i), i = 0 ... n. `far` is scratch of 1024 words. */
export function buildRemainders(remainders: usize, n: u32, table: usize, far: usize): void {
  let at = remainders + (<usize>n << 2);
  store<u32>(at, 0);
  let sum: u32 = 0;
  for (let i = min(n, stepsApart); i > 0; i--) {
    at -= 4;
    sum = map(table, sum ^ 0x80000000);
    store<u32>(at, sum);
  }
  if (n <= stepsApart) return;
  for (let bit: u32 = 0; bit < 32; bit++) {
    let value = (<u32>1) << bit;
    for (let i: u32 = 0; i < stepsApart; i++) value = map(table, value);
    // Byte 0 of a value looks into the last quarter of a table.
    store<u32>(far + ((3 - (bit >> 3)) << 10) + (4 << (bit & 7)), value);
  }
  for (let quarter: u32 = 0; quarter < 4; quarter++) {
    const part = far + (quarter << 10);
    store<u32>(part, 0);
    for (let i: u32 = 3; i < 256; i++) {
      const rest = i & (i - 1);
      if (rest != 0) store<u32>(part + (i << 2), load<u32>(part + (rest << 2)) ^ load<u32>(part + ((i & (0 - i)) << 2)));
    }
  }
  while (at > remainders) {
    at -= 4;
    store<u32>(at, sum ^ map(far, load<u32>(at, stepsApart << 2)));
  }
}

/**
 * Numbers the regions of a slice. The lines of cracks that go down become the beginnings of runs. `rowRuns[y]` is the first run of row y,
 * `runLabels[run]` its provisional label, `regions[label]` the region of a label, `firsts[label]` the voxel that a label began at.
 * Returns the number of labels; `facts` receives the number of regions and the CRC-32C of their image.
 */
export function numberRegions(
  sx: u32,
  sy: u32,
  bitmap: usize,
  permissible: bool,
  rowRuns: usize,
  runLabels: usize,
  regions: usize,
  factors: usize,
  firsts: usize,
  remainders: usize,
  facts: usize,
): u32 {
  const lineBytes: usize = latticeWords(sx) << 3;
  const words = (sx + 63) >> 6;
  const flip: u64 = permissible ? 0xffffffffffffffff : 0;
  let row = bitmap;
  let runs: u32 = 0;
  let above: u32 = 0;
  let labels: u32 = 0;
  let position: usize = remainders;
  for (let y: u32 = 0; y < sy; y++) {
    store<u32>(rowRuns + (y << 2), runs);
    const rowStart = position;
    let label = none;
    let start = position;
    let aboveRun = above - 1;
    let afterCrack: u64 = 0;
    above = runs;
    for (let word: u32 = 0; word < words; word++) {
      const line = row + (word << 3);
      const mask = voxelMask(sx, word);
      const begins = ((load<u64>(line) ^ flip) & (mask & ~(<u64>(word == 0)))) | <u64>(word == 0);
      store<u64>(line, begins);
      let open: u64 = 0;
      let begunAbove: u64 = 0;
      if (y != 0) {
        open = ~(load<u64>(line + lineBytes) ^ flip) & mask;
        begunAbove = load<u64>(line - 2 * lineBytes);
      }
      const touches = open & (begins | begunAbove | (~open << 1) | afterCrack);
      afterCrack = ~open >> 63;
      let events = begins | touches;
      while (events != 0) {
        const bit = events & (0 - events);
        if ((begins & bit) != 0) {
          const end = rowStart + ((<usize>((word << 6) + <u32>ctz(events))) << 2);
          if (end != rowStart) {
            if (label == none) label = newLabel(labels++, regions, factors, firsts, <u32>(start - remainders) >> 2);
            closeRun(runLabels, runs++, label, factors, start, end);
          }
          start = end;
          label = none;
        }
        if ((touches & bit) != 0) {
          const run = aboveRun + <u32>popcnt(begunAbove & (bit | (bit - 1)));
          const other = load<u32>(runLabels + (<usize>run << 2));
          if (label == none) label = other;
          else if (label != other) label = join(regions, label, other);
        }
        events &= events - 1;
      }
      aboveRun += <u32>popcnt(begunAbove);
    }
    position += <usize>sx << 2;
    if (label == none) label = newLabel(labels++, regions, factors, firsts, <u32>(start - remainders) >> 2);
    closeRun(runLabels, runs++, label, factors, start, position);
    row += 2 * lineBytes;
  }
  store<u32>(rowRuns + (sy << 2), runs);
  const count = flatten(regions, labels);
  store<u32>(facts, count);
  store<u32>(facts, imageCrc(regions, factors, labels, count, remainders), 4);
  return labels;
}

// @ts-ignore: decorator
@inline
function newLabel(label: u32, regions: usize, factors: usize, firsts: usize, voxel: u32): u32 {
  store<u32>(regions + (<usize>label << 2), label);
  store<u32>(factors + (<usize>label << 2), 0);
  store<u32>(firsts + (<usize>label << 2), voxel);
  return label;
}

// `start` and `end` are addresses of remainders.
// @ts-ignore: decorator
@inline
function closeRun(runLabels: usize, run: u32, label: u32, factors: usize, start: usize, end: usize): void {
  store<u32>(runLabels + (<usize>run << 2), label);
  const factor = factors + (<usize>label << 2);
  store<u32>(factor, load<u32>(factor) ^ load<u32>(start) ^ load<u32>(end));
}

// The smaller of both roots, which becomes the root of the other.
function join(parents: usize, a: u32, b: u32): u32 {
  a = findRoot(parents, a);
  b = findRoot(parents, b);
  if (a < b) {
    store<u32>(parents + (<usize>b << 2), a);
    return a;
  }
  store<u32>(parents + (<usize>a << 2), b);
  return b;
}

// @ts-ignore: decorator
@inline
function findRoot(parents: usize, label: u32): u32 {
  while (true) {
    const at = parents + (<usize>label << 2);
    const parent = load<u32>(at);
    if (parent == label) return label;
    const next = load<u32>(parents + (<usize>parent << 2));
    store<u32>(at, next);
    label = next;
  }
}

// Parents become region numbers. Returns how many.
function flatten(parents: usize, labels: u32): u32 {
  let count: u32 = 0;
  for (let label: u32 = 0; label < labels; label++) {
    const at = parents + (<usize>label << 2);
    const parent = load<u32>(at);
    store<u32>(at, parent == label ? count++ : load<u32>(parents + (<usize>parent << 2)));
  }
  return count;
}

function imageCrc(regions: usize, factors: usize, labels: u32, count: u32, remainders: usize): u32 {
  let sum = addBits(regions, factors, labels, 0, 0);
  if (count > 0x10000) {
    sum = addBits(regions, factors, labels, 16, sum);
  } else {
    for (let i = 0; i < 16; i++) sum = timesX(sum);
  }
  // What the initial 2^32 - 1 becomes: 32 times A^n e, which is the difference of the two longest sums.
  const first = load<u32>(remainders) ^ load<u32>(remainders, 4);
  let start = first;
  for (let i = 1; i < 32; i++) start = timesX(start) ^ first;
  return ~(start ^ sum);
}

// Horner's scheme over 16 bits of the region numbers, from `shift` on: bit k is worth x^(31 - k).
function addBits(regions: usize, factors: usize, labels: u32, shift: u32, sum: u32): u32 {
  const bits = i32x4(1, 2, 4, 8);
  let sums0 = i32x4.splat(0);
  let sums1 = i32x4.splat(0);
  let sums2 = i32x4.splat(0);
  let sums3 = i32x4.splat(0);
  const bits1 = i32x4.shl(bits, 4);
  const bits2 = i32x4.shl(bits, 8);
  const bits3 = i32x4.shl(bits, 12);
  const end = regions + (<usize>labels << 2);
  for (; regions < end; regions += 4) {
    const region = i32x4.splat(load<u32>(regions) >> shift);
    const factor = v128.load32_splat(factors);
    sums0 = v128.xor(sums0, v128.and(factor, i32x4.eq(v128.and(region, bits), bits)));
    sums1 = v128.xor(sums1, v128.and(factor, i32x4.eq(v128.and(region, bits1), bits1)));
    sums2 = v128.xor(sums2, v128.and(factor, i32x4.eq(v128.and(region, bits2), bits2)));
    sums3 = v128.xor(sums3, v128.and(factor, i32x4.eq(v128.and(region, bits3), bits3)));
    factors += 4;
  }
  return addLanes(addLanes(addLanes(addLanes(sum, sums0), sums1), sums2), sums3);
}

// @ts-ignore: decorator
@inline
function addLanes(sum: u32, lanes: v128): u32 {
  sum = timesX(sum) ^ i32x4.extract_lane(lanes, 0);
  sum = timesX(sum) ^ i32x4.extract_lane(lanes, 1);
  sum = timesX(sum) ^ i32x4.extract_lane(lanes, 2);
  return timesX(sum) ^ i32x4.extract_lane(lanes, 3);
}
