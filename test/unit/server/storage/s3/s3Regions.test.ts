import type { IncomingHttpHeaders } from "node:http";
import { afterEach, expect, test } from "vitest";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { createS3Driver, type S3DriverOptions } from "../../../../../server/src/storage/s3/s3.ts";
import { defaultStoreOptions } from "../../../../../server/src/storage/store.ts";
import { tagOf } from "../../../../conformance/tagOf.ts";
import { type S3Server, startS3Server } from "../../../../fakes/cloud/s3Server.ts";
import type { S3BucketOptions } from "../../../../fakes/cloud/s3State.ts";
import { startService } from "../../../../fakes/cloud/service.ts";
import { createTestClock, finding, openStore, owner, ownerCredential, ten } from "./s3Fake.ts";

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) {
    await close();
  }
});

async function startS3(bucket: S3BucketOptions, region = "us-east-1"): Promise<S3Server> {
  const server = await startS3Server({ credentials: [owner], buckets: { bucket }, region });
  closing.push(() => server.close());
  server.seed("bucket", "a", ten);
  return server;
}

const regionOf = (headers: IncomingHttpHeaders): string | undefined =>
  /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? "")?.[1];

/** Regions that requests were signed for. */
const regionsOf = ({ requests }: S3Server): unknown[] => requests.map(({ headers }) => regionOf(headers));

/** A credential, or anything else that only one origin may see. */
const secretsOf = ({ headers }: { readonly headers: IncomingHttpHeaders }): string[] =>
  Object.keys(headers).filter((name) => name === "authorization" || name.startsWith("x-amz-"));

const lookup: NonNullable<S3DriverOptions["lookup"]> = (_host, { all }, done) =>
  all === true ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);

const localhost = (origin: string): string => origin.replace("127.0.0.1", "localhost");

test.each(["redirect", "malformed"] as const)(
  "a signature for another region is corrected once (%s)",
  async (wrongRegion) => {
    const server = await startS3({ region: "eu-central-1", wrongRegion });
    const store = openStore(`s3://${server.origin}/bucket`);
    expect((await store.get("a"))?.bytes).toEqual(ten);
    expect((await store.stat("a"))?.sizeBytes).toBe(10);
    await store.put("b", ten);
    expect(regionsOf(server)).toEqual(["us-east-1", "eu-central-1", "eu-central-1", "eu-central-1"]);
    await store.dispose();
  },
);

test.each(["redirect", "malformed"] as const)("facts and writes find the region too (%s)", async (wrongRegion) => {
  const server = await startS3({ region: "eu-central-1", wrongRegion });
  const first = openStore(`s3://${server.origin}/bucket`);
  expect((await first.stat("a"))?.sizeBytes).toBe(10);
  const second = openStore(`s3://${server.origin}/bucket`);
  await second.put("b", ten);
  expect(regionsOf(server)).toEqual(["us-east-1", "eu-central-1", "us-east-1", "eu-central-1"]);
  await Promise.all([first.dispose(), second.dispose()]);
});

test("many reads at once learn a region together; other stores of the driver know it", async () => {
  const server = await startS3({ region: "eu-central-1" });
  const driver = createS3Driver({ find: finding(ownerCredential), environment: {}, clock: createTestClock() });
  const location = parseLocation(`s3://${server.origin}/bucket`);
  const store = driver.open(location, defaultStoreOptions);
  const objects = await Promise.all(Array.from({ length: 40 }, () => store.get("a")));
  expect(objects.every((object) => object?.bytes.length === 10)).toBe(true);
  server.requests.length = 0;
  const other = driver.open(location, defaultStoreOptions);
  await other.get("a");
  expect(regionsOf(server)).toEqual(["eu-central-1"]);
  await Promise.all([store.dispose?.(), other.dispose?.()]);
});

