/** The fake S3, driven by Amazon's own client: what that accepts and how it fails is the specification here. */
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type S3Server, startS3Server } from "../../fakes/cloud/s3Server.ts";
import type { S3Credential } from "../../fakes/cloud/s3State.ts";

const owner: S3Credential = { accessKeyId: "AKOWNER", secretAccessKey: "owner-secret" };
const reader: S3Credential = { accessKeyId: "AKREADER", secretAccessKey: "reader-secret" };
const guest: S3Credential = { accessKeyId: "ASGUEST", secretAccessKey: "guest-secret", sessionToken: "guest-token" };
const start = Date.now();
const ten = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

let server: S3Server;
let time: number;
let elsewhere: S3Server;
const clients: S3Client[] = [];

beforeEach(async () => {
  time = start;
  elsewhere = await startS3Server({ credentials: [owner], buckets: {} });
  server = await startS3Server({
    credentials: [owner, reader, { ...guest, expiresMs: start + 3_600_000 }],
    now: () => time,
    buckets: {
      b: {
        rights: { AKOWNER: ["get", "list", "write"], AKREADER: ["get"], ASGUEST: ["get", "list"] },
        locked: ["locked"],
      },
      open: { anonymous: ["get"] },
      public: { anonymous: ["get", "list"] },
      paid: { requesterPays: true },
      far: { region: "eu-west-3" },
      strict: { region: "eu-west-3", wrongRegion: "malformed" },
      moved: { movedTo: { origin: elsewhere.origin, status: 307 } },
    },
  });
});

afterEach(async () => {
  for (const client of clients.splice(0)) {
    client.destroy();
  }
  await Promise.all([server.close(), elsewhere.close()]);
});

function client(credentials: S3Credential | "anonymous" = owner, config: S3ClientConfig = {}): S3Client {
  const anonymous = {
    signer: { sign: async <T>(request: T): Promise<T> => request },
    credentials: { accessKeyId: "", secretAccessKey: "" },
  };
  const made = new S3Client({
    endpoint: server.origin,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    ...(credentials === "anonymous" ? anonymous : { credentials }),
    ...config,
  });
  clients.push(made);
  return made;
}

/** `STATUS Code` of a failure. */
async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no failure",
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
      `${error.$metadata?.httpStatusCode} ${error.name}`,
  );
}

async function bytesOf(
  promise: Promise<{ Body?: { transformToByteArray(): Promise<Uint8Array> } }>,
): Promise<Uint8Array | undefined> {
  return (await promise).Body?.transformToByteArray();
}

const get = (Key: string, rest: object = {}): GetObjectCommand => new GetObjectCommand({ Bucket: "b", Key, ...rest });
const put = (Key: string, rest: object = {}): PutObjectCommand =>
  new PutObjectCommand({ Bucket: "b", Key, Body: ten, ...rest });

describe("signatures", () => {
  beforeEach(() => server.seed("b", "key", ten));

  test("the right secret gets in", async () => {
    expect(await bytesOf(client().send(get("key")))).toEqual(ten);
  });

  test.each([
    ["a wrong secret", { ...owner, secretAccessKey: "other" }, 0, "403 SignatureDoesNotMatch"],
    ["an unknown key", { ...owner, accessKeyId: "AKNOBODY" }, 0, "403 InvalidAccessKeyId"],
    ["a slow clock", owner, 16 * 60_000, "403 RequestTimeTooSkewed"],
    ["a fast clock", owner, -16 * 60_000, "403 RequestTimeTooSkewed"],
    ["a session without its token", { ...guest, sessionToken: undefined }, 0, "403 InvalidAccessKeyId"],
    ["another session's token", { ...guest, sessionToken: "other" }, 0, "400 InvalidToken"],
    ["a token where none belongs", { ...owner, sessionToken: "other" }, 0, "400 InvalidToken"],
  ])("%s is refused", async (_what, { accessKeyId, secretAccessKey, sessionToken }, skewMs, expected) => {
    time = start + skewMs;
    const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
    expect(await failureOf(client(credentials).send(get("key")))).toBe(expected);
  });

  test("a session works until it ends", async () => {
    expect(await bytesOf(client(guest).send(get("key")))).toEqual(ten);
    time = start + 3_600_000;
    const late = client(guest, { systemClockOffset: 3_600_000 });
    expect(await failureOf(late.send(get("key")))).toBe("400 ExpiredToken");
  });

  test("a byte changed on the way is refused", async () => {
    const tampering = client();
    tampering.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: Uint8Array };
        request.body = Uint8Array.from(request.body, (byte) => byte ^ 1);
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    expect(await failureOf(tampering.send(put("new")))).toMatch(/^400 (XAmzContentSHA256Mismatch|BadDigest)$/);
    expect(server.buckets.get("b")?.objects.has("new")).toBe(false);
  });
});

