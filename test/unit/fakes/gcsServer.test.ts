/** The fake Google Cloud Storage, driven by Google's own clients. */
import { generateKeyPairSync, sign } from "node:crypto";
import { request as httpRequest } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";
import { Storage } from "@google-cloud/storage";
import { OAuth2Client, UserRefreshClient } from "google-auth-library";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GcsServer, startGcsServer } from "../../fakes/cloud/gcsServer.ts";

const ten = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
const start = Date.now();
const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

let server: GcsServer;
let time: number;

beforeEach(async () => {
  time = start;
  server = await startGcsServer({
    now: () => time,
    rewriteBytesPerCall: 8,
    accounts: [
      { email: "owner@x", publicKey: keys.publicKey.export({ type: "spki", format: "pem" }).toString() },
      {
        email: "reader@x",
        refresh: { token: "refresh", clientId: "client", clientSecret: "client-secret" },
        projects: ["mine"],
      },
      { email: "machine@x", isInstance: true },
    ],
    buckets: {
      b: { rights: { "owner@x": ["get", "list", "write", "bucket"], "reader@x": ["get"] }, locked: ["locked"] },
      open: { anonymous: ["get"] },
      public: { anonymous: ["get", "list"] },
      paid: { requesterPays: true },
    },
  });
});

afterEach(() => server.close());

/** A client with a token that it does not renew. */
function client(account = "owner@x", token = server.tokens.issue(account)): Storage {
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: token });
  return new Storage({
    apiEndpoint: server.origin,
    projectId: "p",
    useAuthWithCustomEndpoint: true,
    authClient,
    retryOptions: { autoRetry: false },
  });
}

/** `STATUS reason` of a failure. */
async function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no failure",
    (error: { code?: unknown; errors?: readonly { reason?: string }[]; message: string }) =>
      `${String(error.code)} ${error.errors?.[0]?.reason ?? error.message}`,
  );
}

interface Plain {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A request as it is, without what fetch adds to it. */
async function plain(
  path: string,
  {
    method = "GET",
    headers = {},
    body = "",
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Plain> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(server.origin + path, { method, headers }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) {
        parts.push(part as Buffer);
      }
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) });
    });
    request.on("error", reject).end(body);
  });
}

const bearer = (account = "owner@x"): Record<string, string> => ({
  authorization: `Bearer ${server.tokens.issue(account)}`,
});

