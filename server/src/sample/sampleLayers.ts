/** The layers of the sample: their metadata, as CloudVolume would write it. */
import type { Vec3 } from "../base/vec3.ts";

export type LayerName = "image" | "image_raw" | "segmentation";

/** A layer to be written. */
export interface SampleLayer {
  readonly name: LayerName;
  readonly info: Readonly<Record<string, unknown>>;
  readonly provenance: Readonly<Record<string, unknown>>;
}

/** Voxels of mip 0. */
export const sampleSize: Vec3 = [384, 384, 48];
export const sampleChunkSize: Vec3 = [64, 64, 16];
/** How many times longer a voxel of a mip is along x and y. */
export const mipFactors: readonly number[] = [1, 2, 4];
export const sampleSeed = 7;
/** Depth of a voxel in units of its width. */
export const sampleAnisotropy = 5;
const voxelWidthNm = 8;

/** Method that the provenance of each layer names: how a layer of the sample is known. */
export const sampleMethod = "cloudvolume sample";

/** The three layers, all of one space. */
export const sampleLayers: readonly SampleLayer[] = [
  {
    name: "image",
    info: infoOf({ type: "image", data_type: "uint8" }, { encoding: "jpeg", jpeg_quality: 80 }),
    provenance: provenanceOf(
      "Synthetic electron micrograph: branching neurites and glia with membranes, mitochondria, vesicles and synapses. Lossy (JPEG); the layer image_raw holds the same without loss.",
      { encoding: "jpeg", jpeg_quality: 80 },
    ),
  },
  {
    name: "image_raw",
    info: infoOf({ type: "image", data_type: "uint8" }, { encoding: "raw" }),
    provenance: provenanceOf("Synthetic electron micrograph, the voxels of the layer image without loss.", {
      encoding: "raw",
    }),
  },
  {
    name: "segmentation",
    info: infoOf(
      { type: "segmentation", data_type: "uint64" },
      { encoding: "compressed_segmentation", compressed_segmentation_block_size: [8, 8, 8] },
    ),
    provenance: provenanceOf(
      "The cells of the synthetic electron micrograph beside it: one label for each neurite or glial cell, 0 for membranes and the space between cells. Labels are above 2^53, so they need 64-bit integers.",
      { encoding: "compressed_segmentation" },
    ),
  },
];

/** Size of the whole sample at a mip. */
export function sizeAtMip(mip: number): Vec3 {
  const factor = mipFactors[mip] ?? 1;
  return [Math.ceil(sampleSize[0] / factor), Math.ceil(sampleSize[1] / factor), sampleSize[2]];
}

function infoOf(layer: object, encoding: object): SampleLayer["info"] {
  const scales = mipFactors.map((factor, mip) => {
    const resolution = [voxelWidthNm * factor, voxelWidthNm * factor, voxelWidthNm * sampleAnisotropy];
    return {
      key: resolution.join("_"),
      size: sizeAtMip(mip),
      voxel_offset: [0, 0, 0],
      resolution,
      chunk_sizes: [sampleChunkSize],
      ...encoding,
    };
  });
  return { ...layer, num_channels: 1, scales };
}

function provenanceOf(description: string, settings: object): SampleLayer["provenance"] {
  const isLabels = "encoding" in settings && settings.encoding === "compressed_segmentation";
  return {
    description,
    owners: [],
    sources: [],
    processing: [
      { method: { task: sampleMethod, seed: sampleSeed, size: sampleSize, ...settings } },
      { method: { task: "downsampling", method: isLabels ? "mode" : "average", factor: [2, 2, 1], num_mips: 2 } },
    ],
  };
}
