import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isVolumeError, type VolumeError } from "../../../../../server/src/errors.ts";
import { createHttpDriver, type HttpDriverOptions } from "../../../../../server/src/storage/http/http.ts";
import { makeLocation } from "../../../../../server/src/storage/location.ts";
import { parseLocation } from "../../../../../server/src/storage/parseLocation.ts";
import { type Clock, systemClock } from "../../../../../server/src/storage/retry.ts";
import { defaultStoreOptions, type Store } from "../../../../../server/src/storage/store.ts";
import { describeStore, tagOf } from "../../../../conformance/store.ts";
import { createFakeClock } from "../../../../fakes/clock.ts";
import { type FakeServer, type Fault, startFakeServer } from "../../../../fakes/httpServer.ts";

const ten = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

describeStore({
  name: "http",
  hasEncodings: true,
  async open(limits) {
    const server = await startFakeServer({ hasIndex: true });
    return {
      store: createHttpDriver().open(parseLocation(`${server.origin}/a%20b/layer`), {
        ...defaultStoreOptions,
        ...limits,
      }),
      async seed(key, bytes, encoding) {
        server.objects.set(`a b/layer/${key}`, { bytes, ...(encoding && { encoding }) });
      },
      close: () => server.close(),
    };
  },
});

describe("an http store", () => {
  let server: FakeServer;
  let clock: ReturnType<typeof createFakeClock>;
  const opened: Store[] = [];
  const open = (url: string, options: HttpDriverOptions = {}, limits = {}): Store => {
    const store = createHttpDriver({ clock, ...options }).open(parseLocation(url), {
      ...defaultStoreOptions,
      ...limits,
    });
    opened.push(store);
    return store;
  };
  const layer = (limits = {}): Store => open(`${server.origin}/layer`, {}, limits);
  const serve = (faults: readonly Fault[], options?: { repeat: boolean }): void => {
    server.objects.set("layer/chunk", { bytes: ten });
    server.fail("layer/chunk", faults, options);
  };
  const failure = async (promise: Promise<unknown>): Promise<VolumeError> => {
    const error: unknown = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!isVolumeError(error)) {
      throw new Error(`not an error of ours: ${String(error)}`);
    }
    return error;
  };

  beforeEach(async () => {
    server = await startFakeServer();
    clock = createFakeClock();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.dispose?.()));
    await server.close();
  });

  describe("outcomes", () => {
    test.each([
      [401, "permission_denied"],
      [403, "permission_denied"],
      [400, "unreachable"],
      [418, "unreachable"],
      [501, "unreachable"],
    ])("HTTP %i is %s at once, without another attempt", async (status, tag) => {
      serve([{ kind: "status", status }], { repeat: true });
      expect(await tagOf(layer().get("chunk"))).toBe(tag);
      expect(server.seen).toHaveLength(1);
    });

    test.each([404, 410])("HTTP %i is absence, and nothing else is tried", async (status) => {
      serve([{ kind: "status", status }], { repeat: true });
      expect(await layer().get("chunk")).toBeUndefined();
      expect(server.seen.map(({ url }) => url)).toEqual(["/layer/chunk"]);
    });

    test("403 says that the object may be missing", async () => {
      serve([{ kind: "status", status: 403 }]);
      expect((await failure(layer().get("chunk"))).fields.hint).toMatch(/missing/);
    });

    test.each([408, 429, 500, 502, 503, 504])("HTTP %i is tried again, and then the object arrives", async (status) => {
      serve([
        { kind: "status", status },
        { kind: "status", status },
      ]);
      expect((await layer().get("chunk"))?.bytes).toEqual(ten);
      expect(server.seen).toHaveLength(3);
      expect(clock.pauses).toEqual([500, 1000]);
    });

    test("a connection that ends before it brings a byte is tried again", async () => {
      serve([{ kind: "reset" }]);
      expect((await layer().get("chunk"))?.bytes).toEqual(ten);
      expect(server.seen).toHaveLength(2);
      expect(clock.pauses).toEqual([500]);
    });

    test("one that had been used before is no fault: the server may have closed it, and the request goes out again at once", async () => {
      serve([{ kind: "status", status: 503 }, { kind: "reset" }]);
      expect((await layer().get("chunk"))?.bytes).toEqual(ten);
      expect(server.seen).toHaveLength(3);
      expect(clock.pauses).toEqual([500]);
    });

    test("a server that keeps failing is given up after the attempts that are allowed", async () => {
      serve([{ kind: "status", status: 503 }], { repeat: true });
      const error = await failure(layer({ attempts: 3 }).get("chunk"));
      expect(error.tag).toBe("unreachable");
      expect(error.message).toBe("the server failed (HTTP 503) (tried 3 times)");
      expect(server.seen).toHaveLength(3);
    });

    test("the pause that the server asks for is kept, in seconds and as a date", async () => {
      const date = new Date(7_000).toUTCString();
      serve([
        { kind: "status", status: 429, headers: { "retry-after": "3" } },
        { kind: "status", status: 503, headers: { "retry-after": date } },
      ]);
      expect((await layer().get("chunk"))?.bytes).toEqual(ten);
      expect(clock.pauses).toEqual([3_000, 4_000]);
    });

    test("a server that asks for a long pause is given up at once", async () => {
      serve([{ kind: "status", status: 503, headers: { "retry-after": "3600" } }]);
      expect(await tagOf(layer().get("chunk"))).toBe("unreachable");
      expect(clock.pauses).toEqual([]);
    });

    test("a refused connection is unreachable", async () => {
      const { origin } = server;
      const other = await startFakeServer();
      await other.close();
      const error = await failure(open(other.origin).get("chunk"));
      expect(error.tag).toBe("unreachable");
      expect(error.message).toBe("the connection failed (ECONNREFUSED) (tried 3 times)");
      expect(error.fields).toMatchObject({ location: other.origin, key: "chunk" });
      expect(origin).not.toBe(other.origin);
    });

    test("a host without an address is unreachable", async () => {
      const lookup: HttpDriverOptions["lookup"] = (_host, _options, callback) =>
        callback(Object.assign(new Error("no"), { code: "ENOTFOUND" }), []);
      const error = await failure(open("http://nowhere.example/x", { lookup }).get("chunk"));
      expect([error.tag, error.message]).toEqual(["unreachable", "there is no host of this name"]);
    });

    test.each<Fault["kind"]>(["silent", "stall"])(
      "a server that goes %s is given up after the time-out",
      async (kind) => {
        serve([{ kind } as Fault], { repeat: true });
        const error = await failure(layer({ timeoutMs: 30, attempts: 2 }).get("chunk"));
        expect([error.tag, error.message]).toEqual([
          "unreachable",
          "the server does not answer: no byte for 30 ms (tried 2 times)",
        ]);
        expect(await server.seen[0]?.ended).toBe("closed");
      },
    );

    test("a body that ends early is unreachable, never a shorter object", async () => {
      serve([{ kind: "short" }], { repeat: true });
      expect(await tagOf(layer().get("chunk"))).toBe("unreachable");
      expect(server.seen).toHaveLength(7);
    });

    test("a body without end is cut off at the limit", async () => {
      serve([{ kind: "endless" }]);
      expect(await tagOf(layer().get("chunk", { maxBytes: 100_000 }))).toBe("too_large");
      expect(await server.seen[0]?.ended).toBe("closed");
    });

    test("a body that says that it is too large is not read", async () => {
      serve([{ kind: "stall" }]);
      expect(await tagOf(layer().get("chunk", { maxBytes: 9 }))).toBe("too_large");
    });

    test("an unknown content encoding is unsupported; the framing of S3 uploads is none", async () => {
      server.objects.set("layer/deflate", { bytes: ten, encoding: "deflate" });
      server.objects.set("layer/twice", { bytes: ten, encoding: "gzip, br" });
      server.objects.set("layer/framed", { bytes: ten, encoding: "gzip,aws-chunked" });
      expect(await tagOf(layer().get("deflate"))).toBe("unsupported");
      expect(await tagOf(layer().get("twice"))).toBe("unsupported");
      expect((await layer().get("framed"))?.encoding).toBe("gzip");
    });
  });

  describe("ranges", () => {
    test.each([false, true])("the whole object instead of a range is cut (without length: %s)", async (chunked) => {
      for (const [range, expected] of [
        [{ start: 2, end: 5 }, [2, 3, 4]],
        [{ start: 8 }, [8, 9]],
        [{ start: -2 }, [8, 9]],
        [{ start: 20, end: 30 }, []],
      ] as const) {
        serve([{ kind: "ignoreRange", chunked }]);
        expect([...((await layer().get("chunk", { range }))?.bytes ?? [])]).toEqual(expected);
      }
    });

    test("another range than was asked for is unreachable", async () => {
      serve([{ kind: "wrongRange" }], { repeat: true });
      expect(await tagOf(layer().get("chunk", { range: { start: 2, end: 5 } }))).toBe("unreachable");
    });

    test("a range asks for bytes as they are, a whole object for bytes as stored", async () => {
      serve([]);
      await layer().get("chunk", { range: { start: 2, end: 5 } });
      await layer().get("chunk");
      expect(server.seen.map(({ headers }) => [headers["accept-encoding"], headers.range])).toEqual([
        ["identity", "bytes=2-4"],
        ["gzip, br, zstd", undefined],
      ]);
    });
  });

  test("stat works where the server knows no HEAD", async () => {
    serve([{ kind: "noHead" }]);
    expect(await layer().stat?.("chunk")).toMatchObject({ sizeBytes: 10, etag: expect.any(String) });
  });

  test("an abort closes the connection", async () => {
    serve([{ kind: "stall" }]);
    const abort = new AbortController();
    const request = server.nextRequest();
    const pending = tagOf(layer().get("chunk", { signal: abort.signal }));
    const { ended } = await request;
    abort.abort();
    expect(await pending).toBe("cancelled");
    expect(await ended).toBe("closed");
  });

  test("an abort ends the wait for another attempt", async () => {
    serve([{ kind: "status", status: 503 }], { repeat: true });
    const abort = new AbortController();
    const sleeping: Clock = {
      ...clock,
      async sleep(_ms, options) {
        const asleep = systemClock.sleep(600_000, options);
        abort.abort();
        await asleep;
      },
    };
    expect(
      await tagOf(open(`${server.origin}/layer`, { clock: sleeping }).get("chunk", { signal: abort.signal })),
    ).toBe("cancelled");
  });

  test("closing a store rejects what is pending, and nothing is read after", async () => {
    serve([{ kind: "silent" }]);
    const store = layer();
    const request = server.nextRequest();
    const pending = tagOf(store.get("chunk"));
    await request;
    await store.dispose?.();
    await store.dispose?.();
    expect(await pending).toBe("cancelled");
    expect(await tagOf(store.get("chunk"))).toBe("cancelled");
  });

  test("stores of one driver share connections; closing one leaves the other open", async () => {
    serve([]);
    const driver = createHttpDriver({ clock });
    const location = parseLocation(`${server.origin}/layer`);
    const [first, second] = [driver.open(location, defaultStoreOptions), driver.open(location, defaultStoreOptions)];
    await first.get("chunk");
    await second.get("chunk");
    await first.dispose?.();
    expect((await second.get("chunk"))?.bytes).toEqual(ten);
    await second.dispose?.();
  });

  test("no more requests are on their way than there are connections", async () => {
    serve([{ kind: "silent" }], { repeat: true });
    const store = open(`${server.origin}/layer`, { connections: 2 });
    const arrivals = [server.nextRequest()];
    const pending = [1, 2, 3, 4].map(() => tagOf(store.get("chunk")));
    await Promise.all(arrivals);
    await store.dispose?.();
    await Promise.all(pending);
    expect(server.seen.length).toBeLessThanOrEqual(2);
  });

  test("a query goes with every request and into no message", async () => {
    serve([{ kind: "status", status: 403 }]);
    const store = open(`${server.origin}/layer?token=secret`);
    const error = await failure(store.get("chunk"));
    expect(server.seen[0]?.url).toBe("/layer/chunk?token=secret");
    expect(JSON.stringify([error.message, error.fields, error.stack, store.location.text])).not.toContain("secret");
  });
});

