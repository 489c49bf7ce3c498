import { describe, expect, it } from "vitest";
import { EditRefusedError, planFieldEdits } from "../../../../client/src/editors/jsonEdits.ts";
import { applyChange } from "../../../../client/src/editors/textChanges.ts";
import type { FieldEdit } from "../../../../schemas/messages/infoEditor.ts";

function edited(text: string, ...edits: FieldEdit[]): string {
  return [...planFieldEdits(text, edits)].reverse().reduce(applyChange, text);
}

function refusalOf(text: string, ...edits: FieldEdit[]): unknown {
  try {
    planFieldEdits(text, edits);
  } catch (error) {
    return error instanceof EditRefusedError ? error.wire : error;
  }
  return undefined;
}

const spaces = `{
  "type": "image",
  "num_channels": 1,
  "scales": [
    {
      "key": "8_8_40",
      "size": [1024, 1024, 512]
    }
  ]
}
`;

describe("setting a value", () => {
  it("replaces only the characters of the value", () => {
    expect(planFieldEdits(spaces, [{ path: ["num_channels"], json: "3" }])).toEqual([
      { offset: spaces.indexOf("1,"), length: 1, text: "3" },
    ]);
  });

  it("leaves integers beyond 2^53 and number formats elsewhere as they are", () => {
    const text = '{"id": 18446744073709551615, "x": 4.0, "e": 1E+2, "n": -0.0, "t": "a"}';
    expect(edited(text, { path: ["t"], json: '"b"' })).toBe(text.replace('"a"', '"b"'));
  });

  it("writes integers beyond 2^53 digit by digit", () => {
    expect(edited('{"id":1}', { path: ["id"], json: "18446744073709551615" })).toBe('{"id":18446744073709551615}');
  });

  it("reaches into nested arrays", () => {
    const text = '{"scales":[{"chunk_sizes":[[64,64,64]]},{"chunk_sizes":[[32,32,32],[16,16,16]]}]}';
    expect(edited(text, { path: ["scales", 1, "chunk_sizes", 1, 2], json: "8" })).toBe(
      '{"scales":[{"chunk_sizes":[[64,64,64]]},{"chunk_sizes":[[32,32,32],[16,16,8]]}]}',
    );
  });

  it("keeps CRLF line ends", () => {
    const text = '{\r\n\t"a": 1,\r\n\t"b": 2\r\n}\r\n';
    expect(edited(text, { path: ["b"], json: "3" })).toBe('{\r\n\t"a": 1,\r\n\t"b": 3\r\n}\r\n');
  });

  it("is no change when the value is the same", () => {
    expect(planFieldEdits(spaces, [{ path: ["type"], json: '"image"' }])).toEqual([]);
  });

  it("replaces the last of two equal keys, which is the one that readers take", () => {
    expect(edited('{"a":1,"a":2}', { path: ["a"], json: "3" })).toBe('{"a":1,"a":3}');
  });

  it("keeps an array on its one line", () => {
    const text = '{\n  "size": [1, 2, 3]\n}';
    expect(edited(text, { path: ["size"], json: "[4,5,6]" })).toBe('{\n  "size": [4, 5, 6]\n}');
  });

  it("keeps an array on its several lines", () => {
    const text = '{\n  "size": [\n    1,\n    2\n  ]\n}';
    expect(edited(text, { path: ["size"], json: "[4,5]" })).toBe('{\n  "size": [\n    4,\n    5\n  ]\n}');
  });
});

