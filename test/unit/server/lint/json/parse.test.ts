import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { locate, nodeAt, pointerOf, toPlain } from "../../../../../server/src/lint/json/node.ts";
import { isJson5Only, maxDepth, parseJsonDocument } from "../../../../../server/src/lint/json/parse.ts";

const plainOf = (text: string): unknown => {
  const { root } = parseJsonDocument(text);
  return root === undefined ? undefined : JSON.parse(JSON.stringify(toPlain(root)));
};
const faultsOf = (text: string) => parseJsonDocument(text).faults.map(({ kind, message }) => `${kind}: ${message}`);

describe("strict JSON", () => {
  it("has no faults and the value that JSON.parse gives", () => {
    const seed = 20261122;
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 2, "\t"), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), undefined, indent);
        expect(parseJsonDocument(text).faults).toEqual([]);
        const root = parseJsonDocument(text).root;
        expect(root && JSON.stringify(toPlain(root))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { seed, numRuns: 300 },
    );
  });

  it("reads escapes as JSON.parse does", () => {
    const text = String.raw`"\" \\ \/ \b \f \n \r \t \u00e9 \ud83d\ude00"`;
    expect(plainOf(text)).toBe(JSON.parse(text));
    expect(faultsOf(text)).toEqual([]);
  });

  it.each([
    "01",
    "1.",
    ".5",
    "+1",
    "0x10",
    "1e",
    "--1",
    "NaN",
    "-Infinity",
    "'a'",
    "[1,]",
    '{"a":1,}',
    "{a:1}",
    "// c\n1",
  ])("is not %s", (text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(faultsOf(text)).not.toEqual([]);
  });

  it("finds a fault exactly where JSON.parse fails, whatever the text", () => {
    const tokens = [
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"a"',
      '"b',
      "1",
      "-",
      "NaN",
      "null",
      "x",
      " ",
      "\n",
      "'",
      "//",
      "/*",
      "\\",
      "\u0001",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 25 }), (parts) => {
        const text = parts.join("");
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(faultsOf(text).length === 0).toBe(isJson);
      }),
      { seed: 7, numRuns: 3000 },
    );
  });
});

describe("what JSON.parse throws away", () => {
  it("keeps every digit of a number", () => {
    expect(nodeAt(parseJsonDocument('{"id": 18446744073709551615}').root, ["id"])).toMatchObject({
      source: "18446744073709551615",
    });
  });

  it("keeps keys that stand twice, and readers see the last", () => {
    const { root } = parseJsonDocument('{"a": 1, "a": 2}');
    expect(root?.type === "object" && root.properties.length).toBe(2);
    expect(nodeAt(root, ["a"])).toMatchObject({ value: 2 });
  });

  it("treats __proto__ as a key like any other", () => {
    const plain = toPlain(
      parseJsonDocument('{"__proto__": {"type": "image"}}').root ?? { type: "null", value: null, offset: 0, length: 0 },
    );
    expect(Object.keys(plain as object)).toEqual(["__proto__"]);
    expect((plain as { type?: string }).type).toBeUndefined();
  });

  it("knows where each value stands", () => {
    const text = '{"scales": [{"size": [1, 2, 3]}]}';
    const node = nodeAt(parseJsonDocument(text).root, ["scales", 0, "size", 1]);
    expect(node && text.slice(node.offset, node.offset + node.length)).toBe("2");
  });
});

describe("recovery", () => {
  it.each([
    ['{"a": 1 "b": 2}', { a: 1, b: 2 }, "syntax: comma expected"],
    ['{"a": , "b": 2}', { b: 2 }, "syntax: value expected"],
    ['{"a": \n "b": 2}', { b: 2 }, "syntax: value expected"],
    ['{"a" 1, "b": 2}', { a: 1, b: 2 }, "syntax: colon expected"],
    ['{"a": [1, 2, "b": 3}', { a: [1, 2, "b", 3] }, "syntax: comma expected"],
    ['{"a": [1, 2}', { a: [1, 2] }, 'syntax: "]" expected'],
    ['{"a": {"b": 1, "c": 2', { a: { b: 1, c: 2 } }, 'syntax: "}" expected'],
    ["[1, 2,]", [1, 2], 'trailing_comma: comma before the closing "]"'],
    ["[1, NaN]", [1, null], "non_finite: no JSON number: NaN"],
    ["[True, 1]", [1], "syntax: unknown word: True (JSON has true)"],
    ['{"a": "x\n, "b": 1}', { a: "x", b: 1 }, "syntax: string without its closing quote"],
    ["[1] 2", [1], "syntax: text after the end of the document"],
    ["{a: 1}", { a: 1 }, "bare_key: key without quotes"],
    ['{"a": 1} // end', { a: 1 }, "comment: comment"],
    ["\ufeff{}", {}, "bom: byte order mark before the document"],
    ["]", undefined, "syntax: value expected"],
    ["", undefined, "syntax: the document is empty"],
    ["[/* open", [], "syntax: comment without its end"],
  ] as const)("of %j", (text, value, fault) => {
    expect(plainOf(text)).toEqual(value);
    expect(faultsOf(text)).toContain(fault);
  });

  it("tells JSON5 from text that nobody reads", () => {
    const isJson5 = (text: string) => isJson5Only(parseJsonDocument(text).faults);
    expect(isJson5("{a: 'x', /* c */ b: [.5, +1, 0x10, NaN,],}")).toBe(true);
    expect(isJson5('{"a": 1}')).toBe(false);
    expect(isJson5("{a: 'x'")).toBe(false);
    expect(isJson5("{8_8_40: 1}")).toBe(false);
  });
});

describe("bounds", () => {
  it("leaves out what is nested too deep, and goes on", () => {
    const deep = `{"a": ${"[".repeat(500_000)}${"]".repeat(500_000)}, "b": 1}`;
    const { root, faults } = parseJsonDocument(deep);
    expect(faults.map(({ kind }) => kind)).toEqual(["depth"]);
    expect(nodeAt(root, ["b"])).toMatchObject({ value: 1 });
  });

  it("takes documents up to the limit", () => {
    const levels = maxDepth;
    expect(parseJsonDocument("[".repeat(levels) + "]".repeat(levels)).faults).toEqual([]);
    expect(parseJsonDocument("[".repeat(levels + 1) + "]".repeat(levels + 1)).faults).toHaveLength(1);
  });

  it("reads broken text of any size in linear time", () => {
    const started = performance.now();
    for (const part of ["[", "}", '"', "'", "/*", "\\", "a:", ",", '{"a":', '\n"x', ':"a"']) {
      parseJsonDocument(part.repeat(300_000));
    }
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

describe("locate", () => {
  const text = '{"scales": [{"key": "8", "size": [1, 20, 3]}]}';
  const pathAt = (part: string) => {
    const found = locate(parseJsonDocument(text).root, text.indexOf(part) + 1);
    return found && `${pointerOf(found.path)}${found.isKey ? " (key)" : ""}`;
  };

  it("finds the innermost value or key", () => {
    expect(pathAt("20")).toBe("/scales/0/size/1");
    expect(pathAt('"size')).toBe("/scales/0/size (key)");
    expect(pathAt('"8"')).toBe("/scales/0/key");
    expect(pathAt(', "size')).toBe("/scales/0");
  });

  it("finds nothing outside the document", () => {
    expect(locate(parseJsonDocument("  {}").root, 0)).toBeUndefined();
  });

  it("escapes keys in pointers", () => {
    expect(pointerOf(["a/b", "c~d", 0])).toBe("/a~1b/c~0d/0");
  });
});
