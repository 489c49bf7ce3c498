/** Finding earlier occurrences for LZMA: chains of places with the same hash of four bytes, and the last place with the same three. */

export interface Match {
  length: number;
  /** Places back, from 1. */
  distance: number;
}

export interface MatchFinder {
  /** Notes every place before `end`; in order. */
  skipTo(end: number): void;
  /** Writes the match at `at` that is worth most into `found`; length 0 = none of three bytes or more. */
  find(at: number, found: Match): void;
}

export interface MatchFinderOptions {
  /** Places of a chain that are tried. */
  readonly depth: number;
  /** A match so long is good enough. */
  readonly niceLength: number;
  /** A power of two. */
  readonly windowBytes: number;
}

export const maxMatchLength = 273;

/** What a match saves, roughly: a byte counts as much as four bits of its distance. */
export function worthOf(length: number, distance: number): number {
  return 4 * length - (32 - Math.clz32(distance));
}

/** Three bytes are not worth more. */
const farForThree = 4096;
const hashBits = 16;

export function createMatchFinder(bytes: Uint8Array, options: MatchFinderOptions): MatchFinder {
  const { depth, niceLength, windowBytes } = options;
  const size = bytes.byteLength;
  const mask = windowBytes - 1;
  // Places plus one; zero = none.
  const ofThree = new Int32Array(1 << hashBits);
  const ofFour = new Int32Array(1 << hashBits);
  const before = new Int32Array(windowBytes);
  let noted = 0;
  const threeAt = (at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  const hashOfThree = (three: number): number => Math.imul(three, 0x9e3779b1) >>> (32 - hashBits);
  const hashOfFour = (three: number, at: number): number =>
    Math.imul(three | ((bytes[at + 3] ?? 0) << 24), 0x85ebca6b) >>> (32 - hashBits);

  function skipTo(end: number): void {
    for (const last = Math.min(end, size - 3); noted < last; noted++) {
      const three = threeAt(noted);
      const four = hashOfFour(three, noted);
      ofThree[hashOfThree(three)] = noted + 1;
      before[noted & mask] = ofFour[four] ?? 0;
      ofFour[four] = noted + 1;
    }
  }

  function lengthAt(at: number, place: number, most: number): number {
    let length = 0;
    while (length < most && bytes[place + length] === bytes[at + length]) {
      length++;
    }
    return length;
  }

  return {
    skipTo,
    find(at, found) {
      skipTo(at);
      found.length = 0;
      const most = Math.min(maxMatchLength, size - at);
      if (most < 4) {
        return;
      }
      const three = threeAt(at);
      const near = (ofThree[hashOfThree(three)] ?? 0) - 1;
      if (near >= 0 && at - near <= Math.min(farForThree, mask)) {
        const length = lengthAt(at, near, most);
        if (length >= 3) {
          found.length = length;
          found.distance = at - near;
        }
      }
      let place = (ofFour[hashOfFour(three, at)] ?? 0) - 1;
      for (let tries = depth; tries > 0 && place >= 0 && at - place <= mask && found.length < niceLength; tries--) {
        // Longer only if it goes on where the best so far ends.
        if (bytes[place + found.length] === bytes[at + found.length]) {
          const length = lengthAt(at, place, most);
          if (length >= 3 && worthOf(length, at - place) > worthOf(found.length, found.distance)) {
            found.length = length;
            found.distance = at - place;
            if (length === most) {
              return;
            }
          }
        }
        place = (before[place & mask] ?? 0) - 1;
      }
    },
  };
}
