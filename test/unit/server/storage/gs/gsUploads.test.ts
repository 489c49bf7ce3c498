/** Uploads of the gs driver: what is stored, in one request and in steps, and what happens when a step fails. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../../../../../server/src/storage/store.ts";
import { tagOf } from "../../../../conformance/store.ts";
import { type FaultProxy, startFaultProxy } from "../../../../fakes/cloud/faultProxy.ts";
import { type GsScene, openGsScene } from "./gsScene.ts";

const kibi = 1024;
const stepBytes = 256 * kibi;
/** Three steps, the last of one byte. */
const large = Uint8Array.from({ length: 2 * stepBytes + 1 }, (_, index) => (index * 31) & 255);

let scene: GsScene;
let proxy: FaultProxy;
let store: Store;
beforeEach(async () => {
  scene = await openGsScene();
  proxy = await startFaultProxy(scene.server.origin);
  store = scene.open({ origin: proxy.origin, resumableBytes: 1000, stepBytes, limits: { attempts: 4 } });
});
afterEach(async () => {
  await store.dispose?.();
  await proxy.close();
  await scene.close();
});

const stored = (key: string) => scene.server.buckets.get("bucket")?.objects.get(`root/${key}`);
const holds = (key: string, bytes: Uint8Array): boolean =>
  Buffer.from(bytes).equals(stored(key)?.bytes ?? new Uint8Array(0));
const sent = (): string[] =>
  proxy.requests.map(({ method, headers }) => `${method} ${headers["content-range"] ?? ""}`.trim());
const everything = {
  contentType: "image/x-thing",
  cacheControl: "no-cache, max-age=0",
  encoding: "gzip",
  storageClass: "NEARLINE",
} as const;

describe("in one request", () => {
  test("an object has all that was said of it", async () => {
    await store.put?.("small", Uint8Array.of(1, 2, 3), everything);
    expect(stored("small")).toMatchObject({
      bytes: Uint8Array.of(1, 2, 3),
      facts: {
        contentType: "image/x-thing",
        cacheControl: "no-cache, max-age=0",
        contentEncoding: "gzip",
        storageClass: "NEARLINE",
      },
    });
    expect(await store.stat?.("small")).toMatchObject({
      sizeBytes: 3,
      contentType: "image/x-thing",
      cacheControl: "no-cache, max-age=0",
      encoding: "gzip",
      storageClass: "NEARLINE",
      version: stored("small")?.generation,
      etag: stored("small")?.generation,
      modifiedMs: expect.any(Number),
    });
  });

  test("an object without a type is bytes", async () => {
    await store.put?.("small", Uint8Array.of(1));
    expect(stored("small")?.facts.contentType).toBe("application/octet-stream");
  });

  test("a write whose reply is lost is no conflict with itself", async () => {
    proxy.next({ kind: "lostReply" });
    await store.put?.("small", Uint8Array.of(1), { onlyIf: "absent" });
    expect(holds("small", Uint8Array.of(1))).toBe(true);
    expect(proxy.faultsLeft()).toBe(0);
  });

  test("a write that loses to another one is a conflict, also after a failure", async () => {
    proxy.next(
      { kind: "status", status: 503 },
      { kind: "after", act: () => void scene.server.seed("bucket", "root/small", Uint8Array.of(9)) },
    );
    expect(await tagOf(Promise.resolve(store.put?.("small", Uint8Array.of(1), { onlyIf: "absent" })))).toBe("conflict");
    expect(holds("small", Uint8Array.of(9))).toBe(true);
  });

  test("an etag that is none of this service's is a conflict", async () => {
    await store.put?.("small", Uint8Array.of(1));
    const write = store.put?.("small", Uint8Array.of(2), { onlyIf: { etag: '"d41d8cd98f00b204e9800998ecf8427e"' } });
    expect(await tagOf(Promise.resolve(write))).toBe("conflict");
  });
});

