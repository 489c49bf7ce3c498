/**
 * Single chunks, each encoding x dtype x shape x contents: what we encode the reference decodes to the same voxels, what it encodes we do,
 * and label encodings are no larger than the reference's.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { arrays, bytesOf, distance, labels, noise, sha256, texture } from "./voxels.mjs";

/** @import { Case, Context } from "./run.mjs" */
/** @import { DataType, Random, Vec3 } from "./voxels.mjs" */

/**
 * @typedef {object} Encoding
 * @property {string} name
 * @property {readonly DataType[]} dtypes
 * @property {readonly number[]} [channels] Default: 1.
 * @property {readonly Record<string, unknown>[]} [parameters] Default: none.
 * @property {number} [tolerance] How far our decoder may be from the reference's; for encodings whose decoding is not exact.
 * @property {boolean} [isLabels] Its encoded size is compared.
 * @property {(parameters: Record<string, unknown>) => boolean} [isLossy]
 */

/** @type {readonly DataType[]} */
const unsigned = ["uint8", "uint16", "uint32", "uint64"];

/** @type {readonly Encoding[]} */
const encodings = [
  { name: "raw", dtypes: /** @type {DataType[]} */ (Object.keys(arrays)), channels: [1, 3] },
  { name: "png", dtypes: ["uint8", "uint16"], channels: [1, 2, 3, 4] },
  {
    name: "jpeg",
    dtypes: ["uint8"],
    channels: [1, 3],
    parameters: [{}, { jpeg_quality: 95 }],
    tolerance: 3,
    isLossy: () => true,
  },
  {
    name: "jxl",
    dtypes: ["uint8"],
    channels: [1, 3],
    parameters: [{}, { jxl_quality: 100 }],
    tolerance: 2,
    isLossy: (parameters) => parameters.jxl_quality !== 100,
  },
  {
    name: "compressed_segmentation",
    dtypes: ["uint32", "uint64"],
    isLabels: true,
    parameters: blocks([8, 8, 8], [4, 8, 2]),
  },
  { name: "compresso", dtypes: unsigned, isLabels: true },
  { name: "crackle", dtypes: unsigned, isLabels: true },
  {
    name: "fpzip",
    dtypes: ["float32", "float64"],
    channels: [1, 3],
    parameters: [{}, { fpzip_precision: 16 }],
    isLossy: (parameters) => parameters.fpzip_precision !== undefined,
  },
  { name: "kempressed", dtypes: ["float32", "float64"], channels: [1, 2], isLossy: () => true },
  {
    name: "zfpc",
    dtypes: ["int32", "int64", "float32", "float64"],
    channels: [1, 2],
    parameters: [
      {},
      { zfpc_rate: 12 },
      { zfpc_precision: 18 },
      { zfpc_tolerance: 0.01 },
      { zfpc_correlated_dims: [true, true, false, false] },
    ],
    isLossy: (parameters) => ["zfpc_rate", "zfpc_precision", "zfpc_tolerance"].some((name) => name in parameters),
  },
];

/** @type {readonly Vec3[]} */
const sizes = [
  [64, 64, 64],
  [31, 17, 9],
  [1, 1, 1],
  [64, 60, 1],
  [5, 70, 3],
];
/** Encoded sizes say something from this many voxels on. */
const sizeMatters = 4000;

/** @param {readonly Vec3[]} sizes */
function blocks(...sizes) {
  return sizes.map((size) => ({ compressed_segmentation_block_size: size }));
}

/**
 * @param {Random} random
 * @param {DataType} dtype
 * @param {readonly number[]} shape
 * @param {boolean} isStructured
 */
function contents(random, dtype, shape, isStructured) {
  const count = shape.reduce((product, side) => product * side, 1);
  if (!isStructured) {
    return noise(random, dtype, count);
  }
  if (dtype.startsWith("uint") && dtype !== "uint8") {
    return labels(random, dtype, shape, 60);
  }
  const image = texture(random, "uint8", shape);
  const scale = dtype.startsWith("float") ? 1 / 256 : 1;
  const data = new arrays[dtype](count);
  for (let i = 0; i < count; i++) {
    const value = Number(image[i]) * scale;
    data[i] = /** @type {never} */ (dtype.endsWith("64") && scale === 1 ? BigInt(Math.round(value)) : value);
  }
  return data;
}

