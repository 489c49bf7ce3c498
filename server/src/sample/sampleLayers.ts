/** The layers of the sample: their metadata, as CloudVolume would write it. */
import type { Vec3 } from "../base/vec3.ts";

export type LayerName = "image" | "image_raw" | "segmentation";

/** Columns and rows of mip 0, half open; multiples of the coarsest factor. */
export interface Area {
  readonly min: readonly [x: number, y: number];
  readonly max: readonly [x: number, y: number];
}

/** A layer to be written. */
export interface SampleLayer {
  readonly name: LayerName;
  /** What it covers of the sample, at its full depth. */
  readonly area: Area;
  readonly info: Readonly<Record<string, unknown>>;
  readonly provenance: Readonly<Record<string, unknown>>;
}

/** Voxels of mip 0. */
export const sampleSize: Vec3 = [384, 384, 40];
export const sampleChunkSize: Vec3 = [64, 64, 16];
/** How many times longer a voxel of a mip is along x and y. */
export const mipFactors: readonly number[] = [1, 2, 4];
export const sampleSeed = 7;
/** Depth of a voxel in units of its width. */
export const sampleAnisotropy = 5;
const voxelWidthNm = 8;

/** Method that the provenance of each layer names: how a layer of the sample is known. */
export const sampleMethod = "cloudvolume sample";

const by = "cloudvolume";
/** When this sample was designed, in CloudVolume's form; the day it is written would make each copy another. */
const date = "2026-11-22 00:00 UTC";

const wholeArea: Area = { min: [0, 0], max: [sampleSize[0], sampleSize[1]] };
/** Noise does not compress: without loss, the whole would take more room than all else. */
const middleArea: Area = { min: [64, 64], max: [320, 320] };

/** The three layers, all of one space. */
export const sampleLayers: readonly SampleLayer[] = [
  {
    name: "image",
    area: wholeArea,
    info: infoOf({ type: "image", data_type: "uint8" }, wholeArea, { encoding: "jpeg", jpeg_quality: 80 }),
    provenance: provenanceOf(
      "Synthetic electron micrograph: branching neurites and glia with membranes, mitochondria, vesicles and synapses. Lossy (JPEG); the layer image_raw holds the middle of it without loss.",
      { encoding: "jpeg", jpeg_quality: 80 },
    ),
  },
  {
    name: "image_raw",
    area: middleArea,
    info: infoOf({ type: "image", data_type: "uint8" }, middleArea, { encoding: "raw" }),
    provenance: provenanceOf("The middle of the synthetic electron micrograph in the layer image, without loss.", {
      encoding: "raw",
    }),
  },
  {
    name: "segmentation",
    area: wholeArea,
    info: infoOf({ type: "segmentation", data_type: "uint64" }, wholeArea, {
      encoding: "compressed_segmentation",
      compressed_segmentation_block_size: [8, 8, 8],
    }),
    provenance: provenanceOf(
      "The cells of the synthetic electron micrograph beside it: one label for each neurite or glial cell, 0 for membranes and the space between cells. Labels are above 2^53, so they need 64-bit integers.",
      { encoding: "compressed_segmentation" },
    ),
  },
];

/** An area in the voxels of a mip. */
export function areaAtMip({ min, max }: Area, mip: number): Area {
  const factor = mipFactors[mip] ?? 1;
  return { min: [min[0] / factor, min[1] / factor], max: [max[0] / factor, max[1] / factor] };
}

function infoOf(layer: object, area: Area, encoding: object): SampleLayer["info"] {
  const scales = mipFactors.map((factor, mip) => {
    const { min, max } = areaAtMip(area, mip);
    const resolution = [voxelWidthNm * factor, voxelWidthNm * factor, voxelWidthNm * sampleAnisotropy];
    return {
      key: resolution.join("_"),
      size: [max[0] - min[0], max[1] - min[1], sampleSize[2]],
      voxel_offset: [...min, 0],
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
      { method: { task: sampleMethod, seed: sampleSeed, size: sampleSize, ...settings }, by, date },
      {
        method: { task: "downsampling", method: isLabels ? "mode" : "average", factor: [2, 2, 1], num_mips: 2 },
        by,
        date,
      },
    ],
  };
}
