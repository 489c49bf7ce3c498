/** Rules of the top level of a volume `info`. */

import { checkInteger } from "./integers.ts";
import { insertItem, insertProperty, removeChild, renameKey, replaceValue } from "./json/edits.ts";
import { findProperty, valueAt } from "./json/node.ts";
import { type Fix, type LintContext, type Problem, quote, type Rule, startOf } from "./rule.ts";
import { suggest } from "./spelling.ts";
import { displayableTypes, knownDataTypes, volumeKeys } from "./vocabulary.ts";
import { stringOf, type Volume } from "./volumeModel.ts";

const kinds = ["volume", "graphene"] as const;
const needed = ["type", "data_type", "num_channels", "scales"] as const;

/** Rules of the top level of a volume. */
export const volumeDocumentRules: readonly Rule[] = [
  {
    id: "PCV002",
    severity: "error",
    summary: "type, data_type, num_channels or scales is missing",
    kinds: "any",
    *check(context) {
      const { kind, root, volume, fileName, text } = context;
      const isJson = root?.type === "object" || (root !== undefined && context.document.faults.length === 0);
      if (kind === undefined && fileName === "info" && isJson) {
        const message =
          "unknown kind of info: neither the @type nor the keys of a volume, mesh, skeleton or annotation";
        yield { message, path: [], range: startOf(root) };
      }
      if (volume !== undefined) {
        yield* missingKeys(text, volume);
      }
    },
  },
  {
    id: "PCV003",
    severity: "error",
    summary: "scales is empty",
    kinds,
    *check({ text, volume }) {
      const scales = valueAt(volume?.object, "scales");
      if (volume !== undefined && scales?.type === "array" && scales.items.length === 0) {
        const edits = [insertItem(text, scales, scaleTemplate(volume))];
        const fixes = [{ title: "Insert a scale", edits, isSafe: false }];
        yield { message: '"scales" needs at least one scale', path: ["scales"], range: scales, fixes };
      }
    },
  },
  {
    id: "PCV033",
    severity: "warning",
    summary: "data_type that Neuroglancer and tensorstore do not show",
    kinds,
    *check(context) {
      const node = valueAt(context.volume?.object, "data_type");
      const dataType = stringOf(node)?.toLowerCase();
      const isShown = displayableTypes.some((known) => known === dataType);
      if (node === undefined || dataType === undefined || isShown || !knownDataTypes.includes(dataType)) {
        return;
      }
      const instead = dataType.startsWith("float") ? "float32" : dataType === "bool" ? "uint8" : "int32 or uint64";
      yield {
        message: `no data type of Neuroglancer and tensorstore (convert the voxels to ${instead}): ${quote(dataType)}`,
        path: ["data_type"],
        range: node,
        severity: context.severityFor({ neuroglancer: "warning", tensorstore: "warning" }),
      };
    },
  },
  {
    id: "PCV042",
    severity: "hint",
    summary: "no @type",
    kinds,
    isOffByDefault: true,
    *check({ text, volume }) {
      if (volume !== undefined && findProperty(volume.object, "@type") === undefined) {
        const edits = [insertProperty(text, volume.object, "@type", '"neuroglancer_multiscale_volume"')];
        const fixes = [{ title: 'Insert "@type"', edits, isSafe: true }];
        yield { message: '"@type" is missing', path: [], range: startOf(volume.object), fixes };
      }
    },
  },
  {
    id: "PCV052",
    severity: "error",
    summary: "num_channels is not a positive integer",
    kinds,
    *check({ text, volume }) {
      const node = valueAt(volume?.object, "num_channels");
      if (node === undefined) {
        return;
      }
      const options = { name: "num_channels", path: ["num_channels"], isPositive: true, round: Math.round };
      const problem = checkInteger(text, node, options);
      if (problem !== undefined) {
        const one = { title: "Set to 1", edits: [replaceValue(node, "1")], isSafe: false };
        const fixes = problem.fixes?.length ? problem.fixes : [one];
        yield { ...problem, severity: "error", fixes };
      }
    },
  },
  {
    id: "PCV053",
    severity: "error",
    summary: "unknown data_type",
    kinds,
    *check({ volume }) {
      const node = valueAt(volume?.object, "data_type");
      const dataType = stringOf(node);
      if (node === undefined || dataType === undefined || knownDataTypes.includes(dataType.toLowerCase())) {
        return;
      }
      const meant = suggest(dataType, knownDataTypes);
      yield {
        message: `unknown data type (known: ${displayableTypes.join(", ")}): ${quote(dataType)}`,
        path: ["data_type"],
        range: node,
        fixes:
          meant === undefined
            ? []
            : [{ title: `Change to "${meant}"`, edits: [replaceValue(node, `"${meant}"`)], isSafe: false }],
      };
    },
  },
];

function* missingKeys(text: string, volume: Volume): Iterable<Problem> {
  for (const key of needed) {
    if (findProperty(volume.object, key) !== undefined) {
      continue;
    }
    const json = key === "scales" ? `[${scaleTemplate(volume)}]` : JSON.stringify(defaultOf(key, volume));
    const insert = {
      title: key === "scales" ? 'Insert "scales" with one scale' : `Insert "${key}": ${json}`,
      edits: [insertProperty(text, volume.object, key, json)],
      isSafe: false,
    };
    const fixes: Fix[] = [insert];
    const misspelt = misspellingOf(key, volume);
    if (misspelt !== undefined) {
      fixes.unshift({
        title: `Rename ${quote(misspelt.key.value)} to "${key}"`,
        edits: [renameKey(misspelt, key)],
        isSafe: true,
      });
    }
    yield { message: `a volume needs "${key}"`, path: [], range: startOf(volume.object), fixes };
  }
}

function misspellingOf(key: string, volume: Volume) {
  return volume.object.properties.find(
    ({ key: { value } }) => !volumeKeys.some((known) => known === value) && suggest(value, volumeKeys) === key,
  );
}

function defaultOf(key: "type" | "data_type" | "num_channels", volume: Volume): string | number {
  const hasLabels = volume.scales.some(({ encoding }) =>
    /^(compressed_segmentation|compresso|crackle)$/.test(encoding ?? ""),
  );
  const hasObjects = ["mesh", "skeletons", "segment_properties"].some((name) => findProperty(volume.object, name));
  const isSegmentation = volume.layerType === "segmentation" || hasLabels || hasObjects;
  switch (key) {
    case "type":
      return isSegmentation || /^uint(32|64)$/.test(volume.dataType ?? "") ? "segmentation" : "image";
    case "data_type":
      return isSegmentation ? "uint64" : "uint8";
    case "num_channels":
      return 1;
  }
}

/** A small scale that every reader takes. */
function scaleTemplate(volume: Volume): string {
  const isLabels = volume.layerType === "segmentation" && /^uint(32|64)$/.test(volume.dataType ?? "");
  const encoding = isLabels
    ? '"encoding": "compressed_segmentation", "compressed_segmentation_block_size": [8, 8, 8]'
    : '"encoding": "raw"';
  const geometry = '"key": "8_8_8", "size": [64, 64, 64], "resolution": [8, 8, 8], "voxel_offset": [0, 0, 0]';
  return `{${geometry}, "chunk_sizes": [[64, 64, 64]], ${encoding}}`;
}

/** A fix that deletes a top-level or scale property. */
export function deletion({ text }: LintContext, object: Volume["object"], key: string): readonly Fix[] {
  const property = findProperty(object, key);
  return property === undefined
    ? []
    : [{ title: `Delete "${key}"`, edits: [removeChild(text, object.properties, property)], isSafe: true }];
}
