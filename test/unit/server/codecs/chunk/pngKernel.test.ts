/** PNG rows by the kernel: every filter for every size of pixel, the reference's choice of filters, and when deflate searches. */
import { deflateSync, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type DataType, voxelBytes } from "../../../../../server/src/base/dtype.ts";
import { pngCodec } from "../../../../../server/src/codecs/chunk/png.ts";
import { buildPng, concatenate, type PngColorType, parsePng } from "../../../../../server/src/codecs/chunk/pngFile.ts";
import type { ChunkDescription } from "../../../../../server/src/codecs/codec.ts";
import { createRandom } from "../../../../fakes/random.ts";
import { createFakeWorkspace, type FakeWorkspace } from "../../../../fakes/workspace.ts";

const codec = await pngCodec.load();
const roomy = createFakeWorkspace(1 << 20, 8 << 20);
const seed = 7_118_204;

function decode(encoded: Uint8Array, chunk: ChunkDescription, workspace: FakeWorkspace = roomy): Uint8Array {
  workspace.arena.reset();
  const [x, y, z] = chunk.size;
  const rowBytes = x * voxelBytes(chunk.dtype);
  const strides = { rowBytes, planeBytes: y * rowBytes, channelBytes: z * y * rowBytes };
  const target = { workspace, pointer: workspace.resultPointer, ...strides, from: [0, 0, 0], to: chunk.size } as const;
  codec.decode(encoded, chunk, target);
  return new Uint8Array(workspace.view(workspace.resultPointer, chunk.channels * strides.channelBytes));
}

function encode(voxels: Uint8Array, chunk: ChunkDescription): Uint8Array {
  roomy.arena.reset();
  return codec.encode?.(voxels, chunk, roomy) ?? voxels;
}

function filteredRows(encoded: Uint8Array): Uint8Array {
  return inflateSync(concatenate(parsePng(encoded).parts));
}

/** Clause 9 of ISO/IEC 15948, byte by byte. `filterOf` names the filter of each row. */
function filterByTheBook(pixels: Uint8Array, rowBytes: number, pixelBytes: number, filterOf: (row: number) => number) {
  const at = (row: number, column: number): number =>
    row < 0 || column < 0 ? 0 : (pixels[row * rowBytes + column] ?? 0);
  const rows = pixels.byteLength / rowBytes;
  const result: number[] = [];
  for (let row = 0; row < rows; row++) {
    result.push(filterOf(row));
    for (let column = 0; column < rowBytes; column++) {
      const [a, b] = [at(row, column - pixelBytes), at(row - 1, column)];
      const c = at(row - 1, column - pixelBytes);
      const p = a + b - c;
      const nearest = [a, b, c].reduce((best, one) => (Math.abs(p - one) < Math.abs(p - best) ? one : best));
      const predictions = [0, a, b, Math.floor((a + b) / 2), nearest];
      result.push((at(row, column) - (predictions[filterOf(row)] ?? 0)) & 255);
    }
  }
  return Uint8Array.from(result);
}

/** Samples in PNG's order, as the chunk's voxels have them. */
function toVoxels(pixels: Uint8Array, { channels, dtype }: ChunkDescription): Uint8Array {
  const bytes = voxelBytes(dtype);
  const voxels = pixels.byteLength / channels / bytes;
  return Uint8Array.from({ length: pixels.byteLength }, (_, i) => {
    const [channel, voxel, byte] = [Math.floor(i / voxels / bytes), Math.floor(i / bytes) % voxels, i % bytes];
    return pixels[(voxel * channels + channel) * bytes + (bytes - 1 - byte)] ?? 0;
  });
}

const colorTypes: readonly PngColorType[] = [0, 0, 4, 2, 6];
const dtypes: readonly DataType[] = ["uint8", "uint16"];
const forms = dtypes.flatMap((dtype) => [1, 2, 3, 4].map((channels) => ({ dtype, channels })));
const widths = [1, 2, 3, 5, 7, 8, 15, 16, 17, 18, 31, 33, 64, 70];

