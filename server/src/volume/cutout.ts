/** What a download gives: voxels of a box, dense, Fortran order, with what is needed to understand them. */
import type { Bbox } from "../base/bbox.ts";
import { type DataType, type VoxelArray, voxelView } from "../base/dtype.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { ResultMemory } from "../workers/contract.ts";
import type { Layout } from "./cutoutPlan.ts";

/** Voxels of a box of one mip. */
export interface Cutout extends Disposable {
  /**
   * The voxels: x fastest, then y, z, channel; uint64 and int64 are BigInt arrays. Large results lie in shared memory: a thread that they are
   * posted to sees the same bytes, and they must not be looked at after `release`.
   */
  readonly data: VoxelArray;
  readonly shape: readonly [x: number, y: number, z: number, channels: number];
  readonly dtype: DataType;
  /** Absolute voxels of the mip, half open. */
  readonly bbox: Bbox;
  readonly mip: number;
  readonly order: "F";
  /** Gives the memory back for the next download; `data` throws from then on. Idempotent. Optional: without it the garbage collector frees. */
  release(): void;
}

/** A cutout over a result memory; the cutout owns the memory from now on. */
export function createCutout(memory: ResultMemory, layout: Layout, dtype: DataType, mip: number): Cutout {
  const [x, y, z, channels] = layout.shape;
  let data: VoxelArray | undefined = voxelView(dtype, memory.buffer, memory.byteOffset, x * y * z * channels);
  const release = (): void => {
    if (data !== undefined) {
      data = undefined;
      memory.release();
    }
  };
  return {
    get data() {
      if (data === undefined) {
        throw new InvalidArgumentError("this cutout was released");
      }
      return data;
    },
    shape: layout.shape,
    dtype,
    bbox: layout.box,
    mip,
    order: "F",
    release,
    [Symbol.dispose]: release,
  };
}
