/** Every form of Google's credentials, against token endpoints on loopback that check what they are sent. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { describeError, isVolumeError } from "../../../../../server/src/errors.ts";
import type { Credential } from "../../../../../server/src/storage/credential.ts";
import { tagOf } from "../../../../conformance/store.ts";
import { createFakeClock } from "../../../../fakes/clock.ts";
import { type ServiceReply, type ServiceRequest, startService } from "../../../../fakes/cloud/service.ts";
import { type GsScene, type OpenOptions, openGsScene, serviceAccount } from "./gsScene.ts";

const refresh = { token: "refresh-me", clientId: "client", clientSecret: "client-secret" };
const person = { email: "person@example.com", refresh };
const instance = { email: "instance@project.example", isInstance: true };
const bytes = Uint8Array.of(1, 2, 3);

let scene: GsScene;
beforeEach(async () => {
  scene = await openGsScene({ accounts: [serviceAccount, person, instance] });
  scene.server.seed("bucket", "root/object", bytes);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await scene.close();
});

const google = (json: Readonly<Record<string, unknown>>): Credential => ({ kind: "google", json });

async function read(options: OpenOptions): Promise<Uint8Array | undefined> {
  const store = scene.open(options);
  onTestFinished(() => store.dispose?.());
  return (await store.get("object"))?.bytes;
}

/** The text that a person gets to see of the failure. */
async function failureOf(options: OpenOptions): Promise<string> {
  const error: unknown = await read(options).catch((thrown: unknown) => thrown);
  return isVolumeError(error) ? `${error.tag}: ${describeError(error)}` : `no error of ours: ${String(error)}`;
}

const tokenRequests = (): number => scene.server.requests.filter(({ path }) => path === "/token").length;

/** A JSON reply. */
const reply = (value: unknown, status = 200, headers = {}): ServiceReply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(value),
});

async function serve(answer: (request: ServiceRequest) => ServiceReply): Promise<string> {
  const service = await startService(answer);
  onTestFinished(() => service.close());
  return service.origin;
}

