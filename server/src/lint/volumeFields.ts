/** Rules of single fields of a volume `info`: null, letter case, spelling. */
import { removeChild, renameKey, replaceValue } from "./json/edits.ts";
import { findProperty, type JsonObject, type JsonPath, pointerOf } from "./json/node.ts";
import { type LintContext, type Problem, quote, type Rule } from "./rule.ts";
import { suggest } from "./spelling.ts";
import { displayableTypes, encodings, grapheneKeys, layerTypes, scaleKeys, volumeKeys } from "./vocabulary.ts";

const kinds = ["volume", "graphene"] as const;
const references = ["mesh", "skeletons", "segment_properties"];
const optionalKeys: ReadonlySet<string> = new Set([
  ...references,
  "redirect",
  "voxel_offset",
  "sharding",
  "compressed_segmentation_block_size",
  "jpeg_quality",
  "png_level",
]);

/** Rules of single fields. */
export const volumeFieldRules: readonly Rule[] = [
  {
    id: "PCV036",
    severity: "error",
    summary: "an optional field is null or empty",
    kinds,
    *check(context) {
      for (const { object, path } of objectsOf(context)) {
        yield* checkEmpty(context, object, path);
      }
    },
  },
  {
    id: "PCV040",
    severity: "hint",
    summary: "a name in other letter case",
    kinds,
    *check({ volume }) {
      const names = [
        { object: volume?.object, path: [], key: "type", known: layerTypes },
        { object: volume?.object, path: [], key: "data_type", known: displayableTypes },
        ...(volume?.scales ?? []).map(({ object, path }) => ({ object, path, key: "encoding", known: encodings })),
      ];
      for (const { object, path, key, known } of names) {
        const node = findProperty(object, key)?.value;
        const lower = node?.type === "string" ? node.value.toLowerCase() : "";
        if (node?.type !== "string" || lower === node.value || !known.some((name) => name === lower)) {
          continue;
        }
        const fixes = [{ title: `Change to "${lower}"`, edits: [replaceValue(node, `"${lower}"`)], isSafe: true }];
        const message = `written in lower case by all but Neuroglancer: ${quote(node.value)}`;
        yield { message, path: [...path, key], range: node, fixes };
      }
    },
  },
  {
    id: "PCV041",
    severity: "warning",
    summary: "unknown or misspelt key",
    kinds,
    *check(context) {
      const top = context.kind === "graphene" ? [...volumeKeys, ...grapheneKeys] : volumeKeys;
      for (const { object, path } of objectsOf(context)) {
        yield* checkKeys(context.text, object, path, path.length === 0 ? top : scaleKeys);
      }
    },
  },
];

function* objectsOf({ volume }: LintContext): Iterable<{ readonly object: JsonObject; readonly path: JsonPath }> {
  if (volume !== undefined) {
    yield { object: volume.object, path: [] };
    yield* volume.scales;
  }
}

function* checkEmpty(context: LintContext, object: JsonObject, path: JsonPath): Iterable<Problem> {
  for (const property of object.properties) {
    const { key, value } = property;
    const isNull = value?.type === "null" && optionalKeys.has(key.value);
    const isEmpty = value?.type === "string" && value.value === "" && references.includes(key.value);
    if (value === undefined || !(isNull || isEmpty)) {
      continue;
    }
    yield {
      message: `an absent field is left out, not ${isNull ? "null" : "empty"}: "${key.value}"`,
      path: [...path, key.value],
      range: value,
      severity: context.severityFor({ neuroglancer: "error", spec: "error", cloudvolume: "hint" }),
      fixes: [
        {
          title: `Delete "${key.value}"`,
          edits: [removeChild(context.text, object.properties, property)],
          isSafe: true,
        },
      ],
    };
  }
}

function* checkKeys(text: string, object: JsonObject, path: JsonPath, known: readonly string[]): Iterable<Problem> {
  for (const property of object.properties) {
    const key = property.key.value;
    const isOfRuleFour = key === "chunk_size" && findProperty(object, "chunk_sizes") === undefined;
    if (known.includes(key) || (isOfRuleFour && path.length > 0)) {
      continue;
    }
    const meant = suggest(key, known);
    const isFree = meant !== undefined && findProperty(object, meant) === undefined;
    const edits = [removeChild(text, object.properties, property)];
    yield {
      message:
        meant === undefined
          ? `unknown key, readers ignore it: ${quote(key)}`
          : `unknown key, readers ignore it (is "${meant}" meant?): ${quote(key)}`,
      path: [...path, key],
      range: property.key,
      fixes: isFree
        ? [{ title: `Rename to "${meant}"`, edits: [renameKey(property, meant)], isSafe: false }]
        : meant === undefined
          ? []
          : [{ title: `Delete ${quote(key)}, for ${pointerOf([...path, meant])} is there`, edits, isSafe: false }],
    };
  }
}
