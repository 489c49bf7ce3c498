/**
 * Synthetic tissue that looks like an electron micrograph: cells with membranes, mitochondria, vesicles and synapses, and the
 * labels that fit them. Pure and deterministic.
 */
import type { Vec3 } from "../base/vec3.ts";
import { type SphereTable, tabulate } from "./contenders.ts";
import { drawOrganelles } from "./organelles.ts";
import { partitionSlice } from "./partition.ts";
import { growProcesses, type Processes } from "./processes.ts";
import { createRandom } from "./random.ts";
import { extracellularGap, shadeSlice } from "./shading.ts";

export interface TissueOptions {
  /** Voxels along x, y, z. */
  readonly size: Vec3;
  /** Depth of a voxel in units of its width: 5 for 8 × 8 × 40 nm. */
  readonly anisotropy: number;
  readonly seed: number;
}

/** A tissue that has grown and can be cut into slices. */
export interface Tissue {
  readonly size: Vec3;
  readonly anisotropy: number;
  readonly seed: number;
  readonly processes: Processes;
  readonly spheres: SphereTable;
  /** The 64-bit id of each process; entry 0 is the background, 0. */
  readonly ids: BigUint64Array;
}

/** One slice, x fastest: grey values and process indices (`tissue.ids` has their ids). */
export interface TissueSlice {
  readonly image: Uint8Array;
  readonly processes: Uint16Array;
}

/** Ids begin here: well above 2^53, as the ids of proofread segmentations do. */
const firstId = 720_575_940_600_000_000n;

/** Grows a tissue; the slices are drawn one by one by `cutSlice`. */
export function growTissue({ size, anisotropy, seed }: TissueOptions): Tissue {
  const processes = growProcesses([size[0], size[1], size[2] * anisotropy], seed);
  return {
    size,
    anisotropy,
    seed,
    processes,
    spheres: tabulate(processes.spheres),
    ids: drawIds(processes.kinds.length, seed),
  };
}

/** Draws slice `z` of the tissue. */
export function cutSlice(tissue: Tissue, z: number): TissueSlice {
  const [width, height] = tissue.size;
  const shape = { width, height, z: z * tissue.anisotropy, seed: tissue.seed };
  const partition = partitionSlice(tissue.spheres, shape);
  const organelles = drawOrganelles(tissue.processes, partition, shape);
  const image = shadeSlice(tissue.processes, partition, organelles, shape);
  return { image: new Uint8Array(image.buffer), processes: labelSlice(partition) };
}

/** Background is the membrane itself, where two cells touch, and the space that no cell reaches. */
function labelSlice({ process, distance, gap }: ReturnType<typeof partitionSlice>): Uint16Array {
  return process.map((owner, at) => ((distance[at] ?? 0) < membraneHalfWidth || isOutside(gap[at] ?? 0) ? 0 : owner));
}

const membraneHalfWidth = 0.75;
const isOutside = (gap: number): boolean => gap > extracellularGap;

function drawIds(count: number, seed: number): BigUint64Array {
  const random = createRandom(seed ^ 0x1d5);
  const ids = new BigUint64Array(count);
  let id = firstId;
  for (let i = 1; i < count; i++) {
    id += BigInt(1 + Math.floor(random() * 250_000));
    ids[i] = id;
  }
  return ids;
}
