/** The manifest of the golden volumes, the fields that whole volumes need, and what of it this version reads. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Bbox } from "../../server/src/base/bbox.ts";
import type { CloudVolume, Cutout, DataType } from "../../server/src/index.ts";
import type { BadVolume, Box, GoldenCutout, GoldenVolume } from "../fakes/goldenVolumes.ts";

export interface ExpectedCutout extends GoldenCutout {
  readonly shape: readonly number[];
  readonly values?: readonly string[];
}

export interface ExpectedMip {
  readonly mip: number;
  readonly key: string;
  readonly shape: readonly number[];
  readonly dtype: DataType;
  readonly voxel_offset: readonly number[];
  readonly chunk_size: readonly number[];
  readonly sha256: string;
  readonly values?: readonly string[];
}

export interface ExpectedVolume extends GoldenVolume {
  readonly info: GoldenVolume["info"] & { readonly type: string; readonly data_type: string };
  readonly mips: readonly ExpectedMip[];
  readonly cutouts?: readonly ExpectedCutout[];
  readonly open_with?: { readonly fill_missing?: boolean; readonly background_color?: number };
  readonly background?: Readonly<Record<string, string>>;
  readonly without_fill_missing?: string;
  readonly provenance?: Readonly<Record<string, unknown>>;
  readonly labels?: {
    readonly points: { readonly values: readonly { readonly point: readonly number[]; readonly value: string }[] };
  };
}

export interface ExpectedRedirect {
  readonly name: string;
  readonly path: string;
  readonly redirect: string;
  /** Name of a layer beside it, `cycle` or `not_found`. */
  readonly leads_to: string;
}

export interface RefusedVolume extends BadVolume {
  readonly request?: { readonly mip?: number; readonly bbox?: Box };
}

export interface Manifest {
  readonly volumes: readonly ExpectedVolume[];
  readonly redirects: readonly ExpectedRedirect[];
  readonly bad: readonly RefusedVolume[];
}

/** volumes.json of the golden folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, "volumes.json"), "utf8"));
}

const encodings: ReadonlySet<string> = new Set([
  "raw",
  "jpeg",
  "jxl",
  "png",
  "compressed_segmentation",
  "compresso",
  "crackle",
  "fpzip",
  "kempressed",
  "zfpc",
]);

/** Does this version read the voxels of such a volume? */
export function isReadable({ info }: ExpectedVolume): boolean {
  return encodings.has(info.encoding) && !info.sharded;
}

/** Is it a bad volume of a kind whose sound volumes this version reads? */
export function isJudged({ name }: RefusedVolume): boolean {
  return !/^(shard|minishard)/.test(name);
}

/** May voxels differ from the reference decoder's? */
export function isLossy({ lossy }: ExpectedVolume): boolean {
  return (lossy?.max_abs_error ?? 0) > 0;
}

export function toBbox([x0, y0, z0, x1, y1, z1]: Box): Bbox {
  return { min: [x0, y0, z0], max: [x1, y1, z1] };
}

/** The bytes of a cutout's voxels. */
export function bytesOf({ data }: Pick<Cutout, "data">): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** SHA-256 of a cutout's voxel bytes, as the manifest has it. */
export function sha256Of(cutout: Pick<Cutout, "data">): string {
  return createHash("sha256").update(bytesOf(cutout)).digest("hex");
}

/** Reads a box, hands it to `look`, and gives its memory back. */
export async function looking<T>(
  volume: CloudVolume,
  box: Bbox | undefined,
  options: Parameters<CloudVolume["download"]>[1],
  look: (cutout: Cutout) => T,
): Promise<T> {
  using cutout = await volume.download(box, options);
  return look(cutout);
}
