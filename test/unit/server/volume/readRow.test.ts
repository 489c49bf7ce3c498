/** Rows of chunks that are read some planes at a time: the same voxels, fills and errors as chunk after chunk. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Vec3 } from "../../../../server/src/base/vec3.ts";
import { gzipCodec } from "../../../../server/src/codecs/bytes/gzip.ts";
import { compressedSegmentationCodec } from "../../../../server/src/codecs/chunk/compressed_segmentation.ts";
import { rawCodec } from "../../../../server/src/codecs/chunk/raw.ts";
import type { ChunkDescription, CodecDescriptor } from "../../../../server/src/codecs/codec.ts";
import { isVolumeError } from "../../../../server/src/errors.ts";
import type { ChunkSource } from "../../../../server/src/formats/format.ts";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";
import { type ChunkReader, readChunkInto } from "../../../../server/src/volume/chunkReader.ts";
import { layoutOf } from "../../../../server/src/volume/cutoutPlan.ts";
import { readPlanesInto, readsPlanes } from "../../../../server/src/volume/readPlanes.ts";
import { readRowInto, readsRows } from "../../../../server/src/volume/readRow.ts";
import { createRandom } from "../../../fakes/random.ts";
import { createFakeWorkspace } from "../../../fakes/workspace.ts";

const chunkSize = [16, 12, 20] as const;
const columns = 4;
/** The last chunk of the row is clipped. */
const bounds = { min: [0, 0, 0], max: [columns * 16 - 5, 12, 20] } as const;
const positions = Array.from({ length: columns }, (_, x): Vec3 => [x, 0, 0]);
const workspace = createFakeWorkspace(1 << 20, 4 << 20);
const resultBytes = bounds.max[0] * 12 * 20 * 8;

const source: ChunkSource = {
  bounds,
  chunkSize,
  gridSize: [columns, 1, 1],
  boxOf: ([x]) => ({ min: [x * 16, 0, 0], max: [Math.min((x + 1) * 16, bounds.max[0]), 12, 20] }),
  keyOf: ([x]) => `chunk-${x}`,
  describe: ([x]): ChunkDescription => ({
    size: [Math.min(16, bounds.max[0] - x * 16), 12, 20],
    channels: 1,
    dtype: "uint64",
    parameters: {},
  }),
  codec: "compressed_segmentation",
};

/** Labels of a chunk: a number for each 3 x 3 x 3 voxels, and noise in the third chunk. */
function voxelsOf(position: Vec3): Uint8Array {
  const [x, y, z] = source.describe(position).size;
  const random = createRandom(position[0]);
  const labels = new BigUint64Array(x * y * z).map((_, i) => {
    const block = Math.floor((i % x) / 3) + Math.floor(i / x / 3) * 7;
    return BigInt(position[0] === 2 ? random.integer(2 ** 31) : block % 11) << 20n;
  });
  return new Uint8Array(labels.buffer);
}

/** A way to read a row, and what it is for. */
interface Way {
  readonly descriptor: CodecDescriptor;
  readonly how: typeof readRowInto;
  readonly isGzipped: boolean;
}

async function stored({ descriptor, isGzipped }: Way): Promise<Map<string, Uint8Array>> {
  const codec = await descriptor.load();
  return new Map(
    positions.map((position) => {
      workspace.arena.reset();
      const encoded = codec.encode?.(voxelsOf(position), source.describe(position), workspace) ?? new Uint8Array(0);
      return [source.keyOf(position), isGzipped ? new Uint8Array(gzipSync(encoded)) : encoded];
    }),
  );
}

