/** The data of the benchmark: synthetic tissue, the same in every run, written by the library itself. */
import path from "node:path";

/** @import { Engine } from "../../server/src/index.ts" */

/**
 * @typedef {object} LayerKind
 * @property {string} name
 * @property {"labels" | "image" | "affinities"} contents
 * @property {string} encoding
 * @property {false | "gzip"} compress
 */

/** @type {readonly LayerKind[]} */
export const layerKinds = [
  { name: "labels raw+gzip", contents: "labels", encoding: "raw", compress: "gzip" },
  { name: "labels raw", contents: "labels", encoding: "raw", compress: false },
  { name: "labels cseg+gzip", contents: "labels", encoding: "compressed_segmentation", compress: "gzip" },
  { name: "labels compresso+gzip", contents: "labels", encoding: "compresso", compress: "gzip" },
  { name: "labels crackle+gzip", contents: "labels", encoding: "crackle", compress: "gzip" },
  { name: "image raw+gzip", contents: "image", encoding: "raw", compress: "gzip" },
  { name: "image raw", contents: "image", encoding: "raw", compress: false },
  { name: "image jpeg", contents: "image", encoding: "jpeg", compress: false },
  { name: "image png", contents: "image", encoding: "png", compress: false },
  { name: "image jxl", contents: "image", encoding: "jxl", compress: false },
  { name: "affinities raw+gzip", contents: "affinities", encoding: "raw", compress: "gzip" },
  { name: "affinities fpzip", contents: "affinities", encoding: "fpzip", compress: false },
  { name: "affinities kempressed", contents: "affinities", encoding: "kempressed", compress: false },
  { name: "affinities zfpc", contents: "affinities", encoding: "zfpc", compress: false },
];

/** The box that is read, as far as a layer fills it. */
export const boxSize = /** @type {const} */ ([512, 512, 64]);
const affinitySize = /** @type {const} */ ([256, 256, 64]);
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
  const affinities = affinitiesOf(tissue.image);
  for (const kind of kinds) {
    const volume = await engine.createVolume(layerFolder(folder, kind), infoOf(kind));
    const data = kind.contents === "affinities" ? affinities : tissue[kind.contents];
    await volume.upload(volume.bounds(), { data }, { compress: kind.compress });
  }
}

/** @param {LayerKind} kind */
function infoOf({ contents, encoding }) {
  const blocks = encoding === "compressed_segmentation" ? { compressed_segmentation_block_size: [8, 8, 8] } : {};
  return {
    type: contents === "labels" ? "segmentation" : "image",
    data_type: { labels: "uint64", image: "uint8", affinities: "float32" }[contents],
    num_channels: contents === "affinities" ? 3 : 1,
    scales: [
      {
        key: "8_8_40",
        size: contents === "affinities" ? affinitySize : boxSize,
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
 * Three channels between 0 and 1, smoother than the image.
 * @param {Uint8Array} image
 */
function affinitiesOf(image) {
  const [width, height, depth] = affinitySize;
  const count = width * height * depth;
  return Float32Array.from({ length: 3 * count }, (_, index) => {
    const i = index % count;
    const [x, y, z] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    const at = (z * boxSize[1] + y) * boxSize[0] + x + Math.floor(index / count);
    return 1 / (1 + Math.exp(5 - ((image[at] ?? 0) + (image[at + 1] ?? 0)) / 30));
  });
}

/**
 * Cells that drift from slice to slice, ids beyond 2^53; in the image, dark membranes between them and the noise of a microscope.
 * @returns {{ labels: BigUint64Array, image: Uint8Array }}
 */
export function growTissue() {
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
