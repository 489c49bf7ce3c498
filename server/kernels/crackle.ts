// crackle: each slice as the cracks between its regions, written as moves of a pen along them; labels of the regions apart. Decoding.
// (crackle_encode.ts encodes; shared/cracks.ts has what both need.)
//
// Little endian. The TypeScript side reads the header and passes the sections:
//   header     "crkl", u8 version (0, 1), u16 format, u32 sx, sy, sz, u8 log2 of the grid (31: a slice is one piece), bytes of the labels
//              (version 0: u32; 1: u64), version 1: u8 CRC-8 (polynomial 0xe7 reflected, begun with 0xff) of bytes 5 ... 27
//   format     bits 0-1 log2 of a voxel's bytes, 2-3 log2 of a stored label's, 4 the cracks are permissible (passable, all others block;
//              else they block and all others are passable), 5-6 labels are 0 flat, 2 pins (1, pins of fixed width, has no writer and no
//              reader), 7 made from an array in Fortran order (says nothing of the bytes), 8 signed, 9-12 order of the Markov model, 13
//              labels are not ascending, 14 labels were replaced
//   z index    u32 bytes of each slice's cracks; version 1: CRC-32C of these
//   labels     see below
//   model      for order n: 4^n numbers of 5 bits, lowest bit first: the permutation, in lexicographic order, of the four turns from the
//              most to the least likely one after n turns; the oldest turn is the lowest digit of the context
//   cracks     for each slice:
//   check      version 1: CRC-32C of the labels section; for each slice CRC-32C of its region numbers as u32, x fastest
//
//   a slice    u32 bytes of the following index of chains: count of rows with starts; for each the step from the row before, the count of
//              starts, and for each the step in x from the one before. Numbers of y have the width of sy + 1, numbers of x and their
//              counts that of sx + 1. Then turns of 2 bits, lowest first: a move is the sum of all turns so far modulo 4: 0 up, 1 right,
//              2 down, 3 left. With a model the first turn has 2 bits, and the others are ranks: 0, 10, 110, 111; contexts begin with zeros.
//   a chain    begins at its start. Two moves of which the second takes back the first are a mark: ending up or left it says "end of the
//              branch" (go back to the last remembered node; without one, the next chain begins), ending right or down
//              "remember this node". A move after a mark, or at the start of a chain, takes nothing back.
//   regions    4-connected, numbered from 0 in raster order of their first voxels, in each slice
//   flat       u64 count, labels (stored width), for each slice the number of regions (width of sx * sy), for each region of all slices
//              the index of its label (width of the count)
//   pins       background label, u64 count, labels, numbers of regions, u8 widths (log2; bits 0-1 counts, 2-3 depths, 4-5 regions); for each
//              label: count of pins, their first voxels (steps; width of sx * sy * sz), their depths (further slices down); count of
//              single regions, their numbers through all slices (steps). What no label claims is background.
//
// Damage that the checksums miss cannot lead outside the sections: the pen is watched after every run of at most 32 moves, in a bitmap with
// a margin as wide; what it drew beyond the slice is found afterwards; each index is compared before use.
//
// Speed: 2 to 3 times the reference, checksums included. A slice of 256 x 256 real labels (2,100 moves, 0.11 ms): painting 56 %, regions and
// their checksum 22 %, moves 11 %; of 512 x 512 small ones (30,000 moves, 0.8 ms): painting 37 %, regions 32 %, moves 21 %, tables 6 %. What made
// it so: turns become moves by a prefix sum over 32 of them in five steps; a mark shows as a turn of 2, so that the pen runs to the next
// mark without a test; cracks are bits; regions and checksum cost for each run, not for each voxel (shared/cracks.ts); a run is painted
// past its end, which the next one mends, so that short runs take one round of four stores. What is left in a cutout is memory:
// filling the same rows with one value takes nine tenths of the time.

import { fillRow, splatOf } from "./shared/labels";
import { buildCrcTable, buildRemainders, crcOf, guardRows, latticeWords, numberRegions, voxelMask, widthOf } from "./shared/cracks";

