/** jpeg to jxl and back without loss: what one of us transcodes, the other takes back to the very same JPEG file. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { bytesOf, noise, texture } from "./voxels.mjs";

/** @import { Case } from "./run.mjs" */
/** @import { Vec3 } from "./voxels.mjs" */

/** @type {readonly Vec3[]} */
const sizes = [
  [64, 64, 64],
  [31, 17, 9],
  [1, 1, 1],
  [7, 300, 8],
];
/** How much larger than the reference's a transcoded chunk may be: it predicts chroma from luma, we do not. */
const mostGrowth = { gray: 1.05, colors: 1.25 };

/**
 * @param {number} channels
 * @returns {Case}
 */
function jpegAndBack(channels) {
  return {
    title: `jpeg to jxl and back, ${channels} channels`,
    async run({ engine, oracle, random, newFile }) {
      const { encode, transcode } = engine.chunkTools;
      const most = channels === 1 ? mostGrowth.gray : mostGrowth.colors;
      for (const size of sizes) {
        const shape = [...size, channels];
        const count = shape.reduce((product, side) => product * side, 1);
        for (const voxels of [texture(random, "uint8", shape), noise(random, "uint8", count)]) {
          const form = { encoding: "jpeg", size, channels, dtype: /** @type {const} */ ("uint8") };
          const jpeg = await encode(bytesOf(voxels), form);
          const what = `${size.join(" x ")} x ${channels}, ${jpeg.byteLength} bytes of JPEG`;
          const theirs = await askFor(jpeg, { from: "jpeg", to: "jxl" });
          const ours = await transcode(jpeg, form, { to: { encoding: "jxl" } });
          same(await askFor(ours, { from: "jxl", to: "jpeg" }), jpeg, `the reference takes ours back: ${what}`);
          const back = await transcode(theirs, { ...form, encoding: "jxl" }, { to: { encoding: "jpeg" } });
          same(back, jpeg, `we take the reference's back: ${what}`);
          assert.ok(
            ours.byteLength <= most * theirs.byteLength,
            `${ours.byteLength} bytes, not ${theirs.byteLength}: ${what}`,
          );

          /**
           * @param {Uint8Array} encoded
           * @param {{ readonly from: string, readonly to: string }} ways
           */
          async function askFor(encoded, ways) {
            const file = newFile();
            writeFileSync(`${file}.in`, encoded);
            const request = { encoded: `${file}.in`, transcoded: `${file}.out`, shape, dtype: "uint8", ...ways };
            await oracle.ask("transcode_chunk", request);
            return readFileSync(`${file}.out`);
          }
        }
      }
    },
  };
}

/**
 * @param {Uint8Array} found
 * @param {Uint8Array} expected
 * @param {string} what
 */
function same(found, expected, what) {
  assert.ok(Buffer.compare(found, expected) === 0, what);
}

/** @type {readonly Case[]} */
export const transcodeCases = [jpegAndBack(1), jpegAndBack(3)];
