/** Who asks: the order is what CloudFiles 6.4.3 took from the same files and variables; where a secret may go is stricter. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isVolumeError } from "../../../../../server/src/errors.ts";
import type {
  CredentialScope,
  CredentialSources,
  HeldCredential,
} from "../../../../../server/src/storage/credential.ts";
import { findCredential } from "../../../../../server/src/storage/credentials/findCredential.ts";

const amazon = "https://s3.amazonaws.com";
const matrix = "https://s3-hpcrc.rc.princeton.edu";
const google = "https://storage.googleapis.com";
const cv = ".cloudvolume/secrets/";
const cf = ".cloudfiles/secrets/";

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-home-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function put(name: string, value: unknown): void {
  const file = path.join(home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
}
const aws = (id: string): object => ({ AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: "hush" });

interface Asked {
  readonly sources?: CredentialSources;
  readonly environment?: Readonly<Record<string, string>>;
}
const find = (scope: CredentialScope, { sources, environment = {} }: Asked = {}) =>
  findCredential(scope, sources, { environment, homeDirectory: home });

/** The public id of the key that is found, else the credential's kind. */
async function idOf(origin: string, bucket: string, asked: Asked = {}): Promise<string> {
  const { credential } = await find({ service: "aws", origin, bucket }, asked);
  return credential.kind === "aws" ? credential.accessKeyId : credential.kind;
}

