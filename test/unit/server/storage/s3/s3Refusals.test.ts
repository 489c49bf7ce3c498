import { inspect } from "node:util";
import { afterEach, expect, test } from "vitest";
import { isVolumeError, type VolumeError } from "../../../../../server/src/errors.ts";
import { type S3Server, type S3ServerOptions, startS3Server } from "../../../../fakes/cloud/s3Server.ts";
import { type Service, type ServiceReply, type ServiceRequest, startService } from "../../../../fakes/cloud/service.ts";
import { createTestClock, type OpenOptions, openStore, owner, ownerCredential, ten } from "./s3Fake.ts";

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) {
    await close();
  }
});

async function startS3(options: Partial<S3ServerOptions> = {}): Promise<S3Server> {
  const server = await startS3Server({ credentials: [owner], buckets: { bucket: {} }, ...options });
  closing.push(() => server.close());
  return server;
}

async function script(answer: (request: ServiceRequest) => ServiceReply): Promise<Service> {
  const service = await startService(answer);
  closing.push(() => service.close());
  return service;
}

function open(origin: string, options: OpenOptions = {}): ReturnType<typeof openStore> {
  const store = openStore(`s3://${origin}/bucket`, options);
  closing.push(() => store.dispose());
  return store;
}

async function failureOf(promise: Promise<unknown>): Promise<VolumeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isVolumeError(error)) {
    throw new Error(`not an error of ours: ${inspect(error)}`);
  }
  expect(inspect(error, { depth: 9 })).not.toContain(owner.secretAccessKey);
  return error;
}

const xml = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>m</Message></Error>`;

test("a secret key that is wrong is told apart from an access key that is unknown", async () => {
  const { origin } = await startS3();
  const wrong = open(origin, { credential: { ...owner, kind: "aws", secretAccessKey: "wrong" } });
  const unknown = open(origin, { credential: { ...owner, kind: "aws", accessKeyId: "AKIDNOBODY" } });
  const first = await failureOf(wrong.get("a"));
  expect([first.tag, first.message]).toEqual([
    "permission_denied",
    'the secret key does not belong to the access key: "test-key" (option)',
  ]);
  expect((await failureOf(unknown.get("a"))).message).toMatch(/^the service does not know the access key/);
  expect((await failureOf(wrong.put("a", ten))).message).toMatch(/^the secret key does not belong/);
});

test("a clock that is off says by how much, and does not blame the key", async () => {
  const { origin } = await startS3();
  const ahead = await failureOf(open(origin, { clock: createTestClock(20 * 60_000) }).get("a"));
  expect([ahead.tag, ahead.message]).toEqual(["permission_denied", "this machine's clock is off: 20 minutes ahead"]);
  const behind = await failureOf(open(origin, { clock: createTestClock(-60 * 60_000) }).get("a"));
  expect(behind.message).toBe("this machine's clock is off: 60 minutes behind");
});

test("a session that is over says so", async () => {
  const session = { ...owner, accessKeyId: "ASIASESSION", sessionToken: "token", expiresMs: Date.now() - 1000 };
  const { origin } = await startS3({ credentials: [session] });
  const { accessKeyId, secretAccessKey, sessionToken } = session;
  const store = open(origin, { credential: { kind: "aws", accessKeyId, secretAccessKey, sessionToken } });
  const error = await failureOf(store.get("a"));
  expect([error.tag, error.message]).toEqual([
    "permission_denied",
    'the session of these credentials is over: "test-key" (option)',
  ]);
  expect(inspect(error)).not.toContain("token-");
});

test("a session token goes with every request", async () => {
  const session = { ...owner, accessKeyId: "ASIASESSION", sessionToken: "token" };
  const server = await startS3({ credentials: [session] });
  server.seed("bucket", "a", ten);
  const store = open(server.origin, { credential: { kind: "aws", ...session } });
  expect((await store.get("a"))?.bytes).toEqual(ten);
  await store.put("b", ten);
  expect(server.requests.map(({ headers }) => headers["x-amz-security-token"])).toEqual(["token", "token"]);
});

test("denied access names who asked, and that a missing object looks the same", async () => {
  const server = await startS3({ buckets: { bucket: { rights: { AKIDOWNER: ["write"] } } } });
  server.seed("bucket", "a", ten);
  const store = open(server.origin);
  const error = await failureOf(store.get("a"));
  expect([error.tag, error.message]).toEqual(["permission_denied", 'the bucket denies access: "test-key" (option)']);
  expect(error.fields).toMatchObject({ location: store.location.text, key: "a" });
  expect(error.fields.hint).toMatch(/without the right to list, S3 answers so for a missing object too$/);
  expect((await failureOf(store.stat("missing"))).tag).toBe("permission_denied");
});

test("without credentials a public bucket is read unsigned, and a private one says who was refused", async () => {
  const server = await startS3({ buckets: { bucket: { anonymous: ["get"] }, private: {} } });
  server.seed("bucket", "a", ten);
  const credential = { kind: "anonymous" } as const;
  expect((await open(server.origin, { credential }).get("a"))?.bytes).toEqual(ten);
  expect(server.requests[0]?.headers.authorization).toBeUndefined();
  const store = openStore(`s3://${server.origin}/private`, { credential });
  const error = await failureOf(store.get("a"));
  expect([error.message, error.fields.hint]).toEqual([
    "the bucket denies access: anonymous access",
    expect.stringMatching(/^sign in, or add a credential file/),
  ]);
  expect((await failureOf(store.put("a", ten))).tag).toBe("permission_denied");
  expect(server.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  await store.dispose();
});

