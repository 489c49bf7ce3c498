/** No test is focused or switched off without saying why. */
import { describe, expect, it } from "vitest";
import { findLines, isCode, listFiles } from "./sources.ts";

/** All but test/fakes/, whose helper for reference data skips aloud. */
const tests = listFiles((file) => file.startsWith("test/") && !file.startsWith("test/fakes/") && isCode(file));

/** `describe`, `it` or `test` followed by one of the words. */
const call = (words: string): RegExp =>
  new RegExp(`\\b(?:describe|it|test|suite)(?:\\.\\w+)*\\.(?:${words})\\b\\s*\\(`);

describe("tests", () => {
  it("are found", () => {
    expect(tests.length).toBeGreaterThan(30);
  });

  it("are never focused", () => {
    expect(tests.flatMap((file) => findLines(file, call("only")))).toEqual([]);
  });

  it("are never switched off for good", () => {
    expect(tests.flatMap((file) => findLines(file, call("skip|todo|fails")))).toEqual([]);
  });

  it("do not wait by the clock", () => {
    const sleeping = /\bsetTimeout\(\s*(?:resolve|r|done)\s*,\s*\d|\bawait (?:sleep|delay|wait)\(\d/;
    const files = tests.filter((file) => /\.test\.ts$/.test(file));
    expect(files.flatMap((file) => findLines(file, sleeping))).toEqual([]);
  });
});