test("the region of the credential goes before the environment's, and that before the default", async () => {
  const server = await startS3({});
  const environment = { AWS_REGION: "ap-south-1" };
  const place = `s3://${server.origin}/bucket`;
  const credential = { ...ownerCredential, region: "sa-east-1" };
  for (const options of [{ environment, credential }, { environment }, {}]) {
    const store = openStore(place, options);
    await tagOf(store.get("a"));
    await store.dispose();
  }
  expect(regionsOf(server).filter((region) => region !== "us-east-1")).toEqual(["sa-east-1", "ap-south-1"]);
});

test("Amazon's bucket of another region is asked at that region's host", async () => {
  const here = await startS3({ region: "eu-west-1" });
  const there = await startS3({}, "eu-west-1");
  const endpointOf = (region: string): string => localhost((region === "eu-west-1" ? there : here).origin);
  const store = openStore("s3://bucket", { endpointOf, lookup });
  expect((await store.get("a"))?.bytes).toEqual(ten);
  await store.put("b", ten);
  expect([regionsOf(here), regionsOf(there)]).toEqual([["us-east-1"], ["eu-west-1", "eu-west-1"]]);
  expect(there.requests[0]?.headers.host).toMatch(/^bucket\.localhost:/);
  await store.dispose();
});

test("a bucket with dots, or in capitals, stands in the path", async () => {
  const server = await startS3Server({ credentials: [owner], buckets: { "my.bucket": {} } });
  closing.push(() => server.close());
  const store = openStore("s3://my.bucket", { endpointOf: () => localhost(server.origin), lookup });
  await store.put("a", ten);
  expect((await store.get("a"))?.bytes).toEqual(ten);
  expect(server.requests.map(({ path }) => path.replace(/\?.*/, ""))).toEqual(["/my.bucket/a", "/my.bucket/a"]);
  await store.dispose();
});

test.each([301, 307] as const)("a redirect (%i) to another host takes no credential there", async (status) => {
  const other = await startS3({ anonymous: ["get"] });
  const server = await startS3({ movedTo: { origin: other.origin, status } });
  const store = openStore(`s3://${server.origin}/bucket`);
  expect((await store.get("a"))?.bytes).toEqual(ten); // public there
  expect(await tagOf(store.put("b", ten))).toBe("unreachable");
  expect(await tagOf(store.list()[Symbol.asyncIterator]().next())).toBe("unreachable");
  expect(other.requests.length).toBeGreaterThan(0);
  expect(other.requests.flatMap(secretsOf)).toEqual([]);
  await store.dispose();
});

test("a region that is none becomes no part of a host", async () => {
  const seen: string[] = [];
  const service = await startService(() => ({
    status: 301,
    headers: { "x-amz-bucket-region": "evil.example/" },
    body: "<Error><Code>PermanentRedirect</Code><Region>evil.example/</Region></Error>",
  }));
  closing.push(() => service.close());
  const endpointOf = (region: string): string => {
    seen.push(region);
    return localhost(service.origin);
  };
  const store = openStore("s3://bucket", { endpointOf, lookup });
  expect(await tagOf(store.get("a"))).toBe("unreachable");
  expect(await tagOf(store.put("a", ten))).toBe("unreachable");
  expect(new Set(seen)).toEqual(new Set(["us-east-1"]));
  await store.dispose();
});

test("a service that sends in circles between regions is given up", async () => {
  let count = 0;
  const service = await startService(() => ({
    status: 400,
    headers: { "x-amz-bucket-region": `eu-west-${1 + (count++ % 2)}` },
    body: "<Error><Code>AuthorizationHeaderMalformed</Code></Error>",
  }));
  closing.push(() => service.close());
  const store = openStore(`s3://${service.origin}/bucket`);
  expect(await tagOf(store.get("a"))).toBe("unsupported");
  expect(service.requests).toHaveLength(4);
  await store.dispose();
});

test("the environment's endpoint serves locations that name none", async () => {
  const server = await startS3({});
  const store = openStore("s3://bucket", { environment: { AWS_ENDPOINT_URL: server.origin } });
  expect((await store.get("a"))?.bytes).toEqual(ten);
  expect(server.requests[0]?.path).toBe("/bucket/a");
  await store.dispose();
});