describe("objects", () => {
  test("come back with what was said of them", async () => {
    await client().send(
      put("key", { ContentType: "a/b", CacheControl: "no-cache", ContentEncoding: "gzip", StorageClass: "GLACIER_IR" }),
    );
    expect(await client().send(new HeadObjectCommand({ Bucket: "b", Key: "key" }))).toMatchObject({
      ContentLength: 10,
      ContentType: "a/b",
      CacheControl: "no-cache",
      ContentEncoding: "gzip",
      StorageClass: "GLACIER_IR",
      ETag: '"c56bd5480f6e5413cb62a0ad9666613a"', // md5sum of the ten bytes
    });
  });

  test("a stream arrives without its aws-chunked framing", async () => {
    const stream = client();
    await stream.send(
      put("key", { Body: Readable.from([ten.slice(0, 4), ten.slice(4)]), ContentLength: 10, ContentEncoding: "br" }),
    );
    const [upload] = server.requests.filter(({ method }) => method === "PUT");
    expect(upload?.headers["content-encoding"]).toContain("aws-chunked");
    const object = server.buckets.get("b")?.objects.get("key");
    expect([object?.bytes, object?.headers["content-encoding"]]).toEqual([ten, "br"]);
  });

  test.each([
    ["bytes=2-4", [2, 3, 4]],
    ["bytes=8-", [8, 9]],
    ["bytes=8-100", [8, 9]],
    ["bytes=-3", [7, 8, 9]],
    ["bytes=-30", [...ten]],
  ])("the range %s", async (Range, expected) => {
    server.seed("b", "key", ten);
    expect([...((await bytesOf(client().send(get("key", { Range })))) ?? [])]).toEqual(expected);
  });

  test("a range behind the end is 416, a missing key 404, a missing bucket 404", async () => {
    server.seed("b", "key", ten);
    expect(await failureOf(client().send(get("key", { Range: "bytes=10-" })))).toBe("416 InvalidRange");
    expect(await failureOf(client().send(get("none")))).toBe("404 NoSuchKey");
    expect(await failureOf(client().send(get("key", { Bucket: "none" })))).toBe("404 NoSuchBucket");
  });

  test("a wrong checksum is refused", async () => {
    expect(await failureOf(client().send(put("key", { ChecksumCRC32: "AAAAAA==" })))).toBe("400 BadDigest");
    expect(await failureOf(client().send(put("key", { ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" })))).toBe(
      "400 BadDigest",
    );
    await client().send(put("key", { ChecksumAlgorithm: "CRC32C" })); // the client's own computation
  });

  test("a checksum comes back where it is asked for", async () => {
    await client().send(put("key"));
    const { ChecksumCRC32 } = await client().send(get("key", { ChecksumMode: "ENABLED" }));
    expect(ChecksumCRC32).toBe("RWzXRg=="); // zlib.crc32(bytes(range(10)))
  });

  test("conditional writes hold", async () => {
    await client().send(put("key", { IfNoneMatch: "*" }));
    expect(await failureOf(client().send(put("key", { IfNoneMatch: "*" })))).toBe("412 PreconditionFailed");
    const { ETag } = await client().send(get("key"));
    await client().send(put("key", { IfMatch: ETag, Body: "another" }));
    expect(await failureOf(client().send(put("key", { IfMatch: ETag })))).toBe("412 PreconditionFailed");
    expect(await failureOf(client().send(put("none", { IfMatch: ETag })))).toBe("404 NoSuchKey");
  });

  test("one of 16 writers at once wins", async () => {
    const one = client();
    const results = await Promise.all(
      Array.from({ length: 16 }, () => failureOf(one.send(put("race", { IfNoneMatch: "*" })))),
    );
    expect(results.filter((result) => result === "no failure")).toHaveLength(1);
  });

  test("are copied with their headers, or with others", async () => {
    server.seed("b", "a/ü", ten, { "content-encoding": "gzip", "cache-control": "no-cache" });
    const copy = { Bucket: "b", CopySource: `b/${encodeURIComponent("a/ü")}` };
    await client().send(new CopyObjectCommand({ ...copy, Key: "same" }));
    expect(server.buckets.get("b")?.objects.get("same")?.headers).toMatchObject({
      "content-encoding": "gzip",
      "cache-control": "no-cache",
    });
    await client().send(
      new CopyObjectCommand({ ...copy, Key: "other", MetadataDirective: "REPLACE", ContentType: "c/d" }),
    );
    expect(server.buckets.get("b")?.objects.get("other")?.headers).toEqual({ "content-type": "c/d" });
    expect(await failureOf(client().send(new CopyObjectCommand({ Bucket: "b", CopySource: "b/none", Key: "x" })))).toBe(
      "404 NoSuchKey",
    );
  });

  test("are deleted, one or many, with a result for each", async () => {
    for (const key of ["a", "b&<", "c", "locked"]) {
      server.seed("b", key, ten);
    }
    await client().send(new DeleteObjectCommand({ Bucket: "b", Key: "a" }));
    await client().send(new DeleteObjectCommand({ Bucket: "b", Key: "a" }));
    const Objects = ["b&<", "c", "locked", "none"].map((Key) => ({ Key }));
    const result = await client().send(new DeleteObjectsCommand({ Bucket: "b", Delete: { Objects } }));
    expect(result.Deleted?.map(({ Key }) => Key)).toEqual(["b&<", "c", "none"]);
    expect(result.Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([["locked", "AccessDenied"]]);
    expect([...(server.buckets.get("b")?.objects.keys() ?? [])]).toEqual(["locked"]);
  });

  test.each(["a//b", "./a", "a/../b", "x", "x/y", "a b+c%41", "cr\r", "ünï/日本語/😀", "*'()!"])(
    "the key %j is taken literally",
    async (key) => {
      server.seed("b", "x/y", ten);
      await client().send(put(key));
      expect(server.buckets.get("b")?.objects.has(key)).toBe(true);
      expect(await bytesOf(client().send(get(key)))).toEqual(ten);
    },
  );

  test("of many parts have the etag of a multipart upload", async () => {
    const Body = new Uint8Array(5 * 2 ** 20 + 1);
    const upload = new Upload({ client: client(), params: { Bucket: "b", Key: "big", Body } });
    const { ETag } = await upload.done();
    expect(ETag).toBe('"92f3a08aa3b1d7eb318ab9c2fc4a6ec3-2"'); // md5 of the two parts' md5 digests, by hashlib
    expect((await bytesOf(client().send(get("big"))))?.byteLength).toBe(Body.byteLength);
    expect(server.buckets.get("b")?.uploads.size).toBe(0);
    expect(
      await failureOf(client().send(new AbortMultipartUploadCommand({ Bucket: "b", Key: "big", UploadId: "none" }))),
    ).toBe("404 NoSuchUpload");
  });
});

describe("listings", () => {
  const keys = ["a/1", "a/2", "a-b", "b", "cr\r", "x", "x/y", "\uFB01", "😀"];
  beforeEach(() => {
    for (const key of keys) {
      server.seed("b", key, ten);
    }
  });
  const list = async (rest: object = {}): Promise<(string | undefined)[]> => {
    const names: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await client().send(new ListObjectsV2Command({ Bucket: "b", ContinuationToken, ...rest }));
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
    const { Buckets } = await client().send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain("paid");
    expect(await failureOf(client("anonymous").send(new ListBucketsCommand({})))).toBe("403 AccessDenied");
  });
});

describe("rights", () => {
  const from = (Bucket: string, rest: object = {}): GetObjectCommand => get("key", { Bucket, ...rest });
  beforeEach(() => {
    for (const bucket of ["b", "open", "public", "paid", "far", "strict"]) {
      server.seed(bucket, "key", ten);
    }
  });

  test("who may get but not list is told 403 of a missing key", async () => {
    expect(await bytesOf(client(reader).send(get("key")))).toEqual(ten);
    expect(await failureOf(client(reader).send(get("none")))).toBe("403 AccessDenied");
    expect(await failureOf(client(reader).send(put("new")))).toBe("403 AccessDenied");
    expect(await failureOf(client(reader).send(new ListObjectsV2Command({ Bucket: "b" })))).toBe("403 AccessDenied");
  });

  test("anonymous callers have what a bucket gives them", async () => {
    const anonymous = client("anonymous");
    expect(await bytesOf(anonymous.send(from("open")))).toEqual(ten);
    expect(await failureOf(anonymous.send(get("none", { Bucket: "open" })))).toBe("403 AccessDenied");
    expect(await failureOf(anonymous.send(get("none", { Bucket: "public" })))).toBe("404 NoSuchKey");
    expect(await failureOf(anonymous.send(from("b")))).toBe("403 AccessDenied");
    expect((await anonymous.send(new ListObjectsV2Command({ Bucket: "public" }))).KeyCount).toBe(1);
  });

  test("a bucket whose requester pays wants to hear so", async () => {
    expect(await failureOf(client().send(from("paid")))).toBe("403 AccessDenied");
    expect(await bytesOf(client().send(from("paid", { RequestPayer: "requester" })))).toEqual(ten);
    expect(await failureOf(client("anonymous").send(from("paid", { RequestPayer: "requester" })))).toBe(
      "403 AccessDenied",
    );
  });

  test("a bucket of another region says which", async () => {
    const redirected: { $response?: { headers?: Record<string, string> } } = await client()
      .send(from("far"))
      .catch((error) => error);
    expect(redirected.$response?.headers?.["x-amz-bucket-region"]).toBe("eu-west-3");
    expect(await failureOf(client().send(from("far")))).toBe("301 PermanentRedirect");
    expect(await failureOf(client().send(new HeadBucketCommand({ Bucket: "far" })))).toBe("301 Unknown");
    expect(await failureOf(client().send(from("strict")))).toBe("400 AuthorizationHeaderMalformed");
    expect(await bytesOf(client(owner, { region: "eu-west-3" }).send(from("far")))).toEqual(ten);
    expect(await bytesOf(client(owner, { followRegionRedirects: true }).send(from("far")))).toEqual(ten);
  });

  test("a bucket that has moved says where to", async () => {
    const reply = await fetch(`${server.origin}/moved/a//b?x-id=1`, { redirect: "manual" });
    expect([reply.status, reply.headers.get("location")]).toEqual([307, `${elsewhere.origin}/moved/a//b?x-id=1`]);
  });

  test("what the fake does not have is refused", async () => {
    expect((await fetch(`${server.origin}/public/key?acl`)).status).toBe(501);
    expect((await fetch(`${server.origin}/public?list-type=1`)).status).toBe(501);
  });
});