const enum Status {
  ok = 0,
  badIndex = -1,
  badStart = -2,
  cutOff = -3,
  outside = -4,
  tooManyBranches = -5,
  badModel = -6,
  badLabelIndex = -7,
  badPin = -8,
  badPinCount = -9,
}

/** Labels of regions that no pin claims. */
const background: u32 = 0xffffffff;

/** Fills `tables` (8 KiB and 32 bytes) and `remainders` (sx * sy + 1 words), which the other functions ask for. */
export function prepare(tables: usize, remainders: usize, voxels: u32): void {
  buildCrcTable(tables);
  buildRemainders(remainders, voxels, tables, tables + 4096);
  for (let index: u32 = 0; index < 24; index++) store<u8>(tables + 8192 + index, permutation(index));
}

// The turns by rank, two bits each.
function permutation(index: u32): u8 {
  let left: u32 = 0b11100100;
  let packed: u32 = 0;
  let choices: u32 = 6;
  for (let rank: u32 = 0; rank < 4; rank++) {
    const at = (index / choices) << 1;
    index %= choices;
    packed |= ((left >> at) & 3) << (rank << 1);
    left = (left & (((<u32>1) << at) - 1)) | ((left >> (at + 2)) << at);
    choices = rank == 0 ? 2 : 1;
  }
  return <u8>packed;
}

/** CRC-32C of bytes. */
export function crc32c(bytes: usize, count: u32, tables: usize): u32 {
  return crcOf(bytes, count, tables);
}

/**
 * Turns of a slice that has a Markov model, as plain ones after a copy of its index of chains. Returns the bytes written, no more
 * than `capacity`, or a Status; `capacity` holds the index and a slice's most turns.
 */
export function unravel(
  slice: usize,
  bytes: u32,
  model: usize,
  order: u32,
  tables: usize,
  out: usize,
  capacity: u32,
): i32 {
  if (bytes < 4 || load<u32>(slice) > bytes - 4) return Status.badIndex;
  const head: u32 = 4 + load<u32>(slice);
  if (head > capacity) return Status.badIndex;
  memory.copy(out, slice, head);
  let bit: u64 = <u64>head << 3;
  const bits: u64 = <u64>bytes << 3;
  if (bit == bits) return <i32>head;
  const contextMask: u32 = ((<u32>1) << (2 * order)) - 1;
  const newest: u32 = 2 * (order - 1);
  let turn: u32 = load<u8>(slice + head) & 3;
  let context: u32 = turn << newest;
  let packed: u32 = turn;
  let count: u32 = 1;
  let at: u32 = head;
  bit += 2;
  while (true) {
    let rank: u32 = 0;
    let isWhole = false;
    while (bit < bits && !isWhole) {
      const one = (load<u8>(slice + <usize>(bit >> 3)) >> (<u8>bit & 7)) & 1;
      bit++;
      rank += one;
      isWhole = one == 0 || rank == 3;
    }
    if (!isWhole) break;
    const entry = <u64>context * 5;
    const index = (<u32>load<u16>(model + <usize>(entry >> 3)) >> (<u32>entry & 7)) & 31;
    if (index >= 24) return Status.badModel;
    turn = (<u32>load<u8>(tables + 8192 + index) >> (rank << 1)) & 3;
    context = ((context >> 2) | (turn << newest)) & contextMask;
    packed |= turn << ((count & 3) << 1);
    count++;
    if ((count & 3) == 0) {
      if (at >= capacity) return <i32>at;
      store<u8>(out + at, packed);
      at++;
      packed = 0;
    }
  }
  if ((count & 3) != 0 && at < capacity) {
    store<u8>(out + at, packed);
    at++;
  }
  return <i32>at;
}