describe("adding a key", () => {
  it("follows the last key, indented by spaces", () => {
    expect(edited(spaces, { path: ["scales", 0, "encoding"], json: '"raw"' })).toBe(
      spaces.replace("512]\n", '512],\n      "encoding": "raw"\n'),
    );
  });

  it("is indented by tabs, with CRLF", () => {
    const text = '{\r\n\t"z": 1,\r\n\t"b": 2\r\n}';
    expect(edited(text, { path: ["mesh"], json: '"mesh"' })).toBe(
      '{\r\n\t"z": 1,\r\n\t"b": 2,\r\n\t"mesh": "mesh"\r\n}',
    );
  });

  it("takes its place among sorted keys", () => {
    const text = '{\n  "data_type": "uint8",\n  "num_channels": 1,\n  "type": "image"\n}';
    expect(edited(text, { path: ["mesh"], json: '"m"' })).toBe(
      '{\n  "data_type": "uint8",\n  "mesh": "m",\n  "num_channels": 1,\n  "type": "image"\n}',
    );
    expect(edited(text, { path: ["@type"], json: '"x"' })).toBe(
      '{\n  "@type": "x",\n  "data_type": "uint8",\n  "num_channels": 1,\n  "type": "image"\n}',
    );
  });

  it("stays on the one line of a compact document", () => {
    const text = '{"z":1,"a":[1,2]}';
    expect(edited(text, { path: ["o"], json: '{ "k": [1, 2] }' })).toBe('{"z":1,"a":[1,2],"o":{"k":[1,2]}}');
  });

  it("uses the separators of Python's one-line JSON", () => {
    const text = '{"z": 1, "a": 2}';
    expect(edited(text, { path: ["o"], json: "[1,2]" })).toBe('{"z": 1, "a": 2, "o": [1, 2]}');
  });

  it("opens an empty object", () => {
    expect(edited("{}\n", { path: ["a"], json: "1" })).toBe('{\n  "a": 1\n}\n');
    expect(edited('{"o":{}}', { path: ["o", "a"], json: "1" })).toBe('{"o":{"a":1}}');
    expect(edited('{\n\t"o": {}\n}', { path: ["o", "a"], json: "1" })).toBe('{\n\t"o": {\n\t\t"a": 1\n\t}\n}');
  });

  it("breaks lines inside a value as the document does", () => {
    const broken = '{\n  "z": [\n    1,\n    2\n  ],\n  "b": 0\n}';
    expect(edited(broken, { path: ["a"], json: "[3,4]" })).toBe(
      '{\n  "z": [\n    1,\n    2\n  ],\n  "b": 0,\n  "a": [\n    3,\n    4\n  ]\n}',
    );
    const inline = '{\n  "z": [1, 2],\n  "b": 0\n}';
    expect(edited(inline, { path: ["a"], json: "[[3,4]]" })).toBe('{\n  "z": [1, 2],\n  "b": 0,\n  "a": [[3, 4]]\n}');
  });

  it("pads braces as the document does", () => {
    expect(edited('{ "z": { "a": 1 }, "b": 1 }', { path: ["o"], json: '{"k":1}' })).toBe(
      '{ "z": { "a": 1 }, "b": 1, "o": { "k": 1 } }',
    );
  });

  it("escapes the name", () => {
    expect(edited('{"z":1}', { path: ['a"\n'], json: "1" })).toBe('{"z":1,"a\\"\\n":1}');
  });
});

describe("removing", () => {
  const text = '{\n  "a": 1,\n  "b": [1, 2, 3],\n  "c": 3\n}';

  it("takes the comma of the first key along", () => {
    expect(edited(text, { path: ["a"] })).toBe('{\n  "b": [1, 2, 3],\n  "c": 3\n}');
  });

  it("takes the comma before the last key along", () => {
    expect(edited(text, { path: ["c"] })).toBe('{\n  "a": 1,\n  "b": [1, 2, 3]\n}');
  });

  it("takes the comma of an element along", () => {
    expect(edited(text, { path: ["b", 0] })).toBe(text.replace("1, 2, 3", "2, 3"));
    expect(edited(text, { path: ["b", 2] })).toBe(text.replace("1, 2, 3", "1, 2"));
  });

  it("leaves an empty container behind the only entry", () => {
    expect(edited('{\n  "a": 1\n}', { path: ["a"] })).toBe("{}");
    expect(edited('{"a":[ 1 ]}', { path: ["a", 0] })).toBe('{"a":[]}');
  });

  it("removes the scale of a CRLF document with its lines", () => {
    const scales =
      '{\r\n\t"scales": [\r\n\t\t{\r\n\t\t\t"key": "a"\r\n\t\t},\r\n\t\t{\r\n\t\t\t"key": "b"\r\n\t\t}\r\n\t]\r\n}';
    expect(edited(scales, { path: ["scales", 1] })).toBe(
      '{\r\n\t"scales": [\r\n\t\t{\r\n\t\t\t"key": "a"\r\n\t\t}\r\n\t]\r\n}',
    );
  });
});

describe("adding an element", () => {
  it("appends one past the end, in the layout of the document", () => {
    expect(edited(spaces, { path: ["scales", 1], json: '{"key":"16","size":[512,512,512]}' })).toBe(
      spaces.replace("    }\n  ]", '    },\n    {\n      "key": "16",\n      "size": [512, 512, 512]\n    }\n  ]'),
    );
  });

  it("inserts before another and copies source of several lines as it stands", () => {
    const source = '{\n      "key": "8_8_40",\n      "size": [1024, 1024, 512]\n    }';
    expect(edited(spaces, { path: ["scales", 0], json: source, insert: true })).toBe(
      spaces.replace(source, `${source},\n    ${source}`),
    );
  });

  it("fills an empty array", () => {
    expect(edited('{\n "scales": []\n}', { path: ["scales", 0], json: '{"key":"a"}' })).toBe(
      '{\n "scales": [\n  {\n   "key": "a"\n  }\n ]\n}',
    );
  });

  it("keeps elements on their one line each", () => {
    const text = '{\n  "scales": [\n    {"key": "a"},\n    {"key": "b"}\n  ]\n}';
    expect(edited(text, { path: ["scales", 2], json: '{"key":"c","n":1}' })).toBe(
      '{\n  "scales": [\n    {"key": "a"},\n    {"key": "b"},\n    {"key": "c", "n": 1}\n  ]\n}',
    );
  });
});

