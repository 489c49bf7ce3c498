// Maps of boundaries, and the regions between them, for the kernels of compresso.
//
// A bitmap has a row of bits for each row of voxels, whole words of 64, set where a voxel is a boundary; bits beyond the row are 0. A run is
// a stretch of other voxels in a row. The runs of a slice lie one after the other: `edges` has the first x and the x after the last of
// each (2 x u16), `slots` a number (u32), and rowRuns[y] is the first run of row y, rowRuns[sy] their count. A slot is the run's
// parent in the forest of runs that touch, always an earlier run or itself, and then the number of its region.

export const allBits: u64 = 0xffffffffffffffff;

// @ts-ignore: decorator
@inline
export function bitmapRowBytes(sx: u32): usize {
  return <usize>((sx + 63) >> 6) << 3;
}

// @ts-ignore: decorator
@inline
export function isBoundary(row: usize, x: u32): bool {
  return ((load<u8>(row + (x >> 3)) >> <u8>(x & 7)) & 1) != 0;
}

/** Finds the runs of a slice, joined where they touch. Returns how many they are. */
export function findRuns(bits: usize, sx: u32, sy: u32, edges: usize, slots: usize, rowRuns: usize): u32 {
  let above: u32 = 0;
  let first: u32 = 0;
  for (let y: u32 = 0; y < sy; y++) {
    store<u32>(rowRuns, first);
    const next = <u32>((appendRow(bits, sx, edges + (<usize>first << 2)) - edges) >> 2);
    for (let run = first; run < next; run++) store<u32>(slots + (<usize>run << 2), run);
    joinRows(edges, slots, above, first, next);
    above = first;
    first = next;
    bits += bitmapRowBytes(sx);
    rowRuns += 4;
  }
  store<u32>(rowRuns, first);
  return first;
}

// Writes the edges of a row's runs; returns the address after them.
// @ts-ignore: decorator
@inline
function appendRow(bits: usize, sx: u32, edges: usize): usize {
  // What lies before the row counts as a boundary, and so does what lies after it in the last word.
  let carry: u64 = 1;
  for (let at: u32 = 0; at < sx; at += 64) {
    let word = load<u64>(bits);
    if (sx - at < 64) word |= allBits << (sx - at);
    let changes = word ^ ((word << 1) | carry);
    carry = word >> 63;
    while (changes != 0) {
      store<u16>(edges, <u16>(at + <u32>ctz<u64>(changes)));
      edges += 2;
      changes &= changes - 1;
    }
    bits += 8;
  }
  if (carry == 0) {
    store<u16>(edges, <u16>sx);
    edges += 2;
  }
  return edges;
}

// Joins the runs [a, b) of a row to those, [b, end), of the next row that have an x in common with them.
function joinRows(edges: usize, slots: usize, a: u32, b: u32, end: u32): void {
  const aEnd = b;
  while (a < aEnd && b < end) {
    const runA = load<u32>(edges + (<usize>a << 2));
    const runB = load<u32>(edges + (<usize>b << 2));
    const stopA = runA >> 16;
    const stopB = runB >> 16;
    if ((runA & 0xffff) < stopB && (runB & 0xffff) < stopA) {
      const slot = slots + (<usize>b << 2);
      if (load<u32>(slot) == b) store<u32>(slot, rootOf(slots, a));
      else join(slots, a, b);
    }
    a += <u32>(stopA <= stopB);
    b += <u32>(stopB <= stopA);
  }
}

/** Joins regions of two slices, as their slots number them in `forest`, where a run of one lies over a run of the other. */
export function joinSlices(
  edgesA: usize,
  slotsA: usize,
  rowRunsA: usize,
  edgesB: usize,
  slotsB: usize,
  rowRunsB: usize,
  sy: u32,
  forest: usize,
): void {
  for (let y: u32 = 0; y < sy; y++) {
    let a: usize = load<u32>(rowRunsA + (<usize>y << 2));
    let b: usize = load<u32>(rowRunsB + (<usize>y << 2));
    const endA: usize = load<u32>(rowRunsA + (<usize>y << 2), 4);
    const endB: usize = load<u32>(rowRunsB + (<usize>y << 2), 4);
    while (a < endA && b < endB) {
      const runA = load<u32>(edgesA + (a << 2));
      const runB = load<u32>(edgesB + (b << 2));
      const stopA = runA >> 16;
      const stopB = runB >> 16;
      if ((runA & 0xffff) < stopB && (runB & 0xffff) < stopA) {
        join(forest, load<u32>(slotsA + (a << 2)), load<u32>(slotsB + (b << 2)));
      }
      a += <usize>(stopA <= stopB);
      b += <usize>(stopB <= stopA);
    }
  }
}

function join(slots: usize, a: u32, b: u32): void {
  const rootA = rootOf(slots, a);
  const rootB = rootOf(slots, b);
  if (rootA < rootB) store<u32>(slots + (<usize>rootB << 2), rootA);
  else store<u32>(slots + (<usize>rootA << 2), rootB);
}

// @ts-ignore: decorator
@inline
function rootOf(slots: usize, at: u32): u32 {
  while (true) {
    const slot = slots + (<usize>at << 2);
    const parent = load<u32>(slot);
    if (parent == at) return at;
    const grandparent = load<u32>(slots + (<usize>parent << 2));
    store<u32>(slot, grandparent);
    at = grandparent;
  }
}

/** Replaces parents by numbers of regions, from `first` on in order of their first run; returns the number after the last. */
export function numberRegions(slots: usize, count: u32, first: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const slot = slots + (<usize>i << 2);
    const parent = load<u32>(slot);
    store<u32>(slot, parent == i ? first++ : load<u32>(slots + (<usize>parent << 2)));
  }
  return first;
}
