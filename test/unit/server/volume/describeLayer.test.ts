import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { describeInfoText, describeLayer } from "../../../../server/src/volume/describeLayer.ts";
import { describeWithShared } from "../../../fakes/shared.ts";

const scale = {
  key: "8_8_40",
  size: [100, 200, 33],
  voxel_offset: [-5, 0, 7],
  resolution: [8, 8, 40],
  chunk_sizes: [[64, 64, 16]],
  encoding: "RAW",
};
const image = { type: "image", data_type: "uint8", num_channels: 3, scales: [scale] };

test("a volume is described with its scales", () => {
  expect(describeLayer(image)).toEqual({
    kind: "image",
    dtype: "uint8",
    channels: 3,
    scales: [
      {
        key: "8_8_40",
        size: [100, 200, 33],
        resolutionNm: [8, 8, 40],
        encoding: "raw",
        isSharded: false,
        chunkCount: 2 * 4 * 3,
      },
    ],
  });
});

test("sharding and references are told", () => {
  const sharded = { ...scale, sharding: { "@type": "neuroglancer_uint64_sharded_v1" } };
  const layer = describeLayer({
    ...image,
    type: "Segmentation",
    scales: [sharded],
    mesh: "mesh",
    skeletons: 7,
    segment_properties: "props",
  });
  expect(layer).toMatchObject({
    kind: "segmentation",
    scales: [{ isSharded: true }],
    references: { mesh: "mesh", segment_properties: "props" },
  });
});

test.each([
  [{ "@type": "neuroglancer_legacy_mesh" }, "mesh"],
  [{ "@type": "neuroglancer_multilod_draco" }, "mesh"],
  [{ vertex_quantization_bits: 10 }, "mesh"],
  [{ spatial_index: {}, mip: 2, chunk_size: [1, 1, 1] }, "mesh"],
  [{ spatial_index: {} }, "skeletons"],
  [{ "@type": "neuroglancer_skeletons" }, "skeletons"],
  [{ vertex_attributes: [] }, "skeletons"],
  [{ "@type": "neuroglancer_annotations_v1" }, "annotations"],
  [{ annotation_type: "POINT" }, "annotations"],
  [{ inline: {} }, "segment_properties"],
])("%j is a layer of kind %s without a problem", (info, kind) => {
  expect(describeLayer(info)).toEqual({ kind });
});

test.each([
  ["a broken scale", { ...image, scales: [{ ...scale, size: [1, 2] }, scale] }, "image", "/scales/0/size"],
  ["an unknown type", { ...image, type: "movie" }, "unknown", "/type"],
  ["an unknown data type", { ...image, data_type: "complex" }, "image", "complex"],
  ["no channels", { ...image, num_channels: 0 }, "image", "/num_channels"],
  ["no scales", { ...image, scales: [] }, "image", "/scales"],
  [
    "a chunk size of zero",
    { ...image, scales: [{ ...scale, chunk_sizes: [[64, 0, 64]] }] },
    "image",
    "/scales/0/chunk_sizes",
  ],
  ["graphene", { ...image, type: "segmentation", app: {} }, "segmentation", "graphene"],
  ["nothing known", { a: 1 }, "unknown", "unknown kind"],
  ["only a redirect", { redirect: "https://host/x?token=secret" }, "unknown", `moved: "https://host/x"`],
  ["an array", [], "unknown", "not a JSON object"],
  ["null", null, "unknown", "not a JSON object"],
])("%s is told as a problem", (_what, info, kind, problem) => {
  const layer = describeLayer(info);
  expect(layer.kind).toBe(kind);
  expect(layer.problem).toContain(problem);
});

test("what can be read beside a broken scale is described", () => {
  expect(describeLayer({ ...image, scales: [{}, scale] }).scales).toHaveLength(1);
});

test("a text that is no JSON is told as a problem", () => {
  expect(describeInfoText("{ not json")).toMatchObject({
    kind: "unknown",
    problem: expect.stringContaining("not valid JSON"),
  });
});

describeWithShared("real info files", ["data", "infos", "manifest.json"], (manifest) => {
  interface Row {
    readonly id: string;
    readonly file: string;
    readonly kind: string;
  }
  const { good } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly good: readonly Row[] };
  const kinds: Readonly<Record<string, readonly string[]>> = {
    "precomputed-volume": ["image", "segmentation"],
    graphene: ["segmentation"],
    "precomputed-mesh-multilod": ["mesh"],
    "precomputed-mesh-legacy": ["mesh"],
    skeleton: ["skeletons"],
    annotation: ["annotations"],
    "segment-properties": ["segment_properties"],
  };
  const known = good.filter(({ kind }) => kinds[kind] !== undefined);

  test("there are some of each kind", () => {
    expect(known.length).toBeGreaterThan(40);
    expect(new Set(known.map(({ kind }) => kind)).size).toBeGreaterThan(3);
  });

  describe("are recognised", () => {
    test.each(known)("$id", ({ file, kind }) => {
      const layer = describeInfoText(readFileSync(path.join(path.dirname(manifest), "good", file), "utf8"));
      expect(kinds[kind]).toContain(layer.kind);
    });
  });
});
