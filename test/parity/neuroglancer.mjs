/** What we encode is decoded by Neuroglancer's own programs to the same voxels: compresso, png and lossless jxl. */
import assert from "node:assert/strict";
import { loadNeuroglancerDecoders } from "./neuroglancerDecoders.mjs";
import { bytesOf, labels, noise, texture } from "./voxels.mjs";

/** @import { Case, Context } from "./run.mjs" */
/** @import { DataType, Vec3 } from "./voxels.mjs" */

/** @type {ReturnType<typeof loadNeuroglancerDecoders> | undefined} */
let loading;

/** @type {readonly Vec3[]} */
const sizes = [
  [64, 64, 64],
  [31, 17, 9],
  [1, 1, 1],
  [64, 60, 1],
];

/**
 * @param {Context} context
 * @param {DataType} dtype
 * @param {readonly number[]} shape
 * @param {boolean} isLabels
 */
function someContents({ random }, dtype, shape, isLabels) {
  const count = shape.reduce((product, side) => product * side, 1);
  if (!isLabels) {
    return [texture(random, dtype, shape), noise(random, dtype, count)];
  }
  const found = [labels(random, dtype, shape, 40), noise(random, dtype, count)];
  // It keeps 32 bits of labels that boundary voxels hold themselves, of the reference's own bytes, too.
  return found.map((data) => (data instanceof BigUint64Array ? data.map((label) => label & 0xffff_ffffn) : data));
}

/**
 * @param {"compresso" | "png" | "jxl"} encoding
 * @param {DataType} dtype
 * @param {number} channels
 * @returns {Case}
 */
const decodes = (encoding, dtype, channels) => ({
  title: `Neuroglancer decodes our ${encoding}, ${dtype}, ${channels} channels`,
  async run(context) {
    loading ??= loadNeuroglancerDecoders();
    const decode = (await loading)[encoding];
    for (const size of sizes) {
      for (const source of someContents(context, dtype, [...size, channels], encoding === "compresso")) {
        const parameters = encoding === "jxl" ? { jxl_quality: 100 } : {};
        const encoded = await context.engine.chunkTools.encode(source, { encoding, size, channels, dtype, parameters });
        const found = decode(encoded, { size, channels, dtype });
        assert.ok(Buffer.from(found).equals(bytesOf(source)), `other voxels, ${size.join("x")}`);
      }
    }
  },
});

/** @type {readonly DataType[]} */
const unsigned = ["uint8", "uint16", "uint32", "uint64"];

/** @type {readonly Case[]} */
export const neuroglancerCases = [
  ...unsigned.map((dtype) => decodes("compresso", dtype, 1)),
  ...[1, 2, 3, 4].flatMap((channels) => [decodes("png", "uint8", channels), decodes("png", "uint16", channels)]),
  ...[1, 3].map((channels) => decodes("jxl", "uint8", channels)),
];
