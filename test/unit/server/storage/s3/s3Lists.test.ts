import { afterEach, expect, test } from "vitest";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { createS3Driver } from "../../../../../server/src/storage/s3/s3.ts";
import { defaultStoreOptions, type ListEntry } from "../../../../../server/src/storage/store.ts";
import { tagOf } from "../../../../conformance/tagOf.ts";
import { type S3Server, startS3Server } from "../../../../fakes/cloud/s3Server.ts";
import { startService } from "../../../../fakes/cloud/service.ts";
import { createTestClock, finding, openStore, owner, ownerCredential, ten } from "./s3Fake.ts";

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) {
    await close();
  }
});

async function startS3(keys: readonly string[]): Promise<S3Server> {
  const server = await startS3Server({ credentials: [owner], buckets: { bucket: {}, "a-bucket": {} } });
  closing.push(() => server.close());
  for (const key of keys) {
    server.seed("bucket", key, ten);
  }
  return server;
}

function open(place: string): ReturnType<typeof openStore> {
  const store = openStore(place);
  closing.push(() => store.dispose());
  return store;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}

const namesOf = (entries: readonly ListEntry[]): string[] =>
  entries.map(({ name, kind }) => (kind === "folder" ? `${name}/` : name));

test("pages follow each other while they are read", async () => {
  const server = await startS3(Array.from({ length: 25 }, (_, index) => `k${String(index).padStart(2, "0")}`));
  const store = open(`s3://${server.origin}/bucket`);
  const names: string[] = [];
  for await (const { name } of store.list({ pageSize: 10 })) {
    names.push(name);
    if (names.length === 15) {
      break;
    }
  }
  expect(names.at(-1)).toBe("k14");
  expect(server.requests).toHaveLength(2);
  expect(await collect(store.list({ pageSize: 10 }))).toHaveLength(25);
});

test("an entry tells its size, its time and its etag", async () => {
  const server = await startS3(["layer/a"]);
  const [entry] = await collect(open(`s3://${server.origin}/bucket/layer`).list());
  expect(entry).toEqual({
    name: "a",
    kind: "object",
    sizeBytes: 10,
    modifiedMs: expect.any(Number),
    etag: '"c56bd5480f6e5413cb62a0ad9666613a"', // md5sum of the bytes 0 to 9
  });
});

test("an object and a folder of one name are both there, and a listing goes on after either", async () => {
  const server = await startS3(["a", "a-b", "a/1", "a/2", "a.txt"]);
  const store = open(`s3://${server.origin}/bucket`);
  expect(namesOf(await collect(store.list()))).toEqual(["a", "a-b", "a.txt", "a/"]);
  expect(namesOf(await collect(store.list({ after: "a" })))).toEqual(["a-b", "a.txt", "a/"]);
  expect(namesOf(await collect(store.list({ after: "a/" })))).toEqual([]);
  expect(namesOf(await collect(store.list({ delimiter: false, after: "a/1" })))).toEqual(["a/2"]);
});

test("names that no key can have are left out", async () => {
  const server = await startS3(["f/", "f//x", "f/./y", "f/../z", "f/ok", "f/sub/"]);
  const store = open(`s3://${server.origin}/bucket`);
  expect(namesOf(await collect(store.list({ prefix: "f/" })))).toEqual(["ok", "sub/"]);
  expect(namesOf(await collect(store.list({ prefix: "f/", delimiter: false })))).toEqual(["ok"]);
});

test("names that XML or URLs would change come as they are", async () => {
  const keys = ["a+b", "a b", "a%20b", "x&<y>", "cr\rlf\n", "é/日本 語"];
  const server = await startS3(keys);
  const names = namesOf(await collect(open(`s3://${server.origin}/bucket`).list({ delimiter: false })));
  expect(names.sort()).toEqual([...keys].sort());
});

test("a service that does not encode names is read as it writes", async () => {
  const body =
    "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a+b%20c</Key><Size>3</Size></Contents></ListBucketResult>";
  const service = await startService(() => ({ status: 200, body }));
  closing.push(() => service.close());
  expect(namesOf(await collect(open(`s3://${service.origin}/bucket`).list()))).toEqual(["a+b%20c"]);
});

test.each([
  ["no token", ""],
  ["the same token again", "<NextContinuationToken>t</NextContinuationToken>"],
])("a listing that breaks off is an error, not an end: %s", async (_what, token) => {
  const body = `<ListBucketResult><IsTruncated>true</IsTruncated>${token}<Contents><Key>a</Key></Contents></ListBucketResult>`;
  const service = await startService(() => ({ status: 200, body }));
  closing.push(() => service.close());
  expect(await tagOf(collect(open(`s3://${service.origin}/bucket`).list()))).toBe("unreachable");
});

test("who may not list is told so", async () => {
  const server = await startS3Server({ credentials: [owner], buckets: { bucket: { rights: { AKIDOWNER: ["get"] } } } });
  closing.push(() => server.close());
  server.seed("bucket", "a", ten);
  const store = open(`s3://${server.origin}/bucket`);
  expect((await store.get("a"))?.bytes).toEqual(ten);
  expect(await tagOf(collect(store.list()))).toBe("permission_denied");
});

test("the buckets of an account", async () => {
  const server = await startS3([]);
  const driver = createS3Driver({ find: finding(ownerCredential), environment: {}, clock: createTestClock() });
  const account = parseLocation(`s3://${server.origin}/any`);
  const buckets = await collect(driver.listBuckets(account, defaultStoreOptions));
  expect(buckets.map(({ name }) => name).sort()).toEqual(["a-bucket", "bucket"]);
  const nobody = createS3Driver({ find: finding({ kind: "anonymous" }), environment: {}, clock: createTestClock() });
  expect(await tagOf(collect(nobody.listBuckets(account, defaultStoreOptions)))).toBe("permission_denied");
});
