import { describe, expect, it } from "vitest";
import type { JsonPath } from "../../../../schemas/messages/infoEditor.ts";
import {
  type FieldSpec,
  parametersOf,
  scaleFields,
  volumeFields,
} from "../../../../webview/src/metadata/fieldSpecs.ts";
import { readDraft, textOfField } from "../../../../webview/src/metadata/fieldText.ts";
import { readJson } from "../../../../webview/src/metadata/jsonDocument.ts";

function textIn(text: string, spec: FieldSpec, base: JsonPath = []): string {
  return textOfField(readJson(text), { spec, base });
}

function drafted(text: string, spec: FieldSpec, draft: string): unknown {
  return readDraft(readJson(text), { spec, base: [] }, draft);
}

function volumeField(key: string): FieldSpec {
  const spec = volumeFields.find((field) => field.key === key);
  if (spec === undefined) {
    throw new Error(`no such field: "${key}"`);
  }
  return spec;
}

const { size, voxel_offset: offset, resolution, chunk_sizes: chunkSizes, encoding, key } = scaleFields;

describe("the text of a field", () => {
  it("is a string without its quotes and escapes", () => {
    expect(textIn('{"mesh":"a\\"b"}', volumeField("mesh"))).toBe('a"b');
  });

  it("is a number as it is written, of any size", () => {
    expect(textIn('{"num_channels":18446744073709551615}', volumeField("num_channels"))).toBe("18446744073709551615");
    expect(textIn('{"resolution":[4.0, 4.00, 1e2]}', resolution)).toBe("4.0, 4.00, 1e2");
  });

  it("is the first of the chunk sizes", () => {
    expect(textIn('{"chunk_sizes":[[64,64,64],[32,32,32]]}', chunkSizes)).toBe("64, 64, 64");
  });

  it("is the source where the value is not of its kind", () => {
    expect(textIn('{"size":{"x": 1}}', size)).toBe('{"x": 1}');
    expect(textIn('{"mesh":null}', volumeField("mesh"))).toBe("null");
    expect(textIn('{"size":[1,\n [2]]}', size)).toBe("[1, [2]]");
    expect(textIn('{"size":["64", 2, 3]}', size)).toBe('"64", 2, 3');
  });

  it("is empty where the key is absent", () => {
    expect(textIn("{}", size)).toBe("");
  });

  it("is that of the last of two equal keys", () => {
    expect(textIn('{"type":"a","type":"b"}', volumeField("type"))).toBe("b");
  });
});

describe("a typed text", () => {
  it("means no edit when nothing changed", () => {
    expect(drafted('{"size":[1, 2,3]}', size, "1, 2, 3")).toEqual({ edits: [] });
    expect(drafted('{"mesh":"a\\u0062"}', volumeField("mesh"), "ab")).toEqual({ edits: [] });
  });

  it("changes only the elements that differ", () => {
    expect(drafted('{"resolution":[4.0, 4.0, 40]}', resolution, "4.0, 8, 40")).toEqual({
      edits: [{ path: ["resolution", 1], json: "8" }],
    });
    expect(drafted('{"chunk_sizes":[[64,64,64],[1,1,1]]}', chunkSizes, "64 64 32")).toEqual({
      edits: [{ path: ["chunk_sizes", 0, 2], json: "32" }],
    });
  });

  it("keeps integers beyond 2^53", () => {
    expect(drafted('{"voxel_offset":[0,0,0]}', offset, "-9007199254740993, 0, 0")).toEqual({
      edits: [{ path: ["voxel_offset", 0], json: "-9007199254740993" }],
    });
  });

  it("replaces what was no triple, and wraps a flat chunk size", () => {
    expect(drafted('{"size":"big"}', size, "1 × 2 × 3")).toEqual({ edits: [{ path: ["size"], json: "[1, 2, 3]" }] });
    expect(drafted('{"chunk_sizes":[64,64,64]}', chunkSizes, "64,64,32")).toEqual({
      edits: [{ path: ["chunk_sizes"], json: "[[64, 64, 32]]" }],
    });
    expect(drafted("{}", chunkSizes, "[64,64,32]")).toEqual({
      edits: [{ path: ["chunk_sizes"], json: "[[64, 64, 32]]" }],
    });
  });

  it("becomes a JSON string", () => {
    expect(drafted("{}", key, ' 8_8_"40" ')).toEqual({ edits: [{ path: ["key"], json: '"8_8_\\"40\\""' }] });
    expect(drafted('{"encoding":"raw"}', encoding, "jpeg")).toEqual({
      edits: [{ path: ["encoding"], json: '"jpeg"' }],
    });
  });

  it("removes an optional field when it is empty", () => {
    expect(drafted('{"mesh":"m"}', volumeField("mesh"), " ")).toEqual({ edits: [{ path: ["mesh"] }] });
    expect(drafted("{}", volumeField("mesh"), " ")).toEqual({ edits: [] });
  });

  it.each([
    [size, "", "a value is needed"],
    [size, "1, 2", "three numbers are needed: x, y, z"],
    [size, "1, 2, 3, 4", "three numbers are needed: x, y, z"],
    [size, "1, 0, 3", "y: at least 1"],
    [size, "1, 2.5, 3", "y: a whole number is needed"],
    [size, "1, 2, 03", "z: a whole number is needed"],
    [offset, "1, x, 3", "y: a whole number is needed"],
    [resolution, "0, 1, 1", "x: a number above 0 is needed"],
    [resolution, "Infinity, 1, 1", "x: a number above 0 is needed"],
    [volumeField("num_channels"), "0", "at least 1"],
    [volumeField("num_channels"), "1.5", "a whole number is needed"],
  ])("of %o may not be %j", (spec, draft, error) => {
    expect(
      drafted('{"size":[9,9,9],"voxel_offset":[0,0,0],"resolution":[1,1,1],"num_channels":2}', spec, draft),
    ).toEqual({
      error,
    });
  });

  it("stays in the range of its encoder", () => {
    const [quality] = parametersOf("jpeg");
    expect(quality && drafted("{}", quality, "101")).toEqual({ error: "between 0 and 100" });
    expect(quality && drafted("{}", quality, "90")).toEqual({ edits: [{ path: ["jpeg_quality"], json: "90" }] });
  });
});
