/** The golden volumes: what reference tools wrote, and the hashes of what it must decode to. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { type DataType, voxelBytes } from "../../server/src/base/dtype.ts";
import type { Vec3 } from "../../server/src/base/vec3.ts";
import type { ChunkDescription } from "../../server/src/codecs/codec.ts";

export type Box = readonly [x0: number, y0: number, z0: number, x1: number, y1: number, z1: number];

export interface GoldenCutout {
  readonly mip: number;
  readonly what: string;
  readonly bbox: Box;
  readonly sha256: string;
}

/** An entry of `volumes` in volumes.json, the fields that codecs need. */
export interface GoldenVolume {
  readonly name: string;
  readonly path: string;
  readonly covers: string;
  readonly optional?: boolean;
  readonly info: { readonly encoding: string; readonly sharded: boolean; readonly second_stage: readonly string[] };
  readonly mips: readonly { readonly mip: number; readonly sha256: string; readonly shape: readonly number[] }[];
  readonly cutouts?: readonly GoldenCutout[];
  readonly lossy?: {
    readonly max_abs_error: number;
    readonly mean_abs_error?: number;
    readonly expected_file?: string;
  };
}

/** An entry of `bad`. */
export interface BadVolume {
  readonly name: string;
  readonly path: string;
  readonly expect: string;
  readonly also_accept?: readonly string[];
  readonly why: string;
  readonly request?: unknown;
}

export interface GoldenManifest {
  readonly volumes: readonly GoldenVolume[];
  readonly bad: readonly BadVolume[];
}

/** volumes.json of a golden folder. */
export function readManifest(folder: string): GoldenManifest {
  return JSON.parse(readFileSync(path.join(folder, "volumes.json"), "utf8"));
}

/** A chunk file of mip 0. */
export interface GoldenChunk {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** As in Content-Encoding; undefined without a second stage. */
  readonly compression: string | undefined;
  readonly box: Box;
  readonly description: ChunkDescription;
}

export interface GoldenScale {
  readonly bounds: Box;
  readonly dtype: DataType;
  readonly channels: number;
  readonly chunks: readonly GoldenChunk[];
}

const compressions: Readonly<Record<string, string>> = {
  ".gz": "gzip",
  ".br": "br",
  ".zstd": "zstd",
  ".xz": "xz",
  ".bz2": "bzip2",
};

/** The chunks of mip 0 of the unsharded volume in `folder`, read without any code under test. */
export function readScale(folder: string): GoldenScale {
  const info = JSON.parse(readFileSync(path.join(folder, "info"), "utf8"));
  const scale = info.scales[0];
  const offset: Vec3 = scale.voxel_offset ?? [0, 0, 0];
  const bounds: Box = [...offset, ...offset.map((start, axis) => start + scale.size[axis])] as unknown as Box;
  const common = { dtype: info.data_type as DataType, channels: info.num_channels as number };
  const scaleFolder = path.join(folder, scale.key);
  const chunks = readdirSync(scaleFolder).map((file): GoldenChunk => {
    const [, name, suffix] = /^([-\d_]+)(\..+)?$/.exec(file) as unknown as [string, string, string | undefined];
    const numbers = /^(-?\d+)-(-?\d+)_(-?\d+)-(-?\d+)_(-?\d+)-(-?\d+)$/.exec(name)?.slice(1).map(Number) ?? [];
    const [x0, x1, y0, y1, z0, z1] = numbers as [number, number, number, number, number, number];
    return {
      name: file,
      bytes: new Uint8Array(readFileSync(path.join(scaleFolder, file))),
      compression: suffix === undefined ? undefined : compressions[suffix],
      box: [x0, y0, z0, x1, y1, z1],
      description: { ...common, size: [x1 - x0, y1 - y0, z1 - z0], parameters: scale },
    };
  });
  return { ...common, bounds, chunks };
}

/** The expected voxels of mip 0 of a lossy volume. */
export function readExpected(folder: string, volume: GoldenVolume): Uint8Array | undefined {
  const file = volume.lossy?.expected_file;
  return file === undefined ? undefined : gunzipSync(readFileSync(path.join(folder, file)));
}

/** Bytes of the dense voxels of a box. */
export function boxBytes(box: Box, scale: GoldenScale): number {
  return (box[3] - box[0]) * (box[4] - box[1]) * (box[5] - box[2]) * scale.channels * voxelBytes(scale.dtype);
}
