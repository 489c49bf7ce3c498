import { describe, expect, it } from "vitest";
import { parseInfo } from "../../../../server/src/formats/precomputed/info.ts";

const scale = {
  key: "4_4_40",
  size: [100, 90, 80],
  voxel_offset: [5, -6, 7],
  resolution: [4, 4, 40],
  chunk_sizes: [
    [64, 32, 16],
    [1, 1, 1],
  ],
  encoding: "compressed_segmentation",
  compressed_segmentation_block_size: [8, 8, 8],
};
const info = { type: "segmentation", data_type: "uint64", num_channels: 1, scales: [scale], owner: "kept" };
const withScale = (changes: object) => ({ ...info, scales: [{ ...scale, ...changes }] });

/** The path and tag of what parsing throws. */
function failure(document: unknown): unknown {
  try {
    parseInfo(document);
  } catch (error) {
    const { tag, fields } = error as { tag: string; fields: { path: string } };
    return [tag, fields.path];
  }
  return "nothing was thrown";
}

it("reads a volume and keeps what it does not know", () => {
  const metadata = parseInfo(info);
  expect(metadata).toMatchObject({
    layerType: "segmentation",
    dtype: "uint64",
    channels: 1,
    document: { owner: "kept" },
  });
  expect(metadata.scales[0]).toEqual({
    key: "4_4_40",
    resolutionNm: [4, 4, 40],
    bounds: { min: [5, -6, 7], max: [105, 84, 87] },
    chunkSize: [64, 32, 16],
    encoding: "compressed_segmentation",
    parameters: { compressed_segmentation_block_size: [8, 8, 8] },
    isSharded: false,
    isLocked: false,
  });
  expect(Object.isFrozen(metadata.scales[0]?.bounds)).toBe(true);
});

it("takes zero for an absent voxel_offset", () => {
  expect(parseInfo(withScale({ voxel_offset: undefined })).scales[0]?.bounds.min).toEqual([0, 0, 0]);
});

describe("names the path of what it refuses", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["not an object", [], ""],
    ["no scales", { ...info, scales: undefined }, "/scales"],
    ["empty scales", { ...info, scales: [] }, "/scales"],
    ["unknown type", { ...info, type: "mesh" }, "/type"],
    ["unknown data_type", { ...info, data_type: "uint128" }, "/data_type"],
    ["num_channels as text", { ...info, num_channels: "1" }, "/num_channels"],
    ["num_channels 0", { ...info, num_channels: 0 }, "/num_channels"],
    ["size of strings", withScale({ size: ["1", "2", "3"] }), "/scales/0/size/0"],
    ["size of two", withScale({ size: [1, 2] }), "/scales/0/size"],
    ["negative size", withScale({ size: [1, -2, 3] }), "/scales/0/size/1"],
    ["fraction", withScale({ voxel_offset: [0.5, 0, 0] }), "/scales/0/voxel_offset/0"],
    ["size beyond 2^53", withScale({ size: [2 ** 53, 1, 1] }), "/scales/0/size/0"],
    ["bounds beyond 2^53", withScale({ voxel_offset: [9007199254740991, 0, 0] }), "/scales/0/voxel_offset"],
    ["flat chunk_sizes", withScale({ chunk_sizes: [64, 64, 64] }), "/scales/0/chunk_sizes/0"],
    ["chunk size 0", withScale({ chunk_sizes: [[64, 0, 64]] }), "/scales/0/chunk_sizes/0/1"],
    ["resolution 0", withScale({ resolution: [4, 0, 40] }), "/scales/0/resolution/1"],
    ["key that leaves the layer", withScale({ key: "../other/4_4_40" }), "/scales/0/key"],
    ["absolute key", withScale({ key: "/etc" }), "/scales/0/key"],
    ["key that is a URL", withScale({ key: "https://example.org/x" }), "/scales/0/key"],
    ["sharding of an unknown type", withScale({ sharding: { "@type": "v2" } }), "/scales/0/sharding/@type"],
  ];
  it.each(cases)("%s", (_, document, path) => {
    expect(failure(document)).toEqual(["invalid_metadata", path]);
  });
});

it("cuts a long value in the message", () => {
  expect(() => parseInfo({ ...info, data_type: "x".repeat(10_000) })).toThrow(/^.{0,200}$/);
});
