import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKeyChain } from "../../../../../server/src/storage/s3/keyChain.ts";
import { openChainClient } from "../../../../../server/src/storage/s3/sdk.ts";
import { tagOf } from "../../../../conformance/tagOf.ts";
import { startS3Server } from "../../../../fakes/cloud/s3Server.ts";
import { startService } from "../../../../fakes/cloud/service.ts";
import { createTestClock, openStore, owner, ten } from "./s3Fake.ts";

let folder = "";
let before: NodeJS.ProcessEnv = {};
const closing: (() => Promise<void> | void)[] = [];

/** No file, variable or machine of whoever runs the tests says anything. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "s3-chain-"));
  before = { ...process.env };
  for (const name of Object.keys(process.env).filter((name) => name.startsWith("AWS_"))) {
    delete process.env[name];
  }
  Object.assign(process.env, {
    HOME: folder,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
    AWS_CONFIG_FILE: join(folder, "config"),
  });
});
afterEach(async () => {
  for (const close of closing.splice(0)) {
    await close();
  }
  process.env = before;
  await rm(folder, { recursive: true });
});

const chain = (): ReturnType<typeof createKeyChain> => createKeyChain(openChainClient);

test("nothing found is no key, and no error", async () => {
  expect(await chain().keys({})).toBeUndefined();
});

test("keys and region of the environment", async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "s", AWS_REGION: "eu-west-3" });
  const found = chain();
  expect(await found.keys({})).toMatchObject({ accessKeyId: "AKIDENV", secretAccessKey: "s" });
  expect(await found.region()).toBe("eu-west-3");
});

test("a profile's keys and region", async () => {
  await writeFile(join(folder, "credentials"), "[lab]\naws_access_key_id=AKIDLAB\naws_secret_access_key=s\n");
  await writeFile(join(folder, "config"), "[profile lab]\nregion=us-west-2\n");
  process.env.AWS_PROFILE = "lab";
  const found = chain();
  expect(await found.keys({})).toMatchObject({ accessKeyId: "AKIDLAB" });
  expect(await found.region()).toBe("us-west-2");
});

test("single sign-on whose session is over is an error with a remedy, not anonymous access", async () => {
  const sso = "sso_start_url=http://localhost:9\nsso_region=us-east-1\nsso_account_id=1\nsso_role_name=r";
  await writeFile(join(folder, "config"), `[profile lab]\n${sso}\n`);
  process.env.AWS_PROFILE = "lab";
  expect(await tagOf(chain().keys({}))).toBe("permission_denied");
});

test("a container's role is renewed when the service says that its session is over", async () => {
  let session = 0;
  const role = await startService(({ headers }) => {
    expect(headers.authorization).toBe("role-token");
    session++;
    const body = JSON.stringify({
      AccessKeyId: owner.accessKeyId,
      SecretAccessKey: owner.secretAccessKey,
      Token: `session-${session}`,
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    });
    return { status: 200, headers: { "content-type": "application/json" }, body };
  });
  closing.push(() => role.close());
  const server = await startS3Server({
    credentials: [{ ...owner, sessionToken: "session-1", expiresMs: 0 }],
    buckets: { bucket: {} },
  });
  closing.push(() => server.close());
  server.seed("bucket", "a", ten);
  process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${role.origin}/role`;
  process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN = "role-token";
  const store = openStore("s3://bucket", {
    credential: { kind: "chain" },
    endpointOf: () => server.origin.replace("127.0.0.1", "localhost"),
    lookup: (_host, { all }, done) =>
      all === true ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4),
    clock: createTestClock(),
  });
  closing.push(() => store.dispose());
  expect(await tagOf(store.get("a"))).toBe("permission_denied");
  const tokens = server.requests.map(({ headers }) => headers["x-amz-security-token"]);
  expect(tokens).toEqual(["session-1", "session-2"]);
});

test("an endpoint of somebody else is not given the chain's keys", async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: owner.accessKeyId, AWS_SECRET_ACCESS_KEY: owner.secretAccessKey });
  const server = await startS3Server({ credentials: [owner], buckets: { bucket: { anonymous: ["get"] } } });
  closing.push(() => server.close());
  server.seed("bucket", "a", ten);
  const store = openStore(`s3://${server.origin}/bucket`, { credential: { kind: "chain" } });
  closing.push(() => store.dispose());
  expect((await store.get("a"))?.bytes).toEqual(ten);
  expect(await store.identity()).toEqual({ kind: "anonymous" });
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test("the endpoint that the environment names is given them; the key or the profile names who asks", async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: owner.accessKeyId, AWS_SECRET_ACCESS_KEY: owner.secretAccessKey });
  const server = await startS3Server({ credentials: [owner], buckets: { bucket: {} } });
  closing.push(() => server.close());
  const environment = { AWS_ENDPOINT_URL_S3: server.origin };
  const store = openStore("s3://bucket", { credential: { kind: "chain" }, environment });
  closing.push(() => store.dispose());
  await store.put("a", ten);
  expect(await store.identity()).toEqual({ kind: "chain", name: owner.accessKeyId });
  const named = openStore("s3://bucket", {
    credential: { kind: "chain" },
    environment: { ...environment, AWS_PROFILE: "lab" },
  });
  closing.push(() => named.dispose());
  expect(await named.identity()).toEqual({ kind: "chain", name: "lab" });
});

test("a chain that finds nothing reads a public bucket of Amazon unsigned", async () => {
  const server = await startS3Server({ buckets: { bucket: { anonymous: ["get", "list"] } } });
  closing.push(() => server.close());
  server.seed("bucket", "a", ten);
  const store = openStore("s3://bucket", {
    credential: { kind: "chain" },
    endpointOf: () => server.origin.replace("127.0.0.1", "localhost"),
    lookup: (_host, { all }, done) =>
      all === true ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4),
  });
  closing.push(() => store.dispose());
  expect((await store.get("a"))?.bytes).toEqual(ten);
  expect((await store.list()[Symbol.asyncIterator]().next()).value).toMatchObject({ name: "a" });
  expect(server.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test("who gives up waiting for the chain is cancelled", async () => {
  const abort = new AbortController();
  const never = createKeyChain(() => new Promise(() => {}));
  const waiting = tagOf(never.keys({ signal: abort.signal }));
  abort.abort();
  expect(await waiting).toBe("cancelled");
});
