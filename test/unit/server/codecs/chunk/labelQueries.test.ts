/** What can be asked of raw and compressed_segmentation chunks; the reference's own answers where it has some. */
import { describe, expect, it } from "vitest";
import { product } from "../../../../../server/src/base/vec3.ts";
import { compressedSegmentationCodec } from "../../../../../server/src/codecs/chunk/compressed_segmentation.ts";
import { rawCodec } from "../../../../../server/src/codecs/chunk/raw.ts";
import type { ChunkDescription } from "../../../../../server/src/codecs/codec.ts";
import { labelQueriesSuite } from "../../../../conformance/labelQueries.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

labelQueriesSuite({ descriptor: rawCodec });
labelQueriesSuite({ descriptor: compressedSegmentationCodec });
labelQueriesSuite({
  descriptor: compressedSegmentationCodec,
  parameters: { compressed_segmentation_block_size: [5, 3, 2] },
});

describe("compressed_segmentation tables", () => {
  const workspace = createFakeWorkspace(1 << 16, 8 << 20);
  const chunk: ChunkDescription = { size: [2, 1, 1], channels: 1, dtype: "uint32", parameters: {} };
  /** One block of 8 x 8 x 8: header, 1-bit indices, then what is given as table. */
  const stream = (indices: number, ...table: number[]): Uint8Array => {
    const words = Uint32Array.of(1, (18 << 0) | (1 << 24), 2, ...new Uint32Array(16), ...table);
    words[3] = indices;
    return new Uint8Array(words.buffer);
  };

  it("a label of the table that no voxel has is not there", async () => {
    const { labels } = await compressedSegmentationCodec.load();
    const encoded = stream(0b00, 5, 9);
    expect(labels?.unique(encoded, chunk, workspace)).toEqual(BigUint64Array.of(5n));
    expect(labels?.contains(encoded, chunk, 9n, workspace)).toBe(false);
    expect(labels?.unique(stream(0b10, 5, 9), chunk, workspace)).toEqual(BigUint64Array.of(5n, 9n));
  });

  it("indices of voxels outside the chunk do not count", async () => {
    const { labels } = await compressedSegmentationCodec.load();
    expect(labels?.unique(stream(0b100, 5, 9), chunk, workspace)).toEqual(BigUint64Array.of(5n));
  });

  it("remap leaves what no voxel has as it is", async () => {
    const { labels } = await compressedSegmentationCodec.load();
    const valuesOf = (old: BigUint64Array): BigUint64Array => old.map((label) => label + 1n);
    const remapped = labels?.remap(stream(0b00, 5, 9), chunk, { valuesOf }, workspace);
    expect(remapped).toEqual(stream(0b00, 6, 9));
  });

  it("a table that blocks share is changed once", async () => {
    const { labels } = await compressedSegmentationCodec.load();
    const wide: ChunkDescription = { ...chunk, size: [16, 1, 1] };
    // Two blocks of one label each, both of the entry at word 4 of the channel.
    const words = (label: number) => new Uint8Array(Uint32Array.of(1, 4, 0, 4, 0, label).buffer);
    const valuesOf = (old: BigUint64Array): BigUint64Array => old.map((label) => label + 1n);
    expect(labels?.remap(words(7), wide, { valuesOf }, workspace)).toEqual(words(8));
  });

  it("remap of a chunk whose table lies over its indices decodes and encodes it", async () => {
    const codec = await compressedSegmentationCodec.load();
    // The table begins at the second word of the indices: both labels are 0.
    const words = Uint32Array.of(1, 3 | (1 << 24), 2, 0b10, ...new Uint32Array(16));
    const encoded = new Uint8Array(words.buffer);
    expect(codec.labels?.unique(encoded, chunk, workspace)).toEqual(BigUint64Array.of(0n));
    const remapped = codec.labels?.remap(encoded, chunk, { valuesOf: (old) => old.map(() => 4n) }, workspace);
    expect(codec.labels?.unique(remapped ?? encoded, chunk, workspace)).toEqual(BigUint64Array.of(4n));
  });

  it("labels of a chunk whose table lies over its indices are replaced while it is decoded", async () => {
    const { labels } = await compressedSegmentationCodec.load();
    const words = Uint32Array.of(1, 3 | (1 << 24), 2, 0b10, ...new Uint32Array(16));
    const target = { workspace, pointer: workspace.resultPointer, rowBytes: 2, planeBytes: 2, channelBytes: 2 };
    const mapping = { voxelBytes: 1 as const, valuesOf: (old: BigUint64Array) => old.map((label) => label + 4n) };
    const part = { from: [0, 0, 0], to: chunk.size } as const;
    labels?.decodeMapped(new Uint8Array(words.buffer), chunk, mapping, { ...target, ...part });
    expect([...workspace.view(workspace.resultPointer, 2)]).toEqual([4, 4]);
  });
});

describe("chunks of very many labels", () => {
  it.each([
    ["sorted, not hashed", [64, 64, 20]],
    ["looked up by halving", [64, 64, 70]],
  ] as const)("%s", async (_, size) => {
    const { labels } = await rawCodec.load();
    const count = product(size);
    const workspace = createFakeWorkspace(count * 8, count * 50 + (24 << 20));
    const chunk: ChunkDescription = { size, channels: 1, dtype: "uint32", parameters: {} };
    const voxels = Uint32Array.from({ length: count }, (_, i) => (i * 7919) % 999_983);
    const encoded = new Uint8Array(voxels.buffer);
    const unique = labels?.unique(encoded, chunk, workspace) ?? new BigUint64Array(0);
    expect(unique.join() === [...voxels].sort((a, b) => a - b).join()).toBe(true);

    const valuesOf = (all: BigUint64Array): BigUint64Array => all.map((label) => label * 3n + 1n);
    const remapped = labels?.remap(encoded, chunk, { valuesOf }, workspace) ?? encoded;
    expect(new Uint32Array(remapped.slice().buffer).join() === voxels.map((label) => label * 3 + 1).join()).toBe(true);
  });

  it("a label beyond 64 bits is in none", async () => {
    const { labels } = await rawCodec.load();
    const workspace = createFakeWorkspace(64, 1 << 20);
    const chunk: ChunkDescription = { size: [1, 1, 1], channels: 1, dtype: "uint64", parameters: {} };
    const encoded = new Uint8Array(BigUint64Array.of(5n).buffer);
    const answers = [5n, 5n + 2n ** 64n, 5n - 2n ** 64n].map((label) =>
      labels?.contains(encoded, chunk, label, workspace),
    );
    expect(answers).toEqual([true, false, false]);
  });
});
