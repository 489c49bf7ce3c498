/** docs/parity.md answers for each feature of CloudVolume, F1 to F215: the test that proves it, "not yet", or why it has no meaning here. */
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readSource, repository } from "./sources.ts";

const featureCount = 215;

interface Row {
  readonly id: string;
  readonly text: string;
}

const rows: readonly Row[] = readSource("docs/parity.md")
  .split("\n")
  .flatMap((text) => {
    const id = /^\|\s*(F\d+)\s*\|/.exec(text)?.[1];
    return id === undefined ? [] : [{ id, text }];
  });

/** `test/….test.ts` in backticks, with the test's title in quotes after it, if it is named. */
const reference = /`(test\/[\w./-]+)`(?::?\s*"([^"]+)")?/g;

describe("docs/parity.md", () => {
  it("has one row for each feature, in order", () => {
    const expected = Array.from({ length: featureCount }, (_, index) => `F${index + 1}`);
    expect(rows.map(({ id }) => id)).toEqual(expected);
  });

  it("says of each row: a test, not yet, or why not", () => {
    const silent = rows.filter(({ text }) => !/`test\/|not yet|no meaning/i.test(text));
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  it("names tests that exist", () => {
    const references = rows.flatMap(({ id, text }) =>
      [...text.matchAll(reference)].map((match) => ({ id, file: match[1] ?? "", title: match[2] })),
    );
    expect(references.length).toBeGreaterThan(20);
    const wrong = references.filter(({ file, title }) => {
      const isThere = existsSync(path.join(repository, file));
      return !isThere || (title !== undefined && !readSource(file).includes(title));
    });
    expect(wrong).toEqual([]);
  });
});
