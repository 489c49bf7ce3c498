import { describe, expect, it } from "vitest";
import {
  applyEdits,
  insertItem,
  insertProperty,
  removeChild,
  renameKey,
  wrapInArray,
} from "../../../../../server/src/lint/json/edits.ts";
import { findProperty, type JsonArray, type JsonObject, nodeAt } from "../../../../../server/src/lint/json/node.ts";
import { parseJsonDocument } from "../../../../../server/src/lint/json/parse.ts";

const objectAt = (text: string, path: readonly (string | number)[] = []) =>
  nodeAt(parseJsonDocument(text).root, path) as JsonObject;
const arrayAt = (text: string, path: readonly (string | number)[] = []) =>
  nodeAt(parseJsonDocument(text).root, path) as JsonArray;

describe("insertProperty", () => {
  it.each([
    ["{}", '{"k": 1}'],
    ['{"a": 1}', '{"a": 1, "k": 1}'],
    ['{"a":1}', '{"a":1,"k":1}'],
    ['{"a":1,"b":2}', '{"a":1,"b":2,"k":1}'],
    ['{"a" : 1 , "b" : 2}', '{"a" : 1 , "b" : 2, "k" : 1}'],
    ['{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "k": 1\n}\n'],
    ['{\r\n\t"a": [\r\n\t\t1\r\n\t]\r\n}', '{\r\n\t"a": [\r\n\t\t1\r\n\t],\r\n\t"k": 1\r\n}'],
    ["{\n}", '{\n  "k": 1\n}'],
    ['{"a": 1,\n "b": 2}', '{"a": 1,\n "b": 2,\n "k": 1}'],
  ])("of %j", (text, expected) => {
    expect(applyEdits(text, [insertProperty(text, objectAt(text), "k", "1")])).toBe(expected);
  });

  it("indents inside nested objects", () => {
    const text = '{\n    "a": {\n        "b": 1\n    }\n}';
    expect(applyEdits(text, [insertProperty(text, objectAt(text, ["a"]), "k", "1")])).toBe(
      '{\n    "a": {\n        "b": 1,\n        "k": 1\n    }\n}',
    );
  });
});

describe("insertItem", () => {
  it.each([
    ['{"a": []}', '{"a": [7]}'],
    ['{"a": [1, 2]}', '{"a": [1, 2, 7]}'],
    ['{\n  "a": [\n  ]\n}', '{\n  "a": [\n    7\n  ]\n}'],
    ['{\n  "a": [\n    1\n  ]\n}', '{\n  "a": [\n    1,\n    7\n  ]\n}'],
  ])("of %j", (text, expected) => {
    expect(applyEdits(text, [insertItem(text, arrayAt(text, ["a"]), "7")])).toBe(expected);
  });
});

describe("removeChild", () => {
  it.each([
    ['{"a": 1, "k": 2, "b": 3}', '{"a": 1, "b": 3}'],
    ['{"k": 2, "b": 3}', '{"b": 3}'],
    ['{"a": 1, "k": 2}', '{"a": 1}'],
    ['{"k": 2}', "{}"],
    ['{"k": 2,}', "{}"],
    ['{\n  "a": 1,\n  "k": 2,\n  "b": 3\n}', '{\n  "a": 1,\n  "b": 3\n}'],
    ['{\n  "a": 1,\n  "k": 2\n}', '{\n  "a": 1\n}'],
  ])("of %j", (text, expected) => {
    const object = objectAt(text);
    const property = findProperty(object, "k");
    expect(property && applyEdits(text, [removeChild(text, object.properties, property)])).toBe(expected);
  });
});

describe("other edits", () => {
  it("rename a key and wrap its value", () => {
    const text = '{"chunk_size" : [64, 64, 64]}';
    const property = findProperty(objectAt(text), "chunk_size");
    const edits = property?.value ? [renameKey(property, "chunk_sizes"), ...wrapInArray(property.value)] : [];
    expect(applyEdits(text, edits)).toBe('{"chunk_sizes" : [[64, 64, 64]]}');
  });

  it("never overlap", () => {
    const overlapping = [
      { offset: 0, length: 2, text: "" },
      { offset: 1, length: 2, text: "" },
    ];
    expect(() => applyEdits("abcd", overlapping)).toThrow(RangeError);
  });
});
