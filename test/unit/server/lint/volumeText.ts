/** Texts of volumes for tests: a sound document with a few fields changed. */
import { applyEdits } from "../../../../server/src/lint/json/edits.ts";
import { type LintOptions, lintDocument } from "../../../../server/src/lint/lintDocument.ts";
import { type Finding, type Target, targets } from "../../../../server/src/lint/rule.ts";

/** Source text by key; `undefined` leaves the key out. */
export type Fields = Readonly<Record<string, string | undefined>>;

const soundScale: Fields = {
  key: '"8_8_40"',
  size: "[1024, 1024, 512]",
  resolution: "[8, 8, 40]",
  voxel_offset: "[0, 0, 0]",
  chunk_sizes: "[[64, 64, 64]]",
  encoding: '"raw"',
};
const soundTop: Fields = { type: '"image"', data_type: '"uint8"', num_channels: "1" };

/** A scale on one line. */
export function scaleText(fields: Fields = {}): string {
  return `{ ${propertiesOf({ ...soundScale, ...fields }).join(", ")} }`;
}

/** A volume, indented, each scale on a line of its own. */
export function volumeText(top: Fields = {}, scales: readonly string[] = [scaleText()]): string {
  const list = scales.length === 0 ? "[]" : `[\n    ${scales.join(",\n    ")}\n  ]`;
  return `{\n  ${propertiesOf({ ...soundTop, scales: list, ...top }).join(",\n  ")}\n}\n`;
}

/** A volume of many scales, half of them with a fraction in the offset and half without an offset; 140 bytes a scale. */
export function longVolumeText(scaleCount: number): string {
  const scales = Array.from({ length: scaleCount }, (_, index) =>
    scaleText({
      key: `"${index}_8_40"`,
      resolution: `[${index + 1}, 8, 40]`,
      voxel_offset: index % 2 === 0 ? "[0, 0, 0.5]" : undefined,
    }),
  );
  return volumeText({}, scales);
}

function propertiesOf(fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([key, json]) => (json === undefined ? [] : [`"${key}": ${json}`]));
}

/** Rules that are off by default, on. */
export const allRulesOn = { PCV017: "information", PCV042: "hint" } as const;

/** The findings with every target on. */
export function lint(
  text: string,
  options: Partial<LintOptions> & { readonly targets?: readonly Target[] } = {},
): readonly Finding[] {
  const { targets: chosen = targets, ...rest } = options;
  return lintDocument(text, { fileName: "info", config: { rules: {}, targets: chosen }, ...rest }).findings;
}

/** The text after a fix. */
export function fixed(text: string, finding: Finding | undefined, index = 0): string {
  return applyEdits(text, finding?.fixes[index]?.edits ?? []);
}
