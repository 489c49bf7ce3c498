/** Rules of the keys of scales (where their chunks are) and of the order of the scales. */
import { insertProperty, replaceValue } from "./json/edits.ts";
import { type JsonArray, valueAt } from "./json/node.ts";
import { type Fix, type LintContext, type Problem, quote, type Rule, sourceOf, startOf } from "./rule.ts";
import type { Volume, VolumeScale } from "./volumeModel.ts";
import { scaleRule } from "./volumeScales.ts";

const kinds = ["volume", "graphene"] as const;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const controlCharacters = /[\u0000-\u001f\u007f]/g;

/** Rules of scale keys and of the list of scales. */
export const volumeKeyRules: readonly Rule[] = [
  {
    id: "PCV013",
    severity: "error",
    summary: "the key of a scale is missing or empty",
    kinds,
    *check({ text, volume }) {
      for (const scale of volume?.scales ?? []) {
        const node = scale.value("key");
        if (volume === undefined || (node?.type === "string" && node.value !== "")) {
          continue;
        }
        const json = JSON.stringify(freeKey(text, scale, volume));
        const edit = node === undefined ? insertProperty(text, scale.object, "key", json) : replaceValue(node, json);
        const isAbsent = scale.property("key") === undefined;
        yield {
          message: 'a scale needs a "key", the folder of its chunks',
          path: isAbsent ? scale.path : scale.pathOf("key"),
          range: node ?? startOf(scale.object),
          fixes:
            isAbsent || node !== undefined
              ? [{ title: `Use the resolution: ${json}`, edits: [edit], isSafe: false }]
              : [],
        };
      }
    },
  },
  scaleRule(
    { id: "PCV014", severity: "error", summary: "the key of a scale is no plain relative path" },
    function* (scale) {
      const node = scale.value("key");
      const fault = scale.key === undefined ? undefined : faultOfKey(scale.key);
      if (node === undefined || scale.key === undefined || fault === undefined) {
        return;
      }
      const plain = normaliseKey(scale.key);
      const edits = [replaceValue(node, JSON.stringify(plain))];
      const isUsable = plain !== "" && faultOfKey(plain) === undefined;
      yield {
        message: `"key" ${fault.what}: ${quote(scale.key)}`,
        path: scale.pathOf("key"),
        range: node,
        severity: fault.severity,
        fixes: isUsable ? [{ title: `Change to ${quote(plain)}`, edits, isSafe: false }] : [],
      };
    },
  ),
  {
    id: "PCV015",
    severity: "error",
    summary: "two scales with the same key",
    kinds,
    *check({ text, volume }) {
      const first = new Map<string, number>();
      for (const scale of volume?.scales ?? []) {
        const node = scale.value("key");
        if (volume === undefined || node === undefined || scale.key === undefined || scale.key === "") {
          continue;
        }
        const earlier = first.get(scale.key);
        if (earlier === undefined) {
          first.set(scale.key, scale.index);
          continue;
        }
        const json = JSON.stringify(freeKey(text, scale, volume));
        const fixes = [{ title: `Rename to ${json}`, edits: [replaceValue(node, json)], isSafe: false }];
        const message = `scales ${earlier} and ${scale.index} write to the same folder: ${quote(scale.key)}`;
        yield { message, path: scale.pathOf("key"), range: node, fixes };
      }
    },
  },
  {
    id: "PCV016",
    severity: "warning",
    summary: "two scales with the same resolution",
    kinds,
    *check({ volume }) {
      const first = new Map<string, number>();
      for (const scale of volume?.scales ?? []) {
        const node = scale.value("resolution");
        const name = scale.resolution?.join("_");
        if (node === undefined || name === undefined) {
          continue;
        }
        const earlier = first.get(name);
        if (earlier !== undefined) {
          const message = `scales ${earlier} and ${scale.index} have the same resolution: ${name}`;
          yield { message, path: scale.pathOf("resolution"), range: node };
        } else {
          first.set(name, scale.index);
        }
      }
    },
  },
  {
    ...scaleRule(
      { id: "PCV017", severity: "information", summary: "the key of a scale is not its resolution" },
      function* (scale) {
        const node = scale.value("key");
        if (node === undefined || !scale.key || scale.resolution === undefined) {
          return;
        }
        const parts = scale.key.split("_").map((part) => (part === "" ? Number.NaN : Number(part)));
        if (parts.length !== 3 || !parts.every((part, axis) => part === scale.resolution?.[axis])) {
          const message = `"key" is not the resolution, ${scale.resolution.join("_")}: ${quote(scale.key)}`;
          yield { message, path: scale.pathOf("key"), range: node };
        }
      },
    ),
    isOffByDefault: true,
  },
  {
    id: "PCV018",
    severity: "warning",
    summary: "scales do not go from fine to coarse",
    kinds,
    *check(context) {
      yield* checkOrder(context);
    },
  },
];