describe("a credential of S3", () => {
  it("comes from CloudVolume's folder before CloudFiles'", async () => {
    put(`${cv}aws-secret.json`, aws("cv"));
    put(`${cf}aws-secret.json`, aws("cf"));
    expect(await idOf(amazon, "b")).toBe("cv");
  });

  it("of the bucket comes before one of all buckets, wherever they lie", async () => {
    put(`${cv}aws-secret.json`, aws("cv"));
    put(`${cf}b-aws-secret.json`, aws("cf-b"));
    expect([await idOf(amazon, "b"), await idOf(amazon, "c")]).toEqual(["cf-b", "cv"]);
  });

  it("of an alias goes to its endpoint only, and Amazon's to Amazon only", async () => {
    put(`${cf}aws-secret.json`, aws("cf"));
    put(`${cv}matrix-secret.json`, aws("mx"));
    put(`${cf}b-matrix-secret.json`, aws("mx-b"));
    expect([await idOf(matrix, "b"), await idOf(matrix, "c")]).toEqual(["mx-b", "mx"]);
    expect([await idOf(amazon, "b"), await idOf("https://evil.example.com", "b")]).toEqual(["cf", "anonymous"]);
  });

  it("of the user's own alias is found by the file of aliases, and by what the caller knows", async () => {
    put(".cloudfiles/aliases.json", { lab: { host: "s3://https://s3.lab.example.org/" } });
    put(`${cv}lab-secret.json`, aws("lab"));
    put(`${cv}other-secret.json`, aws("other"));
    expect(await idOf("https://s3.lab.example.org", "b")).toBe("lab");
    expect(await idOf("https://other.example.org", "b")).toBe("anonymous");
    const sources = { aliases: { other: "https://other.example.org" } };
    expect(await idOf("https://other.example.org", "b", { sources })).toBe("other");
  });

  it("follows $CLOUD_VOLUME_DIR and $CLOUD_FILES_DIR", async () => {
    put("x/secrets/aws-secret.json", aws("x"));
    put("y/secrets/aws-secret.json", aws("y"));
    put(`${cv}aws-secret.json`, aws("cv"));
    expect(await idOf(amazon, "b", { environment: { CLOUD_VOLUME_DIR: path.join(home, "x") } })).toBe("x");
    const environment = { CLOUD_VOLUME_DIR: path.join(home, "none"), CLOUD_FILES_DIR: path.join(home, "y") };
    expect(await idOf(amazon, "b", { environment })).toBe("y");
  });

  it("comes from files before the environment, and then from the SDK's chain", async () => {
    const environment = { AWS_ACCESS_KEY_ID: "env", AWS_SECRET_ACCESS_KEY: "hush" };
    expect(await idOf(amazon, "b", { environment })).toBe("env");
    expect(await idOf(matrix, "b", { environment })).toBe("anonymous");
    expect(await idOf("http://127.0.0.1:9000", "b", { environment })).toBe("anonymous");
    const local = { ...environment, AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9000/" };
    expect(await idOf("http://127.0.0.1:9000", "b", { environment: local })).toBe("env");
    expect(await idOf(amazon, "b")).toBe("chain");
    put(`${cf}aws-secret.json`, aws("cf"));
    expect(await idOf(amazon, "b", { environment })).toBe("cf");
  });

  it("needs no session token, and keeps one", async () => {
    const environment = {
      AWS_ACCESS_KEY_ID: "env",
      AWS_SECRET_ACCESS_KEY: "s",
      AWS_SESSION_TOKEN: "t",
      AWS_REGION: "eu-west-1",
    };
    const { credential, identity } = await find({ service: "aws", origin: amazon }, { environment });
    expect(credential).toEqual({
      kind: "aws",
      accessKeyId: "env",
      secretAccessKey: "s",
      sessionToken: "t",
      region: "eu-west-1",
    });
    expect(identity).toEqual({ kind: "environment", name: "env" });
  });

  it("is nobody's where only held ones are asked for", async () => {
    put(`${cv}aws-secret.json`, aws("cv"));
    expect(await idOf(amazon, "b", { sources: { heldOnly: true } })).toBe("anonymous");
  });
});

describe("a credential that is held", () => {
  const of = (origin: string, id: string, bucket?: string): HeldCredential => ({
    origin,
    ...(bucket !== undefined && { bucket }),
    credential: { kind: "aws", accessKeyId: id, secretAccessKey: "hush" },
    identity: { kind: "signed in", name: id },
  });
  const held = [of(amazon, "all"), of(amazon, "of-b", "b"), of("http://s3.amazonaws.com", "plain")];

  it("comes first, the one of the bucket before the one of all", async () => {
    put(`${cv}aws-secret.json`, aws("cv"));
    const ids = ["b", "c"].map((bucket) => idOf(amazon, bucket, { sources: { held } }));
    expect(await Promise.all(ids)).toEqual(["of-b", "all"]);
  });

  it("never goes to another origin: another scheme, port, host or a host that ends alike", async () => {
    const origins = [
      `${amazon}:8443`,
      "https://evil-s3.amazonaws.com",
      "https://s3.amazonaws.com.evil.example.com",
      matrix,
    ];
    for (const origin of origins) {
      expect(await idOf(origin, "b", { sources: { held } })).toBe("anonymous");
    }
    const onlyOfB = { held: [of(amazon, "of-b", "b")], heldOnly: true };
    expect(await idOf(amazon, "c", { sources: onlyOfB })).toBe("anonymous");
  });
});

describe("credentials of other services", () => {
  it("Google's come from its secret files, else from the library's chain, and go to Google only", async () => {
    expect((await find({ service: "google", origin: google, bucket: "b" })).credential).toEqual({ kind: "chain" });
    const key = { type: "service_account", client_email: "me@lab.iam.gserviceaccount.com", private_key: "hush" };
    put(`${cv}google-secret.json`, { type: "authorized_user" });
    put(`${cv}b-google-secret.json`, key);
    expect(await find({ service: "google", origin: google, bucket: "b" })).toEqual({
      credential: { kind: "google", json: key },
      identity: { kind: "file", name: "me@lab.iam.gserviceaccount.com" },
    });
    expect((await find({ service: "google", origin: google })).identity).toEqual({
      kind: "file",
      name: "google-secret.json",
    });
    expect((await find({ service: "google", origin: "http://127.0.0.1:4443", bucket: "b" })).credential.kind).toBe(
      "anonymous",
    );
  });

  it("a token of CAVE goes to the host in its file's name, and a general one to CAVE's domains only", async () => {
    put(`${cv}cave-secret.json`, { token: "general" });
    put(`${cv}pcg.lab.example.org-cave-secret.json`, { token: "lab" });
    const token = async (host: string): Promise<unknown> => {
      const { credential } = await find({ service: "cave", origin: `https://${host}` });
      return credential.kind === "bearer" ? credential.token : credential.kind;
    };
    expect(await token("global.daf-apis.com")).toBe("general");
    expect(await token("pcg.lab.example.org")).toBe("lab");
    expect([
      await token("evil.example.com"),
      await token("daf-apis.com.evil.example.com"),
      await token("evildaf-apis.com"),
    ]).toEqual(["anonymous", "anonymous", "anonymous"]);
  });

  it("a password goes to the host in its file's name only", async () => {
    put(`${cv}http-secret.json`, { user: "me", password: "hush" });
    put(`${cv}data.example.org-http-secret.json`, { user: "you", password: "hush" });
    const kindAt = async (origin: string): Promise<string> => (await find({ service: "http", origin })).credential.kind;
    expect([await kindAt("https://data.example.org"), await kindAt("https://example.org")]).toEqual([
      "basic",
      "anonymous",
    ]);
  });
});

describe("a secret file that will not do", () => {
  it.each([
    ["no JSON", "{ hush", "invalid_argument"],
    ["no object", `["hush"]`, "invalid_argument"],
    ["no key", `{"AWS_SECRET_ACCESS_KEY": "hush"}`, "invalid_argument"],
    ["a key that is no text", `{"AWS_ACCESS_KEY_ID": 5, "AWS_SECRET_ACCESS_KEY": "hush"}`, "invalid_argument"],
    ["more than a secret has", `{"hush": "${"x".repeat(70_000)}"}`, "invalid_argument"],
  ])("is named, without what is in it: %s", async (_name, text, tag) => {
    put(`${cv}aws-secret.json`, text);
    const error = await find({ service: "aws", origin: amazon }).catch((thrown: unknown) => thrown);
    expect(isVolumeError(error) && error.tag).toBe(tag);
    expect(String(error)).toContain("aws-secret.json");
    expect(JSON.stringify(error) + String(error)).not.toContain("hush");
  });
});