/** Draws the cracks of a slice into the bitmap, guard rows included, which begin `guardRows` before it. Returns a Status. */
export function drawCracks(
  slice: usize,
  bytes: u32,
  sx: u32,
  sy: u32,
  bitmap: usize,
  stack: usize,
  stackSize: u32,
): i32 {
  const words = latticeWords(sx);
  const rowBytes: u32 = words << 4;
  const stride = <i32>(words << 7);
  const half = <i32>(words << 6);
  const limit = (sy + 1) * <u32>stride;
  memory.fill(bitmap - guardRows * rowBytes, 0, <usize>(sy + 1 + 2 * guardRows) * rowBytes);
  if (bytes < 4 || load<u32>(slice) > bytes - 4) return Status.badIndex;
  let next = slice + 4;
  const turns = next + load<u32>(slice);
  const end = slice + bytes;
  const xBytes = widthOf(sx + 1);
  const yBytes = widthOf(sy + 1);
  if (next + yBytes > turns) return Status.badIndex;
  let rowsLeft = number(next, yBytes);
  next += yBytes;
  let startsLeft: u32 = 0;
  let x: u32 = 0;
  let y: u32 = 0;

  let at = turns;
  let move: u64 = 0;
  let first: u32 = 0;
  let depth: u32 = 0;
  let position: i32 = -1;
  let isDone = false;
  while (true) {
    if (position < 0) {
      while (startsLeft == 0) {
        if (rowsLeft-- == 0) {
          isDone = true;
          break;
        }
        if (next + yBytes + xBytes > turns) return Status.badIndex;
        y += number(next, yBytes);
        startsLeft = number(next + yBytes, xBytes);
        next += yBytes + xBytes;
        x = 0;
      }
      if (isDone) break;
      if (next + xBytes > turns) return Status.badIndex;
      x += number(next, xBytes);
      next += xBytes;
      startsLeft--;
      if (x > sx || y > sy) return Status.badStart;
      position = <i32>(y * <u32>stride + x);
    }
    // 32 turns at once, and the first of those that follow: field i of `marks` says that moves i and i + 1 are a mark.
    if (at >= end) return Status.cutOff;
    const deltas = turnsAt(at, end);
    const following: u64 = at + 8 < end ? load<u8>(at, 8) & 3 : 0;
    const moves = prefixSums(deltas, move);
    const backs = (deltas >> 1) & ~deltas & 0x5555555555555555;
    const marks = (backs >> 2) | (<u64>(following == 2) << 62);
    let i = first;
    while (i < 32) {
      const ahead = marks >> (i << 1);
      const plain = ahead == 0 ? 32 - i : <u32>ctz(ahead) >> 1;
      position = run(bitmap, position, moves >> (i << 1), plain, stride, half);
      if (<u32>position >= limit) return Status.outside;
      i += plain;
      if (i >= 32) break;
      const taken = <u32>(moves >> (i << 1)) & 3;
      i += 2;
      if (taken == 0 || taken == 3) {
        if (depth == stackSize) return Status.tooManyBranches;
        store<u32>(stack + (<usize>depth << 2), position);
        depth++;
      } else if (depth != 0) {
        depth--;
        position = load<i32>(stack + (<usize>depth << 2));
      } else {
        position = -1;
        break;
      }
    }
    if (position >= 0) {
      at += 8;
      first = i & 31;
      move = moves >> 62;
    } else {
      // The next chain goes on in the same word, or after it.
      at += <usize>(i >> 5) << 3;
      first = i & 31;
      if (i >= 32) move = moves >> 62;
    }
  }
  if (next != turns) return Status.badIndex;
  return isInside(bitmap, sx, sy) ? Status.ok : Status.outside;
}

// @ts-ignore: decorator
@inline
function number(at: usize, bytes: u32): u32 {
  return bytes == 1 ? load<u8>(at) : bytes == 2 ? load<u16>(at) : load<u32>(at);
}

// Eight bytes, zeros after the end.
// @ts-ignore: decorator
@inline
function turnsAt(at: usize, end: usize): u64 {
  if (at + 8 <= end) return load<u64>(at);
  let turns: u64 = 0;
  for (let shift: u64 = 0; at < end; at++, shift += 8) turns |= <u64>load<u8>(at) << shift;
  return turns;
}

