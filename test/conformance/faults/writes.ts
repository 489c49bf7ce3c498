/** Faults of writes, deletions, copies and listings. */
import { expect, test } from "vitest";
import type { Store } from "../../../server/src/storage/store.ts";
import type { ProxyFault } from "../../fakes/cloud/faultProxy.ts";
import { needed } from "../needed.ts";
import { tagOf } from "../tagOf.ts";
import { kibibyte, type Scene, status } from "./scene.ts";

export function describeWriteFaults(at: () => Scene): void {
  const faults: readonly ProxyFault[] = [
    status(500),
    status(503),
    status(429, { "retry-after": "1" }),
    { kind: "reset" },
    { kind: "lostReply" },
  ];

  test.for(faults)("what is written in spite of %j is whole", async (fault, { skip }) => {
    const { proxy, open } = at();
    const store = needed(open(), skip, "put");
    proxy.next(fault);
    await store.put("new", kibibyte);
    expect((await store.get("new"))?.bytes).toEqual(kibibyte);
    expect(proxy.faultsLeft()).toBe(0);
  });

  test("what may not be written, or deleted, is forbidden", async ({ skip }) => {
    const { proxy, open, clock } = at();
    const store = needed(open(), skip, "put", "delete");
    proxy.always(status(403));
    expect(await tagOf(store.put("new", kibibyte))).toBe("permission_denied");
    expect(await tagOf(store.delete("object"))).toBe("permission_denied");
    expect(clock.pauses).toEqual([]);
  });

  test("what cannot be written, or deleted, is unreachable", async ({ skip }) => {
    const { proxy, open } = at();
    const store = needed(open(), skip, "put", "delete");
    proxy.always(status(503));
    expect(await tagOf(store.put("new", kibibyte))).toBe("unreachable");
    expect(await tagOf(store.delete("object"))).toBe("unreachable");
    proxy.always(undefined);
    expect([await store.get("new"), (await store.get("object"))?.bytes]).toEqual([undefined, kibibyte]);
  });

  test("a conditional write whose reply is lost never takes another's place", async ({ skip }) => {
    const { proxy, open } = at();
    const store = needed(open(), skip, "put");
    proxy.next({ kind: "lostReply" });
    expect(["no error", "conflict"]).toContain(await tagOf(store.put("new", kibibyte, { onlyIf: "absent" })));
    expect(proxy.faultsLeft()).toBe(0);
    expect((await store.get("new"))?.bytes).toEqual(kibibyte);
    expect(await tagOf(store.put("new", new Uint8Array(1), { onlyIf: "absent" }))).toBe("conflict");
  });

  test.for(faults)("a deletion is done in spite of %j", async (fault, { skip }) => {
    const { proxy, open } = at();
    const store = needed(open(), skip, "delete");
    proxy.next(fault);
    await store.delete("object");
    expect(await store.get("object")).toBeUndefined();
    expect(proxy.faultsLeft()).toBe(0);
  });

  test.for(faults)("many are deleted in spite of %j", async (fault, { skip }) => {
    const { proxy, open, service } = at();
    const store = needed(open(), skip, "deleteAll");
    const keys = ["a", "b", "c"];
    for (const key of keys) {
      service.seed(key, kibibyte);
    }
    proxy.next(fault);
    expect(await store.deleteAll(keys)).toEqual([]);
    expect(await Promise.all(keys.map((key) => store.get(key)))).toEqual([undefined, undefined, undefined]);
    expect(proxy.faultsLeft()).toBe(0);
  });

  test("a copy is whole in spite of a fault", async ({ skip }) => {
    const { proxy, open } = at();
    const store = needed(open(), skip, "copyFrom");
    proxy.next(status(503));
    expect(await store.copyFrom(store, "object", "copy")).toBe(true);
    expect((await store.get("copy"))?.bytes).toEqual(kibibyte);
    expect(proxy.faultsLeft()).toBe(0);
  });
}

export function describeListFaults(at: () => Scene): void {
  const keys = ["a", "b", "c", "d", "object"];
  /** Runs `between` once the first entry is there. */
  const list = async (store: Store, between?: () => void): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of store.list?.({ pageSize: 2 }) ?? []) {
      if (names.length === 0) {
        between?.();
      }
      names.push(name);
    }
    return names;
  };
  const openListed = (skip: (note: string) => never): Store => {
    for (const key of keys.slice(0, 4)) {
      at().service.seed(key, kibibyte);
    }
    return needed(at().open(), skip, "list");
  };

  test.for<ProxyFault>([
    status(503),
    status(429, { "retry-after": "1" }),
    { kind: "reset" },
    { kind: "short" },
    { kind: "slow" },
  ])("a listing is whole in spite of %j", async (fault, { skip }) => {
    const { proxy } = at();
    const store = openListed(skip);
    proxy.next(fault);
    expect(await list(store)).toEqual(keys);
    expect(proxy.faultsLeft()).toBe(0);
    expect(await list(store, () => proxy.next(fault))).toEqual(keys); // between two pages, where there are pages
  });

  test("a listing that is forbidden, or fails, is no empty listing", async ({ skip }) => {
    const { proxy } = at();
    const store = openListed(skip);
    for (const [fault, tag] of [
      [status(403), "permission_denied"],
      [status(500), "unreachable"],
      [{ kind: "short" }, "unreachable"],
    ] as const) {
      proxy.always(fault);
      expect(await tagOf(list(store))).toBe(tag);
    }
  });

  test("a credential that ends between two pages is exchanged for another", async ({ skip }) => {
    const { service } = at();
    const store = openListed(skip);
    const expire = service.expireCredential ?? skip("credentials do not end");
    expect(await list(store, expire)).toEqual(keys);
    expire();
    expect((await store.get("object"))?.bytes).toEqual(kibibyte);
  });
}
