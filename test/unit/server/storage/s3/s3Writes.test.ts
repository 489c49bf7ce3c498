import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { partBytesFor } from "../../../../../server/src/storage/s3/multipart.ts";
import { tagOf } from "../../../../conformance/tagOf.ts";
import { type S3Server, startS3Server } from "../../../../fakes/cloud/s3Server.ts";
import type { S3BucketOptions } from "../../../../fakes/cloud/s3State.ts";
import { type ServiceRequest, startService } from "../../../../fakes/cloud/service.ts";
import { openStore, owner, ten } from "./s3Fake.ts";

const mebi = 2 ** 20;
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) {
    await close();
  }
});

async function startS3(options: S3BucketOptions = {}): Promise<S3Server> {
  const server = await startS3Server({ credentials: [owner], buckets: { bucket: options, other: {} } });
  closing.push(() => server.close());
  return server;
}

function open(...args: Parameters<typeof openStore>): ReturnType<typeof openStore> {
  const store = openStore(...args);
  closing.push(() => store.dispose());
  return store;
}

/** Each MiB has other bytes. */
function bytesOf(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  for (let start = 0; start < sizeBytes; start += mebi) {
    bytes.fill(1 + start / mebi, start, start + mebi);
  }
  return bytes;
}

/** Method, path, and the query without the SDK's own remark and the upload's name. */
const callsOf = ({ requests }: Pick<S3Server, "requests">): string[] =>
  requests.map(({ method, path }) => {
    const [rawPath, query = ""] = path.split("?");
    const names = query.split("&").filter((pair) => pair !== "" && !pair.startsWith("x-id="));
    return `${method} ${rawPath} ${names.map((pair) => pair.replace(/^(uploadId)=.*/, "$1")).join(" ")}`.trim();
  });

