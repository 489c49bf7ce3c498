/** Tokens and passwords for web servers: sent to their own server, and to no other. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isVolumeError } from "../../../../../server/src/errors.ts";
import type { Credential, CredentialScope } from "../../../../../server/src/storage/credential.ts";
import { createHttpDriver } from "../../../../../server/src/storage/http/http.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { defaultStoreOptions, type Store } from "../../../../../server/src/storage/store.ts";
import { createFakeClock } from "../../../../fakes/clock.ts";
import { type FakeServer, startFakeServer } from "../../../../fakes/httpServer.ts";

let own: FakeServer;
let other: FakeServer;
let searches: CredentialScope[];
const stores: Store[] = [];
beforeEach(async () => {
  [own, other] = [await startFakeServer(), await startFakeServer()];
  searches = [];
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.dispose?.()));
  await Promise.all([own.close(), other.close()]);
});

/** A store whose server gets this credential; `middleauth+https` is taken for http here, which has no certificate. */
function open(credential: Credential): Store {
  const driver = createHttpDriver({
    clock: createFakeClock(),
    find: async (scope) => {
      searches.push(scope);
      return { credential, identity: { kind: "file", name: "some-secret.json" } };
    },
  });
  const store = driver.open(parseLocation(`${own.origin}/layer`), defaultStoreOptions);
  stores.push(store);
  return store;
}

const basic: Credential = { kind: "basic", user: "me", password: "hush" };
const bytes = Uint8Array.of(1, 2, 3);

describe("a login at a web server", () => {
  it("is looked for once, at the first request, for the server's origin", async () => {
    own.objects.set("layer/info", { bytes });
    const store = open(basic);
    expect(searches).toEqual([]);
    await Promise.all([store.get("info"), store.stat?.("info"), store.get("info", { range: { start: 0, end: 1 } })]);
    expect(searches).toEqual([{ service: "http", origin: own.origin }]);
    const expected = `Basic ${Buffer.from("me:hush").toString("base64")}`;
    expect(own.seen.map(({ headers }) => headers.authorization)).toEqual([expected, expected, expected]);
    expect(await store.identity?.()).toEqual({ kind: "file", name: "some-secret.json" });
  });

  it("can be a token, or nobody's", async () => {
    await open({ kind: "bearer", token: "hush" }).get("info");
    await open({ kind: "anonymous" }).get("info");
    expect(own.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer hush", undefined]);
  });

  it.each([301, 302, 303, 307, 308])("does not follow a redirect (HTTP %i) to another server", async (status) => {
    other.objects.set("there", { bytes });
    own.fail("layer/info", [{ kind: "status", status, headers: { location: `${other.origin}/there` } }]);
    expect((await open(basic).get("info"))?.bytes).toEqual(bytes);
    expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(JSON.stringify(other.seen.map(({ headers, url }) => [headers, url]))).not.toMatch(/hush|Basic/);
  });

  it("goes along with a redirect inside the server", async () => {
    own.objects.set("there", { bytes });
    own.fail("layer/info", [{ kind: "status", status: 302, headers: { location: "/there" } }]);
    expect((await open(basic).get("info"))?.bytes).toEqual(bytes);
    expect(own.seen.every(({ headers }) => headers.authorization?.startsWith("Basic "))).toBe(true);
  });

  it("of the first server is its own, whoever leads back to it", async () => {
    other.fail("there", [{ kind: "status", status: 302, headers: { location: `${own.origin}/back` } }]);
    own.objects.set("back", { bytes });
    own.fail("layer/info", [{ kind: "status", status: 302, headers: { location: `${other.origin}/there` } }]);
    expect((await open(basic).get("info"))?.bytes).toEqual(bytes);
    // The first server is trusted with its own credential, whoever names it.
    expect(own.seen.map(({ url }) => url)).toEqual(["/layer/info", "/back"]);
    expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it("that is refused says what to do, and shows no secret", async () => {
    own.fail("layer/info", [{ kind: "status", status: 401 }]);
    const error = await open(basic)
      .get("info")
      .catch((thrown: unknown) => thrown);
    expect(isVolumeError(error) && [error.tag, error.fields.hint]).toEqual([
      "permission_denied",
      "sign in, or put a secret into ~/.cloudvolume/secrets/127.0.0.1-http-secret.json",
    ]);
    expect(String(error) + JSON.stringify(error)).not.toContain("hush");
  });
});
