/** Credentials stay with their service: no other host is sent one, no error tells one. */
import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../../server/src/storage/store.ts";
import type { ProxyFault } from "../../fakes/cloud/faultProxy.ts";
import { findLeaks, holdsSecret } from "../../fakes/cloud/leaks.ts";
import { startService } from "../../fakes/cloud/service.ts";
import { tagOf } from "../tagOf.ts";
import { kibibyte, type Scene, status } from "./scene.ts";

export function describeSecondHost(at: () => Scene): void {
  test.each([301, 302, 303, 307, 308])("no credential follows a redirect (%i) to another host", async (code) => {
    const { proxy, open, service } = at();
    const second = await startService(() => ({ status: 200, headers: { etag: '"elsewhere"' }, body: kibibyte }));
    onTestFinished(() => second.close());
    const store = open({ attempts: 1 });
    await store.get("object"); // whatever it takes to get a credential
    proxy.always({ kind: "redirect", status: code, to: second.origin });
    await tagOf(store.get("object"));
    await tagOf(store.get("object", { range: { start: 0, end: 8 } }));
    await tagOf(Promise.resolve(store.stat?.("object")));
    await tagOf(Promise.resolve(store.put?.("new", kibibyte)));
    await tagOf(Promise.resolve(store.put?.("new", kibibyte, { onlyIf: "absent" })));
    await tagOf(Promise.resolve(store.delete?.("object")));
    await tagOf(Promise.resolve(store.deleteAll?.(["object"])));
    await tagOf(Promise.resolve(store.copyFrom?.(store, "object", "copy")));
    await tagOf(firstEntry(store));
    expect(proxy.requests.length).toBeGreaterThan(3);
    expect(second.requests.flatMap((request) => findLeaks(request, service.secrets()))).toEqual([]);
  });
}

async function firstEntry(store: Store): Promise<void> {
  for await (const _entry of store.list?.() ?? []) {
    return;
  }
}

export function describeErrorTexts(at: () => Scene): void {
  test.each<ProxyFault>([status(401), status(403), status(500), { kind: "reset" }, { kind: "short" }])(
    "no secret is in the error of %j",
    async (fault) => {
      const { proxy, open, service } = at();
      const store = open({ attempts: 1 });
      await store.get("object");
      proxy.always(fault);
      const failures = await Promise.all(
        [
          store.get("object"),
          store.stat?.("object"),
          store.put?.("new", kibibyte),
          store.delete?.("object"),
          firstEntry(store),
        ].map(async (call) =>
          Promise.resolve(call).then(
            () => undefined,
            (error: unknown) => error,
          ),
        ),
      );
      expect(failures[0]).toBeDefined();
      const text =
        inspect(failures, { depth: 12, showHidden: true, maxStringLength: null }) + failures.map(String).join();
      expect(holdsSecret(text, service.secrets())).toBe(false);
    },
  );
}
