/** What the gs driver asks of the service beside reading and writing single objects, and what its refusals mean. */
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { describeError, isVolumeError } from "../../../../../server/src/errors.ts";
import type { CredentialScope, CredentialSources } from "../../../../../server/src/storage/credential.ts";
import { createGsDriver } from "../../../../../server/src/storage/gs/gs.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { defaultStoreOptions, type Store } from "../../../../../server/src/storage/store.ts";
import { tagOf } from "../../../../conformance/store.ts";
import { createFakeClock } from "../../../../fakes/clock.ts";
import { type FaultProxy, startFaultProxy } from "../../../../fakes/cloud/faultProxy.ts";
import type { GcsBucketOptions } from "../../../../fakes/cloud/gcsState.ts";
import { type GsScene, type OpenOptions, openGsScene, serviceAccount } from "./gsScene.ts";

const bytes = Uint8Array.of(1, 2, 3);
const anonymous = { credential: { kind: "anonymous" }, identity: { kind: "anonymous" } } as const;

let scene: GsScene;
let proxy: FaultProxy;
beforeEach(async () => {
  scene = await openGsScene({ buckets: { bucket: {}, other: {}, "third-bucket": {} } });
  proxy = await startFaultProxy(scene.server.origin);
});
afterEach(async () => {
  await proxy.close();
  await scene.close();
});

function open(options: OpenOptions = {}): Store {
  const store = scene.open({ origin: proxy.origin, ...options });
  onTestFinished(() => store.dispose?.());
  return store;
}

function setBucket(options: GcsBucketOptions): void {
  const bucket = scene.server.buckets.get("bucket");
  if (bucket !== undefined) {
    bucket.options = options;
  }
}

