// crackle, encoding: see crackle.ts for the layout. Streams are those of the reference, byte by byte: version 1, flat labels, no Markov model.
//
// What the format leaves open, as the reference does it (found by comparing its streams with a model of them):
//   - Cracks are permissible when fewer than half of the voxels (rounded down) are equal to the one before them in Fortran order.
//   - Nodes are searched in raster order; the first with a crack begins a chain, and the chain takes all that hangs together with it. When
//     that node has two cracks, the chain is followed to the right while nodes have two: if that ends at a node with one,
//     the chain begins there; if it comes back, the chain is a ring, and its first move is down.
//   - The pen prefers right, left, down, up. At a node with more than one crack left it remembers the node; marks of nodes that had none left
//     when the pen came back are taken out again, with the "end of the branch" that led to them.
//   - "Remember" is up, down; after a move down, and at the start of a chain, left, right. "End" is down, up; after a move up, right, left.
//   - Chains are written in raster order of their starts; turns of the last byte that are not needed are 0.
//
// Speed. Voxels are read once: equality with the left and the upper one is four comparisons of 16 bytes for each 8 voxels of 64 bits,
// narrowed to 16 bits of a bitmap at a time. All that follows costs for each run and each move: a slice of real labels has few.

import { heapSort, lowerBound } from "./shared/labels";
import { buildCrcTable, buildRemainders, crcOf, latticeWords, numberRegions, voxelMask, widthOf } from "./shared/cracks";

/** Fills `tables` (8 KiB) and `remainders` (sx * sy + 1 words). */
export function prepare(tables: usize, remainders: usize, voxels: u32): void {
  buildCrcTable(tables);
  buildRemainders(remainders, voxels, tables, tables + 4096);
}

/** CRC-32C of bytes. */
export function crc32c(bytes: usize, count: u32, tables: usize): u32 {
  return crcOf(bytes, count, tables);
}

/**
 * Marks the cracks of a slice: where voxels differ. Returns how many voxels equal the one before them in memory; the first is compared
 * with whatever lies there.
 */
export function scan(labelBytes: u32, voxels: usize, sx: u32, sy: u32, bitmap: usize): u32 {
  if (labelBytes == 8) return scanRows<u64>(voxels, sx, sy, bitmap);
  if (labelBytes == 4) return scanRows<u32>(voxels, sx, sy, bitmap);
  if (labelBytes == 2) return scanRows<u16>(voxels, sx, sy, bitmap);
  return scanRows<u8>(voxels, sx, sy, bitmap);
}

function scanRows<T>(voxels: usize, sx: u32, sy: u32, bitmap: usize): u32 {
  const words = latticeWords(sx);
  const lineBytes: usize = words << 3;
  const rowBytes = <usize>sx * sizeof<T>();
  let pairs: u32 = 0;
  for (let y: u32 = 0; y < sy; y++) {
    for (let word: u32 = 0; word < words; word++) {
      const first = word << 6;
      const count = first < sx ? min<u32>(64, sx - first) : 0;
      const at = voxels + <usize>first * sizeof<T>();
      const likeLeft = equalBits<T>(at, at - sizeof<T>(), count);
      const mask = count == 64 ? 0xffffffffffffffff : ((<u64>1) << count) - 1;
      pairs += <u32>popcnt(likeLeft);
      const line = bitmap + (word << 3);
      store<u64>(line, mask & ~likeLeft);
      store<u64>(line + lineBytes, y == 0 ? 0 : mask & ~equalBits<T>(at, at - rowBytes, count));
    }
    voxels += rowBytes;
    bitmap += 2 * lineBytes;
  }
  return pairs;
}

// Bit i: labels i are equal; up to 64 of them.
// @ts-ignore: decorator
@inline
function equalBits<T>(a: usize, b: usize, count: u32): u64 {
  let bits: u64 = 0;
  let i: u32 = 0;
  for (; i + 16 <= count; i += 16) {
    bits |= <u64>equal16<T>(a, b) << i;
    a += 16 * sizeof<T>();
    b += 16 * sizeof<T>();
  }
  for (; i < count; i++) {
    bits |= <u64>(load<T>(a) == load<T>(b)) << i;
    a += sizeof<T>();
    b += sizeof<T>();
  }
  return bits;
}

// @ts-ignore: decorator
@inline
function equal16<T>(a: usize, b: usize): u32 {
  if (sizeof<T>() == 1) return i8x16.bitmask(i8x16.eq(v128.load(a), v128.load(b)));
  if (sizeof<T>() == 2) {
    const low = i16x8.eq(v128.load(a), v128.load(b));
    return i8x16.bitmask(i8x16.narrow_i16x8_s(low, i16x8.eq(v128.load(a, 16), v128.load(b, 16))));
  }
  if (sizeof<T>() == 4) {
    return narrowMasks(
      i32x4.eq(v128.load(a), v128.load(b)),
      i32x4.eq(v128.load(a, 16), v128.load(b, 16)),
      i32x4.eq(v128.load(a, 32), v128.load(b, 32)),
      i32x4.eq(v128.load(a, 48), v128.load(b, 48)),
    );
  }
  return narrowMasks(equal4(a, b), equal4(a + 32, b + 32), equal4(a + 64, b + 64), equal4(a + 96, b + 96));
}

