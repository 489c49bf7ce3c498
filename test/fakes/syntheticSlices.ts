/** A small volume that is computed, not stored: cells with dark membranes, and their labels. Runs in Node and in the page. */
import type { SliceLayer, TileReply, TileRequest } from "../../schemas/messages/slices.ts";
import type { ScaleDescription, Triple } from "../../schemas/protocol/volume.ts";
import { tileEdge } from "../../schemas/protocol/volume.ts";

const size: Triple = [700, 520, 64];
const resolution: Triple = [8, 8, 40];
/** Edge of the grid from which the cells grow, in voxels of mip 0. */
const cellEdge: Triple = [90, 90, 24];

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
  const cells = Array.from({ length: width * height }, (_, index) => {
    const u = index % width;
    const v = Math.floor(index / width);
    if (missing.some(([u0, v0, u1, v1]) => u >= u0 && u < u1 && v >= v0 && v < v1)) {
      return undefined;
    }
    const voxel: [number, number, number] = [0, 0, 0];
    voxel[horizontal] = request.u * tileEdge + u;
    voxel[vertical] = request.v * tileEdge + v;
    voxel[normal] = request.slice;
    return cellAt(voxel.map((at, axis) => (at + 0.5) * ((scale.resolutionNm[axis] ?? 1) / (resolution[axis] ?? 1))));
  });
  const shape = { width, height, channels: 1, missing };
  return request.layer === 1 ? imageTile(cells, shape) : labelTile(cells, shape);
}

const axes = { xy: [0, 1, 2], xz: [0, 2, 1], yz: [1, 2, 0] } as const;

interface Cell {
  readonly label: bigint;
  /** Distance to the border with the next cell, about in voxels. */
  readonly border: number;
  readonly seed: number;
}

type TileShape = Pick<TileReply["tile"], "width" | "height" | "channels" | "missing">;

function imageTile(cells: readonly (Cell | undefined)[], shape: TileShape): TileReply {
  const data = Uint8Array.from(cells, (cell, index) => {
    if (cell === undefined) {
      return 0;
    }
    const noise = ((index * 2654435761) >>> 24) / 12;
    return Math.min(255, (cell.border < 4 ? 40 : 140 + (cell.seed % 60)) + noise);
  });
  return { tile: { ...shape, encoding: "raw", dtype: "uint8", byteLength: data.byteLength }, data };
}

function labelTile(cells: readonly (Cell | undefined)[], shape: TileShape): TileReply {
  const table = [...new Set(cells.map(labelOf))].sort((a, b) => (a < b ? -1 : 1));
  const indexBytes = Math.ceil((cells.length * 2) / 8) * 8;
  const data = new Uint8Array(indexBytes + table.length * 8);
  const indices = new Map(table.map((label, index) => [label, index]));
  new Uint16Array(data.buffer, 0, cells.length).set(cells.map((cell) => indices.get(labelOf(cell)) ?? 0));
  new BigUint64Array(data.buffer, indexBytes).set(table);
  const tableLength = table.length;
  return { tile: { ...shape, encoding: "idx16", dtype: "uint64", tableLength, byteLength: data.byteLength }, data };
}

/** Membranes have label 0. */
function labelOf(cell: Cell | undefined): bigint {
  return cell === undefined || cell.border < 4 ? 0n : cell.label;
}

/** The cell whose seed point is nearest to a point in voxels of mip 0. */
function cellAt([x = 0, y = 0, z = 0]: readonly number[]): Cell {
  const home = [Math.floor(x / cellEdge[0]), Math.floor(y / cellEdge[1]), Math.floor(z / cellEdge[2])] as const;
  let nearest = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  let nearestSeed = 0;
  for (let step = 0; step < 27; step++) {
    const i = home[0] + (step % 3) - 1;
    const j = home[1] + (Math.floor(step / 3) % 3) - 1;
    const k = home[2] + Math.floor(step / 9) - 1;
    const seed = hash(i, j, k);
    const dx = (i + (seed & 255) / 255) * cellEdge[0] - x;
    const dy = (j + ((seed >>> 8) & 255) / 255) * cellEdge[1] - y;
    const dz = ((k + ((seed >>> 16) & 255) / 255) * cellEdge[2] - z) * (resolution[2] / resolution[0]);
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz) / 2;
    if (distance < nearest) {
      second = nearest;
      nearest = distance;
      nearestSeed = seed;
    } else if (distance < second) {
      second = distance;
    }
  }
  return { label: firstLabel + BigInt(nearestSeed % 5000), border: second - nearest, seed: nearestSeed };
}

function hash(x: number, y: number, z: number): number {
  let state = Math.imul(x + 101, 374761393) ^ Math.imul(y + 37, 668265263) ^ Math.imul(z + 11, 2246822519);
  state = Math.imul(state ^ (state >>> 13), 1274126177);
  return (state ^ (state >>> 16)) >>> 0;
}
