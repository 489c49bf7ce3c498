/** Rows of chunks that are read some planes at a time: the same voxels, fills and errors as chunk after chunk. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Vec3 } from "../../../../server/src/base/vec3.ts";
import { gzipCodec } from "../../../../server/src/codecs/bytes/gzip.ts";
import { compressedSegmentationCodec } from "../../../../server/src/codecs/chunk/compressed_segmentation.ts";
import type { ChunkDescription } from "../../../../server/src/codecs/codec.ts";
import { isVolumeError } from "../../../../server/src/errors.ts";
import type { ChunkSource } from "../../../../server/src/formats/format.ts";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";
import { type ChunkReader, readChunkInto } from "../../../../server/src/volume/chunkReader.ts";
import { layoutOf } from "../../../../server/src/volume/cutoutPlan.ts";
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

async function stored(isGzipped: boolean): Promise<Map<string, Uint8Array>> {
  const codec = await compressedSegmentationCodec.load();
  return new Map(
    positions.map((position) => {
      workspace.arena.reset();
      const encoded = codec.encode?.(voxelsOf(position), source.describe(position), workspace) ?? new Uint8Array(0);
      return [source.keyOf(position), isGzipped ? new Uint8Array(gzipSync(encoded)) : encoded];
    }),
  );
}

async function readerOf(objects: ReadonlyMap<string, Uint8Array>, isGzipped: boolean): Promise<ChunkReader> {
  const gzip = await gzipCodec.load();
  const encoding = isGzipped ? ({ encoding: "gzip" } as const) : {};
  return {
    source,
    codec: await compressedSegmentationCodec.load(),
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
    },
  };
}

type Read = typeof readRowInto;
const chunkByChunk: Read = async (reader, row, target, { signal }) => {
  let sum = 0;
  for (const position of row) {
    sum += await readChunkInto(reader, position, target, signal);
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
async function read(how: Read, reader: ChunkReader, options: Options = {}): Promise<readonly [Uint8Array, number]> {
  const { box = bounds, missing = false, signal, isStopped = () => false } = options;
  const layout = layoutOf(box, 1, "uint64");
  workspace.view(workspace.resultPointer, resultBytes).fill(0xa5);
  const fill = { missing, pattern: 7n };
  const target = { workspace, pointer: workspace.resultPointer, layout, fill };
  const bytes = await how(reader, positions, target, { signal, isStopped });
  return [workspace.view(workspace.resultPointer, resultBytes).slice(), bytes];
}

describe.each([
  ["plain", false],
  ["gzip", true],
] as const)("a row of %s chunks", (_, isGzipped) => {
  it.each([
    ["whole", bounds],
    ["cut at all sides", { min: [5, 2, 3], max: [40, 11, 18] }],
    ["one plane", { min: [0, 0, 9], max: [59, 12, 10] }],
    ["one column of chunks", { min: [17, 0, 0], max: [20, 12, 20] }],
  ] as const)("%s: as chunk after chunk", async (_title, box) => {
    const reader = await readerOf(await stored(isGzipped), isGzipped);
    expect(readsRows(reader)).toBe(true);
    const [expected, expectedBytes] = await read(chunkByChunk, reader, { box });
    const [found, bytes] = await read(readRowInto, reader, { box });
    expect(Buffer.compare(found, expected)).toBe(0);
    expect(bytes).toBe(expectedBytes);
  });

  it("fills where a chunk is missing or has no bytes", async () => {
    const objects = await stored(isGzipped);
    objects.delete("chunk-1");
    objects.set("chunk-3", new Uint8Array(0));
    const reader = await readerOf(objects, isGzipped);
    const [expected] = await read(chunkByChunk, reader, { missing: true });
    const [found] = await read(readRowInto, reader, { missing: true });
    expect(Buffer.compare(found, expected)).toBe(0);
    expect(new BigUint64Array(found.slice(16 * 8, 17 * 8).buffer)[0]).toBe(7n);
  });

  it("fails where a chunk is missing that may not be", async () => {
    const objects = await stored(isGzipped);
    objects.delete("chunk-1");
    const reading = read(readRowInto, await readerOf(objects, isGzipped));
    await expect(reading).rejects.toMatchObject({ tag: "not_found", fields: { chunk: "chunk-1" } });
  });

  it("names the chunk that is damaged", async () => {
    const objects = await stored(isGzipped);
    objects.set("chunk-2", (objects.get("chunk-2") ?? new Uint8Array(0)).subarray(0, -5));
    const fields = { chunk: "chunk-2", codec: "compressed_segmentation", location: "file:///layer" };
    const reading = read(readRowInto, await readerOf(objects, isGzipped));
    await expect(reading).rejects.toMatchObject({ tag: "invalid_chunk", fields });
  });
});

it("an object that is too large for memory at hand is read like any other", async () => {
  const objects = await stored(false);
  const reader = await readerOf(objects, false);
  const withoutRoom = { ...reader, store: { ...reader.store, readInto: () => "too_large" as const } };
  const [expected] = await read(chunkByChunk, reader);
  const [found, bytes] = await read(readRowInto, withoutRoom);
  expect(Buffer.compare(found, expected)).toBe(0);
  expect(bytes).toBe([...objects.values()].reduce((sum, object) => sum + object.byteLength, 0));
});

it("stops between chunks when asked to, and when its signal is aborted", async () => {
  const reader = await readerOf(await stored(false), false);
  let asked = 0;
  const [, bytes] = await read(readRowInto, reader, { isStopped: () => ++asked > 2 });
  expect(asked).toBe(3);
  expect(bytes).toBeGreaterThan(0);
  const error = await read(readRowInto, reader, { signal: AbortSignal.abort() }).catch((thrown: unknown) => thrown);
  expect(isVolumeError(error) ? error.tag : (error as Error).name).toMatch(/cancelled|AbortError/);
});
