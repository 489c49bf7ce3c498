/**
 * The `info` document of a Precomputed volume: untrusted JSON -> VolumeMetadata.
 *
 * Format: neuroglancer's precomputed volume specification; fields as CloudVolume reads them. What a reader could only guess is
 * refused with the JSON path of the value: numbers written as strings, fractions, integers that a double rounds.
 */
import { type Bbox, bbox, fromSize } from "../../base/bbox.ts";
import { type DataType, dataTypes, isDataType } from "../../base/dtype.ts";
import {
  asArray,
  asInteger,
  asObject,
  asPositiveNumber,
  asString,
  asTriple,
  type Field,
  invalid,
  type JsonObject,
  member,
} from "../../base/fields.ts";
import type { Scale, VolumeMetadata } from "../format.ts";
import { checkSharding } from "./sharding.ts";

/** Fields of a scale that are not settings of its codec. */
const ownFields = new Set([
  "key",
  "size",
  "voxel_offset",
  "resolution",
  "chunk_sizes",
  "encoding",
  "sharding",
  "locked",
  "rois",
  "hidden",
]);

/** Metadata of a volume `info`. Throws InvalidMetadataError with the JSON path of the first offending value. */
export function parseInfo(document: unknown): VolumeMetadata {
  const root: Field = { value: document, path: "" };
  const info = asObject(root);
  const scales = asArray(member(root, "scales")).map(parseScale);
  const regions = parseRegions(root);
  return deepFreeze({
    ...(regions === undefined ? {} : { regions }),
    format: "precomputed",
    layerType: parseLayerType(member(root, "type")),
    dtype: parseDataType(member(root, "data_type")),
    channels: asInteger(member(root, "num_channels"), 1),
    scales,
    document: info,
  });
}

/** `rois` of the first scale, an extension of CloudVolume's: [x0, y0, z0, x1, y1, z1] each. */
function parseRegions(root: Field): readonly Bbox[] | undefined {
  const rois = member(asArray(member(root, "scales"))[0] as Field, "rois");
  if (rois.value === undefined || rois.value === null) {
    return undefined;
  }
  return asArray(rois).map((roi) => {
    if (!Array.isArray(roi.value) || roi.value.length !== 6) {
      throw invalid(roi.path, "six integers", roi.value);
    }
    const [x0, y0, z0, x1, y1, z1] = asArray(roi).map((value) => asInteger(value)) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return bbox([x0, y0, z0], [x1, y1, z1]);
  });
}

function parseLayerType(field: Field): "image" | "segmentation" {
  const type = asString(field).toLowerCase();
  if (type !== "image" && type !== "segmentation") {
    throw invalid(field.path, `"image" or "segmentation"`, field.value);
  }
  return type;
}

function parseDataType(field: Field): DataType {
  const dtype = asString(field).toLowerCase();
  if (!isDataType(dtype)) {
    throw invalid(field.path, `one of ${dataTypes.join(", ")}`, field.value);
  }
  return dtype;
}

function parseScale(field: Field): Scale {
  const scale = asObject(field);
  const [chunkSizes] = asArray(member(field, "chunk_sizes"));
  return {
    key: parseKey(member(field, "key")),
    resolutionNm: asTriple(member(field, "resolution"), asPositiveNumber),
    bounds: parseBounds(field, scale),
    chunkSize: asTriple(chunkSizes as Field, (element) => asInteger(element, 1)),
    encoding: asString(member(field, "encoding")).toLowerCase(),
    parameters: Object.fromEntries(Object.entries(scale).filter(([name]) => !ownFields.has(name))),
    isSharded: checkSharding(member(field, "sharding")),
    isLocked: scale.locked === true,
  };
}

/** `voxel_offset` defaults to zero; both corners must be exact. */
function parseBounds(field: Field, scale: JsonObject): Bbox {
  const size = asTriple(member(field, "size"), (element) => asInteger(element, 1));
  const offset =
    scale.voxel_offset === undefined
      ? ([0, 0, 0] as const)
      : asTriple(member(field, "voxel_offset"), (element) => asInteger(element));
  const bounds = fromSize(offset, size);
  if (!bounds.max.every(Number.isSafeInteger)) {
    throw invalid(`${field.path}/voxel_offset`, "within ±2^53 together with size", scale.voxel_offset);
  }
  return bounds;
}

/** A scale's key is a folder inside the layer. Differs from CloudVolume, which follows `../` out of it. */
function parseKey(field: Field): string {
  const key = asString(field);
  const isConfined =
    !key.startsWith("/") &&
    !/^[a-z][a-z0-9+.-]*:/i.test(key) &&
    !key.includes("\0") &&
    !key.split("/").some((part) => part === ".." || part === "");
  if (!isConfined) {
    throw invalid(field.path, "a folder inside the layer", key);
  }
  return key;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
