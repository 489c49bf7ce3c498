/** What the reference writes in this very run is read by us with equal voxels: whole mips, and boxes at random against its own answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { infoOf } from "./layers.mjs";
import { bytesOf, crop, dataTypes, distance, randomBox, sha256, sizeOf, toVec3, viewOf } from "./voxels.mjs";

/** @import { Case, Context } from "./run.mjs" */
/** @import { Box, DataType, Vec3 } from "./voxels.mjs" */

/**
 * @typedef {object} Written
 * @property {DataType} dtype
 * @property {string} encoding
 * @property {"noise" | "labels" | "texture" | "constant" | "zeros"} [contents]
 * @property {number} [channels]
 * @property {Record<string, unknown>} [parameters]
 * @property {string | boolean} [compress]
 * @property {number} [mips]
 * @property {Vec3} [offset]
 * @property {[Vec3, Vec3][]} [parts] Boxes that are written; the other chunks stay absent.
 * @property {Record<string, unknown>} [options] Of the CloudVolume that writes.
 * @property {boolean} [isMisreadByCloudVolume] It gives other voxels than it wrote, so what it wrote is the truth.
 */

const boxesPerLayer = 6;

/**
 * @param {Context} context
 * @param {Written} written
 * @returns {Promise<{ folder: string, sources: { data: Exclude<ReturnType<typeof viewOf>, undefined>, shape: number[] }[] }>}
 */
async function letThemWrite(context, written) {
  const folder = context.newFolder();
  const answers = await context.oracle.ask("write", {
    layer: folder,
    info: infoOf(written),
    contents: written.contents ?? "noise",
    seed: context.seed,
    file: context.newFile(),
    compress: written.compress,
    parts: written.parts,
    options: written.options ?? {},
  });
  const sources = answers.map((/** @type {{ shape: number[] }} */ { shape }, /** @type {number} */ mip) => {
    const bytes = readFileSync(context.lastFile(String(mip)));
    return { data: viewOf(written.dtype, new Uint8Array(bytes).buffer), shape };
  });
  return { folder, sources };
}

/**
 * @param {Context} context
 * @param {string} folder
 * @param {Box} box
 * @param {{ mip?: number, options?: Record<string, unknown> }} [request]
 */
const theirAnswer = (context, folder, { min, max }, request) =>
  context.oracle.ask("read", { layer: folder, box: [min, max], ...request });

/**
 * @param {Context} context
 * @param {Written} written
 */
async function expectEqual(context, written) {
  const { folder, sources } = await letThemWrite(context, written);
  const volume = await context.engine.openVolume(folder);
  for (const [mip, { data, shape }] of sources.entries()) {
    const bounds = volume.bounds(mip);
    const whole = await volume.download(undefined, { mip });
    assert.deepEqual(whole.shape, shape);
    assert.equal(whole.dtype, written.dtype);
    assert.equal(sha256(whole.data), sha256(data));
    for (let count = 0; count < boxesPerLayer; count++) {
      const box = randomBox(context.random, bounds);
      const cutout = await volume.download(box, { mip });
      const where = `mip ${mip}, box ${JSON.stringify(box)}`;
      assert.deepEqual(cutout.shape, [...sizeOf(box), volume.channels], where);
      assert.equal(sha256(cutout.data), sha256(crop(data, bounds, box, volume.channels)), where);
      if (!written.isMisreadByCloudVolume) {
        assert.equal(sha256(cutout.data), (await theirAnswer(context, folder, box, { mip })).sha256, where);
      }
    }
  }
}

/**
 * @param {string} title
 * @param {Written} written
 * @returns {Case}
 */
const equal = (title, written) => ({
  title: `we read CloudVolume's ${title}`,
  run: (context) => expectEqual(context, written),
});

/**
 * Decoders of jpeg may round differently; those of subsampled colours also differ in how they interpolate.
 * @param {number} channels
 * @param {number | undefined} quality
 * @returns {Case}
 */