describe("redirects of an http server", () => {
  let server: FakeServer;
  let other: FakeServer;
  beforeEach(async () => {
    [server, other] = await Promise.all([startFakeServer(), startFakeServer()]);
    other.objects.set("there/chunk", { bytes: ten });
    server.objects.set("layer/chunk", { bytes: ten });
  });
  afterEach(() => Promise.all([server.close(), other.close()]));

  const redirect = (to: string, status = 302): Fault => ({ kind: "status", status, headers: { location: to } });
  const read = async (url: string, options: HttpDriverOptions = {}, isReferred?: true): Promise<unknown> => {
    const location = makeLocation({ ...parseLocation(url), isReferred });
    const store = createHttpDriver(options).open(location, { ...defaultStoreOptions, attempts: 1 });
    try {
      return (await store.get("chunk"))?.bytes;
    } finally {
      await store.dispose?.();
    }
  };

  test.each([301, 302, 303, 307, 308])("HTTP %i is followed, without the query of the first place", async (status) => {
    server.fail("layer/chunk", [redirect(`${other.origin}/there/chunk`, status)]);
    expect(await read(`${server.origin}/layer?token=secret`)).toEqual(ten);
    expect(other.seen[0]?.url).toBe("/there/chunk");
    expect(Object.keys(other.seen[0]?.headers ?? {}).sort()).toEqual(["accept-encoding", "connection", "host"]);
  });

  test("a relative target is one of the same server", async () => {
    server.fail("layer/chunk", [redirect("../elsewhere")]);
    server.objects.set("elsewhere", { bytes: ten });
    expect(await read(`${server.origin}/layer`)).toEqual(ten);
  });

  test("a ring of redirects ends", async () => {
    server.fail("layer/chunk", [redirect("/layer/chunk")], { repeat: true });
    expect(await tagOf(read(`${server.origin}/layer`))).toBe("unreachable");
    expect(server.seen).toHaveLength(6);
  });

  test.each(["file:///etc/passwd", "ftp://host/x", "data:,x", "gopher://x/"])("%s is refused", async (target) => {
    server.fail("layer/chunk", [redirect(target)]);
    expect(await tagOf(read(`${server.origin}/layer`))).toBe("permission_denied");
  });

  test("a redirect without a target is unreachable", async () => {
    server.fail("layer/chunk", [{ kind: "status", status: 302 }]);
    expect(await tagOf(read(`${server.origin}/layer`))).toBe("unreachable");
  });

  test("a redirect to the same name with a slash says that it is a folder", async () => {
    server.fail("layer/chunk", [redirect("/layer/chunk/", 301)]);
    expect(await read(`${server.origin}/layer`)).toBeUndefined();
  });

  /** Every name leads to this machine, where the fake servers are. */
  const lookup: HttpDriverOptions["lookup"] = (_host, options, callback) => {
    const address = { address: "127.0.0.1", family: 4 };
    options.all === true ? callback(null, [address]) : callback(null, address.address, address.family);
  };
  const named = (origin: string): string => origin.replace("127.0.0.1", "public.example.org");

  test.each([
    "http://127.0.0.1:PORT/there/chunk",
    "http://2130706433:PORT/there/chunk",
    "http://0x7f.1:PORT/there/chunk",
    "http://[::ffff:127.0.0.1]:PORT/there/chunk",
    "http://localhost:PORT/there/chunk",
    "http://169.254.169.254/latest",
    "http://metadata.google.internal/",
    "http://rebound.example.com:PORT/there/chunk",
  ])("a public host does not lead to a private address: %s", async (target) => {
    server.fail("layer/chunk", [redirect(target.replace("PORT", new URL(other.origin).port))]);
    expect(await tagOf(read(`${named(server.origin)}/layer`, { lookup }))).toBe("permission_denied");
    expect(other.seen).toHaveLength(0);
  });

  test("a host that the user typed may be private, and lead to itself", async () => {
    server.fail("layer/chunk", [redirect("/layer/chunk")]);
    expect(await read(`${named(server.origin)}/layer`, { lookup })).toEqual(ten);
  });

  test("a host that a document named may not be private", async () => {
    expect(await tagOf(read(`${named(server.origin)}/layer`, { lookup }, true))).toBe("permission_denied");
    expect(await tagOf(read(`${server.origin}/layer`, {}, true))).toBe("permission_denied");
    expect(server.seen).toHaveLength(0);
  });
});
