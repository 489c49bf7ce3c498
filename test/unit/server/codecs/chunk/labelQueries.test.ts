/** What can be asked of raw and compressed_segmentation chunks; the reference's own answers where it has some. */
import { describe, expect, it } from "vitest";
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

  it("remap of a chunk whose table lies over its indices decodes and encodes it", async () => {
    const codec = await compressedSegmentationCodec.load();
    // The table begins at the second word of the indices: both labels are 0.
    const words = Uint32Array.of(1, 3 | (1 << 24), 2, 0b10, ...new Uint32Array(16));
    const encoded = new Uint8Array(words.buffer);
    expect(codec.labels?.unique(encoded, chunk, workspace)).toEqual(BigUint64Array.of(0n));
    const remapped = codec.labels?.remap(encoded, chunk, { valuesOf: (old) => old.map(() => 4n) }, workspace);
    expect(codec.labels?.unique(remapped ?? encoded, chunk, workspace)).toEqual(BigUint64Array.of(4n));
  });
});