async function readerOf(
  objects: ReadonlyMap<string, Uint8Array>,
  { descriptor, isGzipped }: Way,
  opened: string[] = [],
): Promise<ChunkReader> {
  const gzip = await gzipCodec.load();
  const encoding = isGzipped ? ({ encoding: "gzip" } as const) : {};
  return {
    source: { ...source, codec: descriptor.name },
    codec: await descriptor.load(),
    decompress: (bytes, name, maxBytes) => (name === undefined ? bytes : gzip.decompress(bytes, maxBytes)),
    store: {
      location: parseLocation("file:///layer"),
      capabilities: { write: false, list: false, anyThread: true, concurrency: 1 },
      get: async (key) => {
        const bytes = objects.get(key);
        return bytes && { bytes, sizeBytes: bytes.byteLength, ...encoding };
      },
      readInto(key, into) {
        const bytes = objects.get(key);
        if (bytes === undefined || bytes.byteLength > into.byteLength) {
          return bytes && "too_large";
        }
        into.set(bytes);
        return { sizeBytes: bytes.byteLength, ...encoding };
      },
      openLocal(key) {
        const bytes = objects.get(key);
        const readInto = (into: Uint8Array, offset: number): number => {
          const part = bytes?.subarray(offset, offset + into.byteLength) ?? new Uint8Array(0);
          into.set(part);
          return part.byteLength;
        };
        opened.push(key);
        const close = (): void => void opened.splice(opened.indexOf(key), 1);
        return bytes && { sizeBytes: bytes.byteLength, ...encoding, readInto, close };
      },
    },
  };
}

const chunkByChunk: Way["how"] = async (reader, row, target, { signal }) => {
  let sum = 0;
  for (const position of row) {
    sum += await readChunkInto(reader, position, target, { signal });
  }
  return sum;
};

interface Options {
  readonly box?: ChunkSource["bounds"];
  readonly missing?: boolean;
  readonly signal?: AbortSignal;
  isStopped?(): boolean;
}

/** The result's bytes, and what was resolved to. */
async function read(
  how: Way["how"],
  reader: ChunkReader,
  options: Options = {},
): Promise<readonly [Uint8Array, number]> {
  const { box = bounds, missing = false, signal, isStopped = () => false } = options;
  const layout = layoutOf(box, 1, "uint64");
  workspace.view(workspace.resultPointer, resultBytes).fill(0xa5);
  const fill = { missing, pattern: 7n };
  const target = { workspace, pointer: workspace.resultPointer, layout, fill };
  const bytes = await how(reader, positions, target, { signal, isStopped });
  return [workspace.view(workspace.resultPointer, resultBytes).slice(), bytes];
}

const ways: readonly (readonly [string, Way])[] = [
  ["compressed_segmentation", { descriptor: compressedSegmentationCodec, how: readRowInto, isGzipped: false }],
  ["compressed_segmentation + gzip", { descriptor: compressedSegmentationCodec, how: readRowInto, isGzipped: true }],
  ["raw", { descriptor: rawCodec, how: readPlanesInto, isGzipped: false }],
  ["raw + gzip", { descriptor: rawCodec, how: readPlanesInto, isGzipped: true }],
];
const segmentation = (ways[0] as (typeof ways)[number])[1];
const raw = (ways[2] as (typeof ways)[number])[1];

it("each way says which readers it is for", async () => {
  const segments = await readerOf(await stored(segmentation), segmentation);
  const voxels = await readerOf(await stored(raw), raw);
  expect([readsRows(segments), readsPlanes(segments)]).toEqual([true, false]);
  expect([readsRows(voxels), readsPlanes(voxels)]).toEqual([false, true]);
  const colours = { ...source, describe: (position: Vec3) => ({ ...source.describe(position), channels: 3 }) };
  expect(readsPlanes({ ...voxels, source: colours })).toBe(false);
});

