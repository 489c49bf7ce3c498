/**
 * What a folder is, by its `info`: the kind, and of a volume what a tree shows. Unlike opening, this never fails: what cannot be used is
 * told in `problem`, and the scales that can be read are described.
 */
import type { LayerSummary, ScaleSummary } from "../../../schemas/protocol/storage.ts";
import { type DataType, isDataType } from "../base/dtype.ts";
import {
  asArray,
  asInteger,
  asObject,
  asPositiveNumber,
  asString,
  asTriple,
  type Field,
  type JsonObject,
  member,
} from "../base/fields.ts";
import * as vec3 from "../base/vec3.ts";
import { describeError } from "../errors.ts";
import { showText } from "../storage/locationErrors.ts";

type Kind = LayerSummary["kind"] | "volume";

const kindOfType: Readonly<Record<string, Kind>> = {
  neuroglancer_multiscale_volume: "volume",
  neuroglancer_legacy_mesh: "mesh",
  neuroglancer_multilod_draco: "mesh",
  neuroglancer_skeletons: "skeletons",
  neuroglancer_annotations_v1: "annotations",
  neuroglancer_segment_properties: "segment_properties",
};

/** Scales that are described; a real volume has a dozen. */
const maxScales = 64;

/** The summary of an `info` text, which may be anything. */
export function describeInfoText(text: string): LayerSummary {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { kind: "unknown", problem: `info is not valid JSON: ${(error as Error).message}` };
  }
  return describeLayer(document);
}

/** The summary of a parsed `info`. */
export function describeLayer(document: unknown): LayerSummary {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return { kind: "unknown", problem: "info is not a JSON object" };
  }
  const info = document as JsonObject;
  const kind = kindOf(info);
  const references = referencesOf(info);
  const common = Object.keys(references).length === 0 ? {} : { references };
  if (kind !== "volume") {
    const problem = kind === "unknown" ? { problem: unknownProblem(info) } : {};
    return { kind, ...common, ...problem };
  }
  return { ...describeVolume(info), ...common };
}

/** A known `@type` decides, else the keys. */
function kindOf(info: JsonObject): Kind {
  const type = info["@type"];
  const has = (key: string): boolean => Object.hasOwn(info, key);
  if (typeof type === "string" && Object.hasOwn(kindOfType, type)) {
    return kindOfType[type] ?? "unknown";
  }
  if (has("inline")) {
    return "segment_properties";
  }
  if (has("annotation_type")) {
    return "annotations";
  }
  if (has("vertex_attributes")) {
    return "skeletons";
  }
  if (has("vertex_quantization_bits") || has("lod_scale_multiplier")) {
    return "mesh";
  }
  if (has("scales") || ["type", "data_type", "num_channels"].filter(has).length >= 2) {
    return "volume";
  }
  if (has("spatial_index")) {
    return has("mip") && has("chunk_size") ? "mesh" : "skeletons";
  }
  return "unknown";
}

function unknownProblem(info: JsonObject): string {
  const { redirect } = info;
  return typeof redirect === "string" ? `the layer has moved: "${showText(redirect)}"` : "unknown kind of info";
}

/** Folders that the info names. */
function referencesOf(info: JsonObject): Readonly<Record<string, string>> {
  const named = ["mesh", "skeletons", "segment_properties"].map((key) => [key, info[key]] as const);
  return Object.fromEntries(
    named.filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== ""),
  );
}

function describeVolume(info: JsonObject): LayerSummary {
  const root: Field = { value: info, path: "" };
  const problems: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push(describeError(error));
      return undefined;
    }
  };
  if (info.app !== undefined || info.graph !== undefined) {
    problems.push("graphene volumes cannot be opened yet");
  }
  const kind = attempt(() => readType(member(root, "type"))) ?? "unknown";
  const dtype = attempt(() => readDataType(member(root, "data_type")));
  const channels = attempt(() => asInteger(member(root, "num_channels"), 1));
  const fields = attempt(() => asArray(member(root, "scales"))) ?? [];
  const scales = fields.slice(0, maxScales).flatMap((field) => attempt(() => readScale(field)) ?? []);
  const [problem] = problems;
  return {
    kind,
    scales,
    ...(dtype !== undefined && { dtype }),
    ...(channels !== undefined && { channels }),
    ...(problem !== undefined && { problem }),
  };
}

function readType(field: Field): "image" | "segmentation" {
  const type = asString(field).toLowerCase();
  if (type === "image" || type === "segmentation") {
    return type;
  }
  throw new Error(`${field.path} must be "image" or "segmentation", found: "${type.slice(0, 60)}"`);
}

function readDataType(field: Field): DataType {
  const dtype = asString(field).toLowerCase();
  if (isDataType(dtype)) {
    return dtype;
  }
  throw new Error(`${field.path}: unknown data type "${dtype.slice(0, 60)}"`);
}

function readScale(field: Field): ScaleSummary {
  const size = asTriple(member(field, "size"), (element) => asInteger(element, 0));
  const [first] = asArray(member(field, "chunk_sizes"));
  const chunkSize = asTriple(first ?? member(field, "chunk_sizes"), (element) => asInteger(element, 1));
  const { sharding } = asObject(field);
  return {
    key: asString(member(field, "key")),
    size,
    resolutionNm: asTriple(member(field, "resolution"), asPositiveNumber),
    encoding: asString(member(field, "encoding")).toLowerCase(),
    isSharded: sharding !== undefined && sharding !== null,
    chunkCount: vec3.product(vec3.ceil(vec3.divide(size, chunkSize))),
  };
}