test("an object is written with its type, encoding, cache control and class, and stat tells them", async () => {
  const server = await startS3();
  const store = open(`s3://${server.origin}/bucket/layer`);
  const head = { contentType: "application/json", cacheControl: "no-cache", storageClass: "STANDARD_IA" };
  await store.put("info", ten, { ...head, encoding: "gzip" });
  const stat = await store.stat("info");
  expect(stat).toMatchObject({ ...head, encoding: "gzip", sizeBytes: 10, modifiedMs: expect.any(Number) });
  expect(Math.abs((stat?.modifiedMs ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(server.buckets.get("bucket")?.objects.get("layer/info")?.headers["content-encoding"]).toBe("gzip"); // no aws-chunked
});

test("an upload brings a checksum, and a damaged download is noticed", async () => {
  const server = await startS3();
  const store = open(`s3://${server.origin}/bucket`, { limits: { attempts: 2 } });
  await store.put("a", ten);
  const object = server.buckets.get("bucket")?.objects.get("a");
  expect(object?.checksum?.header).toBe("x-amz-checksum-crc32");
  server.buckets.get("bucket")?.objects.set("a", { ...server.seed("bucket", "b", ten), bytes: ten.slice().fill(9) });
  expect(await tagOf(store.get("a"))).toBe("unreachable");
  await expect(store.get("a")).rejects.toThrow("the bytes do not have the object's checksum (tried 2 times)");
  expect((await store.get("a", { range: { start: 0, end: 4 } }))?.bytes).toEqual(Uint8Array.of(9, 9, 9, 9));
});

test("a large object goes in parts, and only under its condition", async () => {
  const server = await startS3();
  const sizes = { multipartBytes: 6 * mebi, partBytes: 5 * mebi };
  const store = open(`s3://${server.origin}/bucket`, sizes);
  const bytes = bytesOf(11 * mebi);
  await store.put("large", bytes, { onlyIf: "absent", contentType: "x/y" });
  const [first, ...others] = callsOf(server);
  expect([first, ...others.slice(0, 3).sort(), ...others.slice(3)]).toEqual([
    "POST /bucket/large uploads=",
    "PUT /bucket/large uploadId partNumber=1",
    "PUT /bucket/large uploadId partNumber=2",
    "PUT /bucket/large uploadId partNumber=3",
    "POST /bucket/large uploadId",
  ]);
  const object = await store.get("large");
  expect(Buffer.compare(object?.bytes ?? ten, bytes)).toBe(0);
  expect((await store.stat("large"))?.contentType).toBe("x/y");
  expect(await tagOf(store.put("large", bytes, { onlyIf: "absent" }))).toBe("conflict");
  await store.put("large", bytes, { onlyIf: { etag: object?.etag ?? "" } });
  expect(await tagOf(store.put("large", bytes, { onlyIf: { etag: '"other"' } }))).toBe("conflict");
  expect(server.buckets.get("bucket")?.uploads.size).toBe(0);
});

test("an upload in parts that fails or is cancelled leaves no parts", async () => {
  let isFailing = true;
  let uploads = 0;
  const abort = new AbortController();
  const service = await startService(({ method, query }: ServiceRequest) => {
    const has = (name: string): boolean => query.some(([other]) => other === name);
    if (method === "POST" && has("uploads")) {
      uploads++;
      const body = "<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>";
      return { status: 200, body };
    }
    if (method === "PUT" && isFailing) {
      return { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
    }
    // A part of the first upload may still be on its way.
    if (method === "PUT" && uploads === 2) {
      abort.abort();
    }
    return { status: method === "DELETE" ? 204 : 200, headers: { etag: '"e"' } };
  });
  closing.push(() => service.close());
  const store = open(`s3://${service.origin}/bucket`, { multipartBytes: mebi, partBytes: 5 * mebi });
  const bytes = new Uint8Array(6 * mebi);
  expect(await tagOf(store.put("a", bytes))).toBe("permission_denied");
  expect(callsOf(service).at(-1)).toBe("DELETE /bucket/a uploadId");
  isFailing = false;
  service.requests.length = 0;
  expect(await tagOf(store.put("a", bytes, { signal: abort.signal }))).toBe("cancelled");
  expect(callsOf(service).at(-1)).toBe("DELETE /bucket/a uploadId");
});

test("an etag as a condition on an object that is gone is a conflict", async () => {
  const { origin } = await startS3();
  const store = open(`s3://${origin}/bucket`);
  expect(await tagOf(store.put("a", ten, { onlyIf: { etag: '"x"' } }))).toBe("conflict");
});

test("many keys are deleted by thousands; what failed is told by key", async () => {
  const server = await startS3({ locked: ["layer/k7"] });
  const store = open(`s3://${server.origin}/bucket/layer`);
  const keys = Array.from({ length: 1001 }, (_, index) => `k${index}`);
  for (const key of [...keys, "a&b<c>", "control\u0001"]) {
    server.seed("bucket", `layer/${key}`, ten);
  }
  const failures = await store.deleteAll([...keys, "a&b<c>", "control\u0001", "never/was"]);
  expect(failures.map(({ key, error }) => [key, error.message])).toEqual([
    ["k7", 'the bucket denies access: "test-key" (option)'],
  ]);
  expect(callsOf(server)).toEqual([
    "POST /bucket/ delete=",
    "POST /bucket/ delete=",
    "DELETE /bucket/layer/control%01",
  ]);
  expect([...(server.buckets.get("bucket")?.objects.keys() ?? [])]).toEqual(["layer/k7"]);
  expect(await tagOf(store.deleteAll(["ok", "../x"]))).toBe("invalid_argument");
});

test("a service that refuses batches is asked once, then key by key", async () => {
  const service = await startService(({ method }) =>
    method === "POST" ? { status: 501, body: "<Error><Code>NotImplemented</Code></Error>" } : { status: 204 },
  );
  closing.push(() => service.close());
  const store = open(`s3://${service.origin}/bucket`);
  expect(await store.deleteAll(["a", "b"])).toEqual([]);
  expect(await store.deleteAll(["c"])).toEqual([]);
  expect(callsOf(service)).toEqual([
    "POST /bucket/ delete=",
    "DELETE /bucket/a",
    "DELETE /bucket/b",
    "DELETE /bucket/c",
  ]);
});

test("an object is copied inside the service, with its facts, under a condition", async () => {
  const server = await startS3();
  const from = open(`s3://${server.origin}/other/some where`);
  const to = open(`s3://${server.origin}/bucket`);
  await from.put("a+b é", ten, { contentType: "x/y", encoding: "br", cacheControl: "no-store" });
  expect(await to.copyFrom(from, "a+b é", "copy", { onlyIf: "absent" })).toBe(true);
  expect(await to.stat("copy")).toMatchObject({ contentType: "x/y", encoding: "br", cacheControl: "no-store" });
  expect((await to.get("copy"))?.bytes).toEqual(ten);
  expect(await tagOf(to.copyFrom(from, "a+b é", "copy", { onlyIf: "absent" }))).toBe("conflict");
  expect(await tagOf(to.copyFrom(from, "missing", "copy2"))).toBe("not_found");
});

test("another service cannot be copied from, nor a bucket that these credentials may not read", async () => {
  const server = await startS3();
  const to = open(`s3://${server.origin}/bucket`);
  const elsewhere = open("s3://https://host.example/other");
  expect(await to.copyFrom(elsewhere, "a", "copy")).toBe(false);
  expect(await to.copyFrom({ ...to, location: parseLocation("gs://bucket") }, "a", "copy")).toBe(false);
  const other = { accessKeyId: "AKIDOTHER", secretAccessKey: "other" };
  const rights = { rights: { AKIDOTHER: ["get", "list", "write"] } } as const;
  const shared = await startS3Server({ credentials: [owner, other], buckets: { bucket: {}, other: rights } });
  closing.push(() => shared.close());
  shared.seed("other", "a", ten);
  const from = open(`s3://${shared.origin}/other`, { credential: { kind: "aws", ...other } });
  expect(await open(`s3://${shared.origin}/bucket`).copyFrom(from, "a", "copy")).toBe(false);
});

test("an object beyond the service's limit is copied in parts that cover it", async () => {
  const sizeBytes = 600 * mebi;
  const service = await startService(({ method, query }: ServiceRequest) => {
    if (method === "HEAD") {
      const headers = { "content-length": sizeBytes, etag: '"e1"', "content-type": "x/y", "cache-control": "no-store" };
      return { status: 200, headers };
    }
    if (query.some(([name]) => name === "uploads")) {
      const body = "<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>";
      return { status: 200, body };
    }
    return { status: 200, body: '<CopyPartResult><ETag>"p"</ETag></CopyPartResult>' };
  });
  closing.push(() => service.close());
  const store = open(`s3://${service.origin}/bucket`, { largestCopyBytes: 500 * mebi });
  expect(await store.copyFrom(store, "large", "copy")).toBe(true);
  const [, create, ...parts] = service.requests;
  expect(create?.headers).toMatchObject({ "content-type": "x/y", "cache-control": "no-store" });
  expect(
    parts.slice(0, 3).map(({ headers }) => [headers["x-amz-copy-source-range"], headers["x-amz-copy-source-if-match"]]),
  ).toEqual([
    [`bytes=0-${201 * mebi - 1}`, '"e1"'],
    [`bytes=${201 * mebi}-${402 * mebi - 1}`, '"e1"'],
    [`bytes=${402 * mebi}-${600 * mebi - 1}`, '"e1"'],
  ]);
  expect(parts).toHaveLength(4);
});

test("part sizes are found again from the size and the number of parts, as CloudFiles does", () => {
  for (const sizeMebi of [64, 65.5, 96, 100.3, 1000, 5222.4, 250_000]) {
    const sizeBytes = Math.round(sizeMebi * mebi);
    for (const usual of [16 * mebi, 256 * mebi]) {
      const part = partBytesFor(sizeBytes, usual);
      const count = Math.ceil(sizeBytes / part);
      const guess = sizeBytes / count + mebi - ((sizeBytes / count) % mebi);
      expect(Math.round(guess)).toBe(part);
      expect(count).toBeLessThanOrEqual(10_000);
    }
  }
  expect(partBytesFor(20 * mebi, 16 * mebi)).toBe(11 * mebi); // CloudFiles 6.4.3 reads it, and not parts of 10 or 16 MiB
});

test("a failure inside a reply of 200 is one", async () => {
  let attempts = 0;
  const service = await startService(({ method }: ServiceRequest) => {
    if (method === "HEAD") {
      return { status: 200, headers: { "content-length": 10 } };
    }
    return attempts++ === 0
      ? { status: 200, body: '<?xml version="1.0"?>\n<Error><Code>InternalError</Code></Error>' }
      : { status: 200, body: "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>" };
  });
  closing.push(() => service.close());
  const store = open(`s3://${service.origin}/bucket`);
  expect(await store.copyFrom(store, "a", "b")).toBe(true);
  expect(attempts).toBe(2);
});

test("the etag of an object in parts is that of its parts", async () => {
  const server = await startS3();
  const store = open(`s3://${server.origin}/bucket`, { multipartBytes: mebi, partBytes: 8 * mebi });
  const bytes = bytesOf(9 * mebi);
  await store.put("a", bytes);
  const parts = [bytes.subarray(0, 5 * mebi), bytes.subarray(5 * mebi)].map((part) =>
    createHash("md5").update(part).digest(),
  );
  const etag = `"${createHash("md5").update(Buffer.concat(parts)).digest("hex")}-2"`;
  expect((await store.get("a"))?.etag).toBe(etag);
});
