/** What a document is, told by its content: a file that merely happens to be called `info` is left alone. */
import { findProperty, type JsonNode, valueAt } from "./json/node.ts";
import type { DocumentKind } from "./rule.ts";
import { suggest } from "./spelling.ts";

/** `@type` of each kind of `info`. */
export const knownTypes: Readonly<Record<string, DocumentKind>> = {
  neuroglancer_multiscale_volume: "volume",
  neuroglancer_legacy_mesh: "mesh",
  neuroglancer_multilod_draco: "multilodMesh",
  neuroglancer_skeletons: "skeleton",
  neuroglancer_annotations_v1: "annotation",
  neuroglancer_segment_properties: "segmentProperties",
};

/** Metadata of other formats, which share some of our keys. */
const foreignNames: ReadonlySet<string> = new Set([
  ".zarray",
  ".zattrs",
  ".zgroup",
  ".zmetadata",
  "zarr.json",
  "attributes.json",
]);

const provenanceKeys = ["description", "owners", "processing", "sources"];

/** How a document came to the linter. */
export interface DocumentOrigin {
  /** The last segment of its path. */
  readonly fileName: string;
  /** Did the user name this very document to be checked? Then any of our keys will do. */
  readonly isExplicit: boolean;
}

/** The kind of a document, or nothing when it is none of ours. */
export function detectKind(
  root: JsonNode | undefined,
  { fileName, isExplicit }: DocumentOrigin,
): DocumentKind | undefined {
  if (root?.type !== "object") {
    return undefined;
  }
  const isTrusted = isExplicit && !foreignNames.has(fileName);
  return (
    kindOfType(root) ??
    (isTrusted || fileName === "info" ? kindOfKeys(root) : volumeOfKeys(root)) ??
    (isProvenance(root, isTrusted || fileName === "provenance") ? "provenance" : undefined)
  );
}

function kindOfType(root: JsonNode): DocumentKind | undefined {
  const type = valueAt(root, "@type");
  const name = type?.type === "string" ? (suggest(type.value, Object.keys(knownTypes)) ?? "") : "";
  const kind = knownTypes[name];
  return kind === "volume" ? volumeOrGraphene(root) : kind;
}

/** Strong evidence only, for files of any name: `type` and `scales` that look like ours. */
function volumeOfKeys(root: JsonNode): DocumentKind | undefined {
  const type = valueAt(root, "type");
  const isLayerType = type?.type === "string" && /^(image|segmentation)$/i.test(type.value);
  return isLayerType && valueAt(root, "scales")?.type === "array" ? volumeOrGraphene(root) : undefined;
}

function kindOfKeys(root: JsonNode): DocumentKind | undefined {
  if (has(root, "inline")) {
    return "segmentProperties";
  }
  if (has(root, "annotation_type")) {
    return "annotation";
  }
  if (has(root, "vertex_attributes")) {
    return "skeleton";
  }
  if (has(root, "vertex_quantization_bits") || has(root, "lod_scale_multiplier")) {
    return "multilodMesh";
  }
  if (has(root, "scales") || ["type", "data_type", "num_channels"].filter((key) => has(root, key)).length >= 2) {
    return volumeOrGraphene(root);
  }
  if (has(root, "spatial_index")) {
    return has(root, "mip") && has(root, "chunk_size") ? "mesh" : "skeleton";
  }
  return undefined;
}

function volumeOrGraphene(root: JsonNode): DocumentKind {
  return has(root, "app") || has(root, "graph") ? "graphene" : "volume";
}

/** One key is enough where the file is called `provenance`; elsewhere three, for `description` and `sources` are common words. */
function isProvenance(root: JsonNode, isNamedLikeOurs: boolean): boolean {
  const count = provenanceKeys.filter((key) => has(root, key)).length;
  return count >= (isNamedLikeOurs ? 1 : 3);
}

function has(root: JsonNode, key: string): boolean {
  return findProperty(root, key) !== undefined;
}