// Sums modulo 4 of 32 fields of two bits, from the lowest on.
// @ts-ignore: decorator
@inline
function prefixSums(fields: u64, before: u64): u64 {
  fields = addFields(fields, fields << 2);
  fields = addFields(fields, fields << 4);
  fields = addFields(fields, fields << 8);
  fields = addFields(fields, fields << 16);
  fields = addFields(fields, fields << 32);
  return addFields(fields, before * 0x5555555555555555);
}

// @ts-ignore: decorator
@inline
function addFields(a: u64, b: u64): u64 {
  return ((a & 0x5555555555555555) + (b & 0x5555555555555555)) ^ ((a ^ b) & 0xaaaaaaaaaaaaaaaa);
}

// Moves the pen, drawing; at most 32 moves, so that the guard rows suffice.
// @ts-ignore: decorator
@inline
function run(bitmap: usize, position: i32, moves: u64, count: u32, stride: i32, half: i32): i32 {
  for (; count > 0; count--) {
    const move = <i32>moves & 3;
    const isAcross = (move & 1) != 0;
    const next = position + (isAcross ? 2 - move : (move - 1) * stride);
    const bit = min(position, next) + (isAcross ? half : 0);
    const at = bitmap + (bit >> 3);
    store<u8>(at, load<u8>(at) | <u8>((<u32>1) << (bit & 7)));
    position = next;
    moves >>= 2;
  }
  return position;
}

// Are there no cracks beyond the nodes of the slice? A pen that leaves it sideways draws into the bits to spare.
function isInside(bitmap: usize, sx: u32, sy: u32): bool {
  const words = latticeWords(sx);
  const lineBytes: usize = words << 3;
  let stray: u64 = 0;
  for (let word = sx >> 6; word < words; word++) {
    const voxels = word > sx >> 6 ? 0 : ((<u64>1) << (sx & 63)) - 1;
    const nodes = word > sx >> 6 ? 0 : (voxels << 1) | 1;
    let at = bitmap + (word << 3);
    for (let y: u32 = 0; y <= sy; y++) {
      stray |= (load<u64>(at) & ~nodes) | (load<u64>(at + lineBytes) & ~voxels);
      at += 2 * lineBytes;
    }
  }
  const last = bitmap + <usize>sy * 2 * lineBytes;
  for (let word: u32 = 0; word < words; word++) stray |= load<u64>(last + (word << 3));
  return stray == 0;
}

/** See `numberRegions`. Returns the number of provisional labels. */
export function findRegions(
  sx: u32,
  sy: u32,
  bitmap: usize,
  permissible: i32,
  rowRuns: usize,
  runLabels: usize,
  regions: usize,
  factors: usize,
  firsts: usize,
  remainders: usize,
  facts: usize,
): u32 {
  return numberRegions(sx, sy, bitmap, permissible != 0, rowRuns, runLabels, regions, factors, firsts, remainders, facts);
}

/** indices[region] = index of its label, from `map`, which has an entry of `width` bytes for each region. Returns a Status. */
export function assignFlat(map: usize, width: u32, regionCount: u32, labelCount: u32, indices: usize): i32 {
  let most: u32 = 0;
  for (let region: u32 = 0; region < regionCount; region++) {
    const index = number(map, width);
    most = max(most, index);
    store<u32>(indices + (<usize>region << 2), index);
    map += width;
  }
  return most < labelCount ? Status.ok : Status.badLabelIndex;
}

/**
 * indices[region] = index of its label for the regions of slice z, from the pins [pins, end), of which all are checked. The slices hold
 * `sliceRegions` regions from number `firstRegion` on, of `allRegions`. Returns a Status.
 */