/**
 * @typedef {object} Subject
 * @property {Encoding} encoding
 * @property {DataType} dtype
 * @property {number} channels
 * @property {Vec3} size
 * @property {Record<string, unknown>} parameters
 * @property {boolean} isStructured
 */

/**
 * @param {Context} context
 * @param {Subject} subject
 */
async function compare({ engine, oracle, random, newFolder }, subject) {
  const { encoding, dtype, channels, size, parameters, isStructured } = subject;
  const form = { encoding: encoding.name, size, channels, dtype, parameters };
  const shape = [...size, channels];
  const source = contents(random, dtype, shape, isStructured);
  const request = { encoding: encoding.name, shape, dtype, parameters };
  const files = { voxels: `${newFolder()}.raw`, encoded: `${newFolder()}.theirs`, ours: `${newFolder()}.ours` };
  writeFileSync(files.voxels, bytesOf(source));
  const isLossy = encoding.isLossy?.(parameters) ?? false;

  const ours = await engine.chunkTools.encode(source, form);
  writeFileSync(files.ours, ours);
  const reading = { ...request, encoded: files.ours, file: `${files.ours}.raw` };
  const { sha256: theirReading } = await oracle.ask("decode_chunk", reading);
  const ourReading = await engine.chunkTools.decode(ours, form);
  expectSame(ourReading, readFileSync(reading.file), encoding, "our bytes, as the reference and we read them");
  if (!isLossy) {
    assert.equal(theirReading, sha256(source), "the reference does not read what we wrote");
  }

  if (encoding.name === "jxl" && channels > 1) {
    return; // CloudVolume writes gray frames in the place of colours.
  }
  const writing = { ...request, voxels: files.voxels, encoded: files.encoded };
  const { bytes } = await oracle.ask("encode_chunk", writing);
  const theirs = { ...request, encoded: files.encoded, file: `${files.encoded}.raw` };
  await oracle.ask("decode_chunk", theirs);
  const read = await engine.chunkTools.decode(readFileSync(files.encoded), form);
  expectSame(read, readFileSync(theirs.file), encoding, "the reference's bytes, as it and we read them");
  if (encoding.isLabels && size.reduce((a, b) => a * b, 1) >= sizeMatters) {
    assert.ok(ours.byteLength <= 1.02 * bytes, `${ours.byteLength} bytes, the reference makes ${bytes}`);
  }
  if (isLossy) {
    const [mine, other] = [ourReading, read].map((voxels) => distance(toNumbers(voxels), toNumbers(source)));
    assert.ok(
      (mine?.mean ?? 0) <= 1.25 * (other?.mean ?? 0) + 0.25,
      `loss ${mine?.mean}, the reference's ${other?.mean}`,
    );
  }
}

/** @param {import("../../server/src/index.ts").VoxelArray} voxels */
function toNumbers(voxels) {
  return Array.from(/** @type {ArrayLike<number | bigint>} */ (voxels), Number);
}

/**
 * @param {ArrayBufferView} found
 * @param {Buffer} expected
 * @param {Encoding} encoding
 * @param {string} what
 */
function expectSame(found, expected, { tolerance = 0 }, what) {
  if (tolerance === 0) {
    assert.ok(Buffer.from(bytesOf(found)).equals(expected), `other voxels: ${what}`);
    return;
  }
  const { largest } = distance(bytesOf(found), expected);
  assert.ok(largest <= tolerance, `differ by ${largest}: ${what}`);
}

/** @type {readonly Case[]} */
export const codecCases = encodings.flatMap((encoding) =>
  encoding.dtypes.flatMap((dtype) =>
    (encoding.channels ?? [1]).flatMap((channels) =>
      (encoding.parameters ?? [{}]).map((parameters) => ({
        title: `chunks: ${encoding.name} ${dtype}, ${channels} channels, ${JSON.stringify(parameters)}`,
        run: async (/** @type {Context} */ context) => {
          for (const size of sizes) {
            for (const isStructured of [true, false]) {
              try {
                await compare(context, { encoding, dtype, channels, size, parameters, isStructured });
              } catch (error) {
                const what = `${size.join("x")}, ${isStructured ? "structured" : "noise"}`;
                throw new Error(`${what}: ${error instanceof Error ? error.message : error}`, { cause: error });
              }
            }
          }
        },
      })),
    ),
  ),
);