// @ts-ignore: decorator
@inline
function equal4(a: usize, b: usize): v128 {
  const low = i64x2.eq(v128.load(a), v128.load(b));
  return v128.shuffle<i32>(low, i64x2.eq(v128.load(a, 16), v128.load(b, 16)), 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function narrowMasks(a: v128, b: v128, c: v128, d: v128): u32 {
  return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
}

/** See `numberRegions`. Returns the number of provisional labels. */
export function findRegions(
  sx: u32,
  sy: u32,
  bitmap: usize,
  rowRuns: usize,
  runLabels: usize,
  regions: usize,
  factors: usize,
  firsts: usize,
  remainders: usize,
  facts: usize,
): u32 {
  return numberRegions(sx, sy, bitmap, false, rowRuns, runLabels, regions, factors, firsts, remainders, facts);
}

/** Makes an empty set of labels: its count and the mask of its slots, then the slots, of which there are 1024. */
export function clearSet(set: usize): void {
  store<u32>(set, 0);
  store<u32>(set, 1023, 4);
  memory.fill(set + 8, 0, 4096);
}

/**
 * indices[region] = number of its label among `labels`, in order of appearance, for all regions of a slice. The set has room for twice as
 * many slots, rounded up to a power of two, as there can be labels.
 */
export function collect(
  labelBytes: u32,
  voxels: usize,
  regions: usize,
  firsts: usize,
  count: u32,
  set: usize,
  labels: usize,
  indices: usize,
): void {
  let next: u32 = 0;
  for (let label: u32 = 0; label < count; label++) {
    // Regions have ascending numbers at their roots.
    if (load<u32>(regions + (<usize>label << 2)) != next) continue;
    next++;
    const first = load<u32>(firsts + (<usize>label << 2));
    let value: u64;
    if (labelBytes == 8) value = load<u64>(voxels + (<usize>first << 3));
    else if (labelBytes == 4) value = load<u32>(voxels + (<usize>first << 2));
    else if (labelBytes == 2) value = load<u16>(voxels + (<usize>first << 1));
    else value = load<u8>(voxels + first);
    store<u32>(indices, insert(set, labels, value));
    indices += 4;
  }
}

// The number of a label; a new one is added.
function insert(set: usize, labels: usize, value: u64): u32 {
  const count = load<u32>(set);
  const slot = findSlot(set, labels, value);
  const found = load<u32>(slot);
  if (found != 0) return found - 1;
  store<u32>(slot, count + 1);
  store<u64>(labels + (<usize>count << 3), value);
  store<u32>(set, count + 1);
  if (((count + 1) << 1) > load<u32>(set, 4)) grow(set, labels, count + 1);
  return count;
}

// @ts-ignore: decorator
@inline
function findSlot(set: usize, labels: usize, value: u64): usize {
  const mask = load<u32>(set, 4);
  let at = <u32>((value * 0x9e3779b97f4a7c15) >> 32) & mask;
  while (true) {
    const slot = set + 8 + (<usize>at << 2);
    const number = load<u32>(slot);
    if (number == 0 || load<u64>(labels + (<usize>(number - 1) << 3)) == value) return slot;
    at = (at + 1) & mask;
  }
}

function grow(set: usize, labels: usize, count: u32): void {
  const mask = 2 * load<u32>(set, 4) + 1;
  store<u32>(set, mask, 4);
  memory.fill(set + 8, 0, (<usize>mask + 1) << 2);
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(findSlot(set, labels, load<u64>(labels + (<usize>i << 3))), i + 1);
  }
}

/** Sorts the labels into `sorted`; ranks[number] = place of the label with this number. */
export function sortLabels(labels: usize, count: u32, sorted: usize, ranks: usize): void {
  memory.copy(sorted, labels, <usize>count << 3);
  heapSort(sorted, count);
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(ranks + (<usize>i << 2), lowerBound(sorted, count, load<u64>(labels + (<usize>i << 3))));
  }
}

/** Writes labels of `width` bytes. */
export function writeLabels(labels: usize, count: u32, width: u32, out: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    putNumber(out, load<u64>(labels), width);
    labels += 8;
    out += width;
  }
}

/** Writes the places of the labels of all regions, `width` bytes each. */
export function writeMap(indices: usize, count: u32, ranks: usize, width: u32, out: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    putNumber(out, load<u32>(ranks + (<usize>load<u32>(indices) << 2)), width);
    indices += 4;
    out += width;
  }
}

