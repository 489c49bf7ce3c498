/** The layers that both sides make: small ones, whose chunks are clipped at every side. */
/** @import { DataType, Vec3 } from "./voxels.mjs" */

/**
 * @typedef {object} LayerSpec
 * @property {DataType} dtype
 * @property {string} encoding
 * @property {number} [channels]
 * @property {Record<string, unknown>} [parameters] Of the scale: block size, quality.
 * @property {Vec3} [size]
 * @property {Vec3} [offset]
 * @property {Vec3} [chunk]
 * @property {number} [mips]
 */

/** Neither sides nor chunks divide each other: every layer has clipped chunks, and its corner is not at zero. */
const usual = {
  size: /** @type {Vec3} */ ([45, 33, 19]),
  offset: /** @type {Vec3} */ ([7, -20, 3]),
  chunk: /** @type {Vec3} */ ([16, 16, 8]),
};

/**
 * @param {LayerSpec} layer
 * @param {number} mip
 */
function scaleOf({ encoding, parameters = {}, size = usual.size, offset = usual.offset, chunk = usual.chunk }, mip) {
  const factor = 2 ** mip;
  return {
    key: `${4 * factor}_${4 * factor}_40`,
    size: [Math.ceil(size[0] / factor), Math.ceil(size[1] / factor), size[2]],
    voxel_offset: [Math.floor(offset[0] / factor), Math.floor(offset[1] / factor), offset[2]],
    resolution: [4 * factor, 4 * factor, 40],
    chunk_sizes: [chunk],
    encoding,
    ...(encoding === "compressed_segmentation" ? { compressed_segmentation_block_size: [8, 8, 8] } : {}),
    ...parameters,
  };
}

/** @param {LayerSpec} layer */
export function infoOf(layer) {
  const isSegmentation = ["compressed_segmentation", "compresso"].includes(layer.encoding);
  return {
    "@type": "neuroglancer_multiscale_volume",
    type: isSegmentation ? "segmentation" : "image",
    data_type: layer.dtype,
    num_channels: layer.channels ?? 1,
    scales: Array.from({ length: layer.mips ?? 1 }, (_, mip) => scaleOf(layer, mip)),
  };
}
