/** Rules of the geometry of a scale: chunks, size, offset, resolution. */

import { checkIntegerVector } from "./integers.ts";
import { insertProperty, removeChild, renameKey, replaceValue, wrapInArray } from "./json/edits.ts";
import type { JsonArray, JsonNode } from "./json/node.ts";
import { type LintContext, type Problem, type Rule, sourceOf, startOf } from "./rule.ts";
import { suggest } from "./spelling.ts";
import { scaleKeys } from "./vocabulary.ts";
import type { VolumeScale } from "./volumeModel.ts";

const kinds = ["volume", "graphene"] as const;

/** A rule that looks at each scale by itself. */
export function scaleRule(
  rule: Omit<Rule, "kinds" | "check">,
  check: (scale: VolumeScale, context: LintContext) => Iterable<Problem>,
): Rule {
  return {
    ...rule,
    kinds,
    *check(context) {
      for (const scale of context.volume?.scales ?? []) {
        yield* check(scale, context);
      }
    },
  };
}

/** Rules of the geometry of a scale. */
export const volumeScaleRules: readonly Rule[] = [
  scaleRule({ id: "PCV004", severity: "error", summary: "chunk_size instead of chunk_sizes" }, function* (scale) {
    const property = scale.property("chunk_size");
    if (property === undefined || scale.property("chunk_sizes") !== undefined) {
      return;
    }
    const isNested = property.value?.type === "array" && property.value.items[0]?.type === "array";
    const wrap = property.value === undefined || isNested ? [] : wrapInArray(property.value);
    const edits = [renameKey(property, "chunk_sizes"), ...wrap];
    yield {
      message: 'no key of a scale: "chunk_size"; readers want "chunk_sizes", a list of chunk sizes',
      path: scale.pathOf("chunk_size"),
      range: property.key,
      fixes: [{ title: 'Rename to "chunk_sizes" and make it a list', edits, isSafe: true }],
    };
  }),
  scaleRule(
    { id: "PCV005", severity: "error", summary: "chunk_sizes is not a list of [x, y, z]" },
    function* (scale, context) {
      yield* checkChunkSizes(scale, context);
    },
  ),
  scaleRule(
    { id: "PCV006", severity: "error", summary: "more than one chunk size in a sharded scale" },
    function* (scale, { text }) {
      const chunkSizes = scale.value("chunk_sizes");
      const sharding = scale.property("sharding");
      const isNested = chunkSizes?.type === "array" && chunkSizes.items.every(({ type }) => type === "array");
      const [first, second] = isNested ? chunkSizes.items : [];
      const last = isNested ? chunkSizes.items.at(-1) : undefined;
      if (sharding?.value?.type !== "object" || !first || !second || !last) {
        return;
      }
      const start = first.offset + first.length;
      const rest = { offset: start, length: last.offset + last.length - start };
      const unshard = [removeChild(text, scale.object.properties, sharding)];
      yield {
        message: "a sharded scale has one chunk size, not several",
        path: scale.pathOf("chunk_sizes"),
        range: chunkSizes ?? sharding,
        fixes: [
          { title: "Keep the first chunk size", edits: [replaceValue(rest, "")], isSafe: false },
          { title: 'Delete "sharding"', edits: unshard, isSafe: false },
        ],
      };
    },
  ),
  scaleRule(
    { id: "PCV007", severity: "error", summary: "size is not three positive integers" },
    function* (scale, { text }) {
      const node = scale.value("size");
      if (node === undefined) {
        yield missing(scale, "size", "[x, y, z] in voxels");
        return;
      }
      yield* checkIntegerVector(text, node, {
        name: "size",
        path: scale.pathOf("size"),
        isPositive: true,
        round: Math.ceil,
      });
    },
  ),
  scaleRule(
    { id: "PCV008", severity: "error", summary: "voxel_offset is not three integers" },
    function* (scale, { text }) {
      const node = scale.value("voxel_offset");
      if (node !== undefined && node.type !== "null") {
        const path = scale.pathOf("voxel_offset");
        yield* checkIntegerVector(text, node, { name: "voxel_offset", path, isPositive: false, round: Math.floor });
      }
    },
  ),
  scaleRule({ id: "PCV009", severity: "warning", summary: "voxel_offset is missing" }, function* (scale, { text }) {
    if (scale.property("voxel_offset") !== undefined || hasMisspelling(scale, "voxel_offset")) {
      return;
    }
    const edits = [insertProperty(text, scale.object, "voxel_offset", "[0, 0, 0]")];
    yield {
      message: '"voxel_offset" is missing; readers take [0, 0, 0], older CloudVolume fails',
      path: scale.path,
      range: startOf(scale.object),
      fixes: [{ title: 'Insert "voxel_offset": [0, 0, 0]', edits, isSafe: true }],
    };
  }),
  scaleRule(
    { id: "PCV010", severity: "error", summary: "resolution is not three finite positive numbers" },
    function* (scale, { text }) {
      const node = scale.value("resolution");
      if (node === undefined) {
        yield missing(scale, "resolution", "[x, y, z] in nanometres");
      } else if (scale.resolution === undefined) {
        yield {
          message: `"resolution" needs three finite positive numbers, nanometres per voxel: ${sourceOf(text, node)}`,
          path: scale.pathOf("resolution"),
          range: node,
        };
      }
    },
  ),
  scaleRule(
    { id: "PCV011", severity: "warning", summary: "resolution looks like another unit or like an extent" },
    function* (scale, { text }) {
      const node = scale.value("resolution");
      if (node !== undefined && scale.resolution !== undefined) {
        yield* checkUnit(scale, node, text);
      }
    },
  ),
];

