import { describe, expect, test } from "vitest";
import { isVolumeError, type VolumeError } from "../../../../server/src/errors.ts";
import { parseLocation } from "../../../../server/src/storage/parseLocation.ts";

const start = { baseDirectory: "/base/dir", homeDirectory: "/home/me" };

function errorOf(text: string, options = {}): VolumeError {
  try {
    parseLocation(text, options);
  } catch (error) {
    if (isVolumeError(error)) {
      return error;
    }
    throw error;
  }
  throw new Error(`was accepted: ${text}`);
}

describe("a location in an accepted form", () => {
  test.each([
    ["gs://b/d/l", "gs", "b", "d/l", "gs://b/d/l"],
    ["gs://bucket", "gs", "bucket", "", "gs://bucket"],
    ["GS://bucket/X", "gs", "bucket", "X", "gs://bucket/X"],
    ["precomputed://gs://b/d", "gs", "b", "d", "precomputed://gs://b/d"],
    ["gs://b/d|precomputed:", "gs", "b", "d", "precomputed://gs://b/d"],
    ["precomputed://gs://b/d|neuroglancer-precomputed:", "gs", "b", "d", "precomputed://gs://b/d"],
    ["gs://b//k//x", "gs", "b", "k//x", "gs://b/k//x"],
    ["gs://b/a/../c/./d", "gs", "b", "c/d", "gs://b/c/d"],
    ["gs://b/50%25 a?x#y", "gs", "b", "50%25 a?x#y", "gs://b/50%25 a?x#y"],
    ["s3://https://Host:9000/bucket/k", "s3", "bucket", "k", "s3://https://host:9000/bucket/k"],
    ["s3://http://localhost:9000/bucket", "s3", "bucket", "", "s3://http://localhost:9000/bucket"],
    ["nokura://bucket/k", "s3", "bucket", "k", "s3://https://c10s.pni.princeton.edu/bucket/k"],
    ["https://Host.org:443/a b/%41", "https", "host.org", "a%20b/%41", "https://host.org/a%20b/%41"],
    ["http://127.1:8000", "http", "127.0.0.1:8000", "", "http://127.0.0.1:8000"],
    ["https://host/a/%2e%2e/b", "https", "host", "b", "https://host/b"],
    ["https://host/x#frag", "https", "host", "x", "https://host/x"],
    ["middleauth+https://host/x", "middleauth+https", "host", "x", "middleauth+https://host/x"],
    ["/abs/./a/../b/", "file", "", "/abs/b", "file:///abs/b"],
    ["precomputed:///abs", "file", "", "/abs", "precomputed://file:///abs"],
    ["/abs|zarr3:", "file", "", "/abs", "zarr3://file:///abs"],
    ["file:///a%20b", "file", "", "/a%20b", "file:///a%20b"],
    ["file://localhost/a", "file", "", "/a", "file:///a"],
    ["file://rel/x", "file", "", "/base/dir/rel/x", "file:///base/dir/rel/x"],
    ["file://~/x", "file", "", "/home/me/x", "file:///home/me/x"],
    ["file:///", "file", "", "/", "file:///"],
    ["rel/x", "file", "", "/base/dir/rel/x", "file:///base/dir/rel/x"],
    ["../x", "file", "", "/base/x", "file:///base/x"],
    [".", "file", "", "/base/dir", "file:///base/dir"],
    ["~", "file", "", "/home/me", "file:///home/me"],
    ["~/x", "file", "", "/home/me/x", "file:///home/me/x"],
    ["c:\\a\\..\\b", "file", "", "c:/b", "file:///c:/b"],
    ["file:///C:/a", "file", "", "C:/a", "file:///C:/a"],
    ["C:\\", "file", "", "C:/", "file:///C:/"],
    ["\\\\srv\\share", "file", "", "//srv/share/", "file:////srv/share/"],
    ["mem://b/x", "mem", "b", "x", "mem://b/x"],
  ])("%s", (text, scheme, authority, path, canonical) => {
    const location = parseLocation(text, start);
    expect(location).toMatchObject({ scheme, authority, path, text: canonical });
    expect(parseLocation(canonical)).toEqual(location);
    expect(Object.isFrozen(location)).toBe(true);
  });

  test("a query is kept apart and never shown", () => {
    const location = parseLocation("https://host/x?token=secret");
    expect(location).toEqual({
      scheme: "https",
      authority: "host",
      path: "x",
      query: "?token=secret",
      text: "https://host/x",
    });
  });

  test.each([
    ["gs://b/layer/info", "gs://b/layer"],
    ["gs://b/layer/info/", "gs://b/layer/info/"],
    ["gs://info/info", "gs://info"],
    ["https://host/info?x=1", "https://host"],
    ["/data/layer/info", "file:///data/layer"],
    ["C:\\data\\info", "file:///C:/data"],
    ["info", "file:///base/dir"],
    ["/info", "file:///"],
  ])("the info at the end of %s stands for the layer", (text, canonical) => {
    expect(parseLocation(text, start).text).toBe(canonical);
    expect(parseLocation(canonical)).toMatchObject({ text: canonical });
  });

  test("of an object the info at the end stays", () => {
    expect(parseLocation("gs://b/layer/info", { isObject: true }).path).toBe("layer/info");
  });

  test("what parsing would take for something else survives in the canonical text", () => {
    for (const path of ["/a/b ", "/a/b|zarr3:", "/a|x:y", "/a|x:", "/a/info", "/ a", "/a'b'"]) {
      const location = parseLocation(`file://${path}/`);
      expect(location.path).toBe(path);
      expect(parseLocation(location.text)).toEqual(location);
    }
  });

  test.each([
    [`"gs://b/k"`, "gs://b/k"],
    ["  <https://host/x>\n", "https://host/x"],
    ["'gs://b/k'", "gs://b/k"],
    ["gsutil -m cp -r 'gs://b/k' .", "gs://b/k"],
    ["gcloud storage ls gs://b/k/", "gs://b/k"],
    ["curl -O https://host/layer/info", "https://host/layer"],
    ["$ cloudfiles ls precomputed://gs://b/k", "precomputed://gs://b/k"],
    ["https://console.cloud.google.com/storage/browser/b;tab=objects?prefix=a%2Fb", "gs://b/a/b"],
    ["https://storage.googleapis.com/storage/v1/b/bkt/o/a%2Fb?alt=media", "gs://bkt/a/b"],
    ["https://s3.console.aws.amazon.com/s3/buckets/b?prefix=50%2525/x", "s3://b/50%25/x"],
  ])("pasted: %s", (text, canonical) => {
    expect(parseLocation(text).text).toBe(canonical);
  });
});

