/** The page of the rules and the rules say the same. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { severities } from "../../../../server/src/lint/rule.ts";
import { rules } from "../../../../server/src/lint/rules.ts";

const page = readFileSync(path.resolve(import.meta.dirname, "../../../../docs/rules.md"), "utf8");
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf("\n")), section] as const),
);

describe("the page of the rules", () => {
  it("has one section for each rule, in the order of the ids, and no other", () => {
    expect([...sections.keys()]).toEqual(rules.map(({ id }) => id));
  });

  it.each(rules)("says of $id its severity, what it is, why, and the fix", ({ id, severity, isOffByDefault }) => {
    const section = sections.get(id) ?? "";
    expect(section).toContain(`**Severity**: ${severity}${isOffByDefault ? ", off by default" : ""}\n`);
    expect(section).toMatch(/\n\n[^*\n][^\n]+\n\n\*\*Why\*\*: \S[^\n]+\n\n\*\*Fix\*\*: \S/);
  });
});

describe("rules", () => {
  it("have ids of their own, a severity that is one, and a summary", () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { id, severity, summary } of rules) {
      expect(id).toMatch(/^[A-Z]{3}\d{3}$/);
      expect(severities).toContain(severity);
      expect(summary).toMatch(/^\S.*[^.]$/);
    }
  });
});
