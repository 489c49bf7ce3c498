import { describe, expect, it } from "vitest";
import { untranslated as t } from "../../../../client/src/base/l10n.ts";
import { linksOf } from "../../../../client/src/commands/links.ts";
import { nameProblem } from "../../../../client/src/commands/names.ts";
import { countText, outcomeText } from "../../../../client/src/commands/outcomeText.ts";
import { objectDetails } from "../../../../client/src/explorer/objectDetails.ts";
import type { PlaceDescription } from "../../../../schemas/protocol/storage.ts";

describe("what came of work on objects", () => {
  it.each([
    [{ objects: 1, bytes: 5, isLowerBound: false }, "1 object, 5 bytes"],
    [{ objects: 1234, bytes: 5_600_000_000, isLowerBound: false }, "1,234 objects, 5.6 GB"],
    [{ objects: 1_000_000, bytes: 1, isLowerBound: true }, "more than 1,000,000 objects, 1 byte"],
  ])("%j is counted as %s", (count, text) => {
    expect(countText(count, t)).toBe(text);
  });

  it("names what was kept, and the first failure", () => {
    const failures = [{ location: "gs://b/x", message: "access is denied" }];
    expect(outcomeText({ objects: 2, bytes: 12_000, failed: 3, failures, existing: 1 }, t)).toBe(
      "2 objects, 12 kB; 1 was there already and is kept; 3 failed: gs://b/x: access is denied",
    );
    expect(outcomeText({ objects: 0, bytes: 0, failed: 0, failures: [], existing: 2 }, t)).toBe(
      "0 objects; 2 were there already and are kept",
    );
  });
});

describe("links", () => {
  const place: PlaceDescription = {
    location: "precomputed://gs://b/seg?x=secret",
    name: "seg",
    scheme: "gs",
    canWrite: true,
    canList: true,
    links: {
      url: "gs://b/seg",
      https: "https://storage.googleapis.com/b/seg",
      neuroglancer: "precomputed://gs://b/seg",
    },
  };

  it("of a layer are for people, browsers, Python and Neuroglancer, without the query", () => {
    const links = new Map(linksOf(place, { kind: "segmentation" }, t).map(({ label, text }) => [label, text]));
    expect(links.get("Location")).toBe("gs://b/seg");
    expect(links.get("URL for a browser")).toBe("https://storage.googleapis.com/b/seg");
    expect(links.get("Python")).toContain('CloudVolume("precomputed://gs://b/seg")');
    expect(links.get("Neuroglancer source")).toBe("precomputed://gs://b/seg");
    const link = new URL(links.get("Neuroglancer link") ?? "");
    expect(JSON.parse(decodeURIComponent(link.hash.slice(2)))).toEqual({
      layers: [{ type: "segmentation", source: "precomputed://gs://b/seg", name: "seg" }],
    });
    expect([...links.values()].join(" ")).not.toContain("secret");
  });

  it("of a file or a local folder leave out what makes no sense", () => {
    expect(linksOf(place, undefined, t).map(({ label }) => label)).toEqual(["Location", "URL for a browser"]);
    const local = { ...place, links: { url: "file:///x" } };
    expect(linksOf(local, { kind: "image" }, t).map(({ label }) => label)).toEqual(["Location", "Python"]);
  });
});

describe("names", () => {
  it.each(["", " a", "a ", "a/b", "a\\b", "a\nb", ".", ".."])("refuses %j", (name) => {
    expect(nameProblem(name, t)).toBeDefined();
  });
  it.each(["a", "a b", "50%", "…", ".hidden"])("accepts %j", (name) => {
    expect(nameProblem(name, t)).toBeUndefined();
  });
});

it("details of an object are what the storage says, and no more", () => {
  expect(objectDetails({ sizeBytes: 1_400_000, encoding: "gzip", modifiedMs: 0, etag: '"1"' }, t)).toEqual([
    ["Size", "1.4 MB (1,400,000)"],
    ["Encoding", "gzip"],
    ["Modified", "1970-01-01T00:00:00Z"],
    ["ETag", '"1"'],
  ]);
  expect(objectDetails({}, t)).toEqual([]);
});
