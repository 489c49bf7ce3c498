import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Plane } from "../../../../schemas/protocol/volume.ts";
import type { VoxelArray } from "../../../../server/src/base/dtype.ts";
import { createEngine, type Engine } from "../../../../server/src/index.ts";
import { cutTile, probe, type TileSource } from "../../../../server/src/volume/tiles.ts";

let engine: Engine;
beforeAll(() => {
  engine = createEngine({ workers: 1 });
});
afterAll(() => engine.dispose());

const never = new AbortController().signal;
let nextLayer = 0;

interface LayerOptions {
  readonly type?: "image" | "segmentation";
  readonly dtype: string;
  readonly channels?: number;
  readonly size: readonly [number, number, number];
  readonly data?: VoxelArray;
}

async function tileSource({ type = "image", dtype, channels = 1, size, data }: LayerOptions): Promise<TileSource> {
  const vol = await engine.createVolume(`mem://tiles/${nextLayer++}`, {
    type,
    data_type: dtype,
    num_channels: channels,
    scales: [
      { key: "s", size, voxel_offset: [-2, 0, 10], resolution: [1, 1, 1], chunk_sizes: [[4, 4, 4]], encoding: "raw" },
    ],
  });
  if (data !== undefined) {
    await vol.upload(vol.bounds(0), { data });
  }
  return { chunks: engine.chunks, spec: vol.source(0), grid: vol.grid(0) };
}

const cut = (
  source: TileSource,
  plane: Plane,
  slice: number,
  more: { u?: number; v?: number; channel?: number } = {},
) => cutTile(source, { u: 0, v: 0, plane, slice, ...more }, never);

describe("planes", () => {
  // Voxel (x, y, z), counted from the corner, is x + 10 y + 100 z.
  const size = [5, 6, 7] as const;
  const data = Uint16Array.from(
    { length: 210 },
    (_, i) => (i % 5) + 10 * (Math.floor(i / 5) % 6) + 100 * Math.floor(i / 30),
  );

  it.each([
    ["xy", 13, 5, 6, (u: number, v: number) => u + 10 * v + 300],
    ["xz", 2, 5, 7, (u: number, v: number) => u + 20 + 100 * v],
    ["yz", 2, 6, 7, (u: number, v: number) => 4 + 10 * u + 100 * v],
  ] as const)("%s: horizontal axis first, rows from the top", async (plane, slice, width, height, value) => {
    const { description, bytes } = await cut(await tileSource({ dtype: "uint16", size, data }), plane, slice);
    expect(description).toMatchObject({ width, height, channels: 1, encoding: "raw", dtype: "uint16", missing: [] });
    const pixels = new Uint16Array(bytes.buffer, bytes.byteOffset, width * height);
    expect([...pixels]).toEqual(
      Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width))),
    );
  });
});

it("gives at most three channels, or the one that is asked for", async () => {
  const data = Uint8Array.from({ length: 4 * 4 }, (_, i) => i);
  const source = await tileSource({ dtype: "uint8", channels: 4, size: [2, 2, 1], data });
  expect([...(await cut(source, "xy", 10)).bytes]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect([...(await cut(source, "xy", 10, { channel: 3 })).bytes]).toEqual([12, 13, 14, 15]);
});

it("gives 64-bit images as float32 above the tile's smallest value", async () => {
  const base = 2n ** 63n + 1n;
  const source = await tileSource({ dtype: "uint64", size: [2, 1, 1], data: new BigUint64Array([base + 7n, base]) });
  const { description, bytes } = await cut(source, "xy", 10);
  expect(description).toMatchObject({ dtype: "uint64", base: "9223372036854775809" });
  expect([...new Float32Array(bytes.buffer)]).toEqual([7, 0]);
});

it("packs labels as indices and an 8-byte aligned table", async () => {
  const source = await tileSource({
    type: "segmentation",
    dtype: "uint32",
    size: [3, 1, 1],
    data: new Uint32Array([9, 4294967295, 9]),
  });
  const { description, bytes } = await cut(source, "xy", 10);
  expect(description).toMatchObject({ encoding: "idx16", tableLength: 2, byteLength: 24, dtype: "uint32" });
  expect([...new Uint16Array(bytes.buffer, 0, 3)]).toEqual([0, 1, 0]);
  expect([...new BigUint64Array(bytes.buffer, 8, 2)]).toEqual([9n, 4294967295n]);
});

it("says which part has no stored chunk", async () => {
  const { description, bytes } = await cut(await tileSource({ dtype: "uint8", size: [5, 4, 4] }), "xy", 10);
  expect(description.missing).toEqual(
    expect.arrayContaining([
      [0, 0, 4, 4],
      [4, 0, 5, 4],
    ]),
  );
  expect(new Set(bytes)).toEqual(new Set([0]));
});

it.each([
  ["slice before the bounds", "xy", 9, 0],
  ["slice after the bounds", "xy", 14, 0],
  ["column", "xy", 10, 1],
  ["negative column", "xy", 10, -1],
] as const)("refuses a tile that is not there: %s", async (_, plane, slice, u) => {
  const source = await tileSource({ dtype: "uint8", size: [4, 4, 4] });
  await expect(cut(source, plane, slice, { u })).rejects.toMatchObject({ tag: "out_of_bounds" });
});

it("probes every channel exactly", async () => {
  const data = new BigUint64Array([1n, 2n, 2n ** 64n - 1n, 4n]);
  const source = await tileSource({ dtype: "uint64", channels: 2, size: [2, 1, 1], data });
  expect(await probe(source, [-2, 0, 10], never)).toEqual(["1", "18446744073709551615"]);
  expect(await probe(source, [0, 0, 10], never)).toBeUndefined();
});
