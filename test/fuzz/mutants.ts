/** Damage of every kind that storage and writers do: seeded, so that a failure can be had again. */
import type { Random } from "../fakes/random.ts";

/** A way to damage bytes: gives new bytes, never the same object. */
type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const mutations: readonly Mutation[] = [
  flipBits,
  flipBits,
  setBytes,
  truncate,
  inflateCount,
  inflateCount,
  deleteRange,
  insertRange,
  copyRange,
  swapRanges,
  appendBytes,
];

/** A damaged copy of `bytes`: one to three mutations, one after the other. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutant = bytes;
  for (let count = 1 + Math.floor(random.integer(6) / 4); count > 0; count--) {
    const mutation = mutations[random.integer(mutations.length)] as Mutation;
    mutant = mutation(mutant, random);
  }
  return mutant;
}

/** Damage falls on the first bytes, where headers are, every other time. */
function position(bytes: Uint8Array, random: Random): number {
  const reach = random.integer(2) === 0 ? Math.min(64, bytes.byteLength) : bytes.byteLength;
  return random.integer(Math.max(1, reach));
}

function flipBits(bytes: Uint8Array, random: Random): Uint8Array {
  const mutant = bytes.slice();
  for (let count = 1 + random.integer(4); count > 0; count--) {
    const at = position(mutant, random);
    mutant[at] = (mutant[at] ?? 0) ^ (1 << random.integer(8));
  }
  return mutant;
}

function setBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const mutant = bytes.slice();
  const at = position(mutant, random);
  const value = [0, 0xff, 0x80, 0x7f, random.integer(256)][random.integer(5)] ?? 0;
  return mutant.fill(value, at, at + 1 + random.integer(8));
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, random.integer(Math.max(1, bytes.byteLength)));
}

/** Numbers that a count or an offset must not be believed to be. */
const counts = [0, 1, 0x7f, 0xff, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_fff0];

function inflateCount(bytes: Uint8Array, random: Random): Uint8Array {
  const mutant = bytes.slice();
  const width = [2, 4, 8][random.integer(3)] ?? 4;
  if (mutant.byteLength < width) {
    return appendBytes(mutant, random);
  }
  const at = Math.min(position(mutant, random), mutant.byteLength - width);
  const view = new DataView(mutant.buffer);
  const count = counts[random.integer(counts.length)] ?? 0;
  const isLittle = random.integer(4) !== 0;
  if (width === 2) {
    view.setUint16(at, count & 0xffff, isLittle);
  } else if (width === 4) {
    view.setUint32(at, count, isLittle);
  } else {
    view.setBigUint64(at, BigInt(count) << BigInt([0, 16, 31, 32][random.integer(4)] ?? 0), isLittle);
  }
  return mutant;
}

function deleteRange(bytes: Uint8Array, random: Random): Uint8Array {
  const at = position(bytes, random);
  return join(bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(16)));
}

function insertRange(bytes: Uint8Array, random: Random): Uint8Array {
  const at = position(bytes, random);
  return join(bytes.subarray(0, at), random.bytes(1 + random.integer(16)), bytes.subarray(at));
}

function copyRange(bytes: Uint8Array, random: Random): Uint8Array {
  const mutant = bytes.slice();
  const from = random.integer(Math.max(1, bytes.byteLength));
  mutant.copyWithin(position(bytes, random), from, from + 1 + random.integer(32));
  return mutant;
}

function swapRanges(bytes: Uint8Array, random: Random): Uint8Array {
  const middle = random.integer(Math.max(1, bytes.byteLength));
  return join(bytes.subarray(middle), bytes.subarray(0, middle));
}

function appendBytes(bytes: Uint8Array, random: Random): Uint8Array {
  return join(bytes, random.bytes(1 + random.integer(32)));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