// @ts-ignore: decorator
@inline
function putNumber(out: usize, value: u64, width: u32): void {
  if (width == 1) store<u8>(out, <u8>value);
  else if (width == 2) store<u16>(out, <u16>value);
  else if (width == 4) store<u32>(out, <u32>value);
  else store<u64>(out, value);
}

/**
 * Writes the cracks of a slice whose regions are found; destroys the bitmap. Scratch: `codes` and `ordered` of a byte for each code,
 * `stack` and `chains` of 8 bytes for each node and 8 more, `ends` of 4. Returns the bytes written; up to 8 more are touched.
 */
export function trace(
  sx: u32,
  sy: u32,
  bitmap: usize,
  permissible: i32,
  codes: usize,
  ordered: usize,
  stack: usize,
  chains: usize,
  ends: usize,
  out: usize,
): u32 {
  selectCracks(sx, sy, bitmap, permissible != 0);
  const words = latticeWords(sx);
  const lineBytes: usize = words << 3;
  const stride = <i32>(words << 7);
  let end = codes;
  let count: u32 = 0;
  let last: u64 = 0;
  let isOrdered = true;
  for (let y: u32 = 0; y < sy; y++) {
    const row = bitmap + <usize>y * 2 * lineBytes;
    for (let word: u32 = 0; word < words; word++) {
      const line = row + (word << 3);
      while (true) {
        const left = load<u64>(line) | load<u64>(line + lineBytes);
        if (left == 0) break;
        const node = <i32>(y * <u32>stride + (word << 6) + <u32>ctz(left));
        const start = startOf(bitmap, node, stride);
        const from = start < 0 ? node : start;
        end = traceChain(bitmap, from, stride, start < 0, stack, end);
        const key = ((<u64>from) << 32) | count;
        isOrdered = isOrdered && key >= last;
        last = key;
        store<u64>(chains + (<usize>count << 3), key);
        store<u32>(ends + (<usize>count << 2), <u32>(end - codes));
        count++;
      }
    }
  }
  const total = <u32>(end - codes);
  if (!isOrdered) {
    heapSort(chains, count);
    gather(chains, count, ends, codes, ordered);
    codes = ordered;
  }
  const index = writeIndex(sx, sy, chains, count, stride, out);
  return index + pack(codes, total, out + index);
}

// Leaves the cracks that are to be drawn: those between voxels, and if they are permissible those that are not there.
function selectCracks(sx: u32, sy: u32, bitmap: usize, permissible: bool): void {
  const lineBytes: usize = latticeWords(sx) << 3;
  const words = (sx + 63) >> 6;
  const flip: u64 = permissible ? 0xffffffffffffffff : 0;
  for (let y: u32 = 0; y < sy; y++) {
    for (let word: u32 = 0; word < words; word++) {
      const line = bitmap + (word << 3);
      const mask = voxelMask(sx, word);
      store<u64>(line, (load<u64>(line) ^ flip) & mask & ~(<u64>(word == 0)));
      store<u64>(line + lineBytes, y == 0 ? 0 : (load<u64>(line + lineBytes) ^ flip) & mask);
    }
    bitmap += 2 * lineBytes;
  }
}

// The cracks of a node that are left: bit 0 up, 1 right, 2 down, 3 left.
// @ts-ignore: decorator
@inline
function cracksAt(bitmap: usize, node: i32, stride: i32): u32 {
  const above = node - stride;
  const up = (<u32>load<u8>(bitmap + (above >> 3)) >> (above & 7)) & 1;
  const down = (<u32>load<u8>(bitmap + (node >> 3)) >> (node & 7)) & 1;
  const across = node + (stride >> 1) - 1;
  const sides = <u32>load<u16>(bitmap + (across >> 3)) >> (across & 7);
  return up | (down << 2) | ((sides & 2) | ((sides & 1) << 3));
}

// @ts-ignore: decorator
@inline
function neighborOf(node: i32, move: u32, stride: i32): i32 {
  return node + ((move & 1) != 0 ? 2 - <i32>move : (<i32>move - 1) * stride);
}

// Where the chain of the first node begins; -1 for a ring, which begins at that node with a move down.
function startOf(bitmap: usize, node: i32, stride: i32): i32 {
  if (cracksAt(bitmap, node, stride) != 0b0110) return node;
  let move: u32 = 1;
  let at = node;
  while (true) {
    at = neighborOf(at, move, stride);
    if (at == node) return -1;
    const others = cracksAt(bitmap, at, stride) & ~((<u32>1) << (move ^ 2));
    if (others == 0) return at;
    if ((others & (others - 1)) != 0) return node;
    move = <u32>ctz(others);
  }
}

