import { describe, expect, it } from "vitest";
import { documentKindOf } from "../../../../client/src/server/documentSelector.ts";

describe("documentKindOf", () => {
  it.each([
    ["a volume", '{"type":"image","scales":[]}', "info"],
    ["meshes", '{"@type":"neuroglancer_multilod_draco"}', "info"],
    ["a provenance", '{"description":"","owners":[],"processing":[],"sources":[]}', "provenance"],
    ["a volume that is not complete", '{"type": "image", "scales": [{"key": ', "info"],
    ["some other file called info", '{"name":"package"}', undefined],
    ["text", "type: image\nscales: []", undefined],
    ["an array", "[]", undefined],
    ["another @type", '{"@type":"schema.org/Dataset"}', undefined],
    ["nothing", "", undefined],
  ])("takes %s for what it is", (_, text, kind) => {
    expect(documentKindOf(text)).toBe(kind);
  });
});
