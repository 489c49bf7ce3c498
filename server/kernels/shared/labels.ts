// Runs and sorted lists of labels, for the kernels of segmentations. `T` is the unsigned integer of a label.

/** An unsigned integer of 1, 2, 4 or 8 bytes, where the width is no constant. */
// @ts-ignore: decorator
@inline
export function unsignedAt(pointer: usize, bytes: u32): u64 {
  if (bytes == 8) return load<u64>(pointer);
  if (bytes == 4) return load<u32>(pointer);
  return bytes == 2 ? load<u16>(pointer) : load<u8>(pointer);
}

/** Stores the low 1, 2, 4 or 8 bytes of a value. */
// @ts-ignore: decorator
@inline
export function storeUnsigned(pointer: usize, value: u64, bytes: u32): void {
  if (bytes == 8) store<u64>(pointer, value);
  else if (bytes == 4) store<u32>(pointer, <u32>value);
  else if (bytes == 2) store<u16>(pointer, <u16>value);
  else store<u8>(pointer, <u8>value);
}

/** A vector of the same label. */
// @ts-ignore: decorator
@inline
export function splatOf<T>(label: T): v128 {
  if (sizeof<T>() == 8) return i64x2.splat(<i64>label);
  if (sizeof<T>() == 4) return i32x4.splat(<i32>label);
  if (sizeof<T>() == 2) return i16x8.splat(<i16>label);
  return i8x16.splat(<i8>label);
}

/** Fills whole labels. The tail is one store that overlaps what is before it, so that long rows need no loop of labels. */
// @ts-ignore: decorator
@inline
export function fillRow<T>(dst: usize, bytes: usize, label: T, splat: v128): void {
  const end = dst + bytes;
  if (bytes < 16) {
    for (; dst < end; dst += sizeof<T>()) store<T>(dst, label);
    return;
  }
  for (; dst + 16 <= end; dst += 16) v128.store(dst, splat);
  v128.store(end - 16, splat);
}

/** Sorts 64-bit numbers, ascending, in place. */
export function heapSort(items: usize, count: u32): void {
  for (let i = count >> 1; i > 0; i--) siftDown(items, i - 1, count);
  for (let end = count - 1; <i32>end > 0; end--) {
    const last = items + (<usize>end << 3);
    const largest = load<u64>(items);
    store<u64>(items, load<u64>(last));
    store<u64>(last, largest);
    siftDown(items, 0, end);
  }
}

/** Sorts 64-bit numbers, ascending, in place, and drops all but one of those that are equal. Returns how many are left. */
export function sortDistinct(items: usize, count: u32): u32 {
  heapSort(items, count);
  let distinct: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const value = load<u64>(items + (<usize>i << 3));
    if (distinct > 0 && load<u64>(items + (<usize>(distinct - 1) << 3)) == value) continue;
    store<u64>(items + (<usize>distinct << 3), value);
    distinct++;
  }
  return distinct;
}

function siftDown(items: usize, start: u32, count: u32): void {
  let at = start;
  const moving = load<u64>(items + (<usize>at << 3));
  while (true) {
    let child: u32 = 2 * at + 1;
    if (child >= count) break;
    let value = load<u64>(items + (<usize>child << 3));
    if (child + 1 < count) {
      const other = load<u64>(items + ((<usize>child + 1) << 3));
      if (other > value) {
        value = other;
        child++;
      }
    }
    if (value <= moving) break;
    store<u64>(items + (<usize>at << 3), value);
    at = child;
  }
  store<u64>(items + (<usize>at << 3), moving);
}

/** The place of the first of `count` ascending numbers that is not below `value`. */
export function lowerBound(items: usize, count: u32, value: u64): u32 {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<u64>(items + (<usize>middle << 3)) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