test("a bucket that is missing is no missing object", async () => {
  const { origin } = await startS3({ buckets: {} });
  const store = open(origin);
  const list = async (): Promise<void> => {
    for await (const _ of store.list()) {
    }
  };
  const attempts = [
    () => store.get("a"),
    () => store.stat("a"),
    () => store.put("a", ten),
    () => store.delete("a"),
    list,
  ];
  for (const attempt of attempts) {
    const error = await failureOf(attempt());
    expect([error.tag, error.message]).toEqual(["not_found", 'there is no bucket of this name: "bucket"']);
    expect(error.fields.hint).toBe("check the name of the bucket, and the endpoint");
  }
});

test("a server that says 404 without a word on the bucket has no object", async () => {
  const { origin } = await script(() => ({ status: 404, body: "<html>nginx</html>" }));
  expect(await open(origin).get("a")).toBeUndefined();
});

test("whether the bucket is there is asked once", async () => {
  const server = await startS3();
  const store = open(server.origin);
  await store.get("a");
  await store.get("b");
  expect(server.requests.map(({ path }) => path)).toEqual([
    "/bucket/a",
    "/bucket/?list-type=2&max-keys=1",
    "/bucket/b",
  ]);
});

test.each([
  [503, "SlowDown"],
  [500, "InternalError"],
  [400, "RequestTimeout"],
  [429, "TooManyRequests"],
])("%i %s passes: reads, writes and listings are tried again", async (status, code) => {
  let refusals = 2;
  const passOn = ({ method }: ServiceRequest): ServiceReply =>
    method === "GET" ? { status: 200, headers: { etag: '"x"' }, body: ten } : { status: 200 };
  const { origin } = await script((request) => (refusals-- > 0 ? { status, body: xml(code) } : passOn(request)));
  const clock = createTestClock();
  const store = open(origin, { clock });
  expect((await store.get("a"))?.bytes).toEqual(ten);
  expect(clock.pauses).toHaveLength(2);
  refusals = 2;
  await store.put("a", ten);
  expect(clock.pauses).toHaveLength(4);
});

test("a service that goes on failing is unreachable; a pause that it asks for is kept", async () => {
  const { origin, requests } = await script(() => ({
    status: 503,
    headers: { "retry-after": 3 },
    body: xml("SlowDown"),
  }));
  const clock = createTestClock();
  const store = open(origin, { clock, limits: { attempts: 3 } });
  const error = await failureOf(store.get("a"));
  expect([error.tag, error.message]).toEqual(["unreachable", "the service asks to slow down (tried 3 times)"]);
  expect((await failureOf(store.put("a", ten))).message).toBe("the service asks to slow down (tried 3 times)");
  expect(clock.pauses).toEqual([3000, 3000, 3000, 3000]);
  expect(requests).toHaveLength(6);
});

