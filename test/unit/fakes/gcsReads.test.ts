/** Reads and listings of the fake Google Cloud Storage. */
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { ten, useGcsFake } from "./gcsFake.ts";

const fake = useGcsFake();

describe("reads", () => {
  test.each([
    ["bytes=2-4", 206, [2, 3, 4], "bytes 2-4/10"],
    ["bytes=8-100", 206, [8, 9], "bytes 8-9/10"],
    ["bytes=-3", 206, [7, 8, 9], "bytes 7-9/10"],
    ["bytes=0-", 206, [...ten], "bytes 0-9/10"],
  ])("the range %s", async (range, status, expected, contentRange) => {
    fake.server.seed("public", "k", ten);
    for (const path of [
      "/public/k",
      "/storage/v1/b/public/o/k?alt=media",
      "/download/storage/v1/b/public/o/k?alt=media",
    ]) {
      const reply = await fake.plain(path, { headers: { range } });
      expect([reply.status, [...reply.body], reply.headers["content-range"]]).toEqual([status, expected, contentRange]);
    }
  });

  test("a range behind the end is 416", async () => {
    fake.server.seed("public", "k", ten);
    const reply = await fake.plain("/public/k", { headers: { range: "bytes=10-" } });
    expect([reply.status, reply.headers["content-range"]]).toEqual([416, "bytes */10"]);
  });

  test("headers say generation, hashes and what is stored", async () => {
    const { generation } = fake.server.seed("public", "k", ten, { cacheControl: "max-age=1" });
    const reply = await fake.plain("/public/k", { method: "HEAD" });
    expect(reply.headers).toMatchObject({
      "content-length": "10",
      "x-goog-generation": generation,
      "x-goog-hash": "crc32c=AiwhMQ==,md5=xWvVSA9uVBPLYqCtlmZhOg==",
      "x-goog-stored-content-encoding": "identity",
      "cache-control": "max-age=1",
      etag: '"c56bd5480f6e5413cb62a0ad9666613a"',
    });
  });

  test("gzip is unpacked for who does not take it, whole and without length", async () => {
    const packed = gzipSync(ten);
    fake.server.seed("public", "k", packed, { contentEncoding: "gzip" });
    fake.server.seed("public", "kept", packed, { contentEncoding: "gzip", cacheControl: "no-transform" });
    const stored = await fake.plain("/public/k", { headers: { "accept-encoding": "gzip" } });
    expect([gunzipSync(stored.body), stored.headers["content-encoding"]]).toEqual([ten, "gzip"]);
    const unpacked = await fake.plain("/public/k", { headers: { range: "bytes=2-3" } });
    expect([unpacked.status, unpacked.body, unpacked.headers["content-encoding"]]).toEqual([200, ten, undefined]);
    expect([unpacked.headers["content-length"], unpacked.headers["x-goog-stored-content-encoding"]]).toEqual([
      undefined,
      "gzip",
    ]);
    expect((await fake.plain("/public/kept")).headers["content-encoding"]).toBe("gzip");
  });

  test.each(["a//b", "./a", "a/../b", "x", "x/y", "a b+c%41", "ünï/日本語/😀"])(
    "the name %j is taken literally",
    async (name) => {
      fake.server.seed("b", "x/y", ten);
      await fake.client().bucket("b").file(name).save(ten, { resumable: false });
      expect(fake.server.buckets.get("b")?.objects.has(name)).toBe(true);
      expect(await fake.client().bucket("b").file(name).download()).toEqual([ten]);
    },
  );
});

describe("listings", () => {
  beforeEach(() => {
    for (const key of ["a/1", "a/2", "a-b", "b", "x", "x/y", "\uFB01", "😀"]) {
      fake.server.seed("public", key, ten);
    }
  });
  interface Page {
    readonly items?: readonly { readonly name: string }[];
    readonly prefixes?: readonly string[];
    readonly nextPageToken?: string;
  }
  const list = async (query: Record<string, string>): Promise<Page> =>
    JSON.parse((await fake.plain(`/storage/v1/b/public/o?${new URLSearchParams(query)}`)).body.toString());
  const names = ({ items = [], prefixes = [] }: Page): string[] => [...items.map(({ name }) => name), ...prefixes];

  test("are in the order of UTF-8, in pages that count prefixes too", async () => {
    expect(names(await list({}))).toEqual(["a-b", "a/1", "a/2", "b", "x", "x/y", "\uFB01", "😀"]);
    const first = await list({ delimiter: "/", maxResults: "2" });
    expect(names(first)).toEqual(["a-b", "a/"]);
    expect(names(await list({ delimiter: "/", pageToken: first.nextPageToken ?? "" }))).toEqual([
      "b",
      "x",
      "\uFB01",
      "😀",
      "x/",
    ]);
  });

  test("begin at startOffset and end before endOffset", async () => {
    expect(names(await list({ startOffset: "a/2", endOffset: "x/y" }))).toEqual(["a/2", "b", "x"]);
  });

  test("have only the fields asked for", async () => {
    expect(await list({ fields: "items(name,size),prefixes,nextPageToken", prefix: "a/", maxResults: "1" })).toEqual({
      items: [{ name: "a/1", size: "10" }],
      nextPageToken: expect.any(String),
    });
    expect(await list({ fields: "items/name", prefix: "a/2" })).toEqual({ items: [{ name: "a/2" }] });
  });

  test("of buckets need a token and a project", async () => {
    const [buckets] = await fake.client().getBuckets();
    expect(buckets.map(({ name }) => name)).toEqual(["b", "open", "public", "paid"]);
    expect((await fake.plain("/storage/v1/b?project=p")).status).toBe(401);
    expect((await fake.plain("/storage/v1/b", { headers: fake.bearer() })).status).toBe(400);
  });

  test("what the fake does not have is refused", async () => {
    expect((await fake.plain("/storage/v1/b/public/o?matchGlob=*")).status).toBe(501);
    expect((await fake.plain("/public?prefix=a")).status).toBe(501);
  });
});
