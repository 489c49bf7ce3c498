/** Seeded randomness: the same seed gives the same numbers everywhere. */

export interface Random {
  readonly seed: number;
  /** An integer in [0, below). */
  integer(below: number): number;
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
}

/** Mulberry32; small, and good enough for test data. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return (value ^ (value >>> 14)) >>> 0;
  };
  return {
    seed,
    integer: (below) => Math.floor((next() / 2 ** 32) * below),
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
  };
}