test.each([
  [403, "InvalidObjectState", "unsupported", "the object is in an archive"],
  [501, "NotImplemented", "unsupported", "the service does not have this operation"],
  [405, "", "unsupported", "the service does not have this operation"],
  [400, "EntityTooLarge", "too_large", "the object is too large for the service"],
  [400, "KeyTooLongError", "invalid_argument", "the key is too long for the service"],
  [400, "InvalidStorageClass", "invalid_argument", "the service has no such storage class"],
  [400, "InvalidToken", "permission_denied", 'the service does not accept the session token: "test-key" (option)'],
  [418, "Teapot", "unsupported", "the service refuses the request (HTTP 418): Teapot"],
  [301, "PermanentRedirect", "unreachable", "the bucket is served elsewhere"],
])("%i %s of a write", async (status, code, tag, message) => {
  const { origin } = await script(() => ({ status, body: code === "" ? "" : xml(code) }));
  const error = await failureOf(open(origin).put("a", ten));
  expect([error.tag, error.message]).toEqual([tag, message]);
  expect(error.fields).toMatchObject({ location: `s3://${origin}/bucket`, key: "a" });
});

test("no server at all is unreachable, for reads and for writes", async () => {
  const service = await script(() => ({ status: 200 }));
  await service.close();
  closing.pop();
  const store = open(service.origin);
  expect((await failureOf(store.get("a"))).tag).toBe("unreachable");
  expect((await failureOf(store.put("a", ten))).tag).toBe("unreachable");
});

test("an aborted write, listing and deletion are cancelled; a closed store does nothing", async () => {
  let abort = new AbortController();
  const { origin } = await script(() => {
    abort.abort();
    return { status: 500 };
  });
  const store = open(origin);
  const attempts = [
    (signal: AbortSignal) => store.put("a", ten, { signal }),
    (signal: AbortSignal) => store.delete("a", { signal }),
    (signal: AbortSignal) => store.deleteAll(["a"], { signal }),
    async (signal: AbortSignal) => store.list({ signal })[Symbol.asyncIterator]().next(),
  ];
  for (const attempt of attempts) {
    abort = new AbortController();
    expect((await failureOf(attempt(abort.signal))).tag).toBe("cancelled");
  }
  await store.dispose();
  await store.dispose();
  expect((await failureOf(store.get("a"))).tag).toBe("cancelled");
  expect((await failureOf(store.put("a", ten))).tag).toBe("cancelled");
});

test("who pays is said only by who opted in, and then from the first refusal on", async () => {
  const server = await startS3({ buckets: { bucket: { requesterPays: true } } });
  server.seed("bucket", "a", ten);
  expect((await failureOf(open(server.origin).get("a"))).tag).toBe("permission_denied");
  expect(server.requests.every(({ headers }) => headers["x-amz-request-payer"] === undefined)).toBe(true);
  server.requests.length = 0;
  const store = open(server.origin, { requesterPays: true });
  expect((await store.get("a"))?.bytes).toEqual(ten);
  await store.put("b", ten);
  expect(server.requests.map(({ headers }) => headers["x-amz-request-payer"])).toEqual([
    undefined,
    "requester",
    "requester",
  ]);
});

test("a private host behind a stranger's location is not asked", async () => {
  const server = await startS3();
  const { location } = open(server.origin);
  const store = openStore({ ...location, isReferred: true });
  expect((await failureOf(store.get("a"))).message).toBe("a public server leads to a private address");
  expect((await failureOf(store.put("a", ten))).message).toBe("a public server leads to a private address");
  expect(server.requests).toEqual([]);
  await store.dispose();
});

test("credentials of another service are refused, and never sent", async () => {
  const server = await startS3();
  const error = await failureOf(open(server.origin, { credential: { kind: "bearer", token: "hush" } }).get("a"));
  expect([error.tag, error.message]).toEqual(["unsupported", "credentials of this kind are not for S3: bearer"]);
  expect(server.requests).toEqual([]);
});

test("who asks", async () => {
  const { origin } = await startS3();
  expect(await open(origin, { credential: ownerCredential }).identity()).toEqual({ kind: "option", name: "test-key" });
  expect(await open(origin, { credential: { kind: "anonymous" } }).identity()).toEqual({ kind: "anonymous" });
});
