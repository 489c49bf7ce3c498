import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lintDocument } from "../../../../server/src/lint/lintDocument.ts";
import { sampleLayers } from "../../../../server/src/sample/sampleLayers.ts";
import { writeSample } from "../../../../server/src/sample/writeSample.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "cloudvolume-sample-"));
});
afterEach(() => rmSync(root, { recursive: true }));

describe("a sample that is not written", () => {
  it.each(["", "file://", "gs://bucket/sample", "https://example.org/sample", "precomputed://file:///sample"])(
    'goes into a local folder only: "%s"',
    async (directory) => {
      await expect(writeSample(directory)).rejects.toMatchObject({
        tag: "invalid_argument",
        fields: { hint: "name a folder" },
      });
    },
  );

  it("leaves another's layer alone", async () => {
    mkdirSync(path.join(root, "segmentation"));
    writeFileSync(path.join(root, "segmentation/info"), "{}");
    writeFileSync(path.join(root, "segmentation/provenance"), '{"description": "mine"}');
    await expect(writeSample(root)).rejects.toMatchObject({
      tag: "conflict",
      fields: { hint: "choose another folder for the sample" },
    });
    expect(readdirSync(root)).toEqual(["segmentation"]);
  });

  it("writes nothing once it is cancelled", async () => {
    await expect(writeSample(root, { signal: AbortSignal.abort() })).rejects.toMatchObject({ tag: "cancelled" });
    expect(readdirSync(root)).toEqual([]);
  });

  it("is denied where the user may not write, and says what to do", async () => {
    const closed = path.join(root, "closed");
    mkdirSync(closed);
    const isRoot = process.geteuid?.() === 0;
    chmodSync(root, 0o755);
    chmodSync(closed, 0o555);
    try {
      const writing = writeSample(path.join(closed, "sample")); // its engine is made before the user changes
      process.seteuid?.(isRoot ? 65534 : (process.geteuid?.() ?? 0));
      await expect(writing).rejects.toMatchObject({
        tag: "permission_denied",
        fields: { hint: "choose a folder that you may write to" },
      });
    } finally {
      process.seteuid?.(isRoot ? 0 : (process.geteuid?.() ?? 0));
      chmodSync(closed, 0o755);
    }
    expect(readdirSync(closed)).toEqual([]);
  });

  it("says that a file is in the way", async () => {
    writeFileSync(path.join(root, "file"), "");
    await expect(writeSample(path.join(root, "file"))).rejects.toMatchObject({ tag: "conflict" });
  });
});

it.each([
  ["sample", "sample"],
  ["in|side/a b%20c", "in|side/a b%20c"],
  ["info", "info/"],
])("is kept when its marker is there: %s", async (name, located) => {
  const folder = path.join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, ".cloudvolume-sample.json"), '{"version": 2}');
  expect(await writeSample(folder)).toEqual({ location: `file://${root}/${located}` });
  expect(await writeSample(`file://${folder}/`)).toEqual({ location: `file://${root}/${located}` });
  expect(readdirSync(folder)).toEqual([".cloudvolume-sample.json"]);
});

it.each([...sampleLayers])("the metadata of $name has no findings", ({ info, provenance }) => {
  expect(lintDocument(JSON.stringify(info), { fileName: "info" }).findings).toEqual([]);
  expect(lintDocument(JSON.stringify(provenance), { fileName: "provenance" })).toMatchObject({
    kind: "provenance",
    findings: [],
  });
});
