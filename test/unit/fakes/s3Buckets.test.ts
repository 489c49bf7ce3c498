/** Listings and rights of the fake S3's buckets, as Amazon's own client sees them. */
import { type GetObjectCommand, HeadBucketCommand, ListBucketsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, test } from "vitest";
import { bytesOf, failureOf, get, owner, put, reader, ten, useS3Fake } from "./s3Fake.ts";

const fake = useS3Fake();

describe("listings", () => {
  const keys = ["a/1", "a/2", "a-b", "b", "cr\r", "x", "x/y", "\uFB01", "😀"];
  beforeEach(() => {
    for (const key of keys) {
      fake.server.seed("b", key, ten);
    }
  });
  const list = async (rest: object = {}): Promise<(string | undefined)[]> => {
    const names: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await fake.client().send(new ListObjectsV2Command({ Bucket: "b", ContinuationToken, ...rest }));
      names.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return names;
  };

  test("are in the order of UTF-8, in pages of any size", async () => {
    const sorted = ["a-b", "a/1", "a/2", "b", "cr\r", "x", "x/y", "\uFB01", "😀"];
    expect(await list()).toEqual(sorted);
    expect(await list({ MaxKeys: 1 })).toEqual(sorted);
    expect(await list({ MaxKeys: 4 })).toEqual(sorted);
  });

  test("are folded at the delimiter, once over all pages", async () => {
    expect(await list({ Delimiter: "/", MaxKeys: 1 })).toEqual(["a-b", "a/", "b", "cr\r", "x", "x/", "\uFB01", "😀"]);
    expect(await list({ Delimiter: "/", Prefix: "a/" })).toEqual(["a/1", "a/2"]);
    expect(await list({ StartAfter: "a/1", Delimiter: "/", MaxKeys: 2 })).toEqual([
      "b",
      "a/",
      "cr\r",
      "x",
      "\uFB01",
      "x/",
      "😀",
    ]);
  });

  test("are percent-encoded on request", async () => {
    expect(await list({ EncodingType: "url", Prefix: "cr" })).toEqual(["cr%0D"]);
    expect(await list({ EncodingType: "url", Prefix: "x" })).toEqual(["x", "x/y"]);
  });

  test("of buckets need a signature", async () => {
    const { Buckets } = await fake.client().send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain("paid");
    expect(await failureOf(fake.client("anonymous").send(new ListBucketsCommand({})))).toBe("403 AccessDenied");
  });
});

describe("rights", () => {
  const from = (Bucket: string, rest: object = {}): GetObjectCommand => get("key", { Bucket, ...rest });
  beforeEach(() => {
    for (const bucket of ["b", "open", "public", "paid", "far", "strict"]) {
      fake.server.seed(bucket, "key", ten);
    }
  });

  test("who may get but not list is told 403 of a missing key", async () => {
    expect(await bytesOf(fake.client(reader).send(get("key")))).toEqual(ten);
    expect(await failureOf(fake.client(reader).send(get("none")))).toBe("403 AccessDenied");
    expect(await failureOf(fake.client(reader).send(put("new")))).toBe("403 AccessDenied");
    expect(await failureOf(fake.client(reader).send(new ListObjectsV2Command({ Bucket: "b" })))).toBe(
      "403 AccessDenied",
    );
  });

  test("anonymous callers have what a bucket gives them", async () => {
    const anonymous = fake.client("anonymous");
    expect(await bytesOf(anonymous.send(from("open")))).toEqual(ten);
    expect(await failureOf(anonymous.send(get("none", { Bucket: "open" })))).toBe("403 AccessDenied");
    expect(await failureOf(anonymous.send(get("none", { Bucket: "public" })))).toBe("404 NoSuchKey");
    expect(await failureOf(anonymous.send(from("b")))).toBe("403 AccessDenied");
    expect((await anonymous.send(new ListObjectsV2Command({ Bucket: "public" }))).KeyCount).toBe(1);
  });

  test("a bucket whose requester pays wants to hear so", async () => {
    expect(await failureOf(fake.client().send(from("paid")))).toBe("403 AccessDenied");
    expect(await bytesOf(fake.client().send(from("paid", { RequestPayer: "requester" })))).toEqual(ten);
    expect(await failureOf(fake.client("anonymous").send(from("paid", { RequestPayer: "requester" })))).toBe(
      "403 AccessDenied",
    );
  });

  test("a bucket of another region says which", async () => {
    const redirected: { $response?: { headers?: Record<string, string> } } = await fake
      .client()
      .send(from("far"))
      .catch((error) => error);
    expect(redirected.$response?.headers?.["x-amz-bucket-region"]).toBe("eu-west-3");
    expect(await failureOf(fake.client().send(from("far")))).toBe("301 PermanentRedirect");
    expect(await failureOf(fake.client().send(new HeadBucketCommand({ Bucket: "far" })))).toBe("301 Unknown");
    expect(await failureOf(fake.client().send(from("strict")))).toBe("400 AuthorizationHeaderMalformed");
    expect(await bytesOf(fake.client(owner, { region: "eu-west-3" }).send(from("far")))).toEqual(ten);
    expect(await bytesOf(fake.client(owner, { followRegionRedirects: true }).send(from("far")))).toEqual(ten);
  });

  test("a bucket that has moved says where to", async () => {
    const reply = await fetch(`${fake.server.origin}/moved/a//b?x-id=1`, { redirect: "manual" });
    expect([reply.status, reply.headers.get("location")]).toEqual([307, `${fake.elsewhere.origin}/moved/a//b?x-id=1`]);
  });

  test("what the fake does not have is refused", async () => {
    expect((await fetch(`${fake.server.origin}/public/key?acl`)).status).toBe(501);
    expect((await fetch(`${fake.server.origin}/public?list-type=1`)).status).toBe(501);
  });
});
