/** The fields that the form knows, with how each is written. Anything else in an info is kept and shown, but not edited here. */
/** What may be typed into a field. */
export type FieldKind =
  | { readonly type: "text" }
  | { readonly type: "choice"; readonly choices: readonly string[] }
  | { readonly type: "number"; readonly min: number; readonly max?: number; readonly isInteger: boolean }
  | { readonly type: "triple"; readonly element: "integer" | "positiveInteger" | "positiveNumber" };

export interface FieldSpec {
  /** Its key in the document. */
  readonly key: string;
  readonly label: string;
  /** One sentence: what it means. */
  readonly help: string;
  readonly kind: FieldKind;
  /** May be absent; an empty text removes it. */
  readonly isOptional: boolean;
  /** Shown where the field is absent. */
  readonly placeholder?: string;
}

const dataTypes = ["uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float32", "float64"];

/** The fields of the volume itself. */
export const volumeFields: readonly FieldSpec[] = [
  {
    key: "type",
    label: "Type",
    help: "Image: intensities. Segmentation: each voxel is the id of an object.",
    kind: { type: "choice", choices: ["image", "segmentation"] },
    isOptional: false,
  },
  {
    key: "data_type",
    label: "Data type",
    help: "Type of one voxel of one channel.",
    kind: { type: "choice", choices: dataTypes },
    isOptional: false,
  },
  {
    key: "num_channels",
    label: "Channels",
    help: "Values per voxel.",
    kind: { type: "number", min: 1, isInteger: true },
    isOptional: false,
  },
  optionalText("@type", "Document type", "neuroglancer_multiscale_volume, where readers ask for it."),
  optionalText("mesh", "Meshes", "Folder of the meshes, relative to this document."),
  optionalText("skeletons", "Skeletons", "Folder of the skeletons, relative to this document."),
  optionalText("segment_properties", "Segment properties", "Folder of the names and properties of the segments."),
  optionalText("redirect", "Redirect", "Another location that readers go to instead of this one."),
];

/** The fields of a scale, in the order of the table's columns; those of its encoding come from `parametersOf`. */
export const scaleFields = {
  key: {
    key: "key",
    label: "Key",
    help: "Folder of the chunks of this scale.",
    kind: { type: "text" },
    isOptional: false,
  },
  resolution: {
    key: "resolution",
    label: "Resolution",
    help: "Size of a voxel in nanometres: x, y, z.",
    kind: { type: "triple", element: "positiveNumber" },
    isOptional: false,
  },
  size: {
    key: "size",
    label: "Size",
    help: "Extent in voxels: x, y, z.",
    kind: { type: "triple", element: "positiveInteger" },
    isOptional: false,
  },
  voxel_offset: {
    key: "voxel_offset",
    label: "Voxel offset",
    help: "First voxel: x, y, z. 0, 0, 0 where it is absent.",
    kind: { type: "triple", element: "integer" },
    isOptional: true,
    placeholder: "0, 0, 0",
  },
  chunk_sizes: {
    key: "chunk_sizes",
    label: "Chunk size",
    help: "Extent of a chunk in voxels: x, y, z.",
    kind: { type: "triple", element: "positiveInteger" },
    isOptional: false,
  },
  encoding: {
    key: "encoding",
    label: "Encoding",
    help: "How the voxels of a chunk are written.",
    kind: {
      type: "choice",
      choices: [
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
      ],
    },
    isOptional: false,
  },
} as const satisfies Readonly<Record<string, FieldSpec>>;

const parameters: Readonly<Record<string, readonly FieldSpec[]>> = {
  compressed_segmentation: [
    {
      key: "compressed_segmentation_block_size",
      label: "block",
      help: "Extent of a block of the encoding in voxels: x, y, z.",
      kind: { type: "triple", element: "positiveInteger" },
      isOptional: false,
    },
  ],
  jpeg: [level("jpeg_quality", "quality", { min: 0, max: 100, usual: "85" })],
  png: [level("png_level", "level", { min: 0, max: 9, usual: "9" })],
  jxl: [
    level("jxl_quality", "quality", { min: 0, max: 100, usual: "85" }),
    level("jxl_effort", "effort", { min: 1, max: 10, usual: "5" }),
    level("jxl_decodingspeed", "decoding speed", { min: 0, max: 4, usual: "0" }),
  ],
  fpzip: [level("fpzip_precision", "precision", { min: 0, max: 64, usual: "0" })],
  zfpc: ["rate", "precision", "tolerance"].map((name) => ({
    key: `zfpc_${name}`,
    label: name,
    help: "At most one of rate, precision and tolerance is set; -1 is not set.",
    kind: { type: "number", min: -1, isInteger: false },
    isOptional: true,
    placeholder: "-1",
  })),
};

/** The parameters of an encoding; none for one that is not known. */
export function parametersOf(encoding: string): readonly FieldSpec[] {
  return Object.hasOwn(parameters, encoding) ? (parameters[encoding] ?? []) : [];
}

/** Parameters that an encoding cannot do without, as source text. */
export const requiredParameters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  compressed_segmentation: { compressed_segmentation_block_size: "[8, 8, 8]" },
};

/** Bytes of one value of a data type; undefined for one that is not known. */
export function bytesOfDataType(dataType: string): number | undefined {
  const bits = /^(?:uint|int|float)(8|16|32|64)$/.exec(dataType.toLowerCase())?.[1];
  return bits === undefined ? undefined : Number(bits) / 8;
}

function optionalText(key: string, label: string, help: string): FieldSpec {
  return { key, label, help, kind: { type: "text" }, isOptional: true, placeholder: "not set" };
}

function level(key: string, label: string, range: { min: number; max: number; usual: string }): FieldSpec {
  return {
    key,
    label,
    help: `${label} of the encoder, ${range.min} to ${range.max}; ${range.usual} where it is absent.`,
    kind: { type: "number", min: range.min, max: range.max, isInteger: true },
    isOptional: true,
    placeholder: range.usual,
  };
}
