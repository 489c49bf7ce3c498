/** The gate of every rule: no error on real documents, and the known broken ones are caught. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { pointerOf } from "../../../../server/src/lint/json/node.ts";
import { lintDocument } from "../../../../server/src/lint/lintDocument.ts";
import { targets } from "../../../../server/src/lint/rule.ts";
import { rules } from "../../../../server/src/lint/rules.ts";
import { describeWithShared } from "../../../fakes/shared.ts";
import { allRulesOn } from "./volumeText.ts";

interface GoodDocument {
  readonly id: string;
  readonly file: string;
  readonly kind: string;
}

interface BadDocument extends GoodDocument {
  readonly rule: string;
  readonly pointer: string;
}

/** Rules made for documents whose manifest names none or the rule of another kind. */
const laterRules: Readonly<Record<string, string>> = {
  "cv139-empty-provenance": "JSN001",
  "zs-invalid-dtype": "PCV053",
  "zs-negative-channels": "PCV052",
  "esdl75-nan-attribute": "JSN002",
  "zp2741-nan-fill": "JSN002",
};
const implemented = new Set(rules.map(({ id }) => id));
const kinds: Readonly<Record<string, string>> = {
  "precomputed-volume": "volume",
  graphene: "graphene",
  provenance: "provenance",
  skeleton: "skeleton",
  annotation: "annotation",
  "precomputed-mesh-legacy": "mesh",
  "precomputed-mesh-multilod": "multilodMesh",
  "segment-properties": "segmentProperties",
};

function lintFile(folder: string, file: string) {
  const text = readFileSync(path.join(folder, file), "utf8");
  const config = { rules: allRulesOn, targets };
  return lintDocument(text, { fileName: path.basename(file), isExplicit: true, config });
}

describeWithShared("real documents", ["data", "infos"], (folder) => {
  const manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8")) as {
    readonly good: readonly GoodDocument[];
    readonly bad: readonly BadDocument[];
  };
  const good = manifest.good.map(({ id, file, kind }) => ({ id, file, kind }));
  const bad = manifest.bad.map((document) => ({ ...document, rule: laterRules[document.id] ?? document.rule }));

  it("are as many as they should be", () => {
    expect(good.length).toBeGreaterThanOrEqual(300);
    expect(bad.filter(({ rule }) => implemented.has(rule)).length).toBeGreaterThanOrEqual(19);
  });

  it.each(good)("good: $id has no error", ({ file }) => {
    const errors = lintFile(path.join(folder, "good"), file).findings.filter(({ severity }) => severity === "error");
    expect(errors.map(({ rule, message }) => `${rule} ${message}`)).toEqual([]);
  });

  it.each(good)("good: $id is known for what it is", ({ file, kind }) => {
    expect(lintFile(path.join(folder, "good"), file).kind).toBe(kinds[kind]);
  });

  it.each(bad.filter(({ rule }) => implemented.has(rule)))("bad: $id gets $rule", ({ file, rule, pointer }) => {
    const { findings } = lintFile(path.join(folder, "bad"), file);
    const pointers = findings.filter((finding) => finding.rule === rule).map((finding) => pointerOf(finding.path));
    // A syntax error is reported at the document; other findings at the value that the manifest names, or at a part of it.
    const isSyntax = /^JSN|PCV001|PRV004/.test(rule);
    expect(pointers.filter((found) => isSyntax || found.startsWith(pointer))).not.toEqual([]);
  });
});