describe.each(forms)(`rows of $channels channels of $dtype (seed ${seed})`, ({ dtype, channels }) => {
  const pixelBytes = channels * voxelBytes(dtype);
  const rows = 24;

  function image(width: number, filterOf: (row: number) => number) {
    const pixels = createRandom(seed + width).bytes(rows * width * pixelBytes);
    // Half of it smooth, so that predictions come near.
    const smooth = pixels.map((noise, i) => (i % 5 < 3 ? (i * 3 + (noise & 7)) & 255 : noise));
    const chunk = { size: [width, 4, 6], channels, dtype, parameters: {} } as const;
    const filtered = filterByTheBook(smooth, width * pixelBytes, pixelBytes, filterOf);
    const colorType = colorTypes[channels] ?? 0;
    const header = { width, height: rows, depth: 8 * voxelBytes(dtype), colorType, isInterlaced: false };
    return { chunk, voxels: toVoxels(smooth, chunk), file: buildPng(header, deflateSync(filtered)) };
  }

  it.each([0, 1, 2, 3, 4])("undoes filter %i", (filter) => {
    for (const width of widths) {
      const { file, chunk, voxels } = image(width, () => filter);
      expect(Buffer.compare(decode(file, chunk), voxels), `width ${width}`).toBe(0);
    }
  });

  it("undoes filters that change from row to row", () => {
    const random = createRandom(seed);
    for (const width of widths) {
      const filters = Array.from({ length: rows }, () => random.integer(5));
      const { file, chunk, voxels } = image(width, (row) => filters[row] ?? 0);
      expect(Buffer.compare(decode(file, chunk), voxels), `width ${width}, ${filters}`).toBe(0);
    }
  });

  it("gives the same in a workspace that is too small for the kernel", () => {
    const { file, chunk, voxels } = image(33, (row) => row % 5);
    const cramped = createFakeWorkspace(1 << 20, 65_536);
    expect(Buffer.compare(decode(file, chunk, cramped), voxels)).toBe(0);
  });

  it("refuses a filter that is none", () => {
    const { file, chunk } = image(16, (row) => (row === 20 ? 5 : 4));
    const error = { tag: "invalid_chunk", message: "PNG image is damaged: unknown row filter 5" };
    expect(() => decode(file, chunk)).toThrow(expect.objectContaining(error));
  });

  it("reads what it writes, of all widths", () => {
    for (const width of widths) {
      const { chunk, voxels } = image(width, () => 0);
      expect(Buffer.compare(decode(encode(voxels, chunk), chunk), voxels), `width ${width}`).toBe(0);
    }
  });
});

describe("encoding", () => {
  const describeGray = (size: readonly [number, number, number], level = 9): ChunkDescription => ({
    size,
    channels: 1,
    dtype: "uint8",
    parameters: { png_level: level },
  });

  it("filters each row as the reference does", () => {
    // 29 x 24 pixels whose rows are noise, copies, gradients, averages, combs and planes; the filters are those that pyspng 1.1.3 wrote.
    const pixels = new Uint8Array(29 * 24);
    for (let i = 0; i < pixels.length; i++) {
      const [column, row] = [i % 29, Math.floor(i / 29)];
      const noise = ((i * 40503 * (column + 3)) >> 7) & 255;
      const above = pixels[i - 29] ?? 0;
      const left = column > 0 ? (pixels[i - 1] ?? 0) : 0;
      const corner = column > 0 ? (pixels[i - 30] ?? 0) : 0;
      const kinds = [
        noise,
        above + 3,
        column * 9 + row,
        ((above + left) >> 1) + (noise & 3),
        column % 2 === 1 ? noise & 15 : 255 - (noise & 15),
        above + left - corner + (noise & 1),
      ];
      pixels[i] = (kinds[row % 6] ?? 0) & 255;
    }
    const rows = filteredRows(encode(pixels, describeGray([29, 6, 4])));
    const filters = Array.from({ length: 24 }, (_, row) => rows[row * 30]);
    expect(filters).toEqual([3, 2, 1, 3, 0, 2, 3, 4, 1, 3, 0, 2, 3, 2, 1, 3, 0, 2, 3, 4, 1, 3, 0, 2]);
  });

  it("finds planes that repeat, far apart", () => {
    const plane = createRandom(seed).bytes(128 * 128);
    const volume = Buffer.concat(Array.from({ length: 8 }, () => plane));
    const once = encode(plane, describeGray([128, 128, 1])).byteLength;
    expect(encode(volume, describeGray([128, 128, 8])).byteLength).toBeLessThan(1.2 * once);
  });

  it("finds short patterns that repeat", () => {
    const random = createRandom(seed);
    const words = Array.from({ length: 16 }, () => random.bytes(7));
    const volume = Buffer.concat(Array.from({ length: 20_000 }, () => words[random.integer(16)] ?? Buffer.alloc(7)));
    const size = encode(volume, describeGray([7, 200, 100])).byteLength;
    expect(size).toBeLessThan(volume.byteLength / 4);
  });

  it("spends no search on noise, and no more bytes than the search would", () => {
    const noise = createRandom(seed)
      .bytes(64 * 64 * 32)
      .map((byte) => (byte & 15) + (byte >> 5));
    const encoded = encode(noise, describeGray([64, 64, 32]));
    const searched = deflateSync(filteredRows(encoded), { level: 9, strategy: 1, memLevel: 9 });
    expect(encoded.byteLength).toBeLessThan(1.003 * searched.byteLength + 60);
  });

  it("stores at level 0", () => {
    const encoded = encode(new Uint8Array(4096), describeGray([16, 16, 16], 0));
    expect(encoded.byteLength).toBeGreaterThan(4096 + 256);
  });
});
