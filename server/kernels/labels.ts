// Sets of labels: which ones an array has, and an array with each label replaced by another value.
//
// A set is an open-addressing table of `slots` (a power of two) entries of 16 bytes: label (u64), place + 1 (u32, 0 = free), 4 bytes unused; beside
// it the labels in the order of their places. Tables are zeroed by `clear`. Speed comes from runs: segmentations repeat a label along x, so
// that comparisons of 64 bytes with the label before pass over most voxels, and the table is asked only where the label changes; the value of
// a run is stored 16 bytes at a time. With that, both passes go at the speed of memory on real labels; noise costs a look-up a voxel.
//
// Arrays are (row, plane) strided; every pointer is an address in the shared memory, every size and stride in bytes unless it is a count.

import { fillRow, lowerBound, splatOf } from "./shared/labels";

const enum Status {
  ok = 0,
  full = -1,
  unknownLabel = -2,
}

/** Frees all slots of a table. */
export function clear(table: usize, slots: u32): void {
  memory.fill(table, 0, <usize>slots << 4);
}

/** Puts `count` labels of 8 bytes into an empty table, each with its index as place; of equal ones the first counts. */
export function insertAll(table: usize, slots: u32, labels: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const label = load<u64>(labels + (<usize>i << 3));
    const entry = find(table, slots, label);
    if (load<u32>(entry, 8) == 0) {
      store<u64>(entry, label);
      store<u32>(entry, i + 1, 8);
    }
  }
}

/**
 * Adds the labels of `count` dense voxels to a set that has `known` of them in `labels`. Returns how many it has then, or Status.full when they
 * would be more than `capacity`; the set is then to be thrown away. `capacity` is below `slots`.
 */
export function collect(source: usize, count: u32, bytes: u32, table: usize, slots: u32, labels: usize, known: u32, capacity: u32): i32 {
  if (bytes == 8) return collectOf<u64>(source, count, table, slots, labels, known, capacity);
  if (bytes == 4) return collectOf<u32>(source, count, table, slots, labels, known, capacity);
  if (bytes == 2) return collectOf<u16>(source, count, table, slots, labels, known, capacity);
  return collectOf<u8>(source, count, table, slots, labels, known, capacity);
}

function collectOf<T>(source: usize, count: u32, table: usize, slots: u32, labels: usize, known: u32, capacity: u32): i32 {
  const end = source + <usize>count * sizeof<T>();
  let at = source;
  while (at < end) {
    const label = load<T>(at);
    const entry = find(table, slots, <u64>label);
    if (load<u32>(entry, 8) == 0) {
      if (known >= capacity) return Status.full;
      store<u64>(labels + (<usize>known << 3), <u64>label);
      store<u64>(entry, <u64>label);
      store<u32>(entry, ++known, 8);
    }
    at = runEnd<T>(at + sizeof<T>(), end, label);
  }
  return <i32>known;
}

/** Has one of `count` dense voxels this label? */
export function contains(source: usize, count: u32, bytes: u32, label: u64): bool {
  if (bytes == 8) return containsOf<u64>(source, count, label);
  if (bytes == 4) return label <= 0xffffffff && containsOf<u32>(source, count, <u32>label);
  if (bytes == 2) return label <= 0xffff && containsOf<u16>(source, count, <u16>label);
  return label <= 0xff && containsOf<u8>(source, count, <u8>label);
}

function containsOf<T>(source: usize, count: u32, label: T): bool {
  const end = source + <usize>count * sizeof<T>();
  const splat = splatOf<T>(label);
  let at = source;
  for (; at + 64 <= end; at += 64) {
    const first = v128.or(v128.eq<T>(v128.load(at), splat), v128.eq<T>(v128.load(at, 16), splat));
    const second = v128.or(v128.eq<T>(v128.load(at, 32), splat), v128.eq<T>(v128.load(at, 48), splat));
    if (v128.any_true(v128.or(first, second))) return true;
  }
  for (; at < end; at += sizeof<T>()) {
    if (load<T>(at) == label) return true;
  }
  return false;
}

