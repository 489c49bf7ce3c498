/**
 * The sorting of the Burrows-Wheeler transform: all rotations of a block, in order, in linear time whatever the block holds.
 *
 * From its least rotation on, a block that is no repetition is a Lyndon word, whose suffixes have the order of its rotations. Suffixes are
 * sorted by induction (Nong, Zhang, Chan, "Two efficient algorithms for linear time suffix array construction", 2011).
 */

/** Where the rotations of `block[0, size)` start, in their order. Equal rotations come in any order. */
export function sortRotations(block: Uint8Array, size: number): Int32Array {
  const least = leastRotation(block, size);
  const period = smallestPeriod(block, size);
  const word = new Int32Array(period);
  for (let i = 0; i < period; i++) {
    word[i] = block[(least + i) % size] ?? 0;
  }
  const suffixes = sortSuffixes(word, 255);
  const order = new Int32Array(size);
  let place = 0;
  for (const suffix of suffixes) {
    for (let repetition = 0; repetition < size; repetition += period) {
      order[place++] = (least + suffix + repetition) % size;
    }
  }
  return order;
}

/** Two candidates race; the loser and all that starts within what it shared with the winner are out. */
function leastRotation(block: Uint8Array, size: number): number {
  let a = 0;
  let b = 1;
  let shared = 0;
  while (a < size && b < size && shared < size) {
    const ofA = block[(a + shared) % size] ?? 0;
    const ofB = block[(b + shared) % size] ?? 0;
    if (ofA === ofB) {
      shared++;
      continue;
    }
    if (ofA > ofB) {
      a += shared + 1;
    } else {
      b += shared + 1;
    }
    b += a === b ? 1 : 0;
    shared = 0;
  }
  return Math.min(a, b);
}

/** The length of the shortest part whose repetition is the whole block (by the borders of its beginnings). */
function smallestPeriod(block: Uint8Array, size: number): number {
  const borders = new Int32Array(size + 1);
  borders[0] = -1;
  let border = -1;
  for (let i = 0; i < size; i++) {
    while (border >= 0 && block[border] !== block[i]) {
      border = borders[border] ?? -1;
    }
    border++;
    borders[i + 1] = border;
  }
  const period = size - border;
  return size % period === 0 ? period : size;
}

/** The suffixes of a text of values 0 to `largest` in order; the end of the text is less than any value. */
function sortSuffixes(text: Int32Array, largest: number): Int32Array {
  const size = text.length;
  if (size < 2) {
    return new Int32Array(size);
  }
  const isSmall = markSmall(text);
  const firsts = lmsPlaces(isSmall);
  const induce = createInduction(text, isSmall, largest);
  if (firsts.length === 0) {
    return induce(firsts);
  }
  const roughly = induce(firsts);
  const { names, count } = nameLms(text, isSmall, firsts, roughly);
  const sorted = sortSuffixes(names, count - 1).map((index) => firsts[index] ?? 0);
  return induce(sorted);
}

/** 1 where a suffix is less than the one after it. */
function markSmall(text: Int32Array): Uint8Array {
  const isSmall = new Uint8Array(text.length);
  for (let i = text.length - 2; i >= 0; i--) {
    const own = text[i] ?? 0;
    const next = text[i + 1] ?? 0;
    isSmall[i] = own === next ? (isSmall[i + 1] ?? 0) : own < next ? 1 : 0;
  }
  return isSmall;
}

/** Where a small suffix follows a large one: the order of these gives that of all. */
function lmsPlaces(isSmall: Uint8Array): Int32Array {
  const places: number[] = [];
  for (let i = 1; i < isSmall.length; i++) {
    if (isSmall[i] === 1 && isSmall[i - 1] === 0) {
      places.push(i);
    }
  }
  return Int32Array.from(places);
}

/** Sorting of all suffixes from the order of some: within a value's bucket large suffixes come first. */
function createInduction(text: Int32Array, isSmall: Uint8Array, largest: number): (lms: Int32Array) => Int32Array {
  const size = text.length;
  const starts = new Int32Array(largest + 2);
  for (const value of text) {
    starts[value + 1] = (starts[value + 1] ?? 0) + 1;
  }
  for (let value = 0; value <= largest; value++) {
    starts[value + 1] = (starts[value + 1] ?? 0) + (starts[value] ?? 0);
  }
  return (lms) => {
    const sorted = new Int32Array(size).fill(-1);
    const ends = starts.slice(1);
    for (let i = lms.length - 1; i >= 0; i--) {
      const place = lms[i] ?? 0;
      const end = (ends[text[place] ?? 0] ?? 0) - 1;
      ends[text[place] ?? 0] = end;
      sorted[end] = place;
    }
    const next = starts.slice();
    const last = text[size - 1] ?? 0;
    sorted[next[last] ?? 0] = size - 1;
    next[last] = (next[last] ?? 0) + 1;
    for (let i = 0; i < size; i++) {
      const before = (sorted[i] ?? 0) - 1;
      if (before >= 0 && isSmall[before] === 0) {
        const value = text[before] ?? 0;
        const to = next[value] ?? 0;
        next[value] = to + 1;
        sorted[to] = before;
      }
    }
    ends.set(starts.subarray(1));
    for (let i = size - 1; i >= 0; i--) {
      const before = (sorted[i] ?? 0) - 1;
      if (before >= 0 && isSmall[before] === 1) {
        const value = text[before] ?? 0;
        const to = (ends[value] ?? 0) - 1;
        ends[value] = to;
        sorted[to] = before;
      }
    }
    return sorted;
  };
}

/** Numbers for the parts from each of `firsts` to the next, in their order, equal ones alike. */
function nameLms(
  text: Int32Array,
  isSmall: Uint8Array,
  firsts: Int32Array,
  sorted: Int32Array,
): { readonly names: Int32Array; readonly count: number } {
  const size = text.length;
  const indexOf = new Int32Array(size).fill(-1);
  for (const [index, place] of firsts.entries()) {
    indexOf[place] = index;
  }
  const names = new Int32Array(firsts.length);
  let name = -1;
  let before = -1;
  for (const place of sorted) {
    const index = place < 0 ? -1 : (indexOf[place] ?? -1);
    if (index < 0) {
      continue;
    }
    const end = firsts[index + 1] ?? size;
    if (before < 0 || !isSamePart(text, isSmall, before, place, end - place, firsts, indexOf)) {
      name++;
    }
    names[index] = name;
    before = place;
  }
  return { names, count: name + 1 };
}

/** Are the parts at `a` and `b` equal up to and with the next place of `firsts`? That of `b` has `length`. */
function isSamePart(
  text: Int32Array,
  isSmall: Uint8Array,
  a: number,
  b: number,
  length: number,
  firsts: Int32Array,
  indexOf: Int32Array,
): boolean {
  const end = firsts[(indexOf[a] ?? 0) + 1] ?? text.length;
  if (end - a !== length || end === text.length || b + length === text.length) {
    // The end of the text is like nothing else.
    return false;
  }
  for (let i = 0; i <= length; i++) {
    if (text[a + i] !== text[b + i] || isSmall[a + i] !== isSmall[b + i]) {
      return false;
    }
  }
  return true;
}
