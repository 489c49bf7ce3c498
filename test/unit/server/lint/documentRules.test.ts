/** Rules of the text itself, and of provenance. */
import { describe, expect, it } from "vitest";
import { applyEdits } from "../../../../server/src/lint/json/edits.ts";
import { pointerOf } from "../../../../server/src/lint/json/node.ts";
import { lintDocument } from "../../../../server/src/lint/lintDocument.ts";
import type { Finding } from "../../../../server/src/lint/rule.ts";
import { lint, volumeText } from "./volumeText.ts";

const show = (text: string, findings: readonly Finding[]) =>
  findings.map(({ rule, path, range }) => [
    rule,
    pointerOf(path),
    text.slice(range.offset, range.offset + range.length),
  ]);

describe("PCV001: an info that is not JSON", () => {
  it.each([
    [
      "comments",
      '{\n  // first\n  "type": "image", // second\n  /* third */ "scales": [] }',
      '{\n  "type": "image",\n  "scales": [] }',
    ],
    ["trailing commas", '{"type": "image", "scales": [],}', '{"type": "image", "scales": []}'],
    ["a byte order mark", '\ufeff{"type": "image", "scales": []}', '{"type": "image", "scales": []}'],
    ["single quotes", `{'type': "image", "scales": []}`, '{"type": "image", "scales": []}'],
    [
      "other numbers",
      '{"type": "image", "scales": [], "rois": [.5, +1, 5., 007, -0x10, -.5]}',
      '{"type": "image", "scales": [], "rois": [0.5, 1, 5, 7, -16, -0.5]}',
    ],
    ["keys without quotes", '{type: "image", "scales": []}', '{"type": "image", "scales": []}'],
  ])("puts right %s and nothing else", (_, text, expected) => {
    const [finding] = lint(text).filter(({ rule }) => rule === "PCV001");
    expect(applyEdits(text, finding?.fixes[0]?.edits ?? [])).toBe(expected);
  });

  it("is told once for each sort of fault, at the first of them", () => {
    const text = '{"type": "image", "scales": [], "a": [1,], "b": [2,], /* c */ "mesh": NaN}';
    const found = lint(text).filter(({ rule }) => rule === "PCV001");
    expect(show(text, found)).toEqual([
      ["PCV001", "", ","],
      ["PCV001", "", "/* c */"],
      ["PCV001", "", "NaN"],
    ]);
    expect(found[0]?.message).toContain("(2 of them)");
  });

  it("does not stop the other rules", () => {
    const text = volumeText({ data_type: '"unit8"' }).replace("[8, 8, 40]", "[8, 8, 40],,");
    const found = lint(text).map(({ rule }) => rule);
    expect(found).toContain("PCV001");
    expect(found).toContain("PCV053");
  });

  it("is told while a value is being typed, and the fields around it are still checked", () => {
    const text = volumeText({ num_channels: "-1" }).replace('"encoding": "raw"', '"encoding": ');
    expect(lint(text).map(({ rule }) => rule)).toEqual(expect.arrayContaining(["PCV001", "PCV052"]));
  });
});

describe("JSN001 and JSN002", () => {
  it("an empty file is told alone, when the user named it", () => {
    expect(lint(" \n", { fileName: "provenance", isExplicit: true }).map(({ rule }) => rule)).toEqual(["JSN001"]);
    expect(lint("", { fileName: "info", isExplicit: true }).map(({ rule }) => rule)).toEqual(["JSN001"]);
  });

  it("broken JSON of another kind is told once", () => {
    const text = '{"description": "", "owners": [], "processing": [ "sources": []';
    expect(lint(text, { fileName: "provenance" }).filter(({ rule }) => rule === "JSN002")).toHaveLength(1);
  });
});

describe("JSN003: a key that stands twice", () => {
  it("is told at the one that readers ignore, at any depth", () => {
    const text = volumeText({ mesh: '"a"' }).replace('"mesh"', '"mesh": "b", "mesh"');
    expect(show(text, lint(text))).toEqual([["JSN003", "/mesh", '"mesh"']]);
    expect(lint(text)[0]?.range.offset).toBe(text.indexOf('"mesh"'));
  });
});

const provenance = (fields: Readonly<Record<string, string | undefined>> = {}) => {
  const all = { description: '"x"', owners: '["a@b.org"]', processing: "[]", sources: '["gs://b/l"]', ...fields };
  return `{\n  ${Object.entries(all)
    .flatMap(([key, json]) => (json === undefined ? [] : [`"${key}": ${json}`]))
    .join(",\n  ")}\n}`;
};