/**
 * Writes, for each voxel of the source, the value at the place of its label: 8 bytes each in `values`, of which the low `targetBytes` are written.
 * With `slots` 0 the table is no table but `count` labels of 8 bytes, ascending. Returns Status.unknownLabel where a label is not among them.
 */
export function mapVoxels(
  source: usize,
  sourceRow: usize,
  sourcePlane: usize,
  sourceBytes: u32,
  target: usize,
  targetRow: usize,
  targetPlane: usize,
  targetBytes: u32,
  width: u32,
  rows: u32,
  planes: u32,
  table: usize,
  slots: u32,
  values: usize,
  count: u32,
): i32 {
  for (let z: u32 = 0; z < planes; z++) {
    for (let y: u32 = 0; y < rows; y++) {
      const from = source + <usize>z * sourcePlane + <usize>y * sourceRow;
      const to = target + <usize>z * targetPlane + <usize>y * targetRow;
      let isKnown: bool;
      if (sourceBytes == 8) isKnown = mapRow<u64>(from, to, targetBytes, width, table, slots, values, count);
      else if (sourceBytes == 4) isKnown = mapRow<u32>(from, to, targetBytes, width, table, slots, values, count);
      else if (sourceBytes == 2) isKnown = mapRow<u16>(from, to, targetBytes, width, table, slots, values, count);
      else isKnown = mapRow<u8>(from, to, targetBytes, width, table, slots, values, count);
      if (!isKnown) return Status.unknownLabel;
    }
  }
  return Status.ok;
}

// @ts-ignore: decorator
@inline
function mapRow<S>(from: usize, to: usize, targetBytes: u32, width: u32, table: usize, slots: u32, values: usize, count: u32): bool {
  if (targetBytes == 8) return mapRowTo<S, u64>(from, to, width, table, slots, values, count);
  if (targetBytes == 4) return mapRowTo<S, u32>(from, to, width, table, slots, values, count);
  if (targetBytes == 2) return mapRowTo<S, u16>(from, to, width, table, slots, values, count);
  return mapRowTo<S, u8>(from, to, width, table, slots, values, count);
}

function mapRowTo<S, T>(from: usize, to: usize, width: u32, table: usize, slots: u32, values: usize, count: u32): bool {
  const end = from + <usize>width * sizeof<S>();
  while (from < end) {
    const label = load<S>(from);
    const place = slots == 0 ? placeOf(table, count, <u64>label) : load<u32>(find(table, slots, <u64>label), 8);
    if (place == 0) return false;
    const value = <T>load<u64>(values + (<usize>(place - 1) << 3));
    const next = runEnd<S>(from + sizeof<S>(), end, label);
    const bytes = ((next - from) / sizeof<S>()) * sizeof<T>();
    fillRow<T>(to, bytes, value, splatOf<T>(value));
    to += bytes;
    from = next;
  }
  return true;
}

// Like the place in a table: one more than the index, 0 for none.
// @ts-ignore: decorator
@inline
function placeOf(labels: usize, count: u32, label: u64): u32 {
  const index = lowerBound(labels, count, label);
  return index < count && load<u64>(labels + (<usize>index << 3)) == label ? index + 1 : 0;
}

