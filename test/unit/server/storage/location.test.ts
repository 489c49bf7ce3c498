import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressOf, joinLocation, locationName, parentLocation } from "../../../../server/src/storage/location.ts";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";

const roots = [
  "gs://b",
  "gs://b/a",
  "s3://https://host/b/x",
  "mem://b",
  "https://host",
  "https://host/a%20b",
  "file:///",
  "/data",
  "C:\\d",
  "\\\\s\\h\\d",
];

describe("joining", () => {
  test.each([
    ["gs://b", "a/b", "gs://b/a/b"],
    ["https://host/x", "a b/50%/ü?#+", "https://host/x/a%20b/50%25/%C3%BC%3F%23%2B"],
    ["precomputed:///data", "x y", "precomputed://file:///data/x y"],
    ["file:///", "x", "file:///x"],
    ["C:\\", "x", "file:///C:/x"],
  ])("%s and %s", (root, key, text) => {
    expect(joinLocation(parseLocation(root), key).text).toBe(text);
  });

  test.each(["..", "../x", "a/../b", "/x", "a//b", "x/", "a\0", "."])("refuses %j", (key) => {
    for (const root of roots) {
      expect(() => joinLocation(parseLocation(root), key)).toThrow(/inside its store/);
    }
  });

  test("any key stays below, comes back as the name and parses again", () => {
    const part = fc
      .string({ minLength: 1, unit: "grapheme" })
      .filter((text) => !/[/\0]/.test(text) && !/^\.{1,2}$/.test(text));
    fc.assert(
      fc.property(fc.constantFrom(...roots), part, (root, name) => {
        const from = parseLocation(root);
        const joined = joinLocation(from, name);
        expect(locationName(joined)).toBe(name);
        expect(parentLocation(joined)).toEqual(from);
        expect(parseLocation(joined.text)).toEqual(joined);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  test("keeps format, endpoint and query", () => {
    const joined = joinLocation(parseLocation("precomputed://https://host/x?k=1"), "y");
    expect(joined).toMatchObject({ format: "precomputed", query: "?k=1", text: "precomputed://https://host/x/y" });
    expect(addressOf(joined)).toBe("precomputed://https://host/x/y?k=1");
    expect(parseLocation(addressOf(joined))).toEqual(joined);
  });
});

test.each([
  ["gs://b/a/c", "gs://b/a", "c"],
  ["gs://b/a", "gs://b", "a"],
  ["gs://b", undefined, "b"],
  ["https://host/a%20b", "https://host", "a b"],
  ["https://host/%ff", "https://host", "%ff"],
  ["https://host:80", undefined, "host:80"],
  ["/a", "file:///", "a"],
  ["/", undefined, "/"],
  ["C:\\a", "file:///C:/", "a"],
  ["C:\\", undefined, "C:/"],
  ["\\\\s\\h\\d", "file:////s/h/", "d"],
])("the parent and the name of %s", (text, parent, name) => {
  const location = parseLocation(text);
  expect(parentLocation(location)?.text).toBe(parent);
  expect(locationName(location)).toBe(name);
});
