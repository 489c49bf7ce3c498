/** What we write is read back by the reference with equal voxels. Where CloudVolume reads wrongly, tensorstore is the judge. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { infoOf } from "./layers.mjs";
import { dataTypes, distance, labels, noise, sha256, sizeOf, texture } from "./voxels.mjs";

/** @import { LayerSpec } from "./layers.mjs" */
/** @import { Case, Context } from "./run.mjs" */
/** @import { DataType, Vec3 } from "./voxels.mjs" */

/**
 * @typedef {object} Settings
 * @property {boolean | "gzip" | "br" | "zstd"} [compress]
 * @property {(context: Context, shape: number[]) => any} [contents] Default: noise.
 * @property {"cloudvolume" | "tensorstore"} [judge]
 */
/** @typedef {LayerSpec & Settings} Layer */

/**
 * Writes every mip of a layer; gives its folder and what was written.
 * @param {Context} context
 * @param {Layer} layer
 */
async function writeLayer(context, layer) {
  const folder = context.newFolder();
  const volume = await context.engine.createVolume(folder, infoOf(layer));
  const written = [];
  for (const mip of volume.scales.keys()) {
    const bounds = volume.bounds(mip);
    const shape = [...sizeOf(bounds), volume.channels];
    const count = shape.reduce((product, side) => product * side, 1);
    const data = layer.contents?.(context, shape) ?? noise(context.random, layer.dtype, count);
    await volume.upload(bounds, { data, shape }, { mip, compress: layer.compress });
    written.push({ data, shape });
  }
  return { folder, written };
}

/**
 * @param {Context} context
 * @param {Layer} layer
 */
async function expectEqual(context, layer) {
  const { folder, written } = await writeLayer(context, layer);
  for (const [mip, { data, shape }] of written.entries()) {
    const command = layer.judge === "tensorstore" ? "read_conformant" : "read";
    const found = await context.oracle.ask(command, { layer: folder, mip });
    assert.deepEqual(found, { sha256: sha256(data), shape, dtype: layer.dtype });
  }
}

/**
 * @param {string} title
 * @param {Layer} layer
 * @returns {Case}
 */
const equal = (title, layer) => ({ title: `we write ${title}`, run: (context) => expectEqual(context, layer) });

/**
 * The reference's reading of our jpeg is as near to what was written as its reading of its own.
 * @param {number} channels
 * @param {number | undefined} quality
 * @returns {Case}
 */
const jpeg = (channels, quality) => ({
  title: `we write jpeg, ${channels} channels, quality ${quality ?? "default"}: as near as CloudVolume's`,
  async run(context) {
    const parameters = quality === undefined ? {} : { jpeg_quality: quality };
    const dtype = /** @type {DataType} */ ("uint8");
    /** @type {Layer} */
    const layer = {
      dtype,
      encoding: "jpeg",
      channels,
      parameters,
      contents: ({ random }, shape) => texture(random, dtype, shape),
    };
    const { folder, written } = await writeLayer(context, layer);
    const theirs = context.newFolder();
    const [source] = await context.oracle.ask("write", {
      layer: theirs,
      info: infoOf(layer),
      contents: "texture",
      seed: context.seed,
      file: context.newFile(),
      compress: false,
    });
    assert.deepEqual(source.shape, written[0]?.shape);
    const [first] = written;
    const ours = await lossOf(context, folder, first?.data);
    const reference = await lossOf(context, theirs, readFileSync(context.lastFile("0")));
    assert.ok(ours.mean <= 1.25 * reference.mean + 0.25, `mean loss ${ours.mean}, CloudVolume's ${reference.mean}`);
    assert.ok(
      ours.largest <= 1.5 * reference.largest + 3,
      `largest loss ${ours.largest}, CloudVolume's ${reference.largest}`,
    );
  },
});

/**
 * @param {Context} context
 * @param {string} layer
 * @param {Uint8Array} source
 */
async function lossOf(context, layer, source) {
  const file = `${context.newFolder()}.raw`;
  await context.oracle.ask("read_conformant", { layer, file });
  return distance(readFileSync(file), source);
}

/** @type {readonly ("gzip" | "br" | "zstd" | false)[]} */
const compressions = [false, "gzip", "br", "zstd"];

/** More labels than 16 bits count, in one block: CloudVolume's decoder reads such indices wrongly. */
const crowded = {
  size: /** @type {Vec3} */ ([64, 64, 20]),
  chunk: /** @type {Vec3} */ ([64, 64, 20]),
  parameters: { compressed_segmentation_block_size: [64, 64, 32] },
};

