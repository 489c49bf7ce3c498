/** compressed_segmentation: the contract of codecs, chunks that reference tools wrote, and the limits of the format. */
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type DataType, voxelView } from "../../../../../server/src/base/dtype.ts";
import { product, type Vec3 } from "../../../../../server/src/base/vec3.ts";
import { compressedSegmentationCodec } from "../../../../../server/src/codecs/chunk/compressed_segmentation.ts";
import type { ChunkDescription } from "../../../../../server/src/codecs/codec.ts";
import { codecSuite, type KnownChunk } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

const size = [11, 7, 3] as const;
const workspace = createFakeWorkspace(4 << 20, 24 << 20);

/** The volume that was encoded: blocks of 3 x 4 x 1, numbered modulo `count` from the channel's number, times `factor`. */
function voxelsOf(dtype: DataType, channels: number, count: number, factor: bigint): Uint8Array {
  const voxels = voxelView(dtype, new ArrayBuffer(product(size) * channels * (dtype === "uint64" ? 8 : 4)));
  for (let i = 0; i < voxels.length; i++) {
    const [x, y, rest] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1])];
    const [z, channel] = [rest % size[2], Math.floor(rest / size[2])];
    const value = BigInt((Math.floor(x / 3) * 5 + Math.floor(y / 4) * 3 + z + channel) % count) * factor;
    voxels[i] = voxels instanceof BigUint64Array ? value : Number(value);
  }
  return new Uint8Array(voxels.buffer);
}

/** `deflated` is the chunk as the tool wrote it, by zlib and in base64. */
function known(title: string, block: Vec3, dtype: DataType, voxels: Uint8Array, deflated: string): KnownChunk {
  const encoded = new Uint8Array(inflateSync(Buffer.from(deflated, "base64")));
  const channels = voxels.byteLength / product(size) / (dtype === "uint64" ? 8 : 4);
  const parameters = { compressed_segmentation_block_size: block };
  return { title, chunk: { size, dtype, channels, parameters }, encoded, voxels };
}

const written = [
  known(
    "uint32, blocks of 8 x 8 x 8, by CloudVolume",
    [8, 8, 8],
    "uint32",
    voxelsOf("uint32", 1, 5, 1n),
    "eNpjZGBgcGFgYGGB0p4MmMAYCYD4gmjABQmA5JXQAMMQBIxAzATEzEDMgi1MmBEYHCaMqNiFBYHBYcKEiocaAABhzQv/",
  ),
  known(
    "uint64, blocks of 4 x 3 x 2, by CloudVolume",
    [4, 3, 2],
    "uint64",
    voxelsOf("uint64", 1, 6, 2n ** 61n + 12345n),
    "eNp90b1KA0EUBeBz82PqDcx0guwGKxFhloAQ0GKthKCEFK5NRBC0UDCCYrWIpYiVFkkx1hZ5hPgwvoBv4HHIGpzdZJuPnTNz515GAKwDlRbdpB" +
      "u0TWO6A9Q6M/dndmmP+SE9pkf0lJ7QC0DO6RW9pDd0SO+Z39FH+kCf6RN9Y/5Kx3RE36mlWZYppfD3bW851la/nTZNU2vtPP/6dGR5LiJaa+Dj" +
      "xf0P/BwHJjJRIEmcxP4d1wPn7qKz/SQMwgB9E5owrgoEe7WmNEW58YFF5+tAuuweATRQnDnfd9sorplqcf/Zynwt71lNp6U1/dnqkwnKevBn6e" +
      "h/rRZmzus1St7mt2W/npTU+AHehlWE",
  ),
  known(
    "uint32, two channels, by tensorstore",
    [8, 8, 8],
    "uint32",
    voxelsOf("uint32", 2, 5, 1n),
    "eNpjYmBg6AZiFwYGFhYo7cmACYyRAIgviAZckABIXgkNMAxBwAjETEDMDMQs2MKEGYHBYcKIil1YEBgcJkyoeKgB9DRCaRowRgPIZg3VNEJpGk" +
      "BOUyCMbNZQAABRuBqM",
  ),
];

codecSuite({ descriptor: compressedSegmentationCodec, known: written });
codecSuite({
  descriptor: compressedSegmentationCodec,
  parameters: { compressed_segmentation_block_size: [5, 3, 2] },
});
goldenCodecSuite(compressedSegmentationCodec);

async function encode(voxels: Uint8Array, chunk: ChunkDescription): Promise<Uint8Array> {
  workspace.arena.reset();
  const codec = await compressedSegmentationCodec.load();
  return codec.encode?.(voxels, chunk, workspace) ?? new Uint8Array(0);
}

/** The voxels of channel 0 and those after it. */
async function decode(encoded: Uint8Array, chunk: ChunkDescription): Promise<Uint8Array> {
  workspace.arena.reset();
  const codec = await compressedSegmentationCodec.load();
  const rowBytes = chunk.size[0] * (chunk.dtype === "uint64" ? 8 : 4);
  const planeBytes = chunk.size[1] * rowBytes;
  const strides = { rowBytes, planeBytes, channelBytes: chunk.size[2] * planeBytes };
  const pointer = workspace.resultPointer;
  codec.decode(encoded, chunk, { workspace, pointer, ...strides, from: [0, 0, 0], to: chunk.size });
  return workspace.view(pointer, chunk.channels * strides.channelBytes).slice();
}

