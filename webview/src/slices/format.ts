/** Numbers for people: lengths with a fitting unit, positions, round scale bars. */
import type { Triple } from "../../../schemas/protocol/volume.ts";

const lengthUnits = [
  { name: "mm", nm: 1e6 },
  { name: "µm", nm: 1e3 },
  { name: "nm", nm: 1 },
] as const;

/** A length with the largest unit in which it is at least 1: `250 nm`, `1.5 µm`. */
export function formatLength(nm: number): string {
  const unit = lengthUnits.find((candidate) => nm >= candidate.nm) ?? lengthUnits[2];
  return `${formatNumber(nm / unit.nm)} ${unit.name}`;
}

/** At most four significant digits after the point, never an exponent for what a person can read. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) {
    return String(value);
  }
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) {
    return value.toExponential(3);
  }
  return String(size >= 1000 ? Math.round(value * 100) / 100 : Number(value.toPrecision(4)));
}

export function formatPosition(position: Triple): string {
  return position.join(", ");
}

/** A point in nm, with thousands apart. */
export function formatNm(pointNm: Triple): string {
  return `${pointNm.map((value) => Math.round(value).toLocaleString("en")).join(", ")} nm`;
}

export interface ScaleBar {
  readonly label: string;
  /** Length on the screen, in the pixels of `nmPerPixel`. */
  readonly pixels: number;
}

/** The longest bar of 1, 2 or 5 times a power of ten nm that fits in `maxPixels`. */
export function scaleBarFor(nmPerPixel: number, maxPixels: number): ScaleBar {
  const most = nmPerPixel * maxPixels;
  const power = 10 ** Math.floor(Math.log10(most));
  const factor = [5, 2, 1].find((candidate) => candidate * power <= most) ?? 1;
  const nm = factor * power;
  return { label: formatLength(nm), pixels: nm / nmPerPixel };
}
