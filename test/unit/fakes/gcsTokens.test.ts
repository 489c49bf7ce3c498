/** Tokens and rights of the fake Google Cloud Storage, as Google's own clients see them. */
import { generateKeyPairSync, sign } from "node:crypto";
import type { Storage } from "@google-cloud/storage";
import { UserRefreshClient } from "google-auth-library";
import { beforeEach, describe, expect, test } from "vitest";
import { failureOf, keys, start, ten, useGcsFake } from "./gcsFake.ts";

const fake = useGcsFake();

describe("tokens", () => {
  beforeEach(() => {
    for (const bucket of ["b", "open", "public", "paid"]) {
      fake.server.seed(bucket, "key", ten);
    }
  });
  const file = (storage: Storage, bucket = "b"): Promise<[Buffer]> => storage.bucket(bucket).file("key").download();

  test("a token that was issued gets in", async () => {
    expect(await file(fake.client())).toEqual([ten]);
  });

  test("a token that is unknown, or over, is 401", async () => {
    expect(await failureOf(fake.client("owner@x", "made-up").bucket("b").file("key").getMetadata())).toBe(
      "401 authError",
    );
    const token = fake.server.tokens.issue("owner@x", 60);
    expect(await failureOf(fake.client("owner@x", token).bucket("b").file("key").getMetadata())).toBe("no failure");
    fake.time += 60_000;
    expect(await failureOf(fake.client("owner@x", token).bucket("b").file("key").getMetadata())).toBe("401 authError");
  });

  test("a token may run out between two pages", async () => {
    fake.server.seed("b", "key2", ten);
    const storage = fake.client();
    const [, next] = await storage.bucket("b").getFiles({ autoPaginate: false, maxResults: 1 });
    fake.server.tokens.expireAll();
    expect(await failureOf(storage.bucket("b").getFiles({ ...next, autoPaginate: false }))).toBe("401 authError");
  });

  test("an account without a right is 403, nobody 401; in the XML API both are 403", async () => {
    const reader = fake.client("reader@x");
    expect(await file(reader)).toEqual([ten]);
    expect(await failureOf(reader.bucket("b").getFiles())).toBe("403 forbidden");
    expect(await failureOf(reader.bucket("b").file("new").save(ten, { resumable: false }))).toBe("403 forbidden");
    expect(await failureOf(reader.bucket("b").file("none").getMetadata())).toBe("403 forbidden");
    expect((await fake.plain("/storage/v1/b/b/o/key")).status).toBe(401);
    expect((await fake.plain("/b/key")).status).toBe(403);
    expect((await fake.plain("/b/key", { headers: { authorization: "Bearer made-up" } })).status).toBe(401);
  });

  test("nobody gets what a bucket gives to everybody", async () => {
    expect((await fake.plain("/open/key")).body).toEqual(ten);
    expect((await fake.plain("/open/none")).status).toBe(403);
    expect((await fake.plain("/public/none")).status).toBe(404);
    expect((await fake.plain("/storage/v1/b/open/o")).status).toBe(401);
    expect((await fake.plain("/storage/v1/b/public/o")).status).toBe(200);
  });

  test("requester pays: 400 without a project, 403 with somebody else's", async () => {
    expect(await failureOf(fake.client().bucket("paid").file("key").getMetadata())).toBe("400 required");
    expect(
      await failureOf(fake.client("reader@x").bucket("paid", { userProject: "theirs" }).file("key").getMetadata()),
    ).toBe("403 forbidden");
    const mine = { ...fake.bearer("reader@x"), "x-goog-user-project": "mine" };
    expect((await fake.plain("/paid/key", { headers: mine })).body).toEqual(ten);
    expect(
      (await fake.plain("/storage/v1/b/paid/o?userProject=mine", { headers: fake.bearer("reader@x") })).status,
    ).toBe(200);
    expect((await fake.plain("/paid/key", { headers: fake.bearer() })).body.toString()).toContain("UserProjectMissing");
  });

  test("a refresh token gives tokens, another one or a wrong client does not", async () => {
    const options = { clientId: "client", clientSecret: "client-secret", refreshToken: "refresh" };
    const endpoints = { oauth2TokenUrl: fake.server.tokenUrl };
    const token = async (changed: object): Promise<string | null | undefined> =>
      (await new UserRefreshClient({ ...options, endpoints, ...changed }).getAccessToken()).token;
    expect(await file(fake.client("reader@x", (await token({})) ?? ""))).toEqual([ten]);
    await expect(token({ refreshToken: "other" })).rejects.toThrow(/invalid_grant/);
    await expect(token({ clientSecret: "other" })).rejects.toThrow(/invalid_client/);
  });

  test("a service account's assertion has to be signed by it, short-lived and for us", async () => {
    const ask = async (claims: object, key = keys.privateKey): Promise<string> => {
      const now = start / 1000;
      const all = { iss: "owner@x", scope: "s", aud: fake.server.tokenUrl, iat: now, exp: now + 3600, ...claims };
      const text = [{ alg: "RS256", typ: "JWT" }, all]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      const assertion = `${text}.${sign("RSA-SHA256", Buffer.from(text), key).toString("base64url")}`;
      const body = new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        assertion,
      }).toString();
      const reply: { access_token?: string; error?: string } = JSON.parse(
        (await fake.plain("/token", { method: "POST", body })).body.toString(),
      );
      return (
        reply.error ??
        (await failureOf(fake.client("owner@x", reply.access_token).bucket("b").file("key").getMetadata()))
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
    expect((await fake.plain(path)).status).toBe(403);
    const { access_token: token }: { access_token: string } = JSON.parse(
      (await fake.plain(path, { headers: { "metadata-flavor": "Google" } })).body.toString(),
    );
    expect(
      await failureOf(fake.client("machine@x", token).bucket("paid", { userProject: "p" }).file("key").getMetadata()),
    ).toBe("no failure");
  });
});