describe("a text that is no location", () => {
  test.each([
    ["", "empty"],
    ["   ", "empty"],
    ["gs://", "a bucket is missing"],
    ["gs:///x", "a bucket is missing"],
    ["gs://b b/x", "no bucket has the name"],
    ["gs://../x", "no bucket has the name"],
    ["gs://b/../../x", "leads out of the bucket"],
    ["gs:/b/x", `followed by "://"`],
    ["s3:\\b", `followed by "://"`],
    ["https://", "not a URL"],
    ["https://exa mple/", "not a URL"],
    ["foo://bar", `unknown scheme "foo"`],
    ["javascript://x", `unknown scheme "javascript"`],
    ["precomputed://bucket/x", "nothing says where"],
    ["precomputed://", "nothing says where"],
    ["precomputed://zarr://gs://b", "unknown scheme"],
    ["zarr2://gs://b/x|zarr3:", "two formats"],
    ["file://", "without a path"],
    ["gsutil ls", "a command without a location"],
    ["gs://b/\0x", "one line"],
    ["gs://b/x|zarr9:", `unknown format "zarr9"`],
    ["gs://b/x|zarr3:inner/", "container"],
    ["gs://b/a.zip|zip:x/|zarr3:", "container"],
    ["https://console.cloud.google.com/storage/browser", "names no bucket"],
    ["rel/x", "needs a folder to start from"],
    ["~/x", "needs a home folder"],
  ])("%j is refused, with the accepted forms", (text, reason) => {
    const error = errorOf(text);
    expect(["invalid_location", "unsupported"]).toContain(error.tag);
    expect(error.message).toContain(reason);
    expect(error.message).toContain("accepted: gs://bucket/path");
  });

  test.each([
    "https://user:hunter2@host/x",
    "precomputed://https://user:hunter2@host/x",
    "s3://https://user:hunter2@host/b/x",
    "foo://user:hunter2@host/x",
    "https://ho st/x?token=hunter2",
    "https://viewer.org/?token=hunter2#!{}",
    "zarr2://https://host/x?token=hunter2|zarr3:",
  ])("an error never repeats a password or a query: %s", (text) => {
    const error = errorOf(text);
    expect(JSON.stringify([error.message, error.fields])).not.toContain("hunter2");
  });

  test("a very long text is refused quickly and not repeated", () => {
    const { message } = errorOf(`gs://${"b://".repeat(100_000)}`);
    expect(message.length).toBeLessThan(500);
  });
});
