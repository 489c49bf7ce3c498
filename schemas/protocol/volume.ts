/** Requests about volumes: open one, cut tiles of it, ask for single voxels. Errors are WireErrors in `ResponseError.data`. */
import { defineNotification, defineRequest } from "./rpc.ts";

export type Triple = readonly [x: number, y: number, z: number];
export type DataTypeName =
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "float32"
  | "float64";

/** One resolution level, as a viewer needs it. Boxes are half open, in voxels of the scale. */
export interface ScaleDescription {
  readonly key: string;
  readonly resolutionNm: Triple;
  readonly min: Triple;
  readonly max: Triple;
  readonly chunkSize: Triple;
  readonly encoding: string;
  readonly isSharded: boolean;
}

export interface VolumeDescription {
  /** Names the open volume in later requests of this connection. */
  readonly handle: number;
  /** Canonical location, safe to show and to open again. */
  readonly location: string;
  readonly name: string;
  readonly layerType: "image" | "segmentation";
  readonly dtype: DataTypeName;
  readonly channels: number;
  readonly scales: readonly ScaleDescription[];
}

export interface OpenVolumeParams {
  readonly location: string;
}
/** Opens a volume; the handle lives until it is closed or the server ends. */
export const openVolume = defineRequest<OpenVolumeParams, VolumeDescription>("cloudvolume/volume/open");

export interface VolumeHandleParams {
  readonly handle: number;
}
/** Closes a handle: its pending reads are cancelled. Closing twice is no error. */
export const closeVolume = defineNotification<VolumeHandleParams>("cloudvolume/volume/close");

/** The plane of a tile: its two in-plane axes, horizontal first, in screen order. */
export type Plane = "xy" | "xz" | "yz";

/** Edge of a tile in voxels of its mip. Tiles at the bounds are clipped. */
export const tileEdge = 256;

/**
 * One tile of a plane. Tile (u, v) covers the in-plane voxels [u * tileEdge, (u + 1) * tileEdge) counted from the corner of the
 * mip's bounds, and likewise v; `slice` is the absolute voxel coordinate of the mip along the remaining axis.
 */
export interface ReadTileParams extends VolumeHandleParams {
  readonly mip: number;
  readonly plane: Plane;
  readonly slice: number;
  readonly u: number;
  readonly v: number;
  /** One channel only; without it the first three (fewer where the volume has fewer). */
  readonly channel?: number;
  /** Stream of the bulk channel that will carry the bytes; chosen by the client, never used twice. */
  readonly stream: number;
}

/**
 * How the bytes of a tile are laid out; rows from top to bottom, u fastest.
 * - raw: `width * height * channels` voxels of `dtype`, channel slowest. 64-bit and float64 images arrive as float32 `v`, whose true
 *   value is `base + v` (`base` a decimal string); exact values come from `probeVoxel`.
 * - idx16: labels. `width * height` uint16 indices, then, 8-byte aligned, `tableLength` uint64 labels (little endian): the label of a pixel is
 *   `table[index]`.
 */
export type TileEncoding = "raw" | "idx16";

export interface TileDescription {
  readonly width: number;
  readonly height: number;
  readonly encoding: TileEncoding;
  readonly dtype: DataTypeName;
  readonly channels: number;
  readonly base?: string;
  /** Labels in the table (idx16). */
  readonly tableLength?: number;
  /** Bytes that the stream carries in all. */
  readonly byteLength: number;
  /** Parts of the tile without a stored chunk, in pixels of the tile: [u0, v0, u1, v1). Their voxels are 0. */
  readonly missing: readonly (readonly [number, number, number, number])[];
}
/** Cuts one tile; the reply describes the bytes that the bulk stream carries. Cancellable down to the chunk reads. */
export const readTile = defineRequest<ReadTileParams, TileDescription>("cloudvolume/volume/readTile");

export interface ProbeVoxelParams extends VolumeHandleParams {
  readonly mip: number;
  /** Absolute voxel of the mip. */
  readonly position: Triple;
}
export interface ProbeVoxelResult {
  /** Exact values, one per channel, as decimal text; `undefined` outside the bounds or where the chunk is missing. */
  readonly values?: readonly string[];
}
export const probeVoxel = defineRequest<ProbeVoxelParams, ProbeVoxelResult>("cloudvolume/volume/probeVoxel");
