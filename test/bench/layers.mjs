/** The data of the benchmark: synthetic tissue, the same in every run, written by the library itself. */
import path from "node:path";

/** @import { Engine } from "../../server/src/index.ts" */

/** @typedef {{ readonly name: string, readonly isLabels: boolean, readonly encoding: string, readonly compress: false | "gzip" }} LayerKind */

/** @type {readonly LayerKind[]} */
export const layerKinds = [
  { name: "labels raw+gzip", isLabels: true, encoding: "raw", compress: "gzip" },
  { name: "labels raw", isLabels: true, encoding: "raw", compress: false },
  { name: "labels cseg+gzip", isLabels: true, encoding: "compressed_segmentation", compress: "gzip" },
  { name: "image raw+gzip", isLabels: false, encoding: "raw", compress: "gzip" },
  { name: "image raw", isLabels: false, encoding: "raw", compress: false },
  { name: "image jpeg", isLabels: false, encoding: "jpeg", compress: false },
  { name: "image png", isLabels: false, encoding: "png", compress: false },
];

/** The box that is read: all of a layer. */
export const boxSize = /** @type {const} */ ([512, 512, 64]);
const chunkSide = 64;
const cellSide = 40;

/**
 * The folder of a layer.
 * @param {string} folder
 * @param {LayerKind} kind
 */
export function layerFolder(folder, { name }) {
  return path.join(folder, name.replace(/\W+/g, "-"));
}

/**
 * Writes the layers into a folder.
 * @param {Engine} engine
 * @param {string} folder
 * @param {readonly LayerKind[]} kinds
 */
export async function writeLayers(engine, folder, kinds) {
  const tissue = growTissue();
  for (const kind of kinds) {
    const volume = await engine.createVolume(layerFolder(folder, kind), infoOf(kind));
    await volume.upload(
      { min: [0, 0, 0], max: boxSize },
      { data: kind.isLabels ? tissue.labels : tissue.image },
      { compress: kind.compress },
    );
  }
}

/** @param {LayerKind} kind */
function infoOf({ isLabels, encoding }) {
  const blocks = encoding === "compressed_segmentation" ? { compressed_segmentation_block_size: [8, 8, 8] } : {};
  return {
    type: isLabels ? "segmentation" : "image",
    data_type: isLabels ? "uint64" : "uint8",
    num_channels: 1,
    scales: [
      {
        key: "8_8_40",
        size: boxSize,
        voxel_offset: [0, 0, 0],
        resolution: [8, 8, 40],
        chunk_sizes: [[chunkSide, chunkSide, chunkSide]],
        encoding,
        ...blocks,
      },
    ],
  };
}

/**
 * Cells that drift from slice to slice, ids beyond 2^53; in the image, dark membranes between them and the noise of a microscope.
 * @returns {{ labels: BigUint64Array, image: Uint8Array }}
 */
function growTissue() {
  const [width, height, depth] = boxSize;
  const labels = new BigUint64Array(width * height * depth);
  const image = new Uint8Array(labels.length);
  let state = 20_240_607;
  const columns = Math.ceil(width / cellSide) + 2;
  const rows = Math.ceil(height / cellSide) + 2;
  const centres = new Float64Array(columns * rows * 2);
  for (let z = 0, i = 0; z < depth; z++) {
    moveCentres(centres, columns, z);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const { cell, gap } = nearest(centres, columns, x, y);
        labels[i] = 2n ** 60n + BigInt(hash(cell));
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        const noise = (state >>> 27) + ((state >>> 22) & 31) + ((state >>> 17) & 31) - 46;
        image[i] = Math.min(255, Math.max(0, (gap < 2.5 ? 70 : 150 + (hash(cell) % 5) * 8) + noise / 2));
      }
    }
  }
  return { labels, image };
}

/** @param {number} cell */
function hash(cell) {
  return Math.imul(cell + 1, 2_654_435_761) >>> 8;
}

/**
 * @param {Float64Array} centres
 * @param {number} columns
 * @param {number} z
 */
function moveCentres(centres, columns, z) {
  for (let cell = 0; cell < centres.length / 2; cell++) {
    const wander = hash(cell) / 2 ** 12;
    centres[2 * cell] = ((cell % columns) - 0.5 + 0.35 * Math.sin(wander + z / 9)) * cellSide;
    centres[2 * cell + 1] = (Math.floor(cell / columns) - 0.5 + 0.35 * Math.cos(3 * wander + z / 11)) * cellSide;
  }
}

/**
 * The cell whose centre is nearest, and how much nearer it is than the next one.
 * @param {Float64Array} centres
 * @param {number} columns
 * @param {number} x
 * @param {number} y
 */
function nearest(centres, columns, x, y) {
  const column = Math.floor(x / cellSide) + 1;
  const row = Math.floor(y / cellSide) + 1;
  let [cell, best, second] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let r = row - 1; r <= row + 1; r++) {
    for (let c = column - 1; c <= column + 1; c++) {
      const at = r * columns + c;
      const distance = ((centres[2 * at] ?? Infinity) - x) ** 2 + ((centres[2 * at + 1] ?? Infinity) - y) ** 2;
      if (distance < best) {
        [cell, second, best] = [at, best, distance];
      } else if (distance < second) {
        second = distance;
      }
    }
  }
  return { cell, gap: Math.sqrt(second) - Math.sqrt(best) };
}