/** @type {readonly Case[]} */
export const writtenCases = [
  ...dataTypes.map((dtype) => equal(`raw ${dtype}`, { dtype, encoding: "raw" })),
  ...compressions.map((compress) =>
    equal(`raw uint16, second stage ${compress || "none"}`, { dtype: "uint16", encoding: "raw", compress }),
  ),
  ...[2, 3, 4].map((channels) => equal(`raw, ${channels} channels`, { dtype: "int32", encoding: "raw", channels })),
  equal("raw beyond 2^31, as tensorstore reads it", {
    dtype: "uint8",
    encoding: "raw",
    offset: [2 ** 31 + 5, -(2 ** 31) - 9, 0],
    compress: false,
    judge: "tensorstore",
  }),
  equal("three mips", { dtype: "uint8", encoding: "raw", mips: 3 }),
  ...[1, 2, 3, 4].flatMap((channels) =>
    /** @type {const} */ (["uint8", "uint16"]).map((dtype) =>
      equal(`png ${dtype}, ${channels} channels, as tensorstore reads it`, {
        dtype,
        encoding: "png",
        channels,
        judge: "tensorstore",
      }),
    ),
  ),
  equal("png uint8", {
    dtype: "uint8",
    encoding: "png",
    contents: ({ random }, shape) => texture(random, "uint8", shape),
  }),
  ...[0, 9].map((png_level) =>
    equal(`png of level ${png_level}`, { dtype: "uint8", encoding: "png", parameters: { png_level } }),
  ),
  ...[1, 3].flatMap((channels) => [undefined, 50, 100].map((quality) => jpeg(channels, quality))),
  ...[
    [8, 8, 8],
    [4, 4, 4],
    [16, 8, 4],
    [1, 1, 1],
    [5, 7, 3],
  ].flatMap((block) =>
    /** @type {const} */ (["uint32", "uint64"]).map((dtype) =>
      equal(`compressed_segmentation ${dtype}, blocks of ${block.join("x")}`, {
        dtype,
        encoding: "compressed_segmentation",
        parameters: { compressed_segmentation_block_size: block },
        contents: ({ random }, shape) => labels(random, dtype, shape, 90),
      }),
    ),
  ),
  ...[1, 2, 3, 5, 17, 300].map((count) =>
    equal(`compressed_segmentation, ${count} labels`, {
      dtype: "uint64",
      encoding: "compressed_segmentation",
      contents: ({ random }, shape) => labels(random, "uint64", shape, count),
    }),
  ),
  equal("compressed_segmentation of noise", { dtype: "uint64", encoding: "compressed_segmentation" }),
  equal("compressed_segmentation without a second stage", {
    dtype: "uint32",
    encoding: "compressed_segmentation",
    compress: false,
  }),
  equal("compressed_segmentation, 2 channels, as tensorstore reads it", {
    dtype: "uint32",
    encoding: "compressed_segmentation",
    channels: 2,
    compress: false,
    judge: "tensorstore",
    contents: ({ random }, shape) => labels(random, "uint32", shape, 40),
  }),
  ...compressions.slice(1).map((compress) =>
    equal(`compressed_segmentation, second stage ${compress}`, {
      dtype: "uint64",
      encoding: "compressed_segmentation",
      compress,
      contents: ({ random }, shape) => labels(random, "uint64", shape, 30),
    }),
  ),
  equal("compressed_segmentation with more than 65536 labels in a block, as tensorstore reads it", {
    dtype: "uint32",
    encoding: "compressed_segmentation",
    ...crowded,
    compress: false,
    judge: "tensorstore",
    contents: (_, shape) => Uint32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => index * 7 + 1),
  }),
  {
    title: "CloudVolume finds our info and provenance as they were given",
    async run(context) {
      /** @type {Layer} */
      const layer = { dtype: "uint64", encoding: "compressed_segmentation", channels: 1, mips: 3 };
      const info = { ...infoOf(layer), mesh: "mesh", skeletons: "skeletons", ours: { kept: [1, "x"] } };
      const provenance = {
        description: "made for a test, äöü",
        owners: ["someone@example.org"],
        sources: ["precomputed://gs://example/layer"],
        processing: [{ by: "someone@example.org", method: { task: "none", value: 0.5 } }],
      };
      const folder = context.newFolder();
      const volume = await context.engine.createVolume(folder, info, { provenance });
      const found = await context.oracle.ask("describe", { layer: folder });
      assert.deepEqual(found.info, info);
      assert.deepEqual(found.provenance, provenance);
      const scales = volume.scales.map(({ bounds, chunkSize, resolutionNm: resolution, key }) => ({
        ...bounds,
        chunkSize,
        resolution,
        key,
      }));
      assert.deepEqual(found.scales, scales);
      assert.deepEqual(
        [found.layerType, found.dtype, found.channels],
        [volume.layerType, volume.dtype, volume.channels],
      );
    },
  },
  {
    title: "we replace chunks that CloudVolume wrote with another second stage, and leave no twin that it would read",
    async run(context) {
      /** @type {Layer} */
      const layer = { dtype: "uint16", encoding: "raw" };
      const folder = context.newFolder();
      mkdirSync(folder, { recursive: true });
      const request = {
        layer: folder,
        info: infoOf(layer),
        contents: "noise",
        seed: context.seed,
        file: context.newFile(),
      };
      await context.oracle.ask("write", { ...request, compress: "gzip" });
      const volume = await context.engine.openVolume(folder);
      const bounds = volume.bounds(0);
      const data = noise(
        context.random,
        "uint16",
        sizeOf(bounds).reduce((a, b) => a * b, 1),
      );
      await volume.upload(bounds, { data }, { compress: "br" });
      assert.equal((await context.oracle.ask("read", { layer: folder })).sha256, sha256(data));
      const suffixes = new Set(readdirSync(path.join(folder, "4_4_40")).map((name) => path.extname(name)));
      assert.deepEqual([...suffixes], [".br"]);
    },
  },
];
