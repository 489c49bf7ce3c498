/** Objects of the fake S3, as Amazon's own client sees them. */
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { describe, expect, test } from "vitest";
import { bytesOf, failureOf, get, put, ten, useS3Fake } from "./s3Fake.ts";

const fake = useS3Fake();

describe("objects", () => {
  test("come back with what was said of them", async () => {
    await fake.client().send(
      put("key", {
        ContentType: "a/b",
        CacheControl: "no-cache",
        ContentEncoding: "gzip",
        StorageClass: "GLACIER_IR",
      }),
    );
    expect(await fake.client().send(new HeadObjectCommand({ Bucket: "b", Key: "key" }))).toMatchObject({
      ContentLength: 10,
      ContentType: "a/b",
      CacheControl: "no-cache",
      ContentEncoding: "gzip",
      StorageClass: "GLACIER_IR",
      ETag: '"c56bd5480f6e5413cb62a0ad9666613a"', // md5sum of the ten bytes
    });
  });

  test("a stream arrives without its aws-chunked framing", async () => {
    const stream = fake.client();
    await stream.send(
      put("key", { Body: Readable.from([ten.slice(0, 4), ten.slice(4)]), ContentLength: 10, ContentEncoding: "br" }),
    );
    const [upload] = fake.server.requests.filter(({ method }) => method === "PUT");
    expect(upload?.headers["content-encoding"]).toContain("aws-chunked");
    const object = fake.server.buckets.get("b")?.objects.get("key");
    expect([object?.bytes, object?.headers["content-encoding"]]).toEqual([ten, "br"]);
  });

  test.each([
    ["bytes=2-4", [2, 3, 4]],
    ["bytes=8-", [8, 9]],
    ["bytes=8-100", [8, 9]],
    ["bytes=-3", [7, 8, 9]],
    ["bytes=-30", [...ten]],
  ])("the range %s", async (Range, expected) => {
    fake.server.seed("b", "key", ten);
    expect([...((await bytesOf(fake.client().send(get("key", { Range })))) ?? [])]).toEqual(expected);
  });

  test("a range behind the end is 416, a missing key 404, a missing bucket 404", async () => {
    fake.server.seed("b", "key", ten);
    expect(await failureOf(fake.client().send(get("key", { Range: "bytes=10-" })))).toBe("416 InvalidRange");
    expect(await failureOf(fake.client().send(get("none")))).toBe("404 NoSuchKey");
    expect(await failureOf(fake.client().send(get("key", { Bucket: "none" })))).toBe("404 NoSuchBucket");
  });

  test("a wrong checksum is refused", async () => {
    expect(await failureOf(fake.client().send(put("key", { ChecksumCRC32: "AAAAAA==" })))).toBe("400 BadDigest");
    expect(await failureOf(fake.client().send(put("key", { ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" })))).toBe(
      "400 BadDigest",
    );
    await fake.client().send(put("key", { ChecksumAlgorithm: "CRC32C" })); // the client's own computation
  });

  test("a checksum comes back where it is asked for", async () => {
    await fake.client().send(put("key"));
    const { ChecksumCRC32 } = await fake.client().send(get("key", { ChecksumMode: "ENABLED" }));
    expect(ChecksumCRC32).toBe("RWzXRg=="); // zlib.crc32(bytes(range(10)))
  });

  test("conditional writes hold", async () => {
    await fake.client().send(put("key", { IfNoneMatch: "*" }));
    expect(await failureOf(fake.client().send(put("key", { IfNoneMatch: "*" })))).toBe("412 PreconditionFailed");
    const { ETag } = await fake.client().send(get("key"));
    await fake.client().send(put("key", { IfMatch: ETag, Body: "another" }));
    expect(await failureOf(fake.client().send(put("key", { IfMatch: ETag })))).toBe("412 PreconditionFailed");
    expect(await failureOf(fake.client().send(put("none", { IfMatch: ETag })))).toBe("404 NoSuchKey");
  });

  test("one of 16 writers at once wins", async () => {
    const one = fake.client();
    const results = await Promise.all(
      Array.from({ length: 16 }, () => failureOf(one.send(put("race", { IfNoneMatch: "*" })))),
    );
    expect(results.filter((result) => result === "no failure")).toHaveLength(1);
  });

  test("are copied with their headers, or with others", async () => {
    fake.server.seed("b", "a/ü", ten, { "content-encoding": "gzip", "cache-control": "no-cache" });
    const copy = { Bucket: "b", CopySource: `b/${encodeURIComponent("a/ü")}` };
    await fake.client().send(new CopyObjectCommand({ ...copy, Key: "same" }));
    expect(fake.server.buckets.get("b")?.objects.get("same")?.headers).toMatchObject({
      "content-encoding": "gzip",
      "cache-control": "no-cache",
    });
    await fake
      .client()
      .send(new CopyObjectCommand({ ...copy, Key: "other", MetadataDirective: "REPLACE", ContentType: "c/d" }));
    expect(fake.server.buckets.get("b")?.objects.get("other")?.headers).toEqual({ "content-type": "c/d" });
    expect(
      await failureOf(fake.client().send(new CopyObjectCommand({ Bucket: "b", CopySource: "b/none", Key: "x" }))),
    ).toBe("404 NoSuchKey");
  });

  test("are deleted, one or many, with a result for each", async () => {
    for (const key of ["a", "b&<", "c", "locked"]) {
      fake.server.seed("b", key, ten);
    }
    await fake.client().send(new DeleteObjectCommand({ Bucket: "b", Key: "a" }));
    await fake.client().send(new DeleteObjectCommand({ Bucket: "b", Key: "a" }));
    const Objects = ["b&<", "c", "locked", "none"].map((Key) => ({ Key }));
    const result = await fake.client().send(new DeleteObjectsCommand({ Bucket: "b", Delete: { Objects } }));
    expect(result.Deleted?.map(({ Key }) => Key)).toEqual(["b&<", "c", "none"]);
    expect(result.Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([["locked", "AccessDenied"]]);
    expect([...(fake.server.buckets.get("b")?.objects.keys() ?? [])]).toEqual(["locked"]);
  });

  test.each(["a//b", "./a", "a/../b", "x", "x/y", "a b+c%41", "cr\r", "ünï/日本語/😀", "*'()!"])(
    "the key %j is taken literally",
    async (key) => {
      fake.server.seed("b", "x/y", ten);
      await fake.client().send(put(key));
      expect(fake.server.buckets.get("b")?.objects.has(key)).toBe(true);
      expect(await bytesOf(fake.client().send(get(key)))).toEqual(ten);
    },
  );

  test("of many parts have the etag of a multipart upload", async () => {
    const Body = new Uint8Array(5 * 2 ** 20 + 1);
    const upload = new Upload({ client: fake.client(), params: { Bucket: "b", Key: "big", Body } });
    const { ETag } = await upload.done();
    expect(ETag).toBe('"92f3a08aa3b1d7eb318ab9c2fc4a6ec3-2"'); // md5 of the two parts' md5 digests, by hashlib
    expect((await bytesOf(fake.client().send(get("big"))))?.byteLength).toBe(Body.byteLength);
    expect(fake.server.buckets.get("b")?.uploads.size).toBe(0);
    expect(
      await failureOf(
        fake.client().send(new AbortMultipartUploadCommand({ Bucket: "b", Key: "big", UploadId: "none" })),
      ),
    ).toBe("404 NoSuchUpload");
  });
});