const jpeg = (channels, quality) => ({
  title: `we read CloudVolume's jpeg, ${channels} channels, quality ${quality ?? "default"}`,
  async run(context) {
    const parameters = quality === undefined ? {} : { jpeg_quality: quality };
    const { folder } = await letThemWrite(context, {
      dtype: "uint8",
      encoding: "jpeg",
      contents: "texture",
      channels,
      parameters,
    });
    const file = context.newFile();
    // CloudVolume takes interleaved samples for planar, so it cannot judge colours.
    await context.oracle.ask(channels === 1 ? "read" : "read_conformant", { layer: folder, file });
    const volume = await context.engine.openVolume(folder);
    const whole = await volume.download();
    const reference = readFileSync(file);
    assert.equal(whole.data.byteLength, reference.byteLength);
    const { largest, mean } = distance(bytesOf(whole.data), reference);
    const [mostLargest, mostMean] = channels === 1 ? [2, 0.1] : [48, 3];
    assert.ok(largest <= mostLargest && mean <= mostMean, `distance ${largest}, mean ${mean}`);
    for (let count = 0; count < boxesPerLayer; count++) {
      const box = randomBox(context.random, volume.bounds());
      const cutout = await volume.download(box);
      const bounds = volume.bounds();
      assert.equal(sha256(cutout.data), sha256(crop(/** @type {Uint8Array} */ (whole.data), bounds, box, channels)));
    }
  },
});

/** Two of the chunks of the usual layer; the rest is absent. */
const twoParts = /** @type {[Vec3, Vec3][]} */ ([
  [
    [7, -20, 3],
    [23, -4, 11],
  ],
  [
    [23, -4, 11],
    [39, 12, 19],
  ],
]);

/**
 * Boxes over absent chunks and beyond the bounds, both filled with the background.
 * @param {Written} written
 * @param {number} background
 * @returns {Case}
 */
const filled = (written, background) => ({
  title: `we fill absent chunks of ${written.encoding} ${written.dtype} with ${background}, and so does CloudVolume`,
  async run(context) {
    const { folder } = await letThemWrite(context, { ...written, parts: twoParts });
    const volume = await context.engine.openVolume(folder, { fillMissing: true, background, bounded: false });
    const options = { fill_missing: true, background_color: background, bounded: false };
    const bounds = volume.bounds();
    const wide = { min: toVec3(bounds.min.map((start) => start - 9)), max: toVec3(bounds.max.map((end) => end + 5)) };
    const boxes = [bounds, wide, ...Array.from({ length: boxesPerLayer }, () => randomBox(context.random, wide))];
    for (const box of boxes) {
      const cutout = await volume.download(box);
      const theirs = await theirAnswer(context, folder, box, { options });
      assert.deepEqual(cutout.shape, [...sizeOf(box), volume.channels], JSON.stringify(box));
      // Of a single voxel of an absent chunk, CloudVolume gives one channel only.
      if (volume.channels === 1 || sizeOf(box).join() !== "1,1,1") {
        assert.equal(sha256(cutout.data), theirs.sha256, JSON.stringify(box));
      }
    }
  },
});

/** @type {readonly DataType[]} */
const unsigned = ["uint8", "uint16", "uint32", "uint64"];

