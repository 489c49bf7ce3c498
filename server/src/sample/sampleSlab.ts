/** A few slices of the sample at all its mips, ready to be written. */
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import { averagePyramid, modePyramid, type Plane } from "./downsample.ts";
import { mipFactors } from "./sampleLayers.ts";
import { cutSlice, type Tissue } from "./tissue.ts";

/** One mip of a slab; Fortran order. */
export interface SlabMip {
  readonly image: Uint8Array;
  /** The 64-bit labels; made anew by each call, for they are large. */
  labels(): BigUint64Array;
}

export interface Slab {
  /** First slice, and the one after the last. */
  readonly z: readonly [number, number];
  readonly mips: readonly SlabMip[];
}

/** Draws slices z[0] to z[1] (exclusive); other tasks of the thread run between slices. Throws CancelledError. */
export async function createSlab(tissue: Tissue, z: Slab["z"], { signal }: Cancellable): Promise<Slab> {
  const images: Plane<Uint8Array>[][] = [];
  const processes: Plane<Uint16Array>[][] = [];
  const [width, height] = tissue.size;
  for (let k = z[0]; k < z[1]; k++) {
    throwIfAborted(signal);
    const slice = cutSlice(tissue, k);
    const image = { width, height, voxels: slice.image };
    const labels = { width, height, voxels: slice.processes };
    images.push([image, ...averagePyramid(image, mipFactors.length - 1)]);
    processes.push([labels, ...modePyramid(labels, mipFactors.length - 1)]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const mips = mipFactors.map((_, mip) => ({
    image: stack(images, mip, (length) => new Uint8Array(length)),
    labels: () =>
      labelsOf(
        stack(processes, mip, (length) => new Uint16Array(length)),
        tissue.ids,
      ),
  }));
  return { z, mips };
}

interface Voxels {
  readonly length: number;
  set(values: this, offset: number): void;
}

/** The planes of one mip, one after the other. */
function stack<T extends Voxels>(slices: readonly Plane<T>[][], mip: number, create: (length: number) => T): T {
  const planes = slices.map((levels) => (levels[mip] as Plane<T>).voxels);
  const whole = create(planes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const plane of planes) {
    whole.set(plane, at);
    at += plane.length;
  }
  return whole;
}

/** Each label as two 32-bit halves, which is many times faster than bigints. */
function labelsOf(processes: Uint16Array, ids: BigUint64Array): BigUint64Array {
  const labels = new BigUint64Array(processes.length);
  const halves = new Uint32Array(labels.buffer);
  const idHalves = new Uint32Array(ids.buffer, ids.byteOffset, 2 * ids.length);
  for (let i = 0; i < processes.length; i++) {
    const process = processes[i] as number;
    halves[2 * i] = idHalves[2 * process] as number;
    halves[2 * i + 1] = idHalves[2 * process + 1] as number;
  }
  return labels;
}
