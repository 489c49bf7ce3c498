import { describe, expect, test } from "vitest";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";
import { resolveLocation } from "../../../../server/src/storage/resolveLocation.ts";

const resolve = (reference: string, from: string, options = {}) =>
  resolveLocation(reference, parseLocation(from), options);

describe("a reference in a document", () => {
  test.each([
    ["mesh", "gs://b/layer", "gs://b/layer/mesh"],
    ["./mesh/", "gs://b/layer", "gs://b/layer/mesh"],
    ["../other/x", "precomputed://gs://b/layer", "precomputed://gs://b/other/x"],
    ["a b%", "https://host/layer", "https://host/layer/a%20b%25"],
    ["%2e%2e/x", "https://host/layer", "https://host/layer/%252e%252e/x"],
    ["../x", "/data/layer", "file:///data/x"],
    ["/abs/x", "/data/layer", "file:///abs/x"],
    ["file:///abs", "/data/layer", "file:///abs"],
    ["gs://other/x", "gs://b/layer", "gs://other/x"],
    ["precomputed://https://host/x", "/data/layer", "precomputed://https://host/x"],
    ["https://other/x", "https://host/layer", "https://other/x"],
    ["http://127.0.0.1:2/x", "http://localhost:1/layer", "http://127.0.0.1:2/x"],
    ["https://host/x", "https://host/layer", "https://host/x"],
    ["mem://b/y", "mem://b/x", "mem://b/y"],
  ])("%s in %s", (reference, from, text) => {
    expect(resolve(reference, from).text).toBe(text);
  });

  test.each([
    ["file:///etc/passwd", "gs://b/layer"],
    ["precomputed://file:///etc", "https://host/layer"],
    ["mem://b/x", "s3://b/layer"],
    ["/etc/passwd", "https://host/layer"],
    ["C:\\x", "gs://b/layer"],
    ["\\\\srv\\share", "https://host/layer"],
    ["../../x", "gs://b/layer"],
    ["..", "gs://b"],
    ["a/../../../x", "https://host/layer"],
    ["../../../x", "/data/layer"],
    ["x\0y", "gs://b/layer"],
    ["http://other/x", "https://host/layer"],
    ["http://127.0.0.1/x", "gs://b/layer"],
    ["http://169.254.169.254/latest", "http://example.org/layer"],
    ["https://localhost/x", "https://example.org/layer"],
    ["https://2130706433/x", "https://example.org/layer"],
    ["https://[::1]/x", "https://example.org/layer"],
    ["s3://https://10.0.0.1/b/x", "https://example.org/layer"],
    ["foo://x", "gs://b/layer"],
  ])("%s in %s is refused", (reference, from) => {
    expect(() => resolve(reference, from)).toThrow(expect.objectContaining({ tag: "invalid_location" }));
  });

  test("within the layer nothing leads out of it", () => {
    expect(resolve("a/../mesh", "gs://b/layer", { within: "layer" }).path).toBe("layer/mesh");
    expect(() => resolve("../other", "gs://b/layer", { within: "layer" })).toThrow(/out of its place/);
  });

  test("a place that a remote document named is marked, and so is what that one names", () => {
    const referred = resolve("https://other.org/x", "https://example.org/layer");
    expect(referred.isReferred).toBe(true);
    expect(resolveLocation("mesh", referred).isReferred).toBe(true);
    expect(resolveLocation("https://other.org/y", referred).isReferred).toBe(true);
    expect(resolve("mesh", "https://example.org/layer").isReferred).toBeUndefined();
    expect(resolve("https://example.org/y", "https://example.org/layer").isReferred).toBeUndefined();
  });

  test("an error says what to do and shows no query", () => {
    expect(() => resolve("http://x.org/y?token=secret", "https://host/layer")).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining("secret"),
        fields: expect.objectContaining({ hint: expect.any(String) }),
      }),
    );
  });
});
