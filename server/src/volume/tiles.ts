/** Tiles of planes: a square of one mip cut out of cached chunks, as a viewer draws it. Layout: schemas/protocol/volume.ts. */
import type { Plane, ReadTileParams, TileDescription } from "../../../schemas/protocol/volume.ts";
import { tileEdge } from "../../../schemas/protocol/volume.ts";
import { type DataType, isBigDataType, type VoxelArray, voxelView } from "../base/dtype.ts";
import type { Vec3 } from "../base/vec3.ts";
import { OutOfBoundsError } from "../errors.ts";
import type { ChunkSource } from "../formats/format.ts";
import type { SourceSpec } from "../workers/contract.ts";
import type { CachedChunk, ChunkCache } from "./chunkCache.ts";
import { indexLabels } from "./labelTable.ts";

type Axis = 0 | 1 | 2;
/** In-plane axes, horizontal first, and the axis that is cut. */
const axesOf: Readonly<Record<Plane, readonly [u: Axis, v: Axis, w: Axis]>> = {
  xy: [0, 1, 2],
  xz: [0, 2, 1],
  yz: [1, 2, 0],
};

/** Most channels of one tile: what a screen shows. */
const maxTileChannels = 3;

export interface TileSource {
  readonly chunks: ChunkCache;
  readonly spec: SourceSpec;
  readonly grid: ChunkSource;
}

export interface Tile {
  readonly description: TileDescription;
  readonly bytes: Uint8Array;
}

/** The pixels of a tile before they are packed: [u, v, channel], u fastest. */
interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly dtype: DataType;
  readonly voxels: VoxelArray;
  readonly missing: TileDescription["missing"];
}

/** Cuts a tile. Throws OutOfBoundsError for a tile or slice outside the bounds, and whatever reading its chunks throws. */
export async function cutTile(
  source: TileSource,
  request: Omit<ReadTileParams, "handle" | "stream" | "mip">,
  signal: AbortSignal,
): Promise<Tile> {
  const raster = await rasterise(source, request, signal);
  const { layerType } = source.spec.metadata;
  if (layerType === "segmentation" && !raster.dtype.startsWith("float") && raster.channels === 1) {
    return packLabels(raster);
  }
  return raster.dtype === "float64" || isBigDataType(raster.dtype) ? packWide(raster) : packRaw(raster);
}

async function rasterise(
  source: TileSource,
  request: Omit<ReadTileParams, "handle" | "stream" | "mip">,
  signal: AbortSignal,
): Promise<Raster> {
  const { grid, spec } = source;
  const [u, v, w] = axesOf[request.plane];
  const { min, max } = grid.bounds;
  const from = [min[u] + request.u * tileEdge, min[v] + request.v * tileEdge] as const;
  const to = [Math.min(from[0] + tileEdge, max[u]), Math.min(from[1] + tileEdge, max[v])] as const;
  const { slice } = request;
  if (
    !(from[0] >= min[u] && from[0] < to[0] && from[1] >= min[v] && from[1] < to[1] && slice >= min[w] && slice < max[w])
  ) {
    throw new OutOfBoundsError(`no such tile: ${request.plane} ${request.u},${request.v} at ${slice}`);
  }
  const [width, height] = [to[0] - from[0], to[1] - from[1]];
  const { channels: all, dtype } = spec.metadata;
  const firstChannel = Math.min(request.channel ?? 0, all - 1);
  const channels = request.channel === undefined ? Math.min(all, maxTileChannels) : 1;
  const voxels = voxelView(
    dtype,
    new ArrayBuffer(width * height * channels * voxelView(dtype, new ArrayBuffer(0)).BYTES_PER_ELEMENT),
  );
  const missing: (readonly [number, number, number, number])[] = [];
  const cell = (axis: Axis, voxel: number): number => Math.floor((voxel - min[axis]) / grid.chunkSize[axis]);

  const draw = async (gridU: number, gridV: number): Promise<void> => {
    const position = at(u, gridU, v, gridV, w, cell(w, slice));
    const chunk = await source.chunks.get(spec, position, signal);
    const box = grid.boxOf(position);
    const part = {
      u0: Math.max(box.min[u], from[0]) - from[0],
      v0: Math.max(box.min[v], from[1]) - from[1],
      u1: Math.min(box.max[u], to[0]) - from[0],
      v1: Math.min(box.max[v], to[1]) - from[1],
    };
    if (chunk === "missing") {
      missing.push([part.u0, part.v0, part.u1, part.v1]);
      return;
    }
    const size: Vec3 = [box.max[0] - box.min[0], box.max[1] - box.min[1], box.max[2] - box.min[2]];
    const strides = [1, size[0], size[0] * size[1]] as const;
    const corner =
      (part.u0 + from[0] - box.min[u]) * strides[u] +
      (part.v0 + from[1] - box.min[v]) * strides[v] +
      (slice - box.min[w]) * strides[w];
    const volume = size[0] * size[1] * size[2];
    copyPart(asVoxels(dtype, chunk), voxels, {
      ...part,
      width,
      height,
      channels,
      firstChannel,
      corner,
      volume,
      stepU: strides[u],
      stepV: strides[v],
    });
  };

  const drawing: Promise<void>[] = [];
  for (let gridV = cell(v, from[1]); gridV <= cell(v, to[1] - 1); gridV++) {
    for (let gridU = cell(u, from[0]); gridU <= cell(u, to[0] - 1); gridU++) {
      drawing.push(draw(gridU, gridV));
    }
  }
  await Promise.all(drawing);
  return { width, height, channels, dtype, voxels, missing };
}

