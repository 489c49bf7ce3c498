import { describe, expect, it } from "vitest";
import {
  childOf,
  cloudPathOf,
  documentPathOf,
  isWithin,
  localPathOf,
  locationOfDocumentPath,
  locationProblem,
  nameOf,
  parentOf,
  sameLocation,
  withoutQuery,
} from "../../../../client/src/fileSystem/locationText.ts";

describe("names and neighbours", () => {
  it.each([
    ["precomputed://gs://bucket/data/seg", "seg", "precomputed://gs://bucket/data"],
    ["https://host/data/seg/", "seg", "https://host/data"],
    ["https://host", "host", undefined],
    ["https://host/my%20layer", "my layer", "https://host"],
    ["/data/seg", "seg", "/data"],
    ["/data", "data", "/"],
    ["file:///data/a%20b", "a%20b", "file:///data"],
    ["gs://bucket/data/seg|precomputed:", "seg", "gs://bucket/data|precomputed:"],
    ["s3://https://host/bucket/seg", "seg", "s3://https://host/bucket"],
  ])("of %s", (location, name, parent) => {
    expect(nameOf(location)).toBe(name);
    expect(parentOf(location)).toBe(parent);
  });

  it("joins a child before the format", () => {
    expect(childOf("gs://bucket/seg|precomputed:", "info")).toBe("gs://bucket/seg/info|precomputed:");
    expect(childOf("/", "data")).toBe("/data");
  });
});

describe("places", () => {
  it.each([
    ["/data/seg", "/data/seg"],
    ["file:///data/seg", "/data/seg"],
    ["precomputed://file:///data/seg", "/data/seg"],
    ["precomputed:///data/seg", "/data/seg"],
    ["C:\\data\\seg", "C:\\data\\seg"],
    ["https://host/seg", undefined],
    ["gs://bucket/seg", undefined],
  ])("%s lies on this machine: %s", (location, path) => {
    expect(localPathOf(location)).toBe(path);
  });

  it("are the same with and without format, scheme and slash", () => {
    expect(sameLocation("precomputed://file:///data/seg", "/data/seg/")).toBe(true);
    expect(sameLocation("precomputed://gs://b/seg", "gs://b/seg|precomputed:")).toBe(true);
    expect(sameLocation("gs://b/seg", "gs://b/seg2")).toBe(false);
  });

  it.each([
    ["gs://b/seg/info", "precomputed://gs://b/seg", true],
    ["gs://b/seg", "gs://b/seg/", true],
    ["gs://b/seg2", "gs://b/seg", false],
    ["s3://b/seg", "gs://b/seg", false],
    ["/data/x", "/", true],
    ["C:\\data\\x", "C:\\data", true],
    ["gs://b", "gs://b/seg", false],
  ])("%s is within %s: %s", (location, above, expected) => {
    expect(isWithin(location, above)).toBe(expected);
  });

  it("lose their query, which may hold a key", () => {
    expect(withoutQuery("https://host/seg?token=abc|precomputed:")).toBe("https://host/seg|precomputed:");
    expect(withoutQuery("/data/what?")).toBe("/data/what?");
  });
});

describe("cloudPathOf", () => {
  it.each([
    ["/data/seg", "precomputed://file:///data/seg"],
    ["https://host/seg", "precomputed://https://host/seg"],
    ["gs://bucket/seg|n5:", "n5://gs://bucket/seg"],
    ["graphene://https://host/table/x", "graphene://https://host/table/x"],
  ])("of %s is %s", (location, path) => {
    expect(cloudPathOf(location)).toBe(path);
  });
});

describe("document paths", () => {
  it.each([
    ["precomputed://gs://bucket/data/seg", "/precomputed:gs/bucket/data/seg/info"],
    ["https://host:8080/seg", "/https/host:8080/seg/info"],
    ["https://host/my%20layer", "/https/host/my%20layer/info"],
    ["s3://https://host/bucket/seg", "/s3:https/host/bucket/seg/info"],
    ["gs://bucket/seg|precomputed:", "/gs|precomputed/bucket/seg/info"],
    ["middleauth+https://host/seg", "/middleauth+https/host/seg/info"],
    ["file:///data/seg", "/file/data/seg/info"],
    ["https://host", "/https/host/info"],
  ])("lead from %s to %s and back", (location, path) => {
    expect(documentPathOf(location, "info")).toBe(path);
    expect(locationOfDocumentPath(path)).toEqual({ folder: location, name: "info" });
  });

  it("do not hold a query", () => {
    expect(documentPathOf("https://host/seg?token=abc", "info")).toBe("/https/host/seg/info");
  });

  it("of nothing are refused", () => {
    expect(locationOfDocumentPath("/")).toBeUndefined();
  });
});

describe("locationProblem", () => {
  it.each([
    "https://host/seg",
    "precomputed://gs://b/seg",
    "/data",
    "~/data",
    "C:\\data",
    "gsutil ls gs://b/seg",
    "arn:aws:s3:::b/x",
  ])("accepts %s", (text) => {
    expect(locationProblem(text)).toBeUndefined();
  });

  it.each(["", "  ", "seg", "host/seg", "gs:/bucket", "https://"])('refuses "%s"', (text) => {
    expect(locationProblem(text)).toMatch(/location/);
  });
});
