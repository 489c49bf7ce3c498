import { describe, expect, it } from "vitest";
import { planFieldEdits } from "../../../../client/src/editors/jsonEdits.ts";
import { applyChange } from "../../../../client/src/editors/textChanges.ts";
import type { FieldEdit } from "../../../../schemas/messages/infoEditor.ts";
import { type JsonDocument, readJson } from "../../../../webview/src/metadata/jsonDocument.ts";
import {
  addScale,
  changeEncoding,
  duplicateScale,
  moveScale,
  removeScale,
} from "../../../../webview/src/metadata/scaleEdits.ts";

/** The text after edits, as the host makes them. */
function edited(text: string, make: (json: JsonDocument) => readonly FieldEdit[]): string {
  return [...planFieldEdits(text, make(readJson(text)))].reverse().reduce(applyChange, text);
}

const one = `{
  "scales": [
    {
      "key": "4.0_4.0_40.0",
      "resolution": [4.0, 4.0, 40.0],
      "size": [1001, 1000, 50],
      "voxel_offset": [-3, 9007199254740993, 7],
      "note": 12345678901234567890,
      "sharding": {"preshift_bits": 9},
      "chunk_sizes": [[64, 64, 64]],
      "encoding": "raw"
    }
  ]
}`;

describe("adding a scale", () => {
  it("downsamples the last one in its own layout: size up, offset down, exact at any size, sharding left out", () => {
    const added = `{
      "key": "8.0_8.0_40.0",
      "resolution": [8.0, 8.0, 40.0],
      "size": [501, 500, 50],
      "voxel_offset": [-2, 4503599627370496, 7],
      "note": 12345678901234567890,
      "chunk_sizes": [[64, 64, 64]],
      "encoding": "raw"
    }`;
    expect(edited(one, addScale)).toBe(one.replace("    }\n  ]", `    },\n    ${added}\n  ]`));
  });

  it("keeps whole resolutions whole", () => {
    expect(edited('{"scales":[{"key":"8_8_40","resolution":[8,8,40],"size":[3,4,5]}]}', addScale)).toBe(
      '{"scales":[{"key":"8_8_40","resolution":[8,8,40],"size":[3,4,5]},{"key":"16_16_40","resolution":[16,16,40],"size":[2,2,5]}]}',
    );
  });

  it("does not take a key that is there", () => {
    const text = '{"scales":[{"key":"16_16_40"},{"key":"8_8_40","resolution":[8,8,40]}]}';
    expect(edited(text, addScale)).toContain('"key":"16_16_40_2","resolution":[16,16,40]');
  });

  it("begins a list that is empty or absent", () => {
    expect(edited('{"scales":[]}', addScale)).toBe(
      '{"scales":[{"key":"1_1_1","size":[1,1,1],"voxel_offset":[0,0,0],"resolution":[1,1,1],"chunk_sizes":[[64,64,64]],"encoding":"raw"}]}',
    );
    expect(edited('{"type":"image"}', addScale)).toContain(',"scales":[{"key":"1_1_1"');
  });
});

describe("the other buttons", () => {
  const three = '{"scales":[{"key":"a"},{"key": "b", "n": 1.0},{"key":"c"}]}';

  it("duplicate a scale behind itself under a free key", () => {
    expect(edited(three, (json) => duplicateScale(json, 0))).toBe(
      '{"scales":[{"key":"a"},{"key":"a_copy"},{"key": "b", "n": 1.0},{"key":"c"}]}',
    );
  });

  it("remove a scale", () => {
    expect(edited(three, () => removeScale(1))).toBe('{"scales":[{"key":"a"},{"key":"c"}]}');
  });

  it("move a scale, and nothing past the ends", () => {
    const lines = '{\n "scales": [\n  {\n   "key": "a"\n  },\n  {\n   "key": "b",\n   "n": 1.0\n  }\n ]\n}';
    expect(edited(lines, (json) => moveScale(json, 1, -1))).toBe(
      '{\n "scales": [\n  {\n   "key": "b",\n   "n": 1.0\n  },\n  {\n   "key": "a"\n  }\n ]\n}',
    );
    expect(moveScale(readJson(three), 0, -1)).toEqual([]);
    expect(moveScale(readJson(three), 2, 1)).toEqual([]);
  });

  it("change the encoding with its parameters", () => {
    const text = '{"scales":[{"encoding":"jpeg","jpeg_quality":85,"a":1}]}';
    expect(edited(text, (json) => changeEncoding(json, ["scales", 0], "compressed_segmentation"))).toBe(
      '{"scales":[{"encoding":"compressed_segmentation","a":1,"compressed_segmentation_block_size":[8,8,8]}]}',
    );
    expect(changeEncoding(readJson(text), ["scales", 0], "jpeg")).toEqual([]);
  });
});
