/** What encoders write, byte for byte, against what the reference writers write, and what they refuse. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type DataType, voxelView } from "../../../../../server/src/base/dtype.ts";
import { compressedSegmentationCodec } from "../../../../../server/src/codecs/chunk/compressed_segmentation.ts";
import { jpegCodec } from "../../../../../server/src/codecs/chunk/jpeg.ts";
import { pngCodec } from "../../../../../server/src/codecs/chunk/png.ts";
import type { ChunkDescription, CodecDescriptor } from "../../../../../server/src/codecs/codec.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

const workspace = createFakeWorkspace(1 << 16, 64 << 20);

async function encode(descriptor: CodecDescriptor, voxels: Uint8Array, chunk: ChunkDescription): Promise<Uint8Array> {
  const codec = await descriptor.load();
  workspace.arena.reset();
  return codec.encode?.(voxels, chunk, workspace) ?? new Uint8Array(0);
}

function chunkOf(size: ChunkDescription["size"], dtype: DataType, parameters = {}, channels = 1): ChunkDescription {
  return { size, dtype, channels, parameters };
}

describe("compressed_segmentation", () => {
  const size = [9, 8, 2] as const;
  const voxelsOf = (dtype: DataType): Uint8Array => {
    const voxels = voxelView(dtype, new ArrayBuffer(144 * (dtype === "uint32" ? 4 : 8)));
    for (let i = 0; i < 144; i++) {
      const value =
        ((Math.floor((i % 9) / 3) * 5 + Math.floor((Math.floor(i / 9) % 8) / 4) * 3 + Math.floor(i / 72)) % 3) + 7;
      voxels[i] = voxels instanceof BigUint64Array ? BigInt(value) : value;
    }
    return new Uint8Array(voxels.buffer);
  };
  // compressed-segmentation 2.3.3, blocks of 8 x 8 x 8.
  it.each([
    ["uint32", "641f260b2f2e598d"],
    ["uint64", "b5d261598ac9a2fa"],
  ] as const)("writes %s as the reference does", async (dtype, expected) => {
    const encoded = await encode(compressedSegmentationCodec, voxelsOf(dtype), chunkOf(size, dtype));
    expect(createHash("sha256").update(encoded).digest("hex").slice(0, 16)).toBe(expected);
  });

  it("shares a table that the channel has", async () => {
    const voxels = new Uint8Array(new Uint32Array(64 * 8 * 8).fill(9).buffer);
    const encoded = await encode(compressedSegmentationCodec, voxels, chunkOf([64, 8, 8], "uint32"));
    expect(encoded.byteLength).toBe(4 + 8 * 8 + 4);
  });

  it("refuses a block size that is none", async () => {
    for (const block of [[8, 8], [8, 8, 0], "8,8,8", [1e4, 1e4, 1e4], [8, 8, 1.5]]) {
      const chunk = chunkOf([1, 1, 1], "uint32", { compressed_segmentation_block_size: block });
      await expect(encode(compressedSegmentationCodec, new Uint8Array(4), chunk)).rejects.toMatchObject({
        tag: "invalid_metadata",
      });
    }
  });
});

describe("jpeg", () => {
  // Pillow 13.0.0 with libjpeg-turbo, no chroma subsampling.
  const gradient = (channels: number): Uint8Array =>
    Uint8Array.from({ length: 24 * 20 * channels }, (_, i) => (i * 7 + (i % 24) * 3 + (i >> 6) * 11) & 0xff);
  it.each([
    [1, 85, "aa2a9959113921b6"],
    [1, 100, "6845bc3bda020194"],
    [3, 30, "013b1a7dd48f6914"],
  ] as const)("writes %i channels at quality %i as libjpeg-turbo does", async (channels, quality, expected) => {
    const chunk = chunkOf([24, 10, 2], "uint8", { jpeg_quality: quality }, channels);
    const encoded = await encode(jpegCodec, gradient(channels), chunk);
    expect(createHash("sha256").update(encoded).digest("hex").slice(0, 16)).toBe(expected);
  });

  it("lies wide where Y·Z is too high for a JPEG file", async () => {
    const chunk = chunkOf([2, 256, 260], "uint8");
    const encoded = await encode(jpegCodec, new Uint8Array(2 * 256 * 260), chunk);
    const frame = encoded.indexOf(0xc0) + 1;
    expect([...encoded.subarray(frame + 3, frame + 7)]).toEqual([260 >> 8, 260 & 255, 512 >> 8, 512 & 255]);
  });

  it("refuses sides beyond 65500 and other channel counts", async () => {
    const tooWide = chunkOf([70_000, 1, 1], "uint8");
    await expect(encode(jpegCodec, new Uint8Array(70_000), tooWide)).rejects.toMatchObject({ tag: "invalid_argument" });
    const twoChannels = chunkOf([1, 1, 1], "uint8", {}, 2);
    await expect(encode(jpegCodec, new Uint8Array(2), twoChannels)).rejects.toMatchObject({ tag: "invalid_argument" });
  });

  it.each([0, 101, 85.5, "85"])("refuses the quality %s", async (quality) => {
    const chunk = chunkOf([1, 1, 1], "uint8", { jpeg_quality: quality });
    await expect(encode(jpegCodec, new Uint8Array(1), chunk)).rejects.toMatchObject({ tag: "invalid_metadata" });
  });
});

describe("png", () => {
  it.each([-1, 10, "9"])("refuses the level %s", async (level) => {
    const chunk = chunkOf([1, 1, 1], "uint8", { png_level: level });
    await expect(encode(pngCodec, new Uint8Array(1), chunk)).rejects.toMatchObject({ tag: "invalid_metadata" });
  });
  it("refuses five channels", async () => {
    const chunk = chunkOf([1, 1, 1], "uint8", {}, 5);
    await expect(encode(pngCodec, new Uint8Array(5), chunk)).rejects.toMatchObject({ tag: "invalid_argument" });
  });
});