const seed = (...keys: readonly string[]): void => {
  for (const key of keys) {
    scene.server.seed("bucket", `root/${key}`, bytes);
  }
};
const paths = (): string[] => proxy.requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`);

async function failureOf(call: Promise<unknown> | undefined): Promise<string> {
  const error: unknown = await Promise.resolve(call).catch((thrown: unknown) => thrown);
  return isVolumeError(error) ? `${error.tag}: ${describeError(error)}` : `no error of ours: ${String(error)}`;
}

async function names(store: Store, options: Parameters<NonNullable<Store["list"]>>[0] = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, kind } of store.list?.(options) ?? []) {
    found.push(kind === "folder" ? `${name}/` : name);
  }
  return found;
}

describe("refusals", () => {
  test("a missing bucket is an error, of reads too, where a missing object is absent", async () => {
    const store = open({ location: "gs://nowhere/root" });
    const expected = /^not_found: there is no bucket of this name: "nowhere".*check the name/;
    expect(await failureOf(store.get("object"))).toMatch(expected);
    expect(await failureOf(store.stat?.("object"))).toMatch(expected);
    expect(await failureOf(store.put?.("object", bytes))).toMatch(expected);
    expect(await failureOf(store.delete?.("object"))).toMatch(expected);
    expect(await failureOf(names(store))).toMatch(expected);
    expect(await open().get("object")).toBeUndefined();
  });

  test("the bucket is asked about once, and not at all once an object was there", async () => {
    const store = open();
    await store.get("a");
    await store.get("b");
    expect(paths()).toEqual(["GET /bucket/root/a", "GET /storage/v1/b/bucket/o", "GET /bucket/root/b"]);
    seed("c");
    const another = open();
    await another.get("c");
    await another.get("d");
    expect(paths().slice(3)).toEqual(["GET /bucket/root/c", "GET /bucket/root/d"]);
  });

  test("a bucket that may not be listed has absent objects", async () => {
    setBucket({ rights: { [serviceAccount.email]: ["get"] } });
    proxy.next({ kind: "status", status: 404 });
    expect(await open().get("object")).toBeUndefined();
  });

  test("who is not signed in is told to", async () => {
    const store = open(anonymous);
    expect(await failureOf(store.get("object"))).toMatch(/^permission_denied: .*anonymous access.*sign in/);
    expect(await failureOf(names(store))).toMatch(/^permission_denied: the bucket is not open to everyone.*sign in/);
  });

  test("who may not is named", async () => {
    setBucket({ rights: {} });
    const store = open();
    for (const call of [() => store.get("object"), () => store.put?.("object", bytes), () => names(store)]) {
      expect(await failureOf(call())).toMatch(
        /^permission_denied: the bucket denies access: "service@project\.example" \(file\).*ask the bucket's owner/,
      );
    }
  });

  test("403 for too many requests is waited for", async () => {
    seed("object");
    const body = '{"error":{"errors":[{"reason": "rateLimitExceeded"}]}}';
    proxy.next({ kind: "status", status: 403, body });
    expect(await names(open())).toEqual(["object"]);
  });

  test("a bucket whose requesters pay says so; with a project that pays it is read", async () => {
    setBucket({ requesterPays: true });
    seed("object");
    const store = open();
    const expected = /^permission_denied: the bucket wants its requesters to pay.*name the project/;
    expect(await failureOf(store.get("object"))).toMatch(expected);
    expect(await failureOf(store.stat?.("object"))).toMatch(expected);
    expect(await failureOf(names(store))).toMatch(expected);
    const paying = open({ userProject: "my-project" });
    expect((await paying.stat?.("object"))?.sizeBytes).toBe(3);
    expect((await paying.get("object"))?.bytes).toEqual(bytes);
    expect(await names(paying)).toEqual(["object"]);
    expect(await paying.deleteAll?.(["object"])).toEqual([]);
    expect(await names(paying)).toEqual([]);
  });

  test("the project that pays is not named where nobody asks", async () => {
    seed("object");
    await open({ userProject: "my-project" }).get("object");
    expect(proxy.requests.every(({ headers }) => headers["x-goog-user-project"] === undefined)).toBe(true);
  });

  test("a name that no bucket can have never reaches the service", async () => {
    const store = open({ location: "gs://bucket" });
    expect(await tagOf(store.get(".."))).toBe("invalid_argument");
    expect(proxy.requests).toEqual([]);
  });
});

describe("reads", () => {
  test("opening and closing ask nobody", async () => {
    const store = open();
    await store.dispose?.();
    expect(scene.server.requests).toEqual([]);
    expect(await tagOf(store.get("object"))).toBe("cancelled");
    expect(await tagOf(Promise.resolve(store.put?.("object", bytes)))).toBe("cancelled");
  });

  test("a damaged object is asked for once more, then an error", async () => {
    seed("object");
    await open().get("object");
    const before = proxy.requests.length;
    proxy.always({ kind: "altered" });
    expect(await failureOf(open().get("object"))).toMatch(/^unreachable: the bytes do not have the object's checksum/);
    expect(proxy.requests.length - before).toBe(2);
  });
});

describe("listings", () => {
  test("go on page by page, after a name, in the order of the service", async () => {
    seed("a-b", "a/x", "a/y", "a", "a0", "b", "c");
    const store = open();
    expect(await names(store, { pageSize: 2 })).toEqual(["a", "a-b", "a/", "a0", "b", "c"]);
    expect(await names(store, { after: "a" })).toEqual(["a-b", "a/", "a0", "b", "c"]);
    expect(await names(store, { after: "a/" })).toEqual(["a0", "b", "c"]);
    expect(await names(store, { after: "a/x", delimiter: false })).toEqual(["a/y", "a0", "b", "c"]);
  });

  test("tell size, time and the etag that reads tell too", async () => {
    seed("object");
    const store = open();
    const { value } = (await store.list?.()[Symbol.asyncIterator]().next()) ?? {};
    expect(value).toEqual({
      name: "object",
      kind: "object",
      sizeBytes: 3,
      modifiedMs: expect.any(Number),
      etag: (await store.get("object"))?.etag,
    });
  });

  test("leave out what no key of a store can be", async () => {
    seed("a//b", "placeholder/", "good");
    expect(await names(open(), { delimiter: false })).toEqual(["good"]);
    expect(await names(open())).toEqual(["a/", "good", "placeholder/"]);
  });

  test("a page token that repeats is no endless listing", async () => {
    const page = '{"items":[{"name":"root/x"}],"nextPageToken":"again"}';
    proxy.always({ kind: "status", status: 200, body: page });
    expect(await tagOf(names(open()))).toBe("unreachable");
  });

  test("a reply that is no listing is an error", async () => {
    proxy.always({ kind: "status", status: 200, body: "<html>" });
    expect(await tagOf(names(open()))).toBe("unreachable");
  });

  test("the buckets of a project", async () => {
    const body = '{"items":[{"name":"one","location":"US","timeCreated":"2024-01-02T03:04:05.678Z"},{"name":"two"}]}';
    proxy.always({ kind: "status", status: 200, body });
    const found: unknown[] = [];
    for await (const bucket of scene.driver({ origin: proxy.origin }).listBuckets("my project", defaultStoreOptions)) {
      found.push(bucket);
    }
    expect(found).toEqual([
      { name: "one", region: "US", createdMs: Date.UTC(2024, 0, 2, 3, 4, 5, 678) },
      { name: "two" },
    ]);
    expect(proxy.requests[0]?.path).toMatch(/^\/storage\/v1\/b\?project=my%20project&/);
  });
});

describe("deletions of many", () => {
  const keys = Array.from({ length: 250 }, (_, index) => `many/${index}`);

  test("take a request for each hundred", async () => {
    seed(...keys);
    expect(await open().deleteAll?.([...keys, "never/was"])).toEqual([]);
    expect([...(scene.server.buckets.get("bucket")?.objects.keys() ?? [])]).toEqual([]);
    expect(paths()).toEqual(Array.from({ length: 3 }, () => "POST /batch/storage/v1"));
  });

  test("tell which failed; the others are gone", async () => {
    setBucket({ locked: ["root/b"] });
    seed("a", "b", "c");
    const failures = await open().deleteAll?.(["a", "b", "c"]);
    expect(failures?.map(({ key, error }) => [key, isVolumeError(error) && error.tag])).toEqual([
      ["b", "permission_denied"],
    ]);
    expect([...(scene.server.buckets.get("bucket")?.objects.keys() ?? [])]).toEqual(["root/b"]);
  });

  test("go one by one where the service has no batches", async () => {
    seed("a", "b");
    const store = open();
    proxy.next({ kind: "status", status: 404 });
    expect(await store.deleteAll?.(["a", "b"])).toEqual([]);
    expect(paths().slice(1).toSorted()).toEqual([
      "DELETE /storage/v1/b/bucket/o/root%2Fa",
      "DELETE /storage/v1/b/bucket/o/root%2Fb",
    ]);
  });

  test("ask again for a key that failed for a passing reason", async () => {
    seed("a");
    const part =
      "--x\r\nContent-Type: application/http\r\nContent-ID: <response-0>\r\n\r\nHTTP/1.1 503 Busy\r\n\r\n\r\n--x--";
    const headers = { "content-type": "multipart/mixed; boundary=x" };
    proxy.next({ kind: "status", status: 200, headers, body: part });
    expect(await open().deleteAll?.(["a"])).toEqual([]);
    expect(scene.server.buckets.get("bucket")?.objects.size).toBe(0);
  });

  test("refuse keys outside the store, and delete nothing then", async () => {
    seed("a");
    expect(await tagOf(Promise.resolve(open().deleteAll?.(["a", "../x"])))).toBe("invalid_argument");
    expect(scene.server.buckets.get("bucket")?.objects.size).toBe(1);
  });
});

describe("copies", () => {
  test("stay inside the service, in as many calls as it wants, with type and encoding", async () => {
    const slow = await openGsScene({ buckets: { bucket: {}, other: {} }, rewriteBytesPerCall: 2 ** 20 });
    onTestFinished(() => slow.close());
    const large = new Uint8Array(3 * 2 ** 20);
    slow.server.seed("bucket", "root/from", large, {
      contentType: "a/b",
      contentEncoding: "gzip",
      cacheControl: "no-cache",
    });
    const [source, target] = [slow.open(), slow.open({ location: "gs://other/there" })];
    onTestFinished(async () => void (await Promise.all([source.dispose?.(), target.dispose?.()])));
    expect(await target.copyFrom?.(source, "from", "to")).toBe(true);
    const copy = slow.server.buckets.get("other")?.objects.get("there/to");
    expect(copy?.bytes.byteLength).toBe(large.byteLength);
    expect(copy?.facts).toMatchObject({ contentType: "a/b", contentEncoding: "gzip", cacheControl: "no-cache" });
    expect(slow.server.requests.filter(({ path }) => path.includes("/rewriteTo/")).length).toBeGreaterThan(2);
  });

  test("obey a condition", async () => {
    seed("from", "to");
    const store = open();
    const copy = (onlyIf: "absent" | { etag: string }) =>
      tagOf(Promise.resolve(store.copyFrom?.(store, "from", "to", { onlyIf })));
    expect(await copy("absent")).toBe("conflict");
    expect(await copy({ etag: (await store.get("to"))?.etag ?? "" })).toBe("no error");
  });

  test("of what is absent are errors", async () => {
    const store = open();
    expect(await failureOf(store.copyFrom?.(store, "nothing", "to"))).toMatch(/^not_found: there is no object/);
  });

  test("are left to the caller where the account may not, or the service is another", async () => {
    seed("from");
    const store = open();
    setBucket({ rights: {} });
    expect(await store.copyFrom?.(store, "from", "to")).toBe(false);
    const elsewhere = { ...store, location: parseLocation("s3://bucket/root") };
    expect(await store.copyFrom?.(elsewhere, "from", "to")).toBe(false);
  });
});

describe("identity", () => {
  test("is the account's address", async () => {
    expect(await open().identity?.()).toEqual({ kind: "file", name: serviceAccount.email });
    expect(await open({ identity: { kind: "option" } }).identity?.()).toEqual({
      kind: "option",
      name: serviceAccount.email,
    });
    expect(await open(anonymous).identity?.()).toEqual({ kind: "anonymous" });
  });
});

describe("STORAGE_EMULATOR_HOST", () => {
  test("is the service, and gets only credentials that are held for it", async () => {
    setBucket({ anonymous: ["get"] });
    seed("object");
    const asked: [CredentialScope, CredentialSources | undefined][] = [];
    const driver = createGsDriver({
      environment: { STORAGE_EMULATOR_HOST: `${proxy.origin}/storage/v1` },
      clock: createFakeClock(),
      find: async (scope, sources) => {
        asked.push([scope, sources]);
        return anonymous;
      },
    });
    const held = [{ origin: proxy.origin, ...anonymous }];
    const store = driver.open(parseLocation("gs://bucket/root"), { ...defaultStoreOptions, credentials: { held } });
    onTestFinished(() => store.dispose?.());
    expect((await store.get("object"))?.bytes).toEqual(bytes);
    expect(asked).toEqual([
      [
        { service: "google", origin: proxy.origin, bucket: "bucket" },
        { held, heldOnly: true },
      ],
    ]);
  });
});
