/** The parts of a volume `info` that rules look at, as they stand in the text, right or wrong. */
import {
  findProperty,
  type JsonNode,
  type JsonObject,
  type JsonPath,
  type JsonProperty,
  valueAt,
} from "./json/node.ts";

export interface Volume {
  readonly object: JsonObject;
  /** The value, when it is a string. */
  readonly layerType: string | undefined;
  readonly dataType: string | undefined;
  /** The value, when it is a number. */
  readonly channels: number | undefined;
  /** Entries of `scales` that are objects. */
  readonly scales: readonly VolumeScale[];
}

export interface VolumeScale {
  readonly object: JsonObject;
  /** Position in `scales`. */
  readonly index: number;
  readonly path: JsonPath;
  readonly encoding: string | undefined;
  readonly key: string | undefined;
  /** Three finite positive numbers, or nothing. */
  readonly resolution: readonly [number, number, number] | undefined;
  readonly size: readonly [number, number, number] | undefined;
  /** The first chunk size. */
  readonly chunkSize: readonly [number, number, number] | undefined;
  property(key: string): JsonProperty | undefined;
  value(key: string): JsonNode | undefined;
  pathOf(key: string): JsonPath;
}

/** Reads the document as a volume. */
export function readVolume(root: JsonNode | undefined): Volume | undefined {
  if (root?.type !== "object") {
    return undefined;
  }
  const scales = valueAt(root, "scales");
  const channels = valueAt(root, "num_channels");
  return {
    object: root,
    layerType: stringOf(valueAt(root, "type")),
    dataType: stringOf(valueAt(root, "data_type")),
    channels: channels?.type === "number" ? channels.value : undefined,
    scales: scales?.type === "array" ? scales.items.flatMap(readScale) : [],
  };
}

/** The value of a string node. */
export function stringOf(node: JsonNode | undefined): string | undefined {
  return node?.type === "string" ? node.value : undefined;
}

/** Three positive numbers, or nothing. */
export function positiveVector(node: JsonNode | undefined): readonly [number, number, number] | undefined {
  if (node?.type !== "array" || node.items.length !== 3) {
    return undefined;
  }
  const [x = 0, y = 0, z = 0] = node.items.map((item) =>
    item.type === "number" && Number.isFinite(item.value) && item.value > 0 ? item.value : 0,
  );
  return x > 0 && y > 0 && z > 0 ? [x, y, z] : undefined;
}

function readScale(node: JsonNode, index: number): readonly VolumeScale[] {
  if (node.type !== "object") {
    return [];
  }
  const path: JsonPath = ["scales", index];
  const chunkSizes = valueAt(node, "chunk_sizes");
  return [
    {
      object: node,
      index,
      path,
      encoding: stringOf(valueAt(node, "encoding")),
      key: stringOf(valueAt(node, "key")),
      resolution: positiveVector(valueAt(node, "resolution")),
      size: positiveVector(valueAt(node, "size")),
      chunkSize: chunkSizes?.type === "array" ? positiveVector(chunkSizes.items[0]) : undefined,
      property: (key) => findProperty(node, key),
      value: (key) => valueAt(node, key),
      pathOf: (key) => [...path, key],
    },
  ];
}