function hasMisspelling(scale: VolumeScale, meant: string): boolean {
  const unknown = scale.object.properties.filter(({ key }) => !scaleKeys.some((known) => known === key.value));
  return unknown.some(({ key }) => suggest(key.value, scaleKeys) === meant);
}

/** A key that readers need; where it is missing the object is reported. */
export function missing(scale: VolumeScale, key: string, what: string): Problem {
  return { message: `a scale needs "${key}": ${what}`, path: scale.path, range: startOf(scale.object) };
}

function* checkChunkSizes(scale: VolumeScale, { text }: LintContext): Iterable<Problem> {
  const property = scale.property("chunk_sizes");
  if (property === undefined) {
    if (scale.property("chunk_size") === undefined) {
      const edits = [insertProperty(text, scale.object, "chunk_sizes", "[[64, 64, 64]]")];
      const fixes = [{ title: 'Insert "chunk_sizes": [[64, 64, 64]]', edits, isSafe: false }];
      yield { ...missing(scale, "chunk_sizes", "a list of [x, y, z]"), fixes };
    }
    return;
  }
  const node = property.value;
  const path = scale.pathOf("chunk_sizes");
  if (node === undefined) {
    return;
  }
  if (node.type !== "array") {
    yield { message: `"chunk_sizes" needs a list of [x, y, z]: ${sourceOf(text, node)}`, path, range: node };
    return;
  }
  if (node.items.length === 0) {
    const fixes = [{ title: "Set to [[64, 64, 64]]", edits: [replaceValue(node, "[[64, 64, 64]]")], isSafe: false }];
    yield { message: '"chunk_sizes" is empty; a scale needs a chunk size', path, range: node, fixes };
    return;
  }
  if (node.items.every(({ type }) => type !== "array")) {
    yield flatChunkSizes(node, scale, text);
    return;
  }
  for (const [index, item] of node.items.entries()) {
    const options = { name: "chunk_sizes", path: [...path, index], isPositive: true, round: roundUpToOne };
    yield* checkIntegerVector(text, item, options);
  }
}

function flatChunkSizes(node: JsonArray, scale: VolumeScale, text: string): Problem {
  const fixes = [{ title: "Wrap in a list", edits: wrapInArray(node), isSafe: true }];
  return {
    message: `"chunk_sizes" is a list of chunk sizes, [[x, y, z]], not one: ${sourceOf(text, node)}`,
    path: scale.pathOf("chunk_sizes"),
    range: node,
    fixes: node.items.length === 3 ? fixes : [],
  };
}

function roundUpToOne(value: number): number {
  return Math.max(1, Math.round(value));
}

const nmPerMetre = 1e9;
const nmPerMicrometre = 1e3;
const maxExtentNm = 10 * nmPerMetre;

function* checkUnit(scale: VolumeScale, node: JsonNode, text: string): Iterable<Problem> {
  const { resolution, size } = scale;
  const finest = Math.min(...(resolution ?? []));
  const path = scale.pathOf("resolution");
  if (resolution !== undefined && finest < 0.001) {
    const inMetres = { factor: nmPerMetre, unit: "metres" };
    const factors = finest < 1e-5 ? [inMetres] : [{ factor: nmPerMicrometre, unit: "micrometres" }, inMetres];
    yield {
      message: `"resolution" is in nanometres per voxel, this looks like another unit: ${sourceOf(text, node)}`,
      path,
      range: node,
      fixes: factors.map(({ factor, unit }) => ({
        title: `Convert from ${unit} to nanometres`,
        edits: [replaceValue(node, vectorSource(resolution.map((value) => value * factor)))],
        isSafe: false,
      })),
    };
  } else if (resolution !== undefined && size?.some((voxels, axis) => voxels * (resolution[axis] ?? 0) > maxExtentNm)) {
    const perVoxel = resolution.map((value, axis) => value / (size[axis] ?? 1));
    yield {
      message: `"resolution" makes the volume longer than 10 m; it is nanometres per voxel, not the extent: ${sourceOf(text, node)}`,
      path,
      range: node,
      fixes: [
        {
          title: "Divide the extent by the size",
          edits: [replaceValue(node, vectorSource(perVoxel))],
          isSafe: false,
        },
      ],
    };
  }
}

function vectorSource(values: readonly number[]): string {
  return `[${values.map((value) => String(Number(value.toPrecision(12)))).join(", ")}]`;
}
