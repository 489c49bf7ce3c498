/** A small volume that is computed, not stored: cells with dark membranes, and their labels. Runs in Node and in the page. */
import type { SliceLayer, TileReply, TileRequest } from "../../schemas/messages/slices.ts";
import type { ScaleDescription, Triple } from "../../schemas/protocol/volume.ts";
import { tileEdge } from "../../schemas/protocol/volume.ts";

const size: Triple = [400, 300, 64];
const resolution: Triple = [8, 8, 40];
/** The label of the first cell; above 2^53. */
export const firstLabel = 864691128455135125n;

/** Three mips; x and y are halved at each. */
export const syntheticScales: readonly ScaleDescription[] = [1, 2, 4].map((factor) => ({
  key: `${resolution[0] * factor}_${resolution[1] * factor}_${resolution[2]}`,
  resolutionNm: [resolution[0] * factor, resolution[1] * factor, resolution[2]],
  min: [0, 0, 0],
  max: [Math.ceil(size[0] / factor), Math.ceil(size[1] / factor), size[2]],
  chunkSize: [64, 64, 64],
  encoding: "raw",
  isSharded: false,
}));

/** The image, layer 1, and the segmentation, layer 2. */
export const syntheticLayers: readonly SliceLayer[] = [
  layer(1, "em", { layerType: "image", dtype: "uint8" }),
  layer(2, "cells", { layerType: "segmentation", dtype: "uint64" }),
];

function layer(
  id: number,
  name: string,
  type: Pick<NonNullable<SliceLayer["volume"]>, "layerType" | "dtype">,
): SliceLayer {
  const location = `precomputed://mem://synthetic/${name}`;
  return { id, location, name, volume: { location, name, ...type, channels: 1, scales: syntheticScales } };
}

/** Where a tile has no stored chunk. */
export type MissingRects = TileReply["tile"]["missing"];

/** A tile of the image (layer 1) or of the labels (layer 2). */
export function syntheticTile(request: TileRequest, missing: MissingRects = []): TileReply {
  const scale = syntheticScales[request.mip];
  if (scale === undefined) {
    throw new Error(`no such mip: ${request.mip}`);
  }
  const [horizontal, vertical, normal] = axes[request.plane];
  const width = Math.min(tileEdge, scale.max[horizontal] - request.u * tileEdge);
  const height = Math.min(tileEdge, scale.max[vertical] - request.v * tileEdge);
  const factors = scale.resolutionNm.map((nm, axis) => nm / (resolution[axis] ?? 1));
  /** Of each voxel: 0 = nothing stored, 1 = membrane, else 2 + the number of its cell. */
  const cells = new Uint16Array(width * height);
  const voxel: [number, number, number] = [0, 0, 0];
  voxel[normal] = (request.slice + 0.5) * (factors[normal] ?? 1);
  for (let v = 0; v < height; v++) {
    voxel[vertical] = (request.v * tileEdge + v + 0.5) * (factors[vertical] ?? 1);
    for (let u = 0; u < width; u++) {
      voxel[horizontal] = (request.u * tileEdge + u + 0.5) * (factors[horizontal] ?? 1);
      cells[v * width + u] = cellAt(voxel[0], voxel[1], voxel[2]);
    }
  }
  for (const [u0, v0, u1, v1] of missing) {
    for (let v = v0; v < Math.min(v1, height); v++) {
      cells.fill(0, v * width + u0, v * width + Math.min(u1, width));
    }
  }
  const shape = { width, height, channels: 1, missing };
  return request.layer === 1 ? imageTile(cells, shape) : labelTile(cells, shape);
}

const axes = { xy: [0, 1, 2], xz: [0, 2, 1], yz: [1, 2, 0] } as const;

/** Wavy rows of cells with membranes between them. */
function cellAt(x: number, y: number, z: number): number {
  const row = (y + 9 * Math.sin(x / 31) + 12 * Math.sin(z / 9)) / 58;
  const column = (x + 11 * Math.sin(y / 23 + z / 7) + 29 * (Math.floor(row) & 1)) / 74;
  const layer = (z + 3 * Math.sin(x / 47 + y / 29)) / 21;
  const border = Math.min(edgeDistance(row) * 58, edgeDistance(column) * 74, edgeDistance(layer) * 105);
  if (border < 2.5) {
    return 1;
  }
  const hash = Math.imul(Math.floor(row) + 11, 73856093) ^ Math.imul(Math.floor(column) + 7, 19349663);
  return 2 + (((hash ^ Math.imul(Math.floor(layer) + 3, 83492791)) >>> 7) % 5000);
}

/** From a number to the nearest whole one. */
function edgeDistance(value: number): number {
  return Math.abs(value - Math.round(value));
}

type TileShape = Pick<TileReply["tile"], "width" | "height" | "channels" | "missing">;

function imageTile(cells: Uint16Array, shape: TileShape): TileReply {
  const data = Uint8Array.from(cells, (cell, index) => {
    const noise = (Math.imul(index, 2654435761) >>> 24) / 12;
    return cell === 0 ? 0 : (cell === 1 ? 45 : 140 + (cell % 60)) + noise;
  });
  return { tile: { ...shape, encoding: "raw", dtype: "uint8", byteLength: data.byteLength }, data };
}

/** Membranes have label 0. */
function labelTile(cells: Uint16Array, shape: TileShape): TileReply {
  const numbers = [...new Set(cells)].sort((a, b) => a - b);
  const indexBytes = Math.ceil((cells.length * 2) / 8) * 8;
  const data = new Uint8Array(indexBytes + numbers.length * 8);
  const indices = new Map(numbers.map((cell, index) => [cell, index]));
  new Uint16Array(data.buffer, 0, cells.length).set(cells.map((cell) => indices.get(cell) ?? 0));
  new BigUint64Array(data.buffer, indexBytes).set(numbers.map((cell) => (cell < 2 ? 0n : firstLabel + BigInt(cell))));
  const tableLength = numbers.length;
  return { tile: { ...shape, encoding: "idx16", dtype: "uint64", tableLength, byteLength: data.byteLength }, data };
}