function at(u: Axis, atU: number, v: Axis, atV: number, w: Axis, atW: number): Vec3 {
  const position: [number, number, number] = [0, 0, 0];
  position[u] = atU;
  position[v] = atV;
  position[w] = atW;
  return position;
}

function asVoxels(dtype: DataType, chunk: Exclude<CachedChunk, "missing">): VoxelArray {
  return voxelView(
    dtype,
    chunk.buffer,
    chunk.byteOffset,
    chunk.byteLength / voxelView(dtype, new ArrayBuffer(0)).BYTES_PER_ELEMENT,
  );
}

interface Part {
  readonly u0: number;
  readonly v0: number;
  readonly u1: number;
  readonly v1: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly firstChannel: number;
  /** Index, in channel 0 of the chunk, of the part's first voxel. */
  readonly corner: number;
  /** Voxels of one channel of the chunk. */
  readonly volume: number;
  readonly stepU: number;
  readonly stepV: number;
}

function copyPart(chunk: VoxelArray, pixels: VoxelArray, part: Part): void {
  // One element type on both sides: the casts only choose an overload.
  const from = chunk as Uint8Array;
  const to = pixels as Uint8Array;
  for (let channel = 0; channel < part.channels; channel++) {
    const base = part.corner + (part.firstChannel + channel) * part.volume;
    for (let v = part.v0; v < part.v1; v++) {
      let source = base + (v - part.v0) * part.stepV;
      let target = (channel * part.height + v) * part.width + part.u0;
      for (let u = part.u0; u < part.u1; u++) {
        to[target++] = from[source] as number;
        source += part.stepU;
      }
    }
  }
}

function packRaw(raster: Raster): Tile {
  const { voxels, width, height, channels, dtype, missing } = raster;
  const bytes = new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength);
  return {
    bytes,
    description: { width, height, channels, dtype, missing, encoding: "raw", byteLength: bytes.byteLength },
  };
}

/** 64-bit values as float32 offsets from the smallest value of the tile. */
function packWide(raster: Raster): Tile {
  const { width, height, channels, dtype, missing } = raster;
  const narrow = new Float32Array(raster.voxels.length);
  let base: bigint | number;
  if (raster.voxels instanceof Float64Array) {
    const finite = raster.voxels.filter(Number.isFinite);
    base = finite.reduce((least, value) => Math.min(least, value), finite[0] ?? 0);
    for (let i = 0; i < narrow.length; i++) {
      narrow[i] = (raster.voxels[i] as number) - base;
    }
  } else {
    const wide = raster.voxels as BigUint64Array;
    let least = wide[0] ?? 0n;
    for (const value of wide) {
      if (value < least) {
        least = value;
      }
    }
    base = least;
    for (let i = 0; i < narrow.length; i++) {
      narrow[i] = Number((wide[i] as bigint) - least);
    }
  }
  const bytes = new Uint8Array(narrow.buffer);
  const description = {
    width,
    height,
    channels,
    dtype,
    missing,
    encoding: "raw",
    base: String(base),
    byteLength: bytes.byteLength,
  } as const;
  return { bytes, description };
}

function packLabels(raster: Raster): Tile {
  const { width, height, dtype, missing } = raster;
  const { indices, labels } = indexLabels(raster.voxels);
  const tableOffset = Math.ceil(indices.byteLength / 8) * 8;
  const bytes = new Uint8Array(tableOffset + labels.byteLength);
  bytes.set(new Uint8Array(indices.buffer, 0, indices.byteLength));
  bytes.set(new Uint8Array(labels.buffer, 0, labels.byteLength), tableOffset);
  const description = {
    width,
    height,
    dtype,
    missing,
    channels: 1,
    encoding: "idx16",
    tableLength: labels.length,
    byteLength: bytes.byteLength,
  } as const;
  return { bytes, description };
}

/** Exact values of one voxel, one per channel, as decimal text; `undefined` outside the bounds or where nothing is stored. */
export async function probe(
  { chunks, spec, grid }: TileSource,
  voxel: Vec3,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const { min, max } = grid.bounds;
  if (
    voxel.some(
      (value, axis) => !Number.isInteger(value) || value < (min[axis] as number) || value >= (max[axis] as number),
    )
  ) {
    return undefined;
  }
  const position = voxel.map((value, axis) =>
    Math.floor((value - (min[axis] as number)) / (grid.chunkSize[axis] as number)),
  ) as unknown as Vec3;
  const chunk = await chunks.get(spec, position, signal);
  if (chunk === "missing") {
    return undefined;
  }
  const box = grid.boxOf(position);
  const [x, y, z] = [voxel[0] - box.min[0], voxel[1] - box.min[1], voxel[2] - box.min[2]];
  const [width, height, depth] = [box.max[0] - box.min[0], box.max[1] - box.min[1], box.max[2] - box.min[2]];
  const voxels = asVoxels(spec.metadata.dtype, chunk);
  const index = x + width * (y + height * z);
  return Array.from({ length: spec.metadata.channels }, (_, channel) =>
    String(voxels[index + channel * width * height * depth]),
  );
}