describe("tokens", () => {
  beforeEach(() => {
    for (const bucket of ["b", "open", "public", "paid"]) {
      server.seed(bucket, "key", ten);
    }
  });
  const file = (storage: Storage, bucket = "b"): Promise<[Buffer]> => storage.bucket(bucket).file("key").download();

  test("a token that was issued gets in", async () => {
    expect(await file(client())).toEqual([ten]);
  });

  test("a token that is unknown, or over, is 401", async () => {
    expect(await failureOf(client("owner@x", "made-up").bucket("b").file("key").getMetadata())).toBe("401 authError");
    const token = server.tokens.issue("owner@x", 60);
    expect(await failureOf(client("owner@x", token).bucket("b").file("key").getMetadata())).toBe("no failure");
    time += 60_000;
    expect(await failureOf(client("owner@x", token).bucket("b").file("key").getMetadata())).toBe("401 authError");
  });

  test("a token may run out between two pages", async () => {
    server.seed("b", "key2", ten);
    const storage = client();
    const [, next] = await storage.bucket("b").getFiles({ autoPaginate: false, maxResults: 1 });
    server.tokens.expireAll();
    expect(await failureOf(storage.bucket("b").getFiles({ ...next, autoPaginate: false }))).toBe("401 authError");
  });

  test("an account without a right is 403, nobody 401; in the XML API both are 403", async () => {
    const reader = client("reader@x");
    expect(await file(reader)).toEqual([ten]);
    expect(await failureOf(reader.bucket("b").getFiles())).toBe("403 forbidden");
    expect(await failureOf(reader.bucket("b").file("new").save(ten, { resumable: false }))).toBe("403 forbidden");
    expect(await failureOf(reader.bucket("b").file("none").getMetadata())).toBe("403 forbidden");
    expect((await plain("/storage/v1/b/b/o/key")).status).toBe(401);
    expect((await plain("/b/key")).status).toBe(403);
    expect((await plain("/b/key", { headers: { authorization: "Bearer made-up" } })).status).toBe(401);
  });

  test("nobody gets what a bucket gives to everybody", async () => {
    expect((await plain("/open/key")).body).toEqual(ten);
    expect((await plain("/open/none")).status).toBe(403);
    expect((await plain("/public/none")).status).toBe(404);
    expect((await plain("/storage/v1/b/open/o")).status).toBe(401);
    expect((await plain("/storage/v1/b/public/o")).status).toBe(200);
  });

  test("requester pays: 400 without a project, 403 with somebody else's", async () => {
    expect(await failureOf(client().bucket("paid").file("key").getMetadata())).toBe("400 required");
    expect(
      await failureOf(client("reader@x").bucket("paid", { userProject: "theirs" }).file("key").getMetadata()),
    ).toBe("403 forbidden");
    const mine = { ...bearer("reader@x"), "x-goog-user-project": "mine" };
    expect((await plain("/paid/key", { headers: mine })).body).toEqual(ten);
    expect((await plain("/storage/v1/b/paid/o?userProject=mine", { headers: bearer("reader@x") })).status).toBe(200);
    expect((await plain("/paid/key", { headers: bearer() })).body.toString()).toContain("UserProjectMissing");
  });

  test("a refresh token gives tokens, another one or a wrong client does not", async () => {
    const options = { clientId: "client", clientSecret: "client-secret", refreshToken: "refresh" };
    const endpoints = { oauth2TokenUrl: server.tokenUrl };
    const token = async (changed: object): Promise<string | null | undefined> =>
      (await new UserRefreshClient({ ...options, endpoints, ...changed }).getAccessToken()).token;
    expect(await file(client("reader@x", (await token({})) ?? ""))).toEqual([ten]);
    await expect(token({ refreshToken: "other" })).rejects.toThrow(/invalid_grant/);
    await expect(token({ clientSecret: "other" })).rejects.toThrow(/invalid_client/);
  });

  test("a service account's assertion has to be signed by it, short-lived and for us", async () => {
    const ask = async (claims: object, key = keys.privateKey): Promise<string> => {
      const now = start / 1000;
      const all = { iss: "owner@x", scope: "s", aud: server.tokenUrl, iat: now, exp: now + 3600, ...claims };
      const text = [{ alg: "RS256", typ: "JWT" }, all]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      const assertion = `${text}.${sign("RSA-SHA256", Buffer.from(text), key).toString("base64url")}`;
      const body = new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        assertion,
      }).toString();
      const reply: { access_token?: string; error?: string } = JSON.parse(
        (await plain("/token", { method: "POST", body })).body.toString(),
      );
      return (
        reply.error ?? (await failureOf(client("owner@x", reply.access_token).bucket("b").file("key").getMetadata()))
      );
    };
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    expect(await ask({})).toBe("no failure");
    expect(await ask({}, other)).toBe("invalid_grant");
    expect(await ask({ iss: "nobody@x" })).toBe("invalid_grant");
    expect(await ask({ aud: "https://elsewhere.example/token" })).toBe("invalid_grant");
    expect(await ask({ exp: start / 1000 - 1 })).toBe("invalid_grant");
    expect(await ask({ exp: start / 1000 + 7200 })).toBe("invalid_grant");
  });

  test("an instance is given a token only by the header that a browser cannot send", async () => {
    const path = "/computeMetadata/v1/instance/service-accounts/default/token";
    expect((await plain(path)).status).toBe(403);
    const { access_token: token }: { access_token: string } = JSON.parse(
      (await plain(path, { headers: { "metadata-flavor": "Google" } })).body.toString(),
    );
    expect(
      await failureOf(client("machine@x", token).bucket("paid", { userProject: "p" }).file("key").getMetadata()),
    ).toBe("no failure");
  });
});