export function assignPins(
  pins: usize,
  end: usize,
  widths: u32,
  labelCount: u32,
  sx: u32,
  sy: u32,
  sz: u32,
  z: u32,
  firstRegion: u32,
  sliceRegions: u32,
  allRegions: u32,
  bitmap: usize,
  rowRuns: usize,
  runLabels: usize,
  regions: usize,
  indices: usize,
): i32 {
  const countBytes = (<u32>1) << (widths & 3);
  const depthBytes = (<u32>1) << ((widths >> 2) & 3);
  const regionBytes = (<u32>1) << ((widths >> 4) & 3);
  const area = <u64>sx * sy;
  const voxels = area * sz;
  const placeBytes: u32 = voxels < 0x100000000 ? widthOf(<u32>voxels) : 8;
  const low = area * z;
  for (let region: u32 = 0; region < sliceRegions; region++) store<u32>(indices + (<usize>region << 2), background);
  for (let label: u32 = 0; label < labelCount; label++) {
    if (<u64>(end - pins) < countBytes) return Status.badPinCount;
    let count = wideNumber(pins, countBytes);
    pins += countBytes;
    if (count > <u64>(end - pins) / (placeBytes + depthBytes)) return Status.badPinCount;
    let depths = pins + <usize>count * placeBytes;
    let place: u64 = 0;
    for (; count > 0; count--) {
      const step = wideNumber(pins, placeBytes);
      const depth = wideNumber(depths, depthBytes);
      pins += placeBytes;
      depths += depthBytes;
      if (step >= voxels - place || depth >= sz || place + step + depth * area >= voxels) return Status.badPin;
      place += step;
      if (place >= low + area || place + depth * area < low) continue;
      const within = <u32>(place % area);
      const region = regionAt(within % sx, within / sx, sx, bitmap, rowRuns, runLabels, regions);
      store<u32>(indices + (<usize>region << 2), label);
    }
    pins = depths;
    if (<u64>(end - pins) < countBytes) return Status.badPinCount;
    count = wideNumber(pins, countBytes);
    pins += countBytes;
    if (count > <u64>(end - pins) / regionBytes) return Status.badPinCount;
    let region: u64 = 0;
    for (; count > 0; count--) {
      const step = wideNumber(pins, regionBytes);
      pins += regionBytes;
      if (step >= <u64>allRegions - region) return Status.badPin;
      region += step;
      if (region - firstRegion < <u64>sliceRegions) store<u32>(indices + (<usize>(region - firstRegion) << 2), label);
    }
  }
  return pins == end ? Status.ok : Status.badPinCount;
}

// @ts-ignore: decorator
@inline
function wideNumber(at: usize, bytes: u32): u64 {
  return bytes == 8 ? load<u64>(at) : <u64>number(at, bytes);
}

function regionAt(x: u32, y: u32, sx: u32, bitmap: usize, rowRuns: usize, runLabels: usize, regions: usize): u32 {
  const row = bitmap + <usize>y * (<usize>latticeWords(sx) << 4);
  const run = load<u32>(rowRuns + (y << 2)) + runsBefore(row, x + 1) - 1;
  return load<u32>(regions + (<usize>load<u32>(runLabels + (<usize>run << 2)) << 2));
}

// Runs of a row that begin before x.
function runsBefore(row: usize, x: u32): u32 {
  let runs: u32 = 0;
  for (; x >= 64; x -= 64) {
    runs += <u32>popcnt(load<u64>(row));
    row += 8;
  }
  return x == 0 ? runs : runs + <u32>popcnt(load<u64>(row) << (64 - x));
}

/** Sets flags[index] for each of `count` indices; the background's flag is the one at `labelCount`. */
export function flag(indices: usize, count: u32, labelCount: u32, flags: usize): void {
  for (const end = indices + (<usize>count << 2); indices < end; indices += 4) {
    store<u8>(flags + min(load<u32>(indices), labelCount), 1);
  }
}

/**
 * Sets flags[index] for each entry of a flat map. Returns a Status; flags of wrong indices are not set.
 */
export function flagFlat(map: usize, width: u32, count: u32, labelCount: u32, flags: usize): i32 {
  let most: u32 = 0;
  for (const end = map + <usize>count * width; map < end; map += width) {
    const index = number(map, width);
    most = max(most, index);
    if (index < labelCount) store<u8>(flags + index, 1);
  }
  return count == 0 || most < labelCount ? Status.ok : Status.badLabelIndex;
}

/**
 * colors[label] = the 64 bits of the label of its region: entry indices[regions[label]] of `table`, entries of 1 to 8 bytes, or for regions
 * without one the entry at `other`.
 */