// Writes the codes of a chain, a byte each, and clears its cracks. Returns the end of the codes.
function traceChain(bitmap: usize, node: i32, stride: i32, isRing: bool, stack: usize, codes: usize): usize {
  const first = codes;
  const empty = stack;
  let last: u32 = 4;
  let hasGaps = false;
  let isForced = isRing;
  while (true) {
    const cracks = cracksAt(bitmap, node, stride);
    if (cracks != 0) {
      let move = preferred(cracks);
      if (isForced) {
        move = 2;
        isForced = false;
      } else if ((cracks & (cracks - 1)) != 0) {
        store<u32>(stack, node);
        store<u32>(stack, <u32>codes, 4);
        stack += 8;
        store<u16>(codes, last == 2 || last == 4 ? 0x0103 : 0x0200);
        codes += 2;
      }
      const next = neighborOf(node, move, stride);
      const bit = min(node, next) + ((move & 1) != 0 ? stride >> 1 : 0);
      const at = bitmap + (bit >> 3);
      store<u8>(at, load<u8>(at) & ~(<u8>((<u32>1) << (bit & 7))));
      node = next;
      store<u8>(codes, move);
      codes++;
      last = move;
      continue;
    }
    store<u16>(codes, last == 0 ? 0x0301 : 0x0002);
    last = last == 0 ? 3 : 0;
    codes += 2;
    let isFound = false;
    while (stack != empty && !isFound) {
      stack -= 8;
      node = load<i32>(stack);
      isFound = cracksAt(bitmap, node, stride) != 0;
      if (!isFound) {
        store<u16>(load<u32>(stack, 4), 0xffff);
        hasGaps = true;
      }
    }
    if (!isFound) return hasGaps ? closeGaps(first, codes) : codes;
  }
}

// Right, left, down, up.
// @ts-ignore: decorator
@inline
function preferred(cracks: u32): u32 {
  return (cracks & 2) != 0 ? 1 : (cracks & 8) != 0 ? 3 : (cracks & 4) != 0 ? 2 : 0;
}

function closeGaps(codes: usize, end: usize): usize {
  let to = codes;
  for (; codes < end; codes++) {
    const code = load<u8>(codes);
    store<u8>(to, code);
    to += <usize>(code != 0xff);
  }
  return to;
}

// Codes of the chains in their order.
function gather(chains: usize, count: u32, ends: usize, codes: usize, ordered: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const chain = load<u32>(chains + (<usize>i << 3));
    const start = chain == 0 ? 0 : load<u32>(ends + ((<usize>chain - 1) << 2));
    const bytes = load<u32>(ends + (<usize>chain << 2)) - start;
    memory.copy(ordered, codes + start, bytes);
    ordered += bytes;
  }
}

// The index of chains, its size before it. Returns the bytes written.
function writeIndex(sx: u32, sy: u32, chains: usize, count: u32, stride: i32, out: usize): u32 {
  const xBytes = widthOf(sx + 1);
  const yBytes = widthOf(sy + 1);
  let at = out + 4 + yBytes;
  let counter: usize = 0;
  let rows: u32 = 0;
  let inRow: u32 = 0;
  let x: u32 = 0;
  let y: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const node = load<u32>(chains + (<usize>i << 3), 4);
    const nodeY = node / <u32>stride;
    const nodeX = node - nodeY * <u32>stride;
    if (rows == 0 || nodeY != y) {
      if (rows != 0) putNumber(counter, inRow, xBytes);
      putNumber(at, nodeY - y, yBytes);
      counter = at + yBytes;
      at = counter + xBytes;
      rows++;
      inRow = 0;
      x = 0;
      y = nodeY;
    }
    putNumber(at, nodeX - x, xBytes);
    at += xBytes;
    x = nodeX;
    inRow++;
  }
  if (rows != 0) putNumber(counter, inRow, xBytes);
  putNumber(out + 4, rows, yBytes);
  store<u32>(out, <u32>(at - out) - 4);
  return <u32>(at - out);
}

// Turns between codes, four to a byte; eight codes at once. Returns the bytes of all.
function pack(codes: usize, count: u32, out: usize): u32 {
  if (count == 0) return 0;
  const end = codes + count;
  // What follows the last code repeats it: turns of 0.
  store<u64>(end, <u64>load<u8>(end - 1) * 0x0101010101010101);
  let before: u64 = 0;
  for (; codes < end; codes += 8) {
    const eight = load<u64>(codes);
    let turns = (eight + 0x0404040404040404 - ((eight << 8) | before)) & 0x0303030303030303;
    before = eight >> 56;
    turns = (turns | (turns >> 6)) & 0x000f000f000f000f;
    turns = (turns | (turns >> 12)) & 0x000000ff000000ff;
    store<u16>(out, <u16>(turns | (turns >> 24)));
    out += 2;
  }
  return (count + 3) >> 2;
}