describe("credentials", () => {
  test("a service account signs for its tokens", async () => {
    expect(await read({ credential: google(scene.serviceKey) })).toEqual(bytes);
  });

  test("a person's sign-in is refreshed", async () => {
    const json = {
      type: "authorized_user",
      client_id: refresh.clientId,
      client_secret: refresh.clientSecret,
      refresh_token: refresh.token,
      token_uri: scene.server.tokenUrl,
    };
    expect(await read({ credential: google(json) })).toEqual(bytes);
  });

  test("an account is impersonated by another", async () => {
    const seen: string[] = [];
    const origin = await serve(({ method, rawPath, headers, body }) => {
      seen.push(`${method} ${rawPath} ${String(headers.authorization).slice(0, 12)} ${Buffer.from(body).toString()}`);
      return reply({
        accessToken: scene.server.tokens.issue(instance.email),
        expireTime: new Date(Date.now() + 3_600_000).toISOString(),
      });
    });
    const json = {
      type: "impersonated_service_account",
      source_credentials: scene.serviceKey,
      service_account_impersonation_url: `${origin}/v1/projects/-/serviceAccounts/target@project.example:generateAccessToken`,
    };
    expect(await read({ credential: google(json) })).toEqual(bytes);
    expect(seen).toEqual([
      expect.stringMatching(
        /^POST \/v1\/projects\/-\/serviceAccounts\/target@project\.example:generateAccessToken Bearer fake\. .*devstorage\.read_write/,
      ),
    ]);
  });

  test("another provider's identity is exchanged", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gs-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "subject"), "subject-token");
    const origin = await serve(({ body }) => {
      const form = new URLSearchParams(Buffer.from(body).toString());
      return form.get("subject_token") === "subject-token"
        ? reply({
            access_token: scene.server.tokens.issue(person.email),
            issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
            token_type: "Bearer",
            expires_in: 3600,
          })
        : reply({ error: "invalid_request" }, 400);
    });
    const json = {
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${origin}/v1/token`,
      credential_source: { file: join(folder, "subject") },
    };
    expect(await read({ credential: google(json) })).toEqual(bytes);
  });

  test("an exchange that is not reached, or refused, tells nothing of what it was given", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gs-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "subject"), "my-subject-token");
    const gone = await startService(() => reply({}));
    await gone.close();
    const refusing = await serve(() => reply({ error: "invalid_client", error_description: "no" }, 401));
    for (const [origin, expected] of [
      [gone.origin, "unreachable"],
      [refusing, "permission_denied"],
    ] as const) {
      const json = {
        type: "external_account",
        audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        token_url: `${origin}/v1/token`,
        credential_source: { file: join(folder, "subject") },
      };
      const error: unknown = await read({ credential: google(json), limits: { attempts: 1 } }).catch(
        (thrown: unknown) => thrown,
      );
      expect(isVolumeError(error) && error.tag).toBe(expected);
      expect(inspect(error, { depth: 12, showHidden: true })).not.toContain("my-subject-token");
    }
  });

  test("nothing but a token is sent as it is", async () => {
    const token = scene.server.tokens.issue(person.email);
    expect(await read({ credential: { kind: "bearer", token } })).toEqual(bytes);
  });

  test.each([
    ["a type that nobody knows", { type: "riddle" }],
    ["a service account without a key", { type: "service_account", client_email: "a@b.example" }],
    ["an impersonation without a target", { type: "impersonated_service_account", source_credentials: {} }],
  ])("%s is refused", async (_what, json) => {
    expect(await failureOf({ credential: google(json) })).toMatch(/^permission_denied: the credential is not one that/);
  });

  test("a private key that is none is refused, and not shown", async () => {
    const text = await failureOf({ credential: google({ ...scene.serviceKey, private_key: "my-secret-key" }) });
    expect(text).toMatch(/^permission_denied: the Google credential cannot be used .*private key cannot be read/);
    expect(text).not.toContain("my-secret-key");
  });

  test.each(["aws", "basic"] as const)("a credential of the kind %s is refused", async (kind) => {
    const aws = { kind: "aws", accessKeyId: "id", secretAccessKey: "my-secret" } as const;
    const basic = { kind: "basic", user: "u", password: "my-secret" } as const;
    const text = await failureOf({ credential: kind === "aws" ? aws : basic });
    expect(text).toMatch(/^unsupported: credentials of this kind are not for Google Cloud Storage/);
    expect(text).not.toContain("my-secret");
  });
});

describe("what this machine has", () => {
  const chain: Credential = { kind: "chain" };
  const identity = { kind: "chain" } as const;
  beforeEach(() => {
    vi.stubEnv("CLOUDSDK_CONFIG", "/nonexistent");
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "");
    vi.stubEnv("METADATA_SERVER_DETECTION", "none");
  });

  test("the file that the environment names", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gs-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "key.json"), JSON.stringify(scene.serviceKey));
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", join(folder, "key.json"));
    expect(await read({ credential: chain, identity })).toEqual(bytes);
  });

  test("a file that is not there is an error, not anonymous access", async () => {
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/key.json");
    expect(await failureOf({ credential: chain, identity })).toMatch(
      /^permission_denied: the default Google credentials of this machine cannot be used .*GOOGLE_APPLICATION_CREDENTIALS/,
    );
  });

  test("the metadata service of a machine of Google's, which knows the account", async () => {
    vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
    vi.stubEnv("GCE_METADATA_HOST", new URL(scene.server.origin).host);
    const store = scene.open({ credential: chain, identity });
    onTestFinished(() => store.dispose?.());
    expect((await store.get("object"))?.bytes).toEqual(bytes);
    expect(await store.identity?.()).toEqual({ kind: "chain", name: instance.email });
  });

  test("nothing: anonymous access, which public buckets allow", async () => {
    const open = await openGsScene({ buckets: { bucket: { anonymous: ["get"] } } });
    onTestFinished(() => open.close());
    open.server.seed("bucket", "root/object", bytes);
    const store = open.open({ credential: chain, identity });
    onTestFinished(() => store.dispose?.());
    expect((await store.get("object"))?.bytes).toEqual(bytes);
    expect(await store.identity?.()).toEqual({ kind: "anonymous" });
    expect(open.server.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test("a metadata service that does not answer is not waited for", async () => {
    const silent = await startService(() => new Promise<ServiceReply>(() => {}));
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue(); // the library's, when the connection ends
    onTestFinished(async () => {
      await silent.close();
      await vi.waitFor(() => expect(warn).toHaveBeenCalled());
      warn.mockRestore();
    });
    vi.stubEnv("METADATA_SERVER_DETECTION", "ping-only");
    vi.stubEnv("GCE_METADATA_HOST", new URL(silent.origin).host);
    const started = Date.now();
    const text = await failureOf({ credential: chain, identity, chainTimeoutMs: 50 });
    expect(text).toMatch(/^permission_denied: the bucket denies access: anonymous access .*sign in/);
    expect(Date.now() - started).toBeLessThan(2500);
  });
});

describe("tokens", () => {
  /** A clock that a test can put forward, from the time of day. */
  const createDayClock = () => {
    let offMs = 0;
    return { ...createFakeClock(), now: () => Date.now() + offMs, forward: (ms: number) => (offMs += ms) };
  };

  test("one is used until shortly before its end, by all stores of a driver", async () => {
    const clock = createDayClock();
    const driver = scene.driver({ clock });
    const { parseLocation } = await import("../../../../../server/src/storage/parseLocation.ts");
    const { defaultStoreOptions } = await import("../../../../../server/src/storage/store.ts");
    const stores = ["gs://bucket/root", "gs://bucket/other"].map((text) =>
      driver.open(parseLocation(text), defaultStoreOptions),
    );
    onTestFinished(async () => void (await Promise.all(stores.map((store) => store.dispose?.()))));
    const getAll = () => Promise.all(stores.flatMap((store) => [store.get("object"), store.get("object")]));
    await getAll();
    clock.forward(3_300_000);
    await getAll();
    expect(tokenRequests()).toBe(1);
    clock.forward(100_000);
    await getAll();
    expect(tokenRequests()).toBe(2);
  });

  test("one that the service does not accept any more is renewed once", async () => {
    const store = scene.open();
    onTestFinished(() => store.dispose?.());
    await store.get("object");
    scene.server.tokens.expireAll();
    expect((await store.get("object"))?.bytes).toEqual(bytes);
    expect(tokenRequests()).toBe(2);
  });

  test("one that is never accepted is an error that names the account, not the token", async () => {
    const credential: Credential = { kind: "bearer", token: "my-secret-token" };
    const store = scene.open({ credential, identity: { kind: "signed in", name: "me@example.com" } });
    onTestFinished(() => store.dispose?.());
    for (const call of [() => store.get("object"), () => store.stat?.("object"), () => store.put?.("x", bytes)]) {
      const error: unknown = await Promise.resolve(call()).catch((thrown: unknown) => thrown);
      expect(describeError(error)).toMatch(
        /does not accept the credential: "me@example.com" \(signed in\).*sign in again/,
      );
      expect(describeError(error)).not.toContain("my-secret-token");
    }
  });

  const refused = async (answer: (request: ServiceRequest) => ServiceReply): Promise<string> => {
    const origin = await serve(answer);
    return failureOf({ credential: google({ ...scene.serviceKey, token_uri: `${origin}/token` }) });
  };
  const grant = (description: string, headers = {}): ServiceReply =>
    reply({ error: "invalid_grant", error_description: description }, 400, headers);

  test("a clock that is off is told apart from a bad key", async () => {
    const ahead = new Date(Date.now() - 600_000).toUTCString();
    const text =
      "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";
    expect(await refused(() => grant(text, { date: ahead }))).toMatch(
      /^permission_denied: this machine's clock is off: 10 minutes ahead .*set the clock/,
    );
  });

  test.each([
    ["Invalid JWT Signature.", /the service account's key is not valid any more.*create another key/],
    ["Invalid grant: account not found", /no such service account any more/],
    ["Token has been expired or revoked.", /the sign-in is over.*gcloud auth application-default login/],
  ])("%s", async (description, expected) => {
    expect(await refused(() => grant(description))).toMatch(expected);
  });

  test("a key that the account does not have is refused by the fake itself", async () => {
    const { generateKeyPairSync } = await import("node:crypto");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" });
    expect(await failureOf({ credential: google({ ...scene.serviceKey, private_key: pem }) })).toMatch(
      /^permission_denied: the service account's key is not valid any more/,
    );
  });

  test("an endpoint that fails is asked again; for ever is unreachable", async () => {
    let failures = 2;
    const origin = await serve(() =>
      failures-- > 0
        ? { status: 503 }
        : reply({ access_token: scene.server.tokens.issue(person.email), expires_in: 3600, token_type: "Bearer" }),
    );
    const credential = google({ ...scene.serviceKey, token_uri: `${origin}/token` });
    expect(await read({ credential })).toEqual(bytes);
    failures = Number.POSITIVE_INFINITY;
    expect(await tagOf(read({ credential, limits: { attempts: 3 } }))).toBe("unreachable");
  });

  test("an endpoint that sends elsewhere is not followed", async () => {
    const second = await startService(() => reply({}));
    onTestFinished(() => second.close());
    const text = await refused(() => ({ status: 307, headers: { location: `${second.origin}/token` } }));
    expect(text).toMatch(/^permission_denied: the sign-in service refuses the credential: HTTP 307/);
    expect(second.requests).toEqual([]);
  });
});
