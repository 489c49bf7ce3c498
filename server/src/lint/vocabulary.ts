/** Names that the precomputed format and its readers know. */
import { dataTypes } from "../base/dtype.ts";

/** Keys at the top of a volume `info`. */
export const volumeKeys = [
  "@type",
  "type",
  "data_type",
  "num_channels",
  "scales",
  "mesh",
  "skeletons",
  "segment_properties",
  "redirect",
] as const;

/** Further keys of a graphene `info`. */
export const grapheneKeys = ["app", "graph", "data_dir", "chunks_start_at_voxel_offset", "mesh_metadata"] as const;

/** Keys of a scale, those of CloudVolume's codecs included. */
export const scaleKeys = [
  "key",
  "size",
  "resolution",
  "voxel_offset",
  "chunk_sizes",
  "encoding",
  "compressed_segmentation_block_size",
  "sharding",
  "jpeg_quality",
  "png_level",
  "jxl_quality",
  "jxl_effort",
  "jxl_decodingspeed",
  "fpzip_precision",
  "zfpc_rate",
  "zfpc_precision",
  "zfpc_tolerance",
  "zfpc_correlated_dims",
  "hidden",
  "locked",
  "rois",
] as const;

/** Chunk encodings, and the readers that lack one of them. */
export const encodings = [
  "raw",
  "jpeg",
  "png",
  "jxl",
  "compressed_segmentation",
  "compresso",
  "crackle",
  "fpzip",
  "kempressed",
  "zfpc",
  "npz",
  "npz_uint8",
] as const;

/** Encodings that a reader knows; CloudVolume knows all. */
export const encodingsOf = {
  neuroglancer: ["raw", "jpeg", "compressed_segmentation", "compresso", "png", "jxl"],
  tensorstore: ["raw", "png", "jpeg", "compressed_segmentation"],
} as const;

/** Voxel types that Neuroglancer and tensorstore show. */
export const displayableTypes = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "float32"] as const;

/** Voxel types that are types, whether or not a reader shows them. */
export const knownDataTypes: readonly string[] = [...dataTypes, "bool", "float16"];

export const layerTypes = ["image", "segmentation"] as const;
