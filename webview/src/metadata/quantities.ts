/** Quantities in words that people read: lengths, bytes, counts. */

/** Voxels along x, y, z: "1,024 × 1,024 × 512" counts, exact at any size. */
export type Counts = readonly bigint[];

/** The three integers that are written as `sources`, if they are three integers. */
export function readCounts(sources: readonly string[]): Counts | undefined {
  return sources.length === 3 && sources.every((source) => /^-?\d+$/.test(source)) ? sources.map(BigInt) : undefined;
}

/** Lengths in nanometres in one unit: "8.19 × 8.19 × 20.5 µm". The unit suits the longest. */
export function formatLengths(lengthsNm: readonly number[]): string {
  const longest = Math.max(...lengthsNm);
  const [unit, factor] = lengthUnits.find(([, size]) => longest >= size) ?? (["nm", 1] as const);
  return `${lengthsNm.map((length) => toThreeDigits(length / factor)).join(" × ")} ${unit}`;
}

const lengthUnits = [
  ["m", 1e9],
  ["mm", 1e6],
  ["µm", 1e3],
  ["nm", 1],
] as const;

/** Bytes in binary units: "64 KiB". */
export function formatBytes(bytes: bigint): string {
  let unit = 0;
  let value = Number(bytes);
  while (value >= 1024 && unit < byteUnits.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${toThreeDigits(value)} ${byteUnits[unit]}`;
}

const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A count with its thousands set apart: "1,048,576". */
export function formatCount(count: bigint): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count and its noun: "1 scale", "2 scales". */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Smallest integer that is at least `a / b`, for b > 0. */
export function ceilDivide(a: bigint, b: bigint): bigint {
  return -floorDivide(-a, b);
}

/** Largest integer that is at most `a / b`, for b > 0. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

function toThreeDigits(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}