describe("in steps", () => {
  test("a large object has all that was said of it", async () => {
    await store.put?.("large", large, everything);
    expect(holds("large", large)).toBe(true);
    expect(stored("large")?.facts).toMatchObject({ contentEncoding: "gzip", storageClass: "NEARLINE" });
    expect(sent()).toEqual([
      "POST",
      "PUT bytes 0-262143/524289",
      "PUT bytes 262144-524287/524289",
      "PUT bytes 524288-524288/524289",
    ]);
  });

  test.each([
    ["refused", { kind: "status", status: 503 }, "PUT bytes 262144-524287/524289"],
    ["cut off", { kind: "reset" }, "PUT bytes 262144-524287/524289"],
    ["done, its reply lost", { kind: "lostReply" }, "PUT bytes 524288-524288/524289"],
  ] as const)("a step that is %s is asked about, and the upload goes on", async (_what, fault, next) => {
    proxy.next({ kind: "pass" }, { kind: "pass" }, fault);
    await store.put?.("large", large);
    expect(holds("large", large)).toBe(true);
    expect(sent().slice(2, 5)).toEqual(["PUT bytes 262144-524287/524289", "PUT bytes */524289", next]);
  });

  test("a session that is gone is begun anew", async () => {
    proxy.next({ kind: "pass" }, { kind: "pass" }, { kind: "status", status: 410 });
    await store.put?.("large", large);
    expect(holds("large", large)).toBe(true);
    expect(sent().filter((line) => line === "POST")).toHaveLength(2);
  });

  test("sessions that always go are given up", async () => {
    proxy.next({ kind: "pass" }, { kind: "status", status: 410 }, { kind: "pass" }, { kind: "status", status: 410 });
    proxy.next({ kind: "pass" }, { kind: "status", status: 410 }, { kind: "pass" }, { kind: "status", status: 410 });
    expect(await tagOf(Promise.resolve(store.put?.("large", large)))).toBe("unreachable");
    expect(stored("large")).toBeUndefined();
  });

  test("the last step's reply may be lost: the write is no conflict with itself", async () => {
    const pass = { kind: "pass" } as const;
    proxy.next(pass, pass, pass, { kind: "lostReply" });
    await store.put?.("large", large, { onlyIf: "absent" });
    expect(holds("large", large)).toBe(true);
  });

  test("a condition that does not hold is a conflict, and leaves no session", async () => {
    scene.server.seed("bucket", "root/large", Uint8Array.of(9));
    expect(await tagOf(Promise.resolve(store.put?.("large", large, { onlyIf: "absent" })))).toBe("conflict");
    expect(holds("large", Uint8Array.of(9))).toBe(true);
    expect(scene.server.uploadsOpen()).toBe(0);
  });

  test("a condition that fails at the end is a conflict", async () => {
    const seed = (): void => void scene.server.seed("bucket", "root/large", Uint8Array.of(9));
    proxy.next({ kind: "pass" }, { kind: "pass" }, { kind: "pass" }, { kind: "after", act: seed });
    expect(await tagOf(Promise.resolve(store.put?.("large", large, { onlyIf: "absent" })))).toBe("conflict");
    expect(holds("large", Uint8Array.of(9))).toBe(true);
  });

  test("an aborted upload shows nothing, and its session is ended", async () => {
    const abort = new AbortController();
    proxy.next({ kind: "pass" }, { kind: "pass" }, { kind: "after", act: () => abort.abort() });
    const upload = tagOf(Promise.resolve(store.put?.("large", large, { signal: abort.signal })));
    expect(await upload).toBe("cancelled");
    expect(stored("large")).toBeUndefined();
    expect([scene.server.uploadsOpen(), sent().at(-1)]).toEqual([0, "DELETE"]);
  });

  test("an upload that fails shows nothing, and its session is ended", async () => {
    proxy.next({ kind: "pass" }, { kind: "pass" }, { kind: "status", status: 403 });
    expect(await tagOf(Promise.resolve(store.put?.("large", large)))).toBe("permission_denied");
    expect([stored("large"), scene.server.uploadsOpen()]).toEqual([undefined, 0]);
  });

  test("a session elsewhere is not followed", async () => {
    proxy.next({ kind: "status", status: 200, headers: { location: "http://127.0.0.1:9/upload" } });
    expect(await tagOf(Promise.resolve(store.put?.("large", large)))).toBe("unreachable");
    expect(sent()).toEqual(["POST"]);
  });

  test("bytes that arrive damaged are sent again", async () => {
    const body =
      '{"error":{"code":400,"message":"Provided MD5 hash \\"x\\" doesn\'t match calculated MD5 hash \\"y\\"."}}';
    proxy.next({ kind: "status", status: 400, body });
    await store.put?.("small", Uint8Array.of(1));
    expect(holds("small", Uint8Array.of(1))).toBe(true);
  });
});
