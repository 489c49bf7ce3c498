import { afterAll, describe, expect, it } from "vitest";
import type { ChunkForm } from "../../../../server/src/index.ts";
import { createEngine } from "../../../../server/src/index.ts";

const engine = createEngine({ workers: 1 });
const tools = engine.chunkTools;
afterAll(() => engine.dispose());

const raw: ChunkForm = { encoding: "raw", size: [2, 3, 1], dtype: "uint16" };
const segmentation: ChunkForm = {
  encoding: "compressed_segmentation",
  size: [2, 3, 1],
  dtype: "uint64",
  parameters: { compressed_segmentation_block_size: [8, 8, 8] },
};
const voxels = Uint16Array.of(1, 2, 3, 4, 5, 6);
const bytes = new Uint8Array(voxels.buffer);
const labels = BigUint64Array.of(7n, 7n, 0n, 2n ** 63n + 1n, 7n, 0n);
describe("decode and encode", () => {
  it("raw voxels", async () => {
    expect(await tools.decode(bytes, raw)).toEqual(voxels);
    expect(await tools.encode(voxels, raw)).toEqual(bytes);
  });
  it("an empty chunk is background", async () => {
    expect(await tools.decode(new Uint8Array(0), { ...raw, background: 9 })).toEqual(new Uint16Array(6).fill(9));
  });
  it("refuses voxels of another type, or too few", async () => {
    await expect(tools.encode(new Uint8Array(6), raw)).rejects.toThrow(/holds 6 voxels of uint16/);
    await expect(tools.encode(voxels.subarray(1), raw)).rejects.toThrow(/there are 5/);
  });
  it("refuses what an encoding cannot hold, and unknown encodings, with the known ones", async () => {
    await expect(tools.decode(bytes, { ...raw, encoding: "jpeg" })).rejects.toMatchObject({ tag: "invalid_argument" });
    await expect(tools.decode(bytes, { ...raw, encoding: "zip" })).rejects.toThrow(
      /unknown encoding: "zip" \(known: raw, /,
    );
    await expect(tools.decode(bytes, { ...raw, size: [0, 3, 1] })).rejects.toThrow(/not a size of a chunk: 0x3x1/);
  });
  it("damage is an error that names the codec", async () => {
    await expect(tools.decode(bytes.subarray(1), raw)).rejects.toMatchObject({
      tag: "invalid_chunk",
      fields: { codec: "raw" },
    });
  });
});

describe("transcode", () => {
  it("takes the bytes over where the encoding stays", async () => {
    expect(await tools.transcode(bytes, raw, { to: { encoding: "raw" } })).toBe(bytes);
  });
  it("but not under other block sizes", async () => {
    const encoded = await tools.encode(labels, segmentation);
    const parameters = { compressed_segmentation_block_size: [2, 2, 2] };
    const other = await tools.transcode(encoded, segmentation, {
      to: { encoding: "compressed_segmentation", parameters },
    });
    expect(other).not.toEqual(encoded);
    expect(await tools.decode(other, { ...segmentation, parameters })).toEqual(labels);
  });
  it("a cropped jpeg becomes jxl as well as it can: every decoded voxel stays", async () => {
    const image: ChunkForm = { encoding: "jpeg", size: [8, 8, 2], dtype: "uint8" };
    const pixels = Uint8Array.from({ length: 128 }, (_, i) => (i * 37) % 251);
    const jpeg = await tools.encode(pixels, image);
    const jxl = await tools.transcode(jpeg, image, { to: { encoding: "jxl", size: [8, 8, 1] } });
    const kept = await tools.decode(jxl, { ...image, encoding: "jxl", size: [8, 8, 1] });
    expect(kept).toEqual((await tools.decode(jpeg, image)).slice(0, 64));
  });
  it("crops and pads at the far sides", async () => {
    const from = { ...raw, background: 8 };
    const cropped = await tools.transcode(bytes, from, { to: { encoding: "raw", size: [1, 2, 1] } });
    expect(new Uint16Array(cropped.buffer)).toEqual(Uint16Array.of(1, 3));
    const padded = await tools.transcode(bytes, from, { to: { encoding: "raw", size: [3, 3, 2] } });
    expect(new Uint16Array(padded.buffer)).toEqual(
      Uint16Array.of(1, 2, 8, 3, 4, 8, 5, 6, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8),
    );
  });
  it("an empty chunk becomes background", async () => {
    const made = await tools.transcode(new Uint8Array(0), { ...raw, background: 3 }, { to: { encoding: "raw" } });
    expect(new Uint16Array(made.buffer)).toEqual(new Uint16Array(6).fill(3));
  });
});

describe("questions", () => {
  it("images answer none", async () => {
    const image: ChunkForm = { encoding: "png", size: [1, 1, 1], dtype: "uint8" };
    await expect(tools.labels(Uint8Array.of(1), image)).rejects.toMatchObject({ tag: "unsupported" });
  });
  it("labels, contains, voxel", async () => {
    const encoded = await tools.encode(labels, segmentation);
    expect(await tools.labels(encoded, segmentation)).toEqual(BigUint64Array.of(0n, 7n, 2n ** 63n + 1n));
    expect(await tools.contains(encoded, segmentation, 7n)).toBe(true);
    expect(await tools.contains(encoded, segmentation, 8n)).toBe(false);
    expect(await tools.voxel(encoded, segmentation, [1, 1, 0])).toEqual([2n ** 63n + 1n]);
    await expect(tools.voxel(encoded, segmentation, [2, 0, 0])).rejects.toThrow(/not inside the chunk of 2x3x1/);
  });
  it("signed labels keep their sign", async () => {
    const form: ChunkForm = { encoding: "raw", size: [2, 2, 1], dtype: "int8" };
    const encoded = Uint8Array.of(5, 0xff, 0, 5);
    expect(await tools.labels(encoded, form)).toEqual(BigInt64Array.of(-1n, 0n, 5n));
    expect(await tools.contains(encoded, form, -1n)).toBe(true);
    expect(await tools.voxel(encoded, form, [1, 0, 0])).toEqual([-1n]);
    await expect(tools.contains(encoded, form, 200n)).rejects.toThrow(/not a label of int8: 200/);
  });
  it("an empty chunk has one label", async () => {
    const form = { ...segmentation, background: 5 };
    expect(await tools.labels(new Uint8Array(0), form)).toEqual(BigUint64Array.of(5n));
    expect(await tools.contains(new Uint8Array(0), form, 5n)).toBe(true);
    expect(await tools.voxel(new Uint8Array(0), form, [0, 0, 0])).toEqual([5n]);
    expect(await tools.binaryImage(new Uint8Array(0), form, 5n)).toEqual(new Uint8Array(6).fill(1));
  });
  it("remaps, and refuses to forget a label", async () => {
    const encoded = await tools.encode(labels, segmentation);
    const mapping = new Map([[7n, 2n ** 64n - 1n]]);
    await expect(tools.remap(encoded, segmentation, mapping)).rejects.toThrow(/no new value for a label of the chunk/);
    const remapped = await tools.remap(encoded, segmentation, mapping, { keepOthers: true });
    expect(await tools.decode(remapped, segmentation)).toEqual(
      labels.map((label) => (label === 7n ? 2n ** 64n - 1n : label)),
    );
  });
  it("binary image, and numbers in the smallest type", async () => {
    const encoded = await tools.encode(labels, segmentation);
    expect(await tools.binaryImage(encoded, segmentation, 7n)).toEqual(Uint8Array.of(1, 1, 0, 0, 1, 0));
    const numbered = await tools.renumber(encoded, segmentation);
    expect(numbered.voxels).toEqual(Uint8Array.of(1, 1, 0, 2, 1, 0));
    expect(numbered.labels).toEqual(BigUint64Array.of(0n, 7n, 2n ** 63n + 1n));
  });
});