describe("several edits", () => {
  it("build on each other and come as changes of the original, apart and in order", () => {
    const scale = '{\n      "key": "8_8_40",\n      "size": [1024, 1024, 512]\n    }';
    const edits: FieldEdit[] = [
      { path: ["scales", 1], json: scale, insert: true },
      { path: ["scales", 1, "key"], json: '"16_16_40"' },
      { path: ["scales", 1, "size", 0], json: "512" },
      { path: ["num_channels"], json: "2" },
      { path: ["type"] },
    ];
    const changes = planFieldEdits(spaces, edits);
    expect(changes.map(({ length }) => length)).toEqual(['"type": "image",\n  '.length, 1, 0]);
    expect(edited(spaces, ...edits)).toBe(
      spaces
        .replace('"type": "image",\n  ', "")
        .replace('channels": 1', 'channels": 2')
        .replace(scale, `${scale},\n    ${scale.replace("8_8_40", "16_16_40").replace("[1024", "[512")}`),
    );
  });

  it("swap two elements by their source", () => {
    const text = '{"scales":[{"k": 1.0},{"k":2 }]}';
    expect(edited(text, { path: ["scales", 0], json: '{"k":2 }' }, { path: ["scales", 1], json: '{"k": 1.0}' })).toBe(
      '{"scales":[{"k":2},{"k":1.0}]}',
    );
  });

  it("merge into one when a later one changes what an earlier one wrote", () => {
    expect(
      planFieldEdits('{"a":1}', [{ path: ["a"], json: "[2,3]" }, { path: ["a", 1], json: "44" }, { path: ["a", 0] }]),
    ).toEqual([{ offset: 5, length: 1, text: "[44]" }]);
  });
});

describe("documents with syntax errors", () => {
  const missingComma = '{\n  "type": "image"\n  "num_channels": 1,\n  "o": {"a": 1}\n}';

  it("are edited where the error is elsewhere", () => {
    expect(edited(missingComma, { path: ["num_channels"], json: "2" })).toBe(missingComma.replace("1,", "2,"));
    expect(edited(missingComma, { path: ["o", "b"], json: "2" })).toBe(
      missingComma.replace('"a": 1', '"a": 1, "b": 2'),
    );
  });

  it("are left alone where the edit would touch the error, and say where it is", () => {
    expect(refusalOf(missingComma, { path: ["mesh"], json: '"m"' })).toEqual({
      tag: "invalid_metadata",
      message: "fix the JSON first: expected a comma at line 3, column 3",
      data: { line: 3, column: 3 },
    });
    expect(refusalOf(missingComma, { path: ["type"] })).toMatchObject({ tag: "invalid_metadata" });
    expect(refusalOf('{"a": , "b": 1}', { path: ["a"], json: "1" })).toMatchObject({ tag: "invalid_metadata" });
    expect(refusalOf('{"a": 1', { path: ["b"], json: "1" })).toMatchObject({ tag: "invalid_metadata" });
    expect(refusalOf("", { path: ["b"], json: "1" })).toMatchObject({ tag: "invalid_metadata" });
  });

  it("nested beyond reason are refused", () => {
    expect(refusalOf("[".repeat(100_000), { path: [0], json: "1" })).toMatchObject({
      message: "fix the JSON first: nested more than 200 deep at line 1, column 201",
    });
  });
});

describe("edits that cannot be", () => {
  it.each(["", "1 2", "1,2", "{", "NaN", "0x1", "007", "'a'", "// c\n1"])("refuses the source %j", (json) => {
    expect(refusalOf('{"a":1}', { path: ["a"], json })).toEqual({
      tag: "invalid_argument",
      message: "not one JSON value",
    });
  });

  it("refuses a path that leads nowhere", () => {
    const notFound = { tag: "not_found", message: 'no such value in the document: "/b/c"' };
    expect(refusalOf('{"a":1}', { path: ["b", "c"], json: "1" })).toEqual(notFound);
    expect(refusalOf('{"a":1}', { path: ["b", "c"] })).toEqual(notFound);
    expect(refusalOf('{"a":[1]}', { path: ["a", 2], json: "1" })).toMatchObject({ tag: "not_found" });
    expect(refusalOf('{"a":[1]}', { path: ["a", "b"], json: "1" })).toMatchObject({ tag: "not_found" });
  });
});