export function color(
  regions: usize,
  count: u32,
  indices: usize,
  table: usize,
  width: u32,
  isSigned: i32,
  other: usize,
  colors: usize,
): void {
  for (let label: u32 = 0; label < count; label++) {
    const index = load<u32>(indices + (<usize>load<u32>(regions + (<usize>label << 2)) << 2));
    const entry = index == background ? other : table + <usize>index * width;
    let value = wideNumber(entry, width);
    if (isSigned != 0) {
      const shift: u64 = 64 - (width << 3);
      value = <u64>((<i64>(value << shift)) >> shift);
    }
    store<u64>(colors + (<usize>label << 3), value);
  }
}

/** Paints the voxels [fromX, toX) x [fromY, toY) of a slice. */
export function paint(
  labelBytes: u32,
  sx: u32,
  fromX: u32,
  fromY: u32,
  toX: u32,
  toY: u32,
  bitmap: usize,
  rowRuns: usize,
  runLabels: usize,
  colors: usize,
  dst: usize,
  dstRow: usize,
): void {
  if (labelBytes == 8) paintRows<u64>(sx, fromX, fromY, toX, toY, bitmap, rowRuns, runLabels, colors, dst, dstRow);
  else if (labelBytes == 4) paintRows<u32>(sx, fromX, fromY, toX, toY, bitmap, rowRuns, runLabels, colors, dst, dstRow);
  else if (labelBytes == 2) paintRows<u16>(sx, fromX, fromY, toX, toY, bitmap, rowRuns, runLabels, colors, dst, dstRow);
  else paintRows<u8>(sx, fromX, fromY, toX, toY, bitmap, rowRuns, runLabels, colors, dst, dstRow);
}

function paintRows<T>(
  sx: u32,
  fromX: u32,
  fromY: u32,
  toX: u32,
  toY: u32,
  bitmap: usize,
  rowRuns: usize,
  runLabels: usize,
  colors: usize,
  dst: usize,
  dstRow: usize,
): void {
  const rowBytes: usize = latticeWords(sx) << 4;
  const firstWord = fromX >> 6;
  const lastWord = (toX - 1) >> 6;
  for (let y = fromY; y < toY; y++) {
    const row = bitmap + <usize>y * rowBytes;
    const first = load<u32>(rowRuns + (y << 2)) + runsBefore(row, fromX + 1) - 1;
    let run = runLabels + (<usize>first << 2);
    let value = colorOf<T>(colors, run);
    // Address of the voxel 0, before the target where the part begins further on.
    const origin = dst - <usize>fromX * sizeof<T>();
    const rowEnd = origin + <usize>toX * sizeof<T>();
    let at = dst;
    for (let word = firstWord; word <= lastWord; word++) {
      let begins = load<u64>(row + (word << 3));
      if (word == firstWord) begins &= ~(((<u64>2) << (fromX & 63)) - 1);
      if (word == lastWord) begins &= voxelMask(toX, word);
      while (begins != 0) {
        const end = origin + <usize>((word << 6) + <u32>ctz(begins)) * sizeof<T>();
        at = fillOver<T>(at, end, rowEnd, value);
        run += 4;
        value = colorOf<T>(colors, run);
        begins &= begins - 1;
      }
    }
    fillRow<T>(at, rowEnd - at, value, splatOf<T>(value));
    dst += dstRow;
  }
}

// @ts-ignore: decorator
@inline
function colorOf<T>(colors: usize, run: usize): T {
  return load<T>(colors + (<usize>load<u32>(run) << 3));
}

// Fills [at, end), and some of what follows in the row, which is painted later: short runs are one round without a test.
// @ts-ignore: decorator
@inline
function fillOver<T>(at: usize, end: usize, rowEnd: usize, value: T): usize {
  const splat = splatOf<T>(value);
  if (end + 64 > rowEnd) {
    fillRow<T>(at, end - at, value, splat);
    return end;
  }
  do {
    v128.store(at, splat);
    v128.store(at, splat, 16);
    v128.store(at, splat, 32);
    v128.store(at, splat, 48);
    at += 64;
  } while (at < end);
  return end;
}
