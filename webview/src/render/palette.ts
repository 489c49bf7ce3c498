/** Palettes of label tiles: one RGBA entry per entry of the tile's table of labels. */
import { segmentColorOfHalves } from "./segmentColor.ts";

/** Alpha byte of a label drawn in full. */
export const alphaFull = 254;
/** Alpha byte of a label drawn in full with an outline. */
export const alphaOutlined = 255;
/** Alpha byte of the labels that are not selected while others are. */
export const alphaDimmed = 72;

/** Opacity, 0..1, that an alpha byte of a palette stands for. */
export function opacityOfAlpha(alpha: number): number {
  return Math.min(alpha, alphaFull) / alphaFull;
}

/**
 * The palette of `table`: colours by hash, label 0 transparent, labels in `selected` outlined and all others dimmed when it is not
 * empty. The caller owns the result: 4 bytes per label.
 */
export function createPalette(table: BigUint64Array, selected: ReadonlySet<bigint>): Uint8Array {
  const halves = new Uint32Array(table.buffer, table.byteOffset, table.length * 2);
  const palette = new Uint8Array(table.length * 4);
  for (let index = 0; index < table.length; index++) {
    const low = halves[index * 2] ?? 0;
    const high = halves[index * 2 + 1] ?? 0;
    if (low === 0 && high === 0) {
      continue;
    }
    const [red, green, blue] = segmentColorOfHalves(low, high);
    palette[index * 4] = red;
    palette[index * 4 + 1] = green;
    palette[index * 4 + 2] = blue;
    palette[index * 4 + 3] = alphaOf(table[index] ?? 0n, selected);
  }
  return palette;
}

function alphaOf(label: bigint, selected: ReadonlySet<bigint>): number {
  if (selected.size === 0) {
    return alphaFull;
  }
  return selected.has(label) ? alphaOutlined : alphaDimmed;
}
