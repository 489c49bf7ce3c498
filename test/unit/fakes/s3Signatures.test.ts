/** Signatures that the fake S3 takes and refuses, made by Amazon's own client. */
import { createHash, createHmac } from "node:crypto";
import { Agent } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import { beforeEach, describe, expect, test } from "vitest";
import { bytesOf, failureOf, get, guest, owner, put, start, ten, useS3Fake } from "./s3Fake.ts";

const fake = useS3Fake();

describe("signatures", () => {
  beforeEach(() => fake.server.seed("b", "key", ten));

  test("the right secret gets in", async () => {
    expect(await bytesOf(fake.client().send(get("key")))).toEqual(ten);
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
    fake.time = start + skewMs;
    const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
    expect(await failureOf(fake.client(credentials).send(get("key")))).toBe(expected);
  });

  test("a session works until it ends", async () => {
    expect(await bytesOf(fake.client(guest).send(get("key")))).toEqual(ten);
    fake.time = start + 3_600_000;
    const late = fake.client(guest, { systemClockOffset: 3_600_000 });
    expect(await failureOf(late.send(get("key")))).toBe("400 ExpiredToken");
  });

  test("a byte changed on the way is refused", async () => {
    const tampering = fake.client();
    tampering.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: Uint8Array };
        request.body = Uint8Array.from(request.body, (byte) => byte ^ 1);
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    expect(await failureOf(tampering.send(put("new")))).toMatch(/^400 (XAmzContentSHA256Mismatch|BadDigest)$/);
    expect(fake.server.buckets.get("b")?.objects.has("new")).toBe(false);
  });
});

/** As the signer wants its hash: HMAC where there is a key. */
class Sha256 {
  readonly #hash;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      key === undefined
        ? createHash("sha256")
        : createHmac("sha256", typeof key === "string" ? key : bytesOfBuffer(key));
  }

  update(part: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof part === "string" ? part : bytesOfBuffer(part));
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
}

function bytesOfBuffer(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

const signer = (): SignatureV4 =>
  new SignatureV4({ service: "s3", region: "us-east-1", credentials: owner, sha256: Sha256, uriEscapePath: false });

/** A URL signed with the SDK's own signer. */
async function presign(
  path: string,
  {
    method = "GET",
    expiresIn = 60,
    query = {},
  }: { method?: string; expiresIn?: number; query?: Record<string, string> } = {},
): Promise<string> {
  const url = new URL(fake.server.origin);
  const headers = { host: url.host, "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD" };
  const request = { method, protocol: "http:", hostname: url.hostname, port: Number(url.port), path, headers, query };
  const signed = await signer().presign(request, { expiresIn, signingDate: new Date(start) });
  return `${url.origin}${path}?${new URLSearchParams(Object.entries(signed.query ?? {}).map(([name, value]) => [name, String(value)]))}`;
}

describe("presigned URLs", () => {
  const codeOf = async (url: string, init: RequestInit = {}): Promise<string> => {
    const reply = await fetch(url, init);
    return `${reply.status} ${/<Code>(.*)<\/Code>/.exec(await reply.text())?.[1] ?? ""}`.trim();
  };
  beforeEach(() => fake.server.seed("b", "a b", ten));

  test("get in until they expire", async () => {
    const url = await presign("/b/a%20b", { query: { "x-id": "GetObject" } });
    expect(await codeOf(url)).toBe("200");
    fake.time = start + 61_000;
    expect(await codeOf(url)).toBe("403 AccessDenied");
  });

  test("are for one method, path and query", async () => {
    const url = await presign("/b/a%20b");
    expect(await codeOf(url, { method: "PUT", body: "x" })).toBe("403 SignatureDoesNotMatch");
    expect(await codeOf(url.replace("a%20b", "other"))).toBe("403 SignatureDoesNotMatch");
    expect(await codeOf(`${url}&x-id=PutObject`)).toBe("403 SignatureDoesNotMatch");
    expect(await codeOf(url.replace(/(Signature=.)./, "$1_"))).toBe("403 SignatureDoesNotMatch");
  });

  test("allow no further x-amz header, and last no longer than a week", async () => {
    expect(await codeOf(await presign("/b/a%20b"), { headers: { "x-amz-acl": "public-read" } })).toBe(
      "403 AccessDenied",
    );
    const url = await presign("/b/a%20b");
    expect(await codeOf(url.replace("Expires=60", "Expires=604801"))).toBe("400 AuthorizationQueryParametersError");
    expect(await codeOf(url.replace("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=none"))).toBe(
      "400 AuthorizationQueryParametersError",
    );
  });

  test("write what comes", async () => {
    expect(await codeOf(await presign("/b/new", { method: "PUT" }), { method: "PUT", body: ten })).toBe("200");
    expect(fake.server.buckets.get("b")?.objects.get("new")?.bytes).toEqual(ten);
  });
});

describe("addresses", () => {
  test("a bucket is a host too, and its signature is for that host", async () => {
    fake.server.seed("public", "x/y", ten);
    const { port } = new URL(fake.server.origin);
    const httpAgent = new Agent({
      lookup: (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
    });
    const requestHandler = { httpAgent };
    const client = fake.client(owner, { endpoint: `http://localhost:${port}`, forcePathStyle: false, requestHandler });
    expect(await bytesOf(client.send(get("x/y", { Bucket: "public" })))).toEqual(ten);
    expect(fake.server.requests[0]).toMatchObject({
      path: "/x/y?x-id=GetObject",
      headers: { host: `public.localhost:${port}` },
    });
  });
});

describe("signed chunks", () => {
  const sha = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
  /** An upload of two chunks as Amazon's documents describe it, with an optional change to the second. */
  const upload = async (second: Uint8Array): Promise<number> => {
    const { host, origin } = new URL(fake.server.origin);
    const headers = {
      host,
      "content-encoding": "aws-chunked",
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
      "x-amz-decoded-content-length": "10",
    };
    const signed = await signer().sign(
      { method: "PUT", protocol: "http:", hostname: host, path: "/b/chunked", headers },
      { signingDate: new Date(start) },
    );
    const time = signed.headers["x-amz-date"] ?? "";
    const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`;
    const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
    const key = [...scope.split("/")].reduce<string | Buffer>(
      (secret, part) => hmac(secret, part),
      `AWS4${owner.secretAccessKey}`,
    );
    let previous = /Signature=([0-9a-f]+)/.exec(signed.headers.authorization ?? "")?.[1] ?? "";
    const chunks = [ten.subarray(0, 4), ten.subarray(4), new Uint8Array(0)].map((bytes, index) => {
      previous = hmac(
        key,
        ["AWS4-HMAC-SHA256-PAYLOAD", time, scope, previous, sha(""), sha(bytes)].join("\n"),
      ).toString("hex");
      const sent = index === 1 ? second : bytes;
      return Buffer.concat([
        Buffer.from(`${sent.byteLength.toString(16)};chunk-signature=${previous}\r\n`),
        sent,
        Buffer.from("\r\n"),
      ]);
    });
    const { host: _host, ...rest } = signed.headers;
    return (await fetch(`${origin}/b/chunked`, { method: "PUT", headers: rest, body: Buffer.concat(chunks) })).status;
  };

  test("are checked one after the other", async () => {
    expect(await upload(ten.subarray(4))).toBe(200);
    expect(fake.server.buckets.get("b")?.objects.get("chunked")).toMatchObject({ bytes: ten });
    expect(await upload(Uint8Array.from(ten.subarray(4), (byte) => byte ^ 1))).toBe(403);
    expect(await upload(ten.subarray(5))).toBe(403);
  });
});
