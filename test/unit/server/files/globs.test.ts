import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../../../server/src/errors.ts";
import { expandExpression } from "../../../../server/src/files/expressions.ts";
import { beforeStem, isGlob, parseGlob } from "../../../../server/src/files/globs.ts";

const names = ["a.txt", "a1.dat", "b.txt", "sub", "sub/d.txt", "sub/deep/e.bin"];
const matched = (key: string): string[] => names.filter(parseGlob(key).matches);

describe("a pattern", () => {
  // As CloudFiles 4.28 copies them.
  it.each([
    ["*", ["a.txt", "a1.dat", "b.txt", "sub"]],
    ["a*", ["a.txt", "a1.dat"]],
    ["*.txt", ["a.txt", "b.txt"]],
    ["**", names],
    ["**.txt", ["a.txt", "b.txt", "sub/d.txt"]],
    ["**.bin", ["sub/deep/e.bin"]],
  ])("%s matches what CloudFiles matches", (key, expected) => {
    expect(matched(key)).toEqual(expected);
  });

  it("may have wildcards in the middle", () => {
    expect(matched("s*/d.txt")).toEqual(["sub/d.txt"]);
    expect(matched("**/e.*")).toEqual(["sub/deep/e.bin"]);
  });

  it("takes every other character for itself", () => {
    const { matches } = parseGlob("a.[b]{2}+(c)|$^\\*");
    expect(matches("a.[b]{2}+(c)|$^\\!")).toBe(true);
    expect(matches("axb")).toBe(false);
  });

  it("matches names with line ends", () => {
    expect(parseGlob("**x").matches("a\nx")).toBe(true);
  });

  it("says which folder to list, from where and how deep", () => {
    expect(parseGlob("data/seg/64_*")).toMatchObject({ folder: "data/seg/", stem: "64_", isRecursive: false });
    expect(parseGlob("data/**.gz")).toMatchObject({ folder: "data/", stem: "", isRecursive: true });
    expect(parseGlob("data/s*/info")).toMatchObject({ folder: "data/", stem: "s", isRecursive: true });
    expect([isGlob("a*"), isGlob("a[1]?")]).toEqual([true, false]);
  });

  it("refuses more wildcards than it can match in a short time", () => {
    expect(() => parseGlob("*a".repeat(9))).toThrow(InvalidArgumentError);
    expect(parseGlob("*a".repeat(8)).matches("a".repeat(20))).toBe(true);
  });
});

describe("the name before a stem", () => {
  it.each([
    ["b", "a~"],
    ["64_", "64^~"],
    ["a ", "a"],
    ["é", ""],
    ["", ""],
  ])("of %j is %j", (stem, expected) => {
    expect(beforeStem(stem)).toBe(expected);
    expect(expected <= stem).toBe(true);
  });
});

describe("an expression", () => {
  it.each([
    ["a[12].dat", ["a1.dat", "a2.dat"]],
    ["[a-c]", ["a", "b", "c"]],
    ["x[01]{2}", ["x00", "x01", "x10", "x11"]],
    ["[a-][b-]", ["ab", "a-", "-b", "--"]],
    ["[aa]", ["a"]],
    ["plain", ["plain"]],
    ["[ab]{0}z", ["z"]],
  ])("%s stands for its prefixes", (expression, expected) => {
    expect(expandExpression(expression)).toEqual(expected);
  });

  it.each(["[ab", "ab]", "[]", "[z-a]", "[0-9]{5}", "[\u0001-\uffff]"])("%s is refused", (expression) => {
    expect(() => expandExpression(expression)).toThrow(InvalidArgumentError);
  });
});