describe("encode", () => {
  it.each(written)("writes the same bytes: $title", async ({ chunk, voxels, encoded }) => {
    expect(await encode(voxels, chunk)).toEqual(encoded);
  });

  it("writes indices of 32 bits for more than 65,536 labels in a block", async () => {
    const parameters = { compressed_segmentation_block_size: [41, 41, 40] };
    const chunk = { size: [41, 41, 40], channels: 1, dtype: "uint32", parameters } as const;
    const voxels = new Uint8Array(Uint32Array.from({ length: product(chunk.size) }, (_, i) => i * 3).buffer);
    const encoded = await encode(voxels, chunk);
    expect(new DataView(encoded.buffer).getUint8(7)).toBe(32);
    expect(encoded.byteLength).toBe(4 + 8 + 8 * product(chunk.size));
    expect(Buffer.compare(await decode(encoded, chunk), voxels)).toBe(0);
  });

  it("takes no more scratch for blocks that are much larger than the chunk", async () => {
    const parameters = { compressed_segmentation_block_size: [256, 256, 64] };
    const chunk = { size, channels: 1, dtype: "uint32", parameters } as const;
    const codec = await compressedSegmentationCodec.load();
    expect(codec.encodeScratchBytes?.(chunk)).toBeLessThan(5 << 20);
    const voxels = voxelsOf("uint32", 1, 5, 1n);
    expect(await decode(await encode(voxels, chunk), chunk)).toEqual(voxels);
  });

  it.each([[[8, 8]], [[8, 8, 0]], [[8, 8, 1.5]], ["8,8,8"], [[1024, 1024, 1024]]])(
    "refuses the block size %j",
    async (block) => {
      const parameters = { compressed_segmentation_block_size: block };
      const chunk = { size, channels: 1, dtype: "uint32", parameters } as const;
      const message = /^compressed_segmentation_block_size must be three positive integers/;
      await expect(encode(voxelsOf("uint32", 1, 5, 1n), chunk)).rejects.toThrow(message);
      await expect(decode(new Uint8Array(64), chunk)).rejects.toMatchObject({ tag: "invalid_metadata" });
    },
  );
});

describe("damage", () => {
  const chunk: ChunkDescription = { size: [8, 8, 8], channels: 1, dtype: "uint32", parameters: {} };
  const header = (bits: number, table: number, indices: number): readonly number[] => [table | (bits << 24), indices];
  /** One channel and one block; its words 3 to 18 are indices of 1 bit, then come two labels. */
  const stream = (channel: number, block: readonly number[], ...labels: number[]): Uint8Array =>
    new Uint8Array(Uint32Array.of(channel, ...block, ...new Array(16).fill(0xffff0000), ...labels).buffer);
  const sound = stream(1, header(1, 18, 2), 5, 9);

  it("none", async () => {
    const labels = new Uint32Array((await decode(sound, chunk)).buffer);
    expect([labels[0], labels[15], labels[16], labels[511]]).toEqual([5, 5, 9, 9]);
  });

  it.each([
    ["no whole number of words", sound.subarray(0, -1), /not a whole number of words/],
    ["less than the table of channels", new Uint8Array(0), /its header is cut off/],
    ["a channel beyond the end", stream(21, header(1, 18, 2), 5, 9), /a channel begins beyond the end/],
    ["a channel far beyond the end", stream(0xffffffff, header(1, 18, 2), 5, 9), /a channel begins beyond the end/],
    ["a channel whose headers are cut off", stream(20, header(1, 18, 2), 5, 9), /a channel begins beyond the end/],
    ["3 bits", stream(1, header(3, 18, 2), 5, 9), /the bits of an index are none of/],
    ["64 bits", stream(1, header(64, 18, 2), 5, 9), /the bits of an index are none of/],
    ["a table beyond the end", stream(1, header(1, 20, 2), 5, 9), /a table of labels lies beyond the end/],
    ["a table of one label beyond the end", stream(1, header(0, 20, 2), 5, 9), /a table of labels lies beyond the end/],
    ["indices beyond the end", stream(1, header(1, 18, 5), 5, 9), /the indices of a block lie beyond the end/],
    ["indices far beyond the end", stream(1, header(1, 18, -1), 5, 9), /the indices of a block lie beyond the end/],
    ["indices wider than there is room", stream(1, header(32, 18, 2), 5, 9), /the indices of a block lie beyond/],
    ["a table that is cut off", sound.subarray(0, -4), /an index points beyond the end/],
  ])("%s", async (_, bytes, message) => {
    await expect(decode(bytes, chunk)).rejects.toThrow(message);
    await expect(decode(bytes, chunk)).rejects.toMatchObject({ tag: "invalid_chunk" });
  });

  it("a table and indices that lie in the header, over each other, are read as they are", async () => {
    // Words 2 and 3 are the table, word 2 the first of the indices.
    const labels = new Uint32Array((await decode(stream(1, header(1, 1, 1), 5, 9), chunk)).buffer);
    expect([...labels.slice(0, 2), labels[47], labels[48]]).toEqual([0xffff0000, 1, 1, 0xffff0000]);
  });
});