interface KeyFault {
  readonly what: string;
  readonly severity: "error" | "warning";
}

function faultOfKey(key: string): KeyFault | undefined {
  const error = (what: string): KeyFault => ({ what, severity: "error" });
  if (key.search(controlCharacters) >= 0) {
    return error("has control characters");
  }
  if (/^[a-zA-Z]:[\\/]/.test(key) || key.startsWith("/")) {
    return error("is an absolute path");
  }
  if (/^[a-zA-Z][\w+.-]*:/.test(key)) {
    return error("is a URL; a key is a path inside the layer");
  }
  if (key.includes("\\")) {
    return error("has a backslash; folders are parted by /");
  }
  if (key.includes("//")) {
    return error("has an empty folder name");
  }
  return key.split("/").includes("..") ? { what: "leads out of its folder", severity: "warning" } : undefined;
}

/** The path without what is wrong with it; a `..` that leads out of the layer stays. */
function normaliseKey(key: string): string {
  if (/^[a-zA-Z][\w+.-]+:/.test(key)) {
    return key;
  }
  const parts: string[] = [];
  for (const part of key
    .replaceAll(controlCharacters, "")
    .replace(/^[a-zA-Z]:/, "")
    .split(/[\\/]+/)) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") {
      parts.pop();
    } else if (part !== "") {
      parts.push(part);
    }
  }
  return parts.join("/");
}

/** The key that CloudVolume would give, `8_8_40`, with a number behind it while another scale has it. */
function freeKey(text: string, scale: VolumeScale, volume: Volume): string {
  const resolution = scale.value("resolution");
  const base =
    resolution?.type === "array" && scale.resolution !== undefined
      ? resolution.items.map((item) => sourceOf(text, item)).join("_")
      : `mip_${scale.index}`;
  const taken = new Set(volume.scales.filter((other) => other !== scale).map(({ key }) => key));
  let key = base;
  for (let suffix = 1; taken.has(key); suffix++) {
    key = `${base}_${suffix}`;
  }
  return key;
}

function* checkOrder({ text, volume }: LintContext): Iterable<Problem> {
  const scales = valueAt(volume?.object, "scales");
  const volumes = (volume?.scales ?? []).map(({ resolution }) => resolution?.reduce((product, nm) => product * nm, 1));
  if (scales?.type !== "array" || volumes.length !== scales.items.length) {
    return;
  }
  const known = volumes.filter((value) => value !== undefined);
  const wrong = known.findIndex((value, index) => index > 0 && value < (known[index - 1] ?? 0));
  if (known.length !== volumes.length || wrong < 0) {
    return;
  }
  yield {
    message: `scales go from fine to coarse, but this one is finer than the one before it: scale ${wrong}`,
    path: ["scales", wrong],
    range: startOf(scales.items[wrong] ?? scales),
    fixes: [sortFix(text, scales, known)],
  };
}

/** Moves the source text of the scales, so that each keeps its own layout. */
function sortFix(text: string, scales: JsonArray, volumes: readonly number[]): Fix {
  const order = volumes.map((_, index) => index).toSorted((a, b) => (volumes[a] ?? 0) - (volumes[b] ?? 0) || a - b);
  const edits = scales.items.flatMap((item, index) => {
    const source = scales.items[order[index] ?? index];
    return source === undefined || source === item
      ? []
      : [replaceValue(item, text.slice(source.offset, source.offset + source.length))];
  });
  return { title: "Sort the scales from fine to coarse", edits, isSafe: false };
}