/** Writes the low bytes of each voxel of 4 or 8 bytes, or the voxel with zeros above it. */
export function resize(
  source: usize,
  sourceRow: usize,
  sourcePlane: usize,
  sourceBytes: u32,
  target: usize,
  targetRow: usize,
  targetPlane: usize,
  targetBytes: u32,
  width: u32,
  rows: u32,
  planes: u32,
): void {
  for (let z: u32 = 0; z < planes; z++) {
    for (let y: u32 = 0; y < rows; y++) {
      const from = source + <usize>z * sourcePlane + <usize>y * sourceRow;
      const to = target + <usize>z * targetPlane + <usize>y * targetRow;
      if (sourceBytes == 4) {
        if (targetBytes == 1) resizeRow<u32, u8>(from, to, width);
        else if (targetBytes == 2) resizeRow<u32, u16>(from, to, width);
        else resizeRow<u32, u64>(from, to, width);
      } else if (targetBytes == 1) resizeRow<u64, u8>(from, to, width);
      else if (targetBytes == 2) resizeRow<u64, u16>(from, to, width);
      else resizeRow<u64, u32>(from, to, width);
    }
  }
}

// @ts-ignore: decorator
@inline
function resizeRow<S, T>(from: usize, to: usize, width: u32): void {
  const end = to + <usize>width * sizeof<T>();
  if (sizeof<T>() < sizeof<S>()) {
    for (; to + 16 <= end; to += 16) {
      v128.store(to, narrow<S, T>(from));
      from += (16 / sizeof<T>()) * sizeof<S>();
    }
  }
  for (; to < end; to += sizeof<T>()) {
    store<T>(to, <T>load<S>(from));
    from += sizeof<S>();
  }
}

// 16 bytes of the low parts of voxels: halved until they have the width.
// @ts-ignore: decorator
@inline
function narrow<S, T>(from: usize): v128 {
  if (sizeof<S>() == 2 * sizeof<T>()) return halve<S>(v128.load(from), v128.load(from, 16));
  if (sizeof<S>() == 4 * sizeof<T>()) {
    if (sizeof<S>() == 8) return halve<u32>(lowWords(from, 0), lowWords(from, 32));
    return halve<u16>(halve<u32>(v128.load(from), v128.load(from, 16)), halve<u32>(v128.load(from, 32), v128.load(from, 48)));
  }
  return halve<u16>(halve<u32>(lowWords(from, 0), lowWords(from, 32)), halve<u32>(lowWords(from, 64), lowWords(from, 96)));
}

// The low halves of four voxels of 8 bytes.
// @ts-ignore: decorator
@inline
function lowWords(from: usize, offset: usize): v128 {
  return halve<u64>(v128.load(from + offset), v128.load(from + offset, 16));
}

// The low halves of all lanes of two vectors.
// @ts-ignore: decorator
@inline
function halve<S>(a: v128, b: v128): v128 {
  if (sizeof<S>() == 8) return i32x4.shuffle(a, b, 0, 2, 4, 6);
  if (sizeof<S>() == 4) return i16x8.shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
  return i8x16.shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

// The first voxel from `at` on, before `end`, that has another label.
// @ts-ignore: decorator
@inline
function runEnd<T>(at: usize, end: usize, label: T): usize {
  if (at < end && load<T>(at) != label) return at;
  const splat = splatOf<T>(label);
  for (; at + 64 <= end; at += 64) {
    const first = v128.or(v128.xor(v128.load(at), splat), v128.xor(v128.load(at, 16), splat));
    const second = v128.or(v128.xor(v128.load(at, 32), splat), v128.xor(v128.load(at, 48), splat));
    if (v128.any_true(v128.or(first, second))) break;
  }
  while (at + 16 <= end && !v128.any_true(v128.xor(v128.load(at), splat))) at += 16;
  while (at < end && load<T>(at) == label) at += sizeof<T>();
  return at;
}

// The entry of a label, or the free one where it belongs. A table is never full, so the search ends.
// @ts-ignore: decorator
@inline
function find(table: usize, slots: u32, label: u64): usize {
  const mask = slots - 1;
  let hash = label * 0x9e3779b97f4a7c15;
  hash ^= hash >> 32;
  let slot = <u32>hash & mask;
  while (true) {
    const entry = table + (<usize>slot << 4);
    if (load<u32>(entry, 8) == 0 || load<u64>(entry) == label) return entry;
    slot = (slot + 1) & mask;
  }
}
