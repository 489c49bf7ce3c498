/** What is inside the cells of a slice: mitochondria and synaptic vesicles. */
import type { SlicePartition, SliceShape } from "./partition.ts";
import type { Organelle, Processes } from "./processes.ts";
import { between, createRandom, hash32, type Random } from "./random.ts";

/** Per pixel of a slice, x fastest. */
export interface SliceOrganelles {
  /** Depth below the surface of a mitochondrion, in pixels; 0 outside. */
  readonly mitochondrion: Float32Array;
  /** Position along the mitochondrion, in pixels. */
  readonly position: Float32Array;
  /** Darkness added by vesicles and other specks; negative is lighter. */
  readonly specks: Float32Array;
}

/** Finds the mitochondria that the slice cuts, and strews vesicles over boutons and specks over the rest. */
export function drawOrganelles(processes: Processes, partition: SlicePartition, shape: SliceShape): SliceOrganelles {
  const pixels = shape.width * shape.height;
  const slice: SliceOrganelles = {
    mitochondrion: new Float32Array(pixels),
    position: new Float32Array(pixels),
    specks: new Float32Array(pixels),
  };
  for (const organelle of processes.organelles) {
    drawMitochondrion(organelle, partition, shape, slice);
  }
  const random = createRandom(hash32(shape.seed ^ Math.imul(shape.z + 1, 0x5bd1)));
  for (const { center, radius, isBouton, process } of processes.spheres) {
    const reach = Math.sqrt(Math.max(0, (radius * 1.15) ** 2 - (center[2] - shape.z) ** 2));
    if (isBouton && reach > 3) {
      strewVesicles(random, { x: center[0], y: center[1], reach, process }, partition, shape, slice);
    }
  }
  strewSpecks(random, partition, shape, slice);
  return slice;
}

function drawMitochondrion(
  { center: [cx, cy, cz], radius, process, axis }: Organelle,
  partition: SlicePartition,
  { width, height, z }: SliceShape,
  slice: SliceOrganelles,
): void {
  const dz = z - cz;
  if (Math.abs(dz) >= radius) {
    return;
  }
  const reach = Math.sqrt(radius * radius - dz * dz);
  for (let y = Math.max(0, Math.ceil(cy - reach)); y < Math.min(height, cy + reach); y++) {
    for (let x = Math.max(0, Math.ceil(cx - reach)); x < Math.min(width, cx + reach); x++) {
      const at = y * width + x;
      const depth = radius - Math.sqrt((x - cx) ** 2 + (y - cy) ** 2 + dz * dz);
      const inside = Math.min(depth, (partition.distance[at] ?? 0) - 3);
      if (partition.process[at] === process && inside > (slice.mitochondrion[at] ?? 0)) {
        slice.mitochondrion[at] = inside;
        slice.position[at] = x * axis[0] + y * axis[1] + z * axis[2];
      }
    }
  }
}

interface Bouton {
  readonly x: number;
  readonly y: number;
  readonly reach: number;
  readonly process: number;
}

/** Vesicles of 40 nm: rings of five pixels, each in one slice only. */
function strewVesicles(
  random: Random,
  bouton: Bouton,
  partition: SlicePartition,
  { width, height }: SliceShape,
  slice: SliceOrganelles,
): void {
  const count = Math.round(bouton.reach * bouton.reach * 0.022);
  for (let i = 0; i < count; i++) {
    const x = bouton.x + between(random, -1, 1) * bouton.reach;
    const y = bouton.y + between(random, -1, 1) * bouton.reach;
    const at = Math.round(y) * width + Math.round(x);
    const isInside = x >= 0 && y >= 0 && x < width && y < height && partition.process[at] === bouton.process;
    if (isInside && (partition.distance[at] ?? 0) > 4 && slice.mitochondrion[at] === 0) {
      stamp({ x, y, radius: 3.6 }, width, height, (distance, pixel) => {
        const ring = Math.max(0, 1 - Math.abs(distance - 2.3) / 1.3);
        const core = Math.max(0, 1 - distance / 1.6);
        slice.specks[pixel] = Math.max(slice.specks[pixel] ?? 0, 62 * ring) - 14 * core;
      });
    }
  }
}

/** Ribosomes, microtubules and other grains: small and dark, everywhere inside cells. */
function strewSpecks(
  random: Random,
  partition: SlicePartition,
  { width, height }: SliceShape,
  slice: SliceOrganelles,
): void {
  const count = Math.round(width * height * 0.006);
  for (let i = 0; i < count; i++) {
    const [x, y] = [random() * width, random() * height];
    const darkness = between(random, 12, 38);
    const at = Math.floor(y) * width + Math.floor(x);
    if ((partition.distance[at] ?? 0) > 4 && slice.mitochondrion[at] === 0) {
      stamp({ x, y, radius: 2.2 }, width, height, (distance, pixel) => {
        slice.specks[pixel] = (slice.specks[pixel] ?? 0) + darkness * Math.max(0, 1 - distance / 2.2);
      });
    }
  }
}

interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

function stamp(
  { x, y, radius }: Disc,
  width: number,
  height: number,
  paint: (distance: number, pixel: number) => void,
): void {
  for (let j = Math.max(0, Math.ceil(y - radius)); j <= Math.min(height - 1, y + radius); j++) {
    for (let i = Math.max(0, Math.ceil(x - radius)); i <= Math.min(width - 1, x + radius); i++) {
      paint(Math.sqrt((i - x) ** 2 + (j - y) ** 2), j * width + i);
    }
  }
}