describe("provenance", () => {
  const lintProvenance = (text: string) => lint(text, { fileName: "provenance" });

  it("that is sound has no finding", () => {
    const step = '[{ "method": { "task": "x" }, "by": "a@b.org", "date": "2026-01-31 12:00 UTC" }]';
    expect(lintProvenance(provenance({ processing: step }))).toEqual([]);
  });

  it.each([
    ["PRV001", "a missing key", { sources: undefined }, ["", "{"], "error", provenance({ sources: "[]" })],
    ["PRV002", "sources of ''", { sources: '""' }, ["/sources", '""'], "error", provenance({ sources: "[]" })],
    ["PRV002", "one owner", { owners: '"a@b.org"' }, ["/owners", '"a@b.org"'], "error", provenance()],
    [
      "PRV003",
      "a source twice",
      { sources: '["gs://b/l", "gs://b/l"]' },
      ["/sources/1", '"gs://b/l"'],
      "error",
      provenance(),
    ],
    [
      "PRV005",
      "a step in words",
      { processing: '["made by hand"]' },
      ["/processing/0", '"made by hand"'],
      "error",
      provenance({ processing: '[{ "method": "made by hand" }]' }),
    ],
    [
      "PRV004",
      "comments",
      { owners: "[] /* nobody */" },
      ["", "/* nobody */"],
      "warning",
      provenance({ owners: "[]" }),
    ],
    [
      "PRV004",
      "single quotes",
      { description: String.raw`'it\'s "x"'` },
      ["", String.raw`'it\'s "x"'`],
      "warning",
      provenance({ description: String.raw`"it's \"x\""` }),
    ],
    ["PRV006", "a bare step", { processing: "[{}]" }, ["/processing/0", "{"], "information", undefined],
    ["PRV008", "a name", { owners: '["Ada"]' }, ["/owners/0", '"Ada"'], "hint", undefined],
    ["SCH001", "a description that is a list", { description: "[]" }, ["/description", "[]"], "error", undefined],
  ] as const)("%s: %s", (rule, _, fields, [pointer, at], severity, expected) => {
    const text = provenance(fields);
    const found = lintProvenance(text).filter((finding) => finding.rule === rule);
    expect(show(text, found)).toEqual([[rule, pointer, at]]);
    expect(found[0]?.severity).toBe(severity);
    expect(found[0]?.fixes[0] && applyEdits(text, found[0].fixes[0].edits)).toBe(expected);
  });

  it("PRV011: tells of a secret without repeating it", () => {
    const secret = "AKIAABCDEFGHIJKLMNOP";
    const text = provenance({ processing: `[{ "method": { "key": "${secret}" }, "by": "a@b", "date": "x" }]` });
    const [finding] = lintProvenance(text);
    expect(finding?.rule).toBe("PRV011");
    expect(finding?.message).not.toContain(secret);
  });
});

describe("which documents are ours", () => {
  const kindOf = (text: string, fileName = "info", isExplicit = false) =>
    lintDocument(text, { fileName, isExplicit }).kind;

  it.each([
    ['{"type": "image", "scales": []}', "anything.json", "volume"],
    ['{"@type": "neuroglancer_multiscale_volume"}', "anything.json", "volume"],
    ['{"@type": "neuroglancer_multiscale_volumes"}', "info", "volume"],
    ['{"data_type": "uint8", "num_channels": 1}', "info", "volume"],
    ['{"type": "segmentation", "scales": [], "app": {}}', "info", "graphene"],
    ['{"@type": "neuroglancer_legacy_mesh"}', "info", "mesh"],
    ['{"@type": "neuroglancer_multilod_draco"}', "info", "multilodMesh"],
    ['{"vertex_attributes": []}', "info", "skeleton"],
    ['{"spatial_index": {}, "mip": 0, "chunk_size": [1, 1, 1]}', "info", "mesh"],
    ['{"spatial_index": {}}', "info", "skeleton"],
    ['{"inline": {}}', "info", "segmentProperties"],
    ['{"annotation_type": "POINT"}', "info", "annotation"],
    ['{"sources": []}', "provenance", "provenance"],
    ['{"owners": [], "sources": [], "processing": []}', "anything.json", "provenance"],
  ])("%s in %s", (text, fileName, kind) => {
    expect(kindOf(text, fileName)).toBe(kind);
  });

  it.each([
    ["This is the top of the INFO tree.", "info"],
    ["", "info"],
    ["[]", "info"],
    ['{"name": "x", "version": 1}', "info"],
    ['{"scales": [{"name": "x", "type": "linear"}]}', "vega.json"],
    ['{"description": "x", "sources": {}}', "package.json"],
    ['{"inline": true}', "settings.json"],
    ['{"name": "x"}', "provenance"],
  ])("not %s in %s, and it has no finding", (text, fileName) => {
    expect(lintDocument(text, { fileName })).toMatchObject({ findings: [] });
    expect(kindOf(text, fileName)).toBeUndefined();
  });

  it("an info that the user names and nobody knows is one finding", () => {
    expect(lint('{"name": "x"}', { isExplicit: true }).map(({ rule }) => rule)).toEqual(["PCV002"]);
  });

  it("an info that the user names and that is no JSON at all is one finding", () => {
    expect(lint("this is not JSON", { isExplicit: true }).map(({ rule }) => rule)).toEqual(["PCV001"]);
  });

  it("metadata of other formats is no volume, even when the user names it", () => {
    expect(kindOf('{"scales": [[1, 1, 1]], "dataType": "uint8"}', "attributes.json", true)).toBeUndefined();
  });

  it("a broken document stays what it was", () => {
    expect(lintDocument('{"ty', { fileName: "info", assumedKind: "volume" }).kind).toBe("volume");
    expect(lintDocument("{}", { fileName: "info", assumedKind: "volume" }).kind).toBeUndefined();
  });
});
