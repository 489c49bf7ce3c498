/** What the numbers of a scale amount to: extent in physical units, chunks, bytes. */
import { isDataType, voxelBytes } from "../base/dtype.ts";
import type { Volume, VolumeScale } from "../lint/volumeModel.ts";

/** Sentences in Markdown for one field of a scale; empty where the numbers it needs are missing or wrong. */
export function factsOf(volume: Volume, scale: VolumeScale, field: string | undefined): readonly string[] {
  switch (field) {
    case "size":
    case "resolution":
      return [...extent(scale), ...voxels(volume, scale)];
    case "chunk_sizes":
      return chunks(volume, scale);
    case undefined:
    case "key":
      return [...extent(scale), ...voxels(volume, scale), ...chunks(volume, scale)];
    default:
      return [];
  }
}

function extent({ size, resolution }: VolumeScale): readonly string[] {
  if (size === undefined || resolution === undefined) {
    return [];
  }
  const lengths = size.map((count, axis) => formatLength(count * (resolution[axis] ?? 0)));
  return [`${size.join(" × ")} voxels of ${resolution.join(" × ")} nm = ${lengths.join(" × ")}`];
}

function voxels(volume: Volume, { size }: VolumeScale): readonly string[] {
  const bytes = bytesPerVoxel(volume);
  if (size === undefined || bytes === undefined) {
    return [];
  }
  return [`${formatBytes(product(size) * bytes)} uncompressed`];
}

function chunks(volume: Volume, { size, chunkSize }: VolumeScale): readonly string[] {
  if (size === undefined || chunkSize === undefined) {
    return [];
  }
  const grid = size.map((count, axis) => Math.ceil(count / (chunkSize[axis] ?? 1)));
  const bytes = bytesPerVoxel(volume);
  const each = bytes === undefined ? "" : `, ${formatBytes(product(chunkSize) * bytes)} each uncompressed`;
  return [`${grid.join(" × ")} = ${product(grid).toLocaleString("en-US")} chunks of ${chunkSize.join(" × ")}${each}`];
}

function bytesPerVoxel({ dataType, channels }: Volume): number | undefined {
  const type = dataType?.toLowerCase();
  return isDataType(type) && channels !== undefined && channels > 0 ? voxelBytes(type) * channels : undefined;
}

function product(values: readonly number[]): number {
  return values.reduce((total, value) => total * value, 1);
}

const lengthUnits = [
  { name: "m", nm: 1e9 },
  { name: "mm", nm: 1e6 },
  { name: "µm", nm: 1e3 },
] as const;

/** A length in the unit that suits it: `8.19 µm`. */
export function formatLength(nm: number): string {
  const unit = lengthUnits.find((candidate) => nm >= candidate.nm) ?? { name: "nm", nm: 1 };
  return `${roundTo3(nm / unit.nm)} ${unit.name}`;
}

const byteUnits = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/** A number of bytes in the unit that suits it: `256 KiB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(byteUnits.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${roundTo3(bytes / 1024 ** power)} ${byteUnits[power] ?? "bytes"}`;
}

function roundTo3(value: number): string {
  return value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