type Decorated = ReturnType<NonNullable<Storage["interceptors"][number]["request"]>>;

describe("objects", () => {
  test.each([false, true])("come back with what was said of them (resumable: %s)", async (resumable) => {
    // The client sends no token with resumable uploads to an endpoint of ours.
    const storage = client();
    const Authorization = bearer().authorization ?? "";
    storage.interceptors.push({
      // The client's own types do not admit that a decorated request is a request.
      request: (options) => ({ ...options, headers: { ...options.headers, Authorization } }) as Decorated,
    });
    const file = storage.bucket("b").file("a/ü b");
    await file.save(ten, {
      resumable,
      validation: "crc32c",
      metadata: { contentType: "a/b", cacheControl: "no-cache", contentEncoding: "br" },
    });
    expect((await file.getMetadata())[0]).toMatchObject({
      name: "a/ü b",
      size: "10",
      contentType: "a/b",
      cacheControl: "no-cache",
      contentEncoding: "br",
      md5Hash: "xWvVSA9uVBPLYqCtlmZhOg==", // openssl md5 -binary | base64
      crc32c: "AiwhMQ==", // google_crc32c
      metageneration: "1",
    });
    expect(server.uploadsOpen()).toBe(0);
  });

  test("a simple upload", async () => {
    const path = "/upload/storage/v1/b/b/o?uploadType=media&name=k&contentEncoding=gzip";
    const reply = await plain(path, { method: "POST", headers: { ...bearer(), "content-type": "c/d" }, body: "text" });
    expect(JSON.parse(reply.body.toString())).toMatchObject({ size: "4", contentType: "c/d", contentEncoding: "gzip" });
  });

  test("a resumable upload takes steps of 256 KiB and says how far it is", async () => {
    const begun = await plain("/upload/storage/v1/b/b/o?uploadType=resumable&name=k", {
      method: "POST",
      headers: bearer(),
    });
    const path = new URL(String(begun.headers.location)).href.slice(server.origin.length);
    const send = (range: string, body = ""): Promise<Plain> =>
      plain(path, { method: "PUT", headers: { "content-range": range }, body });
    expect(await send("bytes */*")).toMatchObject({
      status: 308,
      headers: expect.not.objectContaining({ range: expect.anything() }),
    });
    const first = await send("bytes 0-262153/*", "x".repeat(262_154));
    expect([first.status, first.headers.range]).toEqual([308, "bytes=0-262143"]); // the ten bytes over are dropped
    expect((await send("bytes */262146")).headers.range).toBe("bytes=0-262143");
    const last = await send("bytes 262144-262145/262146", "yz");
    expect([last.status, JSON.parse(last.body.toString()).size]).toEqual([200, "262146"]);
    expect(server.buckets.get("b")?.objects.get("k")?.bytes.subarray(-3)).toEqual(Uint8Array.from(Buffer.from("xyz")));
    expect((await send("bytes */262146")).status).toBe(404);
  });

  test("content with another checksum than said is refused", async () => {
    const file = client().bucket("b").file("k");
    const save = file.save(ten, { resumable: false, metadata: { crc32c: "AAAAAA==" } });
    expect(await failureOf(save)).toBe("400 invalid");
    expect(await file.exists()).toEqual([false]);
  });

  test("conditions hold on put, get and delete", async () => {
    const bucket = client().bucket("b");
    const save = (ifGenerationMatch: number | string): Promise<void> =>
      bucket.file("k").save(ten, { resumable: false, preconditionOpts: { ifGenerationMatch } });
    await save(0);
    expect(await failureOf(save(0))).toBe("412 conditionNotMet");
    const generation = String((await bucket.file("k").getMetadata())[0].generation);
    await save(generation);
    expect(await failureOf(save(generation))).toBe("412 conditionNotMet");
    expect(await failureOf(bucket.file("k").delete({ ifGenerationMatch: generation }))).toBe("412 conditionNotMet");
    expect((await plain(`/storage/v1/b/b/o/k?ifGenerationMatch=${generation}`, { headers: bearer() })).status).toBe(
      412,
    );
    const current = String((await bucket.file("k").getMetadata())[0].generation);
    expect((await plain(`/storage/v1/b/b/o/k?ifGenerationNotMatch=${current}`, { headers: bearer() })).status).toBe(
      304,
    );
    expect((await plain("/b/k", { headers: { ...bearer(), "x-goog-if-generation-match": generation } })).status).toBe(
      412,
    );
    expect((await plain(`/storage/v1/b/b/o/k?generation=${generation}`, { headers: bearer() })).status).toBe(404);
  });

  test("a patch is a new metageneration, on which writes may depend", async () => {
    server.seed("b", "k", ten, { cacheControl: "no-cache" });
    const file = client().bucket("b").file("k");
    const headers = { ...bearer(), "content-type": "application/json" };
    const body = JSON.stringify({ cacheControl: null, contentType: "a/b" });
    const patched: unknown = JSON.parse(
      (await plain("/storage/v1/b/b/o/k", { method: "PATCH", headers, body })).body.toString(),
    );
    expect(patched).toMatchObject({ metageneration: "2", contentType: "a/b" });
    expect(patched).not.toHaveProperty("cacheControl");
    expect(await failureOf(file.setMetadata({ contentType: "c/d" }, { ifMetagenerationMatch: 1 }))).toBe(
      "412 conditionNotMet",
    );
  });

  test("one of 16 writers at once wins", async () => {
    const file = client().bucket("b").file("race");
    const save = (): Promise<void> => file.save(ten, { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    const results = await Promise.all(Array.from({ length: 16 }, () => failureOf(save())));
    expect(results.filter((result) => result === "no failure")).toHaveLength(1);
  });

  test("are copied in as many calls as it takes, with their facts", async () => {
    server.seed("b", "k", ten, { contentEncoding: "gzip" });
    await client().bucket("b").file("k").copy("copy");
    expect(server.buckets.get("b")?.objects.get("copy")).toMatchObject({
      bytes: Uint8Array.from(ten),
      facts: { contentEncoding: "gzip" },
    });
    expect(server.requests.filter(({ path }) => path.includes("/rewriteTo/"))).toHaveLength(2);
    expect(await failureOf(client().bucket("b").file("none").copy("copy"))).toBe("404 notFound");
  });

  test("are deleted once, unless they are locked", async () => {
    server.seed("b", "k", ten);
    server.seed("b", "locked", ten);
    await client().bucket("b").file("k").delete();
    expect(await failureOf(client().bucket("b").file("k").delete())).toBe("404 notFound");
    expect(await failureOf(client().bucket("b").file("locked").delete())).toBe("403 retentionPolicyNotMet");
  });

  test("a batch has a reply for each of its parts", async () => {
    server.seed("b", "a b", ten);
    const part = (name: string, id: number): string =>
      `--x\r\nContent-Type: application/http\r\nContent-ID: <${id}>\r\n\r\nDELETE /storage/v1/b/b/o/${name} HTTP/1.1\r\n\r\n\r\n`;
    const body = `${part("a%20b", 1)}${part("none", 2)}--x--`;
    const headers = { ...bearer(), "content-type": "multipart/mixed; boundary=x" };
    const text = (await plain("/batch/storage/v1", { method: "POST", headers, body })).body.toString();
    expect(text.match(/^(?:HTTP\/1.1 .*|Content-ID: .*)$/gm)).toEqual([
      "Content-ID: <response-1>",
      "HTTP/1.1 204 No Content",
      "Content-ID: <response-2>",
      "HTTP/1.1 404 Not Found",
    ]);
    expect(server.buckets.get("b")?.objects.size).toBe(0);
  });
});

describe("reads", () => {
  test.each([
    ["bytes=2-4", 206, [2, 3, 4], "bytes 2-4/10"],
    ["bytes=8-100", 206, [8, 9], "bytes 8-9/10"],
    ["bytes=-3", 206, [7, 8, 9], "bytes 7-9/10"],
    ["bytes=0-", 206, [...ten], "bytes 0-9/10"],
  ])("the range %s", async (range, status, expected, contentRange) => {
    server.seed("public", "k", ten);
    for (const path of [
      "/public/k",
      "/storage/v1/b/public/o/k?alt=media",
      "/download/storage/v1/b/public/o/k?alt=media",
    ]) {
      const reply = await plain(path, { headers: { range } });
      expect([reply.status, [...reply.body], reply.headers["content-range"]]).toEqual([status, expected, contentRange]);
    }
  });

  test("a range behind the end is 416", async () => {
    server.seed("public", "k", ten);
    const reply = await plain("/public/k", { headers: { range: "bytes=10-" } });
    expect([reply.status, reply.headers["content-range"]]).toEqual([416, "bytes */10"]);
  });

  test("headers say generation, hashes and what is stored", async () => {
    const { generation } = server.seed("public", "k", ten, { cacheControl: "max-age=1" });
    const reply = await plain("/public/k", { method: "HEAD" });
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
    server.seed("public", "k", packed, { contentEncoding: "gzip" });
    server.seed("public", "kept", packed, { contentEncoding: "gzip", cacheControl: "no-transform" });
    const stored = await plain("/public/k", { headers: { "accept-encoding": "gzip" } });
    expect([gunzipSync(stored.body), stored.headers["content-encoding"]]).toEqual([ten, "gzip"]);
    const unpacked = await plain("/public/k", { headers: { range: "bytes=2-3" } });
    expect([unpacked.status, unpacked.body, unpacked.headers["content-encoding"]]).toEqual([200, ten, undefined]);
    expect([unpacked.headers["content-length"], unpacked.headers["x-goog-stored-content-encoding"]]).toEqual([
      undefined,
      "gzip",
    ]);
    expect((await plain("/public/kept")).headers["content-encoding"]).toBe("gzip");
  });

  test.each(["a//b", "./a", "a/../b", "x", "x/y", "a b+c%41", "ünï/日本語/😀"])(
    "the name %j is taken literally",
    async (name) => {
      server.seed("b", "x/y", ten);
      await client().bucket("b").file(name).save(ten, { resumable: false });
      expect(server.buckets.get("b")?.objects.has(name)).toBe(true);
      expect(await client().bucket("b").file(name).download()).toEqual([ten]);
    },
  );
});

describe("listings", () => {
  beforeEach(() => {
    for (const key of ["a/1", "a/2", "a-b", "b", "x", "x/y", "\uFB01", "😀"]) {
      server.seed("public", key, ten);
    }
  });
  interface Page {
    readonly items?: readonly { readonly name: string }[];
    readonly prefixes?: readonly string[];
    readonly nextPageToken?: string;
  }
  const list = async (query: Record<string, string>): Promise<Page> =>
    JSON.parse((await plain(`/storage/v1/b/public/o?${new URLSearchParams(query)}`)).body.toString());
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
    const [buckets] = await client().getBuckets();
    expect(buckets.map(({ name }) => name)).toEqual(["b", "open", "public", "paid"]);
    expect((await plain("/storage/v1/b?project=p")).status).toBe(401);
    expect((await plain("/storage/v1/b", { headers: bearer() })).status).toBe(400);
  });

  test("what the fake does not have is refused", async () => {
    expect((await plain("/storage/v1/b/public/o?matchGlob=*")).status).toBe(501);
    expect((await plain("/public?prefix=a")).status).toBe(501);
  });
});
