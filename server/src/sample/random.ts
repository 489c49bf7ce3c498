/** Seeded randomness and smooth noise: the same seed gives the same tissue. */

/** A source of numbers in [0, 1). */
export type Random = () => number;

/** A small 32-bit generator (Weyl sequence with two xor-multiply rounds); its period of 2^32 is ample for a sample. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return hash32(state) / 2 ** 32;
  };
}

/** A number in [low, high). */
export const between = (random: Random, low: number, high: number): number => low + (high - low) * random();

/** Mixes 32 bits so that neighbours have nothing in common. */
export function hash32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}

/** A hash of a lattice point. */
export function hashPoint(seed: number, x: number, y: number, z: number): number {
  return hash32(seed ^ Math.imul(x, 0x1b873593) ^ Math.imul(y, 0x2c1b3c6d) ^ Math.imul(z, 0x297a2d39));
}

/** Nearly normal noise of standard deviation 1 from a hash: the sum of its four bytes. */
export function normalOf(hash: number): number {
  return ((hash & 255) + ((hash >>> 8) & 255) + ((hash >>> 16) & 255) + (hash >>> 24) - 510) / 147.8;
}

export interface NoisePlane {
  readonly seed: number;
  /** Distance of the lattice points, in pixels. */
  readonly spacing: number;
  /** Depth of the plane, in pixels. */
  readonly z: number;
  readonly width: number;
  readonly height: number;
}

/** A plane of 3-D value noise in [-1, 1], smooth at the scale of `spacing`; x fastest. */
export function noisePlane({ seed, spacing, z, width, height }: NoisePlane): Float32Array {
  const columns = Math.ceil(width / spacing) + 2;
  const rows = Math.ceil(height / spacing) + 2;
  const lattice = latticeAt(seed, z / spacing, columns, rows);
  const columnOf = Uint16Array.from({ length: width }, (_, x) => Math.floor(x / spacing));
  const weightOf = Float32Array.from(columnOf, (column, x) => smooth(x / spacing - column));
  const plane = new Float32Array(width * height);
  const knots = new Float32Array(columns);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / spacing);
    const fy = smooth(y / spacing - row);
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      knots[column] = mix(lattice[at] as number, lattice[at + columns] as number, fy);
    }
    for (let x = 0; x < width; x++) {
      const column = columnOf[x] as number;
      plane[y * width + x] = mix(knots[column] as number, knots[column + 1] as number, weightOf[x] as number);
    }
  }
  return plane;
}

function latticeAt(seed: number, depth: number, columns: number, rows: number): Float32Array {
  const layer = Math.floor(depth);
  const fz = smooth(depth - layer);
  const lattice = new Float32Array(columns * rows);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const value = mix(hashPoint(seed, i, j, layer), hashPoint(seed, i, j, layer + 1), fz);
      lattice[j * columns + i] = value / 2 ** 31 - 1;
    }
  }
  return lattice;
}

const mix = (a: number, b: number, t: number): number => a + (b - a) * t;
const smooth = (t: number): number => t * t * (3 - 2 * t);
