/** Voxels for the parity test: seeded contents, boxes and hashes, independent of the engine's own code. */
import { createHash } from "node:crypto";

/** @typedef {readonly [number, number, number]} Vec3 */
/** @typedef {{ readonly min: Vec3, readonly max: Vec3 }} Box */
/** @typedef {keyof typeof arrays} DataType */

export const arrays = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** @type {readonly DataType[]} */
export const dataTypes = /** @type {DataType[]} */ (Object.keys(arrays));

/**
 * The same numbers for the same seed: xorshift, good enough for test data.
 * @param {number} seed
 */
export function createRandom(seed) {
  let state = (seed * 2654435761 + 88172645) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  return {
    next,
    /** @param {number} below */
    integer: (below) => next() % below,
  };
}

/** @typedef {ReturnType<typeof createRandom>} Random */

/**
 * @param {DataType} dtype
 * @param {ArrayBuffer} buffer
 */
export function viewOf(dtype, buffer) {
  return new arrays[dtype](buffer);
}

/** @param {ArrayBufferView} data */
export function bytesOf(data) {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** @param {ArrayBufferView} data */
export function sha256(data) {
  return createHash("sha256").update(bytesOf(data)).digest("hex");
}

/**
 * Voxels of every bit pattern; floats are finite, so that their bytes survive any reader.
 * @param {Random} random
 * @param {DataType} dtype
 * @param {number} count
 */
export function noise(random, dtype, count) {
  const data = new arrays[dtype](count);
  if (data instanceof Float32Array || data instanceof Float64Array) {
    return data.map(() => (random.integer(2 ** 31) - 2 ** 30) / 997);
  }
  const bytes = bytesOf(data);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = random.next() >>> 9;
  }
  return data;
}

/**
 * Labels in clumps of 4 x 4 x 4, of `count` ids over the whole range of the type.
 * @param {Random} random
 * @param {DataType} dtype
 * @param {readonly number[]} shape
 * @param {number} count
 */
export function labels(random, dtype, [width = 0, height = 0, depth = 0, channels = 1], count) {
  const ids = noise(random, dtype, count);
  const data = new arrays[dtype](width * height * depth * channels);
  const salt = random.next();
  for (let i = 0; i < data.length; i++) {
    const x = (i % width) >> 2;
    const y = (Math.floor(i / width) % height) >> 2;
    const z = (Math.floor(i / (width * height)) % depth) >> 2;
    const c = Math.floor(i / (width * height * depth));
    const place =
      Math.imul(x * 73856093, 1) ^ Math.imul(y * 19349663, 1) ^ Math.imul((z + 31 * c) * 83492791, 1) ^ salt;
    data[i] = /** @type {never} */ (ids[(place >>> 3) % count]);
  }
  return data;
}

/**
 * An image with edges, gradients and a little noise, as uint8 or uint16.
 * @param {Random} random
 * @param {DataType} dtype
 * @param {readonly number[]} shape
 */
export function texture(random, dtype, [width = 0, height = 0, depth = 0, channels = 1]) {
  const data = new arrays[dtype](width * height * depth * channels);
  for (let i = 0; i < data.length; i++) {
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const z = Math.floor(i / (width * height));
    const value = 120 + 60 * Math.sin(x / 5) + 50 * Math.cos(y / 7 - z / 4) + random.integer(9);
    data[i] = /** @type {never} */ (Math.round(value) * (dtype === "uint16" ? 211 : 1));
  }
  return data;
}

/** @param {Box} box */
export function sizeOf({ min, max }) {
  return toVec3(max.map((end, axis) => end - (min[axis] ?? 0)));
}

/**
 * @param {readonly number[]} values
 * @returns {Vec3}
 */
export function toVec3([x = 0, y = 0, z = 0]) {
  return [x, y, z];
}

/**
 * A box inside `bounds` that is not empty; one in four is a single voxel, one in four crosses all of an axis.
 * @param {Random} random
 * @param {Box} bounds
 * @returns {Box}
 */
export function randomBox(random, bounds) {
  const kind = random.integer(4);
  const size = [...sizeOf(bounds)].map((side) => (kind === 0 ? 1 : 1 + random.integer(side)));
  if (kind === 1) {
    const axis = random.integer(3);
    size[axis] = (bounds.max[axis] ?? 0) - (bounds.min[axis] ?? 0);
  }
  const min = bounds.min.map(
    (start, axis) => start + random.integer((bounds.max[axis] ?? 0) - start - (size[axis] ?? 0) + 1),
  );
  const max = min.map((start, axis) => start + (size[axis] ?? 0));
  return { min: toVec3(min), max: toVec3(max) };
}

/**
 * The voxels of `box` out of the dense voxels of `bounds`.
 * @template {ArrayBufferView & { slice(from: number, to: number): any, length: number }} T
 * @param {T} data
 * @param {Box} bounds
 * @param {Box} box
 * @param {number} channels
 * @returns {Uint8Array}
 */
export function crop(data, bounds, box, channels) {
  const [width, height, depth] = sizeOf(bounds);
  const rows = [];
  for (let channel = 0; channel < channels; channel++) {
    for (let z = box.min[2]; z < box.max[2]; z++) {
      for (let y = box.min[1]; y < box.max[1]; y++) {
        const row = ((channel * depth + z - bounds.min[2]) * height + y - bounds.min[1]) * width - bounds.min[0];
        rows.push(bytesOf(data.slice(row + box.min[0], row + box.max[0])));
      }
    }
  }
  return Buffer.concat(rows);
}

/**
 * The largest and the mean distance of two arrays of samples.
 * @param {ArrayLike<number>} found
 * @param {ArrayLike<number>} expected
 */
export function distance(found, expected) {
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < expected.length; i++) {
    const step = Math.abs((found[i] ?? 0) - (expected[i] ?? 0));
    largest = Math.max(largest, step);
    sum += step;
  }
  return { largest, mean: sum / expected.length };
}
