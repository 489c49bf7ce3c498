import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { createS3Driver } from "../../../../../server/src/storage/s3/s3.ts";
import { defaultStoreOptions, type Store, type StoreOptions } from "../../../../../server/src/storage/store.ts";
import { tagOf } from "../../../../conformance/tagOf.ts";
import { type S3Server, startS3Server } from "../../../../fakes/cloud/s3Server.ts";
import { createTestClock, owner, ownerCredential, ten } from "./s3Fake.ts";

const other = { accessKeyId: "AKIDOTHER", secretAccessKey: "other" };
let folder = "";
let server: S3Server;
const stores: Store[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "s3-secrets-"));
  await mkdir(join(folder, "secrets"));
  const rights = (accessKeyId: string) => ({ rights: { [accessKeyId]: ["get", "list", "write"] } }) as const;
  const buckets = {
    mine: rights(owner.accessKeyId),
    theirs: rights(other.accessKeyId),
    public: { anonymous: ["get"] },
  } as const;
  server = await startS3Server({ credentials: [owner, other], buckets });
  for (const bucket of Object.keys(buckets)) {
    server.seed(bucket, "a", ten);
  }
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.dispose?.()));
  await server.close();
  await rm(folder, { recursive: true });
});

async function writeSecret(file: string, { accessKeyId, secretAccessKey }: typeof owner): Promise<void> {
  const secret = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  await writeFile(join(folder, "secrets", file), JSON.stringify(secret));
}

/** On this machine: its variables, and CloudVolume's folder. */
function open(place: string, variables: Record<string, string> = {}, options: Partial<StoreOptions> = {}): Store {
  const environment = { CLOUD_VOLUME_DIR: folder, CLOUD_FILES_DIR: folder, ...variables };
  const driver = createS3Driver({ environment, clock: createTestClock() });
  const store = driver.open(parseLocation(place), { ...defaultStoreOptions, ...options });
  stores.push(store);
  return store;
}

test("the file of the bucket goes before the general one", async () => {
  await writeSecret("aws-secret.json", owner);
  await writeSecret("theirs-aws-secret.json", other);
  const variables = { AWS_ENDPOINT_URL: server.origin };
  expect((await open("s3://mine", variables).get("a"))?.bytes).toEqual(ten);
  expect((await open("s3://theirs", variables).get("a"))?.bytes).toEqual(ten);
  expect(await open("s3://theirs", variables).identity?.()).toEqual({ kind: "file", name: "AKIDOTHER" });
});

test("the keys of the machine go to no endpoint that a location names", async () => {
  await writeSecret("aws-secret.json", owner);
  const variables = { AWS_ACCESS_KEY_ID: owner.accessKeyId, AWS_SECRET_ACCESS_KEY: owner.secretAccessKey };
  expect(await tagOf(open(`s3://${server.origin}/mine`, variables).get("a"))).toBe("permission_denied");
  expect((await open(`s3://${server.origin}/public`, variables).get("a"))?.bytes).toEqual(ten);
  expect(server.requests.flatMap(({ headers }) => headers.authorization ?? [])).toEqual([]);
});

test("an alias has its own file", async () => {
  await writeSecret("lab-secret.json", owner);
  const credentials = { aliases: { lab: server.origin } };
  expect((await open(`s3://${server.origin}/mine`, {}, { credentials }).get("a"))?.bytes).toEqual(ten);
});

test("what was entered by hand is for its origin and bucket only", async () => {
  const held = { origin: server.origin, bucket: "mine", credential: ownerCredential };
  const credentials = { held: [{ ...held, identity: { kind: "signed in" } as const }] };
  expect((await open(`s3://${server.origin}/mine`, {}, { credentials }).get("a"))?.bytes).toEqual(ten);
  server.requests.length = 0;
  expect(await tagOf(open(`s3://${server.origin}/theirs`, {}, { credentials }).get("a"))).toBe("permission_denied");
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test("an error repeats no secret of a file", async () => {
  await writeFile(join(folder, "secrets", "aws-secret.json"), '{"AWS_SECRET_ACCESS_KEY": "hush-hush"}');
  const failure = open("s3://mine", { AWS_ENDPOINT_URL: server.origin }).get("a");
  await expect(failure).rejects.toThrow(/aws-secret\.json/);
  await expect(failure).rejects.not.toThrow(/hush/);
});