describe.each(ways)("a row of chunks: %s", (_, way) => {
  it.each([
    ["whole", bounds],
    ["cut at all sides", { min: [5, 2, 3], max: [40, 11, 18] }],
    ["one plane", { min: [0, 0, 9], max: [59, 12, 10] }],
    ["one column of chunks", { min: [17, 0, 0], max: [20, 12, 20] }],
  ] as const)("%s: as chunk after chunk", async (_title, box) => {
    const opened: string[] = [];
    const reader = await readerOf(await stored(way), way, opened);
    const [expected] = await read(chunkByChunk, reader, { box });
    const [found] = await read(way.how, reader, { box });
    expect(Buffer.compare(found, expected)).toBe(0);
    expect(opened).toEqual([]);
  });

  it("counts the stored bytes", async () => {
    const objects = await stored(way);
    const [, bytes] = await read(way.how, await readerOf(objects, way));
    expect(bytes).toBe([...objects.values()].reduce((sum, object) => sum + object.byteLength, 0));
  });

  it("fills where a chunk is missing or has no bytes", async () => {
    const objects = await stored(way);
    objects.delete("chunk-1");
    objects.set("chunk-3", new Uint8Array(0));
    const reader = await readerOf(objects, way);
    const [expected] = await read(chunkByChunk, reader, { missing: true });
    const [found] = await read(way.how, reader, { missing: true });
    expect(Buffer.compare(found, expected)).toBe(0);
    expect(new BigUint64Array(found.slice(16 * 8, 17 * 8).buffer)[0]).toBe(7n);
  });

  it("fails where a chunk is missing that may not be", async () => {
    const objects = await stored(way);
    objects.delete("chunk-1");
    const opened: string[] = [];
    const reading = read(way.how, await readerOf(objects, way, opened));
    await expect(reading).rejects.toMatchObject({ tag: "not_found", fields: { chunk: "chunk-1" } });
    expect(opened.filter((key) => key !== "chunk-1")).toEqual([]);
  });

  it("names the chunk that is damaged", async () => {
    const objects = await stored(way);
    objects.set("chunk-2", (objects.get("chunk-2") ?? new Uint8Array(0)).subarray(0, -5));
    const fields = { chunk: "chunk-2", codec: way.descriptor.name, location: "file:///layer" };
    const reading = read(way.how, await readerOf(objects, way));
    await expect(reading).rejects.toMatchObject({ tag: "invalid_chunk", fields });
  });

  it("stops between chunks when asked to, and when its signal is aborted", async () => {
    const reader = await readerOf(await stored(way), way);
    let asked = 0;
    await read(way.how, reader, { isStopped: () => ++asked > 2 });
    expect(asked).toBe(3);
    const error = await read(way.how, reader, { signal: AbortSignal.abort() }).catch((thrown: unknown) => thrown);
    expect(isVolumeError(error) ? error.tag : (error as Error).name).toMatch(/cancelled|AbortError/);
  });
});

it("an object that is too large for memory at hand is read like any other", async () => {
  const reader = await readerOf(await stored(segmentation), segmentation);
  const withoutRoom = { ...reader, store: { ...reader.store, readInto: () => "too_large" as const } };
  const [expected] = await read(chunkByChunk, reader);
  const [found] = await read(readRowInto, withoutRoom);
  expect(Buffer.compare(found, expected)).toBe(0);
});

it("an object that became shorter since it was opened is a damaged chunk", async () => {
  const opened: string[] = [];
  const reader = await readerOf(await stored(raw), raw, opened);
  const openLocal: typeof reader.store.openLocal = (key) => {
    const object = reader.store.openLocal?.(key);
    return object && { ...object, readInto: () => 3 };
  };
  const reading = read(readPlanesInto, { ...reader, store: { ...reader.store, openLocal } });
  await expect(reading).rejects.toMatchObject({ tag: "invalid_chunk", fields: { chunk: "chunk-0" } });
  expect(opened).toEqual([]);
});

it("reads only the planes that are wanted", async () => {
  const reader = await readerOf(await stored(raw), raw);
  const [, bytes] = await read(readPlanesInto, reader, { box: { min: [0, 0, 9], max: [16, 12, 11] } });
  expect(bytes).toBe(2 * 16 * 12 * 8);
});