/** @type {readonly Case[]} */
export const readCases = [
  ...dataTypes.map((dtype) => equal(`raw ${dtype}`, { dtype, encoding: "raw" })),
  ...[false, "gzip", "br", "zstd", "xz", "bz2"].map((compress) =>
    equal(`raw, second stage ${compress || "none"}`, {
      dtype: "uint32",
      encoding: "raw",
      contents: "labels",
      compress,
    }),
  ),
  ...[2, 3, 4].map((channels) => equal(`raw, ${channels} channels`, { dtype: "float32", encoding: "raw", channels })),
  equal("three mips", { dtype: "uint16", encoding: "raw", mips: 3 }),
  equal("corner far below zero", { dtype: "int16", encoding: "raw", offset: [-100003, -7, -65537] }),
  equal("png uint8", { dtype: "uint8", encoding: "png", contents: "texture" }),
  ...[2, 3, 4].map((channels) =>
    equal(`png uint8, ${channels} channels`, {
      dtype: "uint8",
      encoding: "png",
      channels,
      isMisreadByCloudVolume: true,
    }),
  ),
  ...[2, 4].map((channels) =>
    equal(`png uint16, ${channels} channels`, {
      dtype: "uint16",
      encoding: "png",
      channels,
      isMisreadByCloudVolume: true,
    }),
  ),
  ...[1, 3].flatMap((channels) => [undefined, 40, 100].map((quality) => jpeg(channels, quality))),
  ...[
    [8, 8, 8],
    [4, 4, 4],
    [16, 8, 4],
    [5, 7, 3],
  ].flatMap((block) =>
    /** @type {const} */ (["uint32", "uint64"]).map((dtype) =>
      equal(`compressed_segmentation ${dtype}, blocks of ${block.join("x")}`, {
        dtype,
        encoding: "compressed_segmentation",
        contents: "labels",
        parameters: { compressed_segmentation_block_size: block },
      }),
    ),
  ),
  ...[false, "gzip", "br", "zstd"].map((compress) =>
    equal(`compressed_segmentation, second stage ${compress || "none"}`, {
      dtype: "uint64",
      encoding: "compressed_segmentation",
      contents: "labels",
      compress,
    }),
  ),
  equal("compressed_segmentation of noise", { dtype: "uint64", encoding: "compressed_segmentation" }),
  equal("compressed_segmentation of one label", {
    dtype: "uint32",
    encoding: "compressed_segmentation",
    contents: "constant",
  }),
  ...unsigned.map((dtype) => equal(`compresso ${dtype}`, { dtype, encoding: "compresso", contents: "labels" })),
  equal("compresso of noise", { dtype: "uint16", encoding: "compresso" }),
  equal("compresso of zeros", { dtype: "uint64", encoding: "compresso", contents: "zeros" }),
  ...[false, "br"].map((compress) =>
    equal(`compresso, second stage ${compress || "none"}`, {
      dtype: "uint32",
      encoding: "compresso",
      contents: "labels",
      compress,
    }),
  ),
  ...[0, 5].flatMap((background) => [
    filled({ dtype: "uint8", encoding: "raw" }, background),
    filled({ dtype: "uint64", encoding: "compressed_segmentation", contents: "labels" }, background),
    filled({ dtype: "float32", encoding: "raw", channels: 2 }, background),
  ]),
  {
    title: "we read what CloudVolume left out as black with delete_black_uploads",
    async run(context) {
      /** @type {Written} */
      const written = { dtype: "uint8", encoding: "raw", contents: "zeros", options: { delete_black_uploads: true } };
      const { folder, sources } = await letThemWrite(context, written);
      const volume = await context.engine.openVolume(folder, { fillMissing: true });
      const whole = await volume.download();
      assert.equal(sha256(whole.data), sha256(sources[0]?.data ?? new Uint8Array()));
    },
  },
  {
    title: "we find the provenance that CloudVolume wrote",
    async run(context) {
      const folder = context.newFolder();
      const request = { layer: folder, info: infoOf({ dtype: "uint8", encoding: "raw" }), contents: "zeros", seed: 1 };
      const facts = { description: "of CloudVolume, äöü", owners: ["someone@example.org"] };
      await context.oracle.ask("write", { ...request, file: context.newFile(), ...facts });
      const volume = await context.engine.openVolume(folder);
      assert.deepEqual(await volume.provenance(), { ...facts, sources: [], processing: [] });
      assert.deepEqual(volume.info, (await context.oracle.ask("describe", { layer: folder })).info);
    },
  },
];
