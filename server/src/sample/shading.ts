/** Grey values of a slice: what an electron microscope would show of its membranes, contents and noise. */
import type { ProcessKind } from "./habits.ts";
import type { SliceOrganelles } from "./organelles.ts";
import type { SlicePartition, SliceShape } from "./partition.ts";
import type { Processes } from "./processes.ts";
import { hash32, hashPoint, noisePlane, normalOf } from "./random.ts";

const baseShade: Readonly<Record<ProcessKind, number>> = { dendrite: 186, axon: 168, glia: 196 };
const extracellularShade = 214;
/** Pixels further than this outside every sphere are extracellular. */
export const extracellularGap = 15;

interface Textures {
  /** Smooth patches of brightness. */
  readonly patches: Float32Array;
  /** Grain of the cytoplasm. */
  readonly grain: Float32Array;
  /** Endoplasmic reticulum runs along the zeros of this one. */
  readonly reticulum: Float32Array;
}

/** Draws the slice; x fastest. */
export function shadeSlice(
  processes: Processes,
  partition: SlicePartition,
  organelles: SliceOrganelles,
  shape: SliceShape,
): Uint8ClampedArray<ArrayBuffer> {
  const { seed, z, width, height } = shape;
  const textures: Textures = {
    patches: noisePlane({ seed: seed ^ 0x61, spacing: 70, z, width, height }),
    grain: noisePlane({ seed: seed ^ 0x62, spacing: 3.2, z: z * 7, width, height }),
    reticulum: noisePlane({ seed: seed ^ 0x63, spacing: 24, z, width, height }),
  };
  const shades = processes.kinds.map((kind, i) => baseShade[kind] + (hash32(seed + i) % 25) - 12);
  const exposure = 4 * normalOf(hash32(seed ^ Math.imul(z + 7, 0x9e37)));
  const image = new Uint8ClampedArray(width * height);
  for (let at = 0; at < image.length; at++) {
    const isOutside = (partition.gap[at] ?? 0) > extracellularGap;
    const cell = isOutside ? extracellularShade : (shades[partition.process[at] ?? 0] ?? 0);
    const contents = cell - contentsDarkness(processes, partition, organelles, textures, at);
    const noise = 6 * normalOf(hashPoint(seed ^ 0x64, at, 0, z)) + 9 * (textures.grain[at] ?? 0);
    const membrane = membraneDarkness(processes, partition, at);
    image[at] = contents * (1 - membrane) + 52 * membrane + 8 * (textures.patches[at] ?? 0) + exposure + noise;
  }
  return image;
}

/** 0 = clear, 1 = as dark as a membrane cut upright; wider and darker at a synapse. */
function membraneDarkness({ kinds }: Processes, partition: SlicePartition, at: number): number {
  const distance = partition.distance[at] ?? 0;
  if (distance > 9) {
    return 0;
  }
  const tilt = partition.tilt[at] ?? 0;
  const cut = bell(distance, 1.7 + 1.2 * tilt) * (0.92 - 0.45 * tilt * tilt);
  const sides = partition.bouton[at] ?? 0;
  const receiver = (sides & 1) === 1 ? partition.neighbour[at] : partition.process[at];
  const isSynapse = (sides === 1 || sides === 2) && kinds[receiver ?? 0] === "dendrite";
  const density = isSynapse ? bell(distance - (sides === 2 ? 1.5 : 0), 4.2) * 0.85 : 0;
  return Math.max(cut, density);
}

function contentsDarkness(
  { kinds }: Processes,
  { process, distance }: SlicePartition,
  { mitochondrion, position, specks }: SliceOrganelles,
  { reticulum }: Textures,
  at: number,
): number {
  const depth = mitochondrion[at] ?? 0;
  if (depth > 0) {
    const rim = 48 * bell(depth - 1.2, 1.3) - 16 * bell(depth - 3.4, 0.9);
    const wave = (position[at] ?? 0) + 6 * (reticulum[at] ?? 0);
    const cristae = 20 * Math.sin(wave * 0.95) * Math.min(1, depth / 5);
    return 58 + rim + cristae;
  }
  const isRoomy = (distance[at] ?? 0) > 9 && kinds[process[at] ?? 0] === "dendrite";
  const tubule = isRoomy ? 34 * bell((reticulum[at] ?? 0) * 26, 1.2) : 0;
  return (specks[at] ?? 0) + tubule;
}

/** A bell of height 1 and half width `width`, without transcendental functions. */
function bell(offset: number, width: number): number {
  const t = (offset * offset) / (width * width);
  return 1 / (1 + t + t * t * t * 0.4);
}
