/** Faults of reads: statuses, bodies, ranges, time-outs. */
import { expect, test } from "vitest";
import type { ByteRange } from "../../../server/src/storage/store.ts";
import type { ProxyFault } from "../../fakes/cloud/faultProxy.ts";
import { tagOf } from "../tagOf.ts";
import { attempts, kibibyte, type Scene, type StoreUnderFaults, status } from "./scene.ts";

/** For faults that only a time-out can end. */
const shortMs = 300;

export function describeReadFaults(at: () => Scene, { hasChecksums }: StoreUnderFaults): void {
  const recovers = async (fault: ProxyFault): Promise<void> => {
    const { proxy, open } = at();
    proxy.next(fault);
    expect((await open().get("object"))?.bytes).toEqual(kibibyte);
    expect(proxy.faultsLeft()).toBe(0);
  };
  const givesUp = async (fault: ProxyFault): Promise<void> => {
    const { proxy, open } = at();
    proxy.always(fault);
    expect(await tagOf(open().get("object"))).toBe("unreachable");
  };

  test("403 is forbidden, at once", async () => {
    const { proxy, open, clock } = at();
    proxy.always(status(403));
    expect(await tagOf(open().get("object"))).toBe("permission_denied");
    expect(await tagOf(Promise.resolve(open().stat?.("object")))).toBe("permission_denied");
    expect(clock.pauses).toEqual([]);
  });

  test("404 is absent, at once", async () => {
    const { proxy, open, clock } = at();
    proxy.always(status(404));
    expect(await open().get("object")).toBeUndefined();
    expect(await open().stat?.("object")).toBeUndefined();
    expect(clock.pauses).toEqual([]);
  });

  test.each([408, 429, 500, 502, 503, 504])("%i is asked again, after a pause", async (code) => {
    await recovers(status(code));
    expect(at().clock.pauses).toHaveLength(1);
  });

  test.each([408, 429, 500, 503])("%i for ever is unreachable, after so many attempts", async (code) => {
    await givesUp(status(code));
    expect(at().proxy.requests).toHaveLength(attempts);
  });

  test.each([429, 503])("a Retry-After with %i is obeyed", async (code) => {
    await recovers(status(code, { "retry-after": "7" }));
    expect(Math.max(...at().clock.pauses)).toBeGreaterThanOrEqual(7000);
  });

  test("a Retry-After of an hour is not waited for", async () => {
    await givesUp(status(503, { "retry-after": "3600" }));
    expect(at().clock.pauses).toEqual([]);
  });

  test("a slow reply is a reply", () => recovers({ kind: "slow" }));
  test("a body that ends early is asked for again", () => recovers({ kind: "short" }));
  test("a body that always ends early is unreachable", () => givesUp({ kind: "short" }));
  test("a body that is shorter than its length is asked for again", () => recovers({ kind: "wrongLength", by: 1 }));
  test("a closed connection is opened again", () => recovers({ kind: "reset" }));
  test("a lost reply is asked for again", () => recovers({ kind: "lostReply" }));
  test("a connection that is always closed is unreachable", () => givesUp({ kind: "reset" }));

  test.runIf(hasChecksums)("altered bytes are noticed and asked for again", () => recovers({ kind: "altered" }));
  test.runIf(hasChecksums)("bytes that are always altered are no result", () => givesUp({ kind: "altered" }));
  test.runIf(hasChecksums)("a checksum of other bytes is noticed, and asked for again", async () => {
    await recovers({ kind: "wrongHash" });
    expect(at().clock.pauses).toHaveLength(1);
  });
  test.runIf(hasChecksums)("a length that is too small is noticed", () => recovers({ kind: "wrongLength", by: -1 }));
}

export function describeRangeFaults(at: () => Scene): void {
  const range = { start: 100, end: 200 };

  test.each<[ByteRange, number, number]>([
    [range, 100, 200],
    [{ start: 1000 }, 1000, 1024],
    [{ start: -24 }, 1000, 1024],
  ])("the whole object for the range %j is cut", async (asked, start, end) => {
    const { proxy, open } = at();
    proxy.next({ kind: "wholeForRange", bytes: kibibyte });
    expect((await open().get("object", { range: asked }))?.bytes).toEqual(kibibyte.subarray(start, end));
    expect(proxy.faultsLeft()).toBe(0);
  });

  test.each<ProxyFault>([{ kind: "short" }, { kind: "wrongLength", by: 1 }, { kind: "reset" }, status(503)])(
    "a range is asked for again after %j",
    async (fault) => {
      const { proxy, open } = at();
      proxy.next(fault);
      expect((await open().get("object", { range }))?.bytes).toEqual(kibibyte.subarray(100, 200));
      expect(proxy.faultsLeft()).toBe(0);
    },
  );

  test("an object that changes between two ranges says so by its etag", async () => {
    const { proxy, open, service } = at();
    const store = open();
    const first = await store.get("object", { range });
    proxy.next({
      kind: "after",
      act: () =>
        service.seed(
          "object",
          kibibyte.map((byte) => byte ^ 255),
        ),
    });
    const second = await store.get("object", { range });
    expect(second?.bytes[0]).toBe((kibibyte[100] ?? 0) ^ 255);
    expect([typeof first?.etag, first?.etag === second?.etag]).toEqual(["string", false]);
    expect((await store.get("object", { range }))?.etag).toBe(second?.etag);
  });
}

export function describeTimeouts(at: () => Scene): void {
  test.each<ProxyFault>([{ kind: "silent" }, { kind: "stalled" }])(
    "%j ends with the time-out, and is asked again",
    async (fault) => {
      const { proxy, open } = at();
      proxy.next(fault);
      expect((await open({ timeoutMs: shortMs }).get("object"))?.bytes).toEqual(kibibyte);
      expect(proxy.faultsLeft()).toBe(0);
    },
  );

  test("a server that never speaks is unreachable", async () => {
    const { proxy, open } = at();
    proxy.always({ kind: "silent" });
    expect(await tagOf(open({ timeoutMs: shortMs, attempts: 2 }).get("object"))).toBe("unreachable");
  });

  test("a reader that goes does not wait for the time-out", async () => {
    const { proxy, open } = at();
    const abort = new AbortController();
    proxy.next({ kind: "silent" });
    const pending = tagOf(open().get("object", { signal: abort.signal }));
    setImmediate(() => abort.abort());
    expect(await pending).toBe("cancelled");
  });

  test("a store that closes ends what is under way", async () => {
    const { proxy, open } = at();
    proxy.always({ kind: "silent" });
    const store = open();
    const pending = tagOf(store.get("object"));
    setImmediate(() => void store.dispose?.());
    expect(await pending).toBe("cancelled");
  });
}
