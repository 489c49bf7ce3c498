/**
 * The colour of a segment, as Neuroglancer computes it, so that the same segment looks the same in both: MurmurHash3 without its final
 * mix over the low and the high half of the id gives hue and saturation at full value.
 */

/** Red, green, blue, each 0..255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** The colour of segment `id`, an unsigned 64-bit integer. */
export function segmentColor(id: bigint, seed = 0): Rgb {
  return segmentColorOfHalves(Number(id & 0xffffffffn), Number((id >> 32n) & 0xffffffffn), seed);
}

/** The same for an id given as its low and high 32 bits. */
export function segmentColorOfHalves(low: number, high: number, seed = 0): Rgb {
  const hash = combineHash(combineHash(seed, low), high);
  return hsvToRgb((hash & 255) / 255, 0.5 + (0.5 * ((hash >>> 8) & 255)) / 255);
}

/** `#rrggbb` of a colour. */
export function toHex(rgb: Rgb): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function combineHash(state: number, value: number): number {
  let key = Math.imul(value, 0xcc9e2d51);
  key = (key << 15) | (key >>> 17);
  key = Math.imul(key, 0x1b873593);
  let next = state ^ key;
  next = (next << 13) | (next >>> 19);
  return (Math.imul(next, 5) + 0xe6546b64) >>> 0;
}

/** At value 1; hue and saturation 0..1. */
function hsvToRgb(hue: number, saturation: number): Rgb {
  const sector = Math.floor(hue * 6);
  const rest = hue * 6 - sector;
  const low = toByte(1 - saturation);
  const falling = toByte(1 - saturation * rest);
  const rising = toByte(1 - saturation * (1 - rest));
  switch (sector % 6) {
    case 0:
      return [255, rising, low];
    case 1:
      return [falling, 255, low];
    case 2:
      return [low, 255, rising];
    case 3:
      return [low, falling, 255];
    case 4:
      return [rising, low, 255];
    default:
      return [255, low, falling];
  }
}

function toByte(value: number): number {
  // Neuroglancer keeps colours as float32, which decides ties.
  return Math.round(Math.fround(value) * 255);
}
