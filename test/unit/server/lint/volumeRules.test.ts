import { describe, expect, it } from "vitest";
import { pointerOf } from "../../../../server/src/lint/json/node.ts";
import { parseJsonDocument } from "../../../../server/src/lint/json/parse.ts";
import type { Finding } from "../../../../server/src/lint/rule.ts";
import { rules } from "../../../../server/src/lint/rules.ts";
import { volumeEncodingCases } from "./volumeEncodingCases.ts";
import { volumeFieldCases } from "./volumeFieldCases.ts";
import { volumeScaleCases } from "./volumeScaleCases.ts";
import { allRulesOn, fixed, lint, scaleText, volumeText } from "./volumeText.ts";

const config = {
  rules: allRulesOn,
  targets: ["neuroglancer", "cloudvolume", "tensorstore", "igneous", "spec"],
} as const;
const lintAll = (text: string) => lint(text, { config });
const textOf = (text: string, { range }: Finding) => text.slice(range.offset, range.offset + range.length);

const volumeCases = [...volumeFieldCases, ...volumeScaleCases, ...volumeEncodingCases];

describe.each(volumeCases)("$rule: $title", ({ rule, text, at, pointer, severity, fixes = [] }) => {
  const findings = lintAll(text);
  const finding = findings.find((candidate) => candidate.rule === rule && pointerOf(candidate.path) === pointer);

  it("is reported once, at its place", () => {
    expect(
      findings.filter((candidate) => candidate.rule === rule && pointerOf(candidate.path) === pointer),
    ).toHaveLength(1);
    expect(finding && textOf(text, finding)).toBe(at);
    expect(finding?.severity).toBe(severity);
  });

  it("has its fixes, and each takes it away and leaves sound JSON", () => {
    expect(finding?.fixes).toHaveLength(fixes.length);
    for (const [index, part] of fixes.entries()) {
      const after = fixed(text, finding, index);
      expect(after).toContain(part);
      expect(parseJsonDocument(after).faults).toEqual([]);
      const left = lintAll(after).filter((other) => other.rule === rule && pointerOf(other.path) === pointer);
      expect(left.filter(({ message }) => message === finding?.message)).toEqual([]);
    }
  });
});

describe("sound volumes", () => {
  const labels = { type: '"segmentation"', data_type: '"uint64"' };
  const block = { compressed_segmentation_block_size: "[8, 8, 8]" };
  it.each([
    ["an image", volumeText()],
    [
      "floats that are whole",
      volumeText({}, [scaleText({ size: "[64.0, 64.0, 64.0]", chunk_sizes: "[[32.0, 32, 32]]" })]),
    ],
    ["several chunk sizes", volumeText({}, [scaleText({ chunk_sizes: "[[64, 64, 64], [32, 32, 32]]" })])],
    ["negative offsets", volumeText({}, [scaleText({ voxel_offset: "[-64, 0, 128]" })])],
    ["labels", volumeText(labels, [scaleText({ encoding: '"compressed_segmentation"', ...block })])],
    [
      "lossless jxl of labels",
      volumeText({ ...labels, data_type: '"uint8"' }, [scaleText({ encoding: '"jxl"', jxl_quality: "100" })]),
    ],
    ["quality of jpeg", volumeText({}, [scaleText({ encoding: '"jpeg"', jpeg_quality: "85" })])],
    ["keys of CloudVolume and Neuroglancer", volumeText({}, [scaleText({ hidden: "true", locked: "true" })])],
    ["keys with folders", volumeText({}, [scaleText({ key: '"images/8_8_40"' })])],
    ["millimetres", volumeText({}, [scaleText({ resolution: "[1000000, 1000000, 1000000]" })])],
    ["graphene", volumeText({ ...labels, app: "{}", graph: "{}", data_dir: '"gs://b/ws"', mesh_metadata: "{}" })],
  ])("have no finding: %s", (_, text) => {
    const findings = lint(text, { config: { rules: { PCV023: "off" }, targets: config.targets } });
    expect(findings.map(({ rule, message }) => `${rule} ${message}`)).toEqual([]);
  });
});

describe("what a rule leaves to another", () => {
  const rulesOf = (text: string) => lint(text).map(({ rule }) => rule);

  it("a misspelt voxel_offset is not missing besides", () => {
    expect(rulesOf(volumeText({}, [scaleText({ voxel_offset: undefined, voxel_ofset: "[1, 2, 3]" })]))).toEqual([
      "PCV041",
    ]);
  });

  it("chunk_size is not an unknown key, nor are chunk_sizes missing", () => {
    expect(rulesOf(volumeText({}, [scaleText({ chunk_sizes: undefined, chunk_size: "[64, 64, 64]" })]))).toEqual([
      "PCV004",
    ]);
  });

  it("upper case is no unknown name", () => {
    expect(rulesOf(volumeText({ data_type: '"UINT8"', type: '"IMAGE"' }, [scaleText({ encoding: '"RAW"' })]))).toEqual([
      "PCV040",
      "PCV040",
      "PCV040",
    ]);
  });

  it("the schema does not repeat what a rule says, not even one that is off", () => {
    const text = volumeText({}, [scaleText({ size: "[1.5, 2, 3]" })]);
    expect(rulesOf(text)).toEqual(["PCV007"]);
    expect(lint(text, { config: { rules: { PCV007: "off" }, targets: [] } })).toEqual([]);
  });
});

describe("targets", () => {
  const severities = (text: string, targets: Parameters<typeof lint>[1]) =>
    lint(text, targets).map(({ severity }) => severity);

  it("give the highest severity among them, and information where none minds", () => {
    const text = volumeText({ mesh: '""' });
    expect(severities(text, { targets: ["neuroglancer", "cloudvolume"] })).toEqual(["error"]);
    expect(severities(text, { targets: ["cloudvolume"] })).toEqual(["hint"]);
    expect(severities(text, { targets: ["tensorstore"] })).toEqual(["information"]);
  });

  it("decide which encodings are readable", () => {
    const text = volumeText({ type: '"segmentation"' }, [scaleText({ encoding: '"compresso"' })]);
    expect(lint(text, { targets: ["tensorstore"] })).toHaveLength(1);
    expect(lint(text, { targets: ["neuroglancer", "cloudvolume"] })).toEqual([]);
  });
});

describe("messages", () => {
  it("hold no control characters and no long values of the document", () => {
    const text = volumeText({ data_type: `"${"x".repeat(500)}\\u001b[31m\\u202e"` });
    const [finding] = lint(text);
    expect(finding?.message.length).toBeLessThan(200);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there.
    expect(finding?.message).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

it("every rule of volumes has a case", () => {
  const needed = rules.filter(({ id }) => /^(PCV|SCH|JSN003)/.test(id) && id !== "PCV001").map(({ id }) => id);
  expect([...new Set(volumeCases.map(({ rule }) => rule))].toSorted()).toEqual(needed);
});
