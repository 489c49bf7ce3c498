/** The distinct labels of a tile, and each pixel as an index into them: a third of the bytes, and exact to pick. */
import type { VoxelArray } from "../base/dtype.ts";

export interface LabelIndex {
  readonly indices: Uint16Array;
  /** Distinct labels in the order in which they appear. */
  readonly labels: BigUint64Array;
}

/** Power of two above twice the most labels that a tile can have (65,536 pixels). */
const slotCount = 1 << 17;

/** `voxels` has at most 65,536 elements, of an integer type; negative labels are taken modulo 2^64. */
export function indexLabels(voxels: VoxelArray): LabelIndex {
  const indices = new Uint16Array(voxels.length);
  const low = new Uint32Array(voxels.length);
  const high = new Uint32Array(voxels.length);
  const slots = new Int32Array(slotCount).fill(-1);
  const words = toWords(voxels);
  let count = 0;
  let previous = -1;
  for (let i = 0; i < voxels.length; i++) {
    const lo = words[2 * i] as number;
    const hi = words[2 * i + 1] as number;
    if (previous === -1 || low[previous] !== lo || high[previous] !== hi) {
      let slot = (Math.imul(lo, 0x9e3779b1) ^ Math.imul(hi, 0x85ebca6b)) >>> 15;
      while (slots[slot] !== -1 && (low[slots[slot] as number] !== lo || high[slots[slot] as number] !== hi)) {
        slot = (slot + 1) & (slotCount - 1);
      }
      if (slots[slot] === -1) {
        slots[slot] = count;
        low[count] = lo;
        high[count] = hi;
        count++;
      }
      previous = slots[slot] as number;
    }
    indices[i] = previous;
  }
  const labels = new BigUint64Array(count);
  const out = new Uint32Array(labels.buffer);
  for (let i = 0; i < count; i++) {
    out[2 * i] = low[i] as number;
    out[2 * i + 1] = high[i] as number;
  }
  return { indices, labels };
}

/** Each voxel as two 32-bit words, low first. */
function toWords(voxels: VoxelArray): Uint32Array {
  if (voxels instanceof BigUint64Array || voxels instanceof BigInt64Array) {
    return new Uint32Array(voxels.buffer, voxels.byteOffset, voxels.length * 2);
  }
  const words = new Uint32Array(voxels.length * 2);
  for (let i = 0; i < voxels.length; i++) {
    const value = voxels[i] as number;
    words[2 * i] = value;
    words[2 * i + 1] = value < 0 ? 0xffffffff : 0;
  }
  return words;
}
