/** Both refuse the same requests: CloudVolume with an exception, we with the tag that means the same. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { infoOf } from "./layers.mjs";
import { OracleError } from "./oracle.mjs";
import { noise } from "./voxels.mjs";

/** @import { Case, Context } from "./run.mjs" */
/** @import { Vec3 } from "./voxels.mjs" */

/**
 * @typedef {object} Refusal
 * @property {string} title
 * @property {string} tag Of our error.
 * @property {string} exception Of CloudVolume's.
 * @property {(folder: string) => void} [damage] What is done to the sound layer.
 * @property {[Vec3, Vec3]} [box] What is read; default: all.
 * @property {number} [mip]
 * @property {"read" | "attempt_write"} [command]
 * @property {"uint8" | "float32"} [dtype] Of the voxels that are written.
 */

const layer = /** @type {const} */ ({ dtype: "uint8", encoding: "raw", mips: 2 });
const chunkFolder = "4_4_40";

/**
 * @param {string} folder
 * @param {(info: any) => void} change
 */
function changeInfo(folder, change) {
  const file = path.join(folder, "info");
  const info = JSON.parse(readFileSync(file, "utf8"));
  change(info);
  writeFileSync(file, JSON.stringify(info));
}

/** @param {string} folder */
const firstChunk = (folder) =>
  path.join(folder, chunkFolder, readdirSync(path.join(folder, chunkFolder)).sort()[0] ?? "");

/** @type {readonly Refusal[]} */
const refusals = [
  {
    title: "a box beyond the bounds",
    tag: "out_of_bounds",
    exception: "OutOfBoundsError",
    box: [
      [7, -20, 3],
      [53, 0, 10],
    ],
  },
  { title: "a mip that is not there", tag: "out_of_bounds", exception: "ScaleUnavailableError", mip: 7 },
  {
    title: "a chunk that is not there",
    tag: "not_found",
    exception: "EmptyVolumeException",
    damage: (folder) => rmSync(firstChunk(folder)),
  },
  {
    title: "a layer without an info",
    tag: "not_found",
    exception: "InfoUnavailableError",
    damage: (folder) => rmSync(path.join(folder, "info")),
  },
  {
    title: "a chunk of half its bytes",
    tag: "invalid_chunk",
    exception: "ValueError",
    damage: (folder) => writeFileSync(firstChunk(folder), readFileSync(firstChunk(folder)).subarray(0, 1024)),
  },
  {
    title: "an info that is no JSON",
    tag: "invalid_metadata",
    exception: "JSONDecodeError",
    damage: (folder) => writeFileSync(path.join(folder, "info"), "{ not json"),
  },
  {
    title: "an encoding that nobody knows",
    tag: "unsupported",
    exception: "NotImplementedError",
    damage: (folder) =>
      changeInfo(folder, ({ scales }) => {
        scales[0].encoding = "nobody_knows";
      }),
  },
  {
    title: "a write that is not made of whole chunks",
    tag: "unaligned_write",
    exception: "AlignmentError",
    command: "attempt_write",
    box: [
      [7, -20, 3],
      [22, -4, 11],
    ],
  },
  {
    title: "a write beyond the bounds",
    tag: "out_of_bounds",
    exception: "OutOfBoundsError",
    command: "attempt_write",
    box: [
      [7, -20, 3],
      [71, -4, 11],
    ],
  },
  {
    title: "a write of another data type",
    tag: "invalid_argument",
    exception: "ValueError",
    command: "attempt_write",
    dtype: "float32",
    box: [
      [7, -20, 3],
      [23, -4, 11],
    ],
  },
  {
    title: "a write to a locked mip",
    tag: "read_only",
    exception: "ReadOnlyException",
    command: "attempt_write",
    box: [
      [7, -20, 3],
      [23, -4, 11],
    ],
    damage: (folder) =>
      changeInfo(folder, ({ scales }) => {
        scales[0].locked = true;
      }),
  },
];

/**
 * What the engine makes of the same request.
 * @param {Context} context
 * @param {string} folder
 * @param {Refusal} refusal
 */
async function ourError({ engine, random }, folder, { command = "read", box, mip = 0, dtype = "uint8" }) {
  try {
    const volume = await engine.openVolume(folder);
    const bbox = box === undefined ? undefined : { min: box[0], max: box[1] };
    if (command === "read" || bbox === undefined) {
      await volume.download(bbox, { mip });
    } else {
      const count = bbox.max.reduce((product, end, axis) => product * (end - (bbox.min[axis] ?? 0)), 1);
      await volume.upload(bbox, { data: noise(random, dtype, count) }, { mip });
    }
    return undefined;
  } catch (error) {
    return /** @type {import("../../server/src/index.ts").VolumeError} */ (error);
  }
}

/**
 * @param {Context} context
 * @param {Refusal} refusal
 */
async function expectRefused(context, refusal) {
  const folder = context.newFolder();
  mkdirSync(folder, { recursive: true });
  const file = context.newFile();
  const info = infoOf(layer);
  await context.oracle.ask("write", {
    layer: folder,
    info,
    contents: "noise",
    seed: context.seed,
    file,
    compress: false,
  });
  refusal.damage?.(folder);
  const { command = "read", box, mip = 0, dtype = "uint8" } = refusal;
  const options = { bounded: true };
  const theirs = await context.oracle
    .ask(command, { layer: folder, ...(box === undefined ? {} : { box }), mip, dtype, options })
    .catch((/** @type {unknown} */ error) => error);
  assert.ok(theirs instanceof OracleError, `CloudVolume does not refuse: ${JSON.stringify(theirs)}`);
  assert.equal(theirs.kind, refusal.exception);
  const ours = await ourError(context, folder, refusal);
  assert.equal(ours?.tag, refusal.tag, ours?.stack);
  assert.ok(ours.fields.location?.includes(folder), "the error names the layer");
}

/** @type {readonly Case[]} */
export const errorCases = refusals.map((refusal) => ({
  title: `both refuse ${refusal.title}: ${refusal.tag}, ${refusal.exception}`,
  run: (context) => expectRefused(context, refusal),
}));
