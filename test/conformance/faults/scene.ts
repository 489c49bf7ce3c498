/** The stage of the fault suite: a service, a proxy that spoils its replies, and stores that go by the proxy. */
import { onTestFinished } from "vitest";
import type { Clock } from "../../../server/src/storage/retry.ts";
import { defaultStoreOptions, type Store, type StoreOptions } from "../../../server/src/storage/store.ts";
import { createFakeClock } from "../../fakes/clock.ts";
import { type FaultProxy, type ProxyFault, startFaultProxy } from "../../fakes/cloud/faultProxy.ts";
import type { SeenRequest } from "../../fakes/cloud/service.ts";

export interface StoreUnderFaults {
  readonly name: string;
  /** Is a whole object compared with the checksum that the service has of it? */
  readonly hasChecksums: boolean;
  start(): Promise<ServiceUnderFaults>;
}

export interface ServiceUnderFaults {
  readonly origin: string;
  /** A store that sends everything to `origin`, which passes it on to the service; its time and its pauses are the clock's. */
  open(origin: string, options: { readonly limits: StoreOptions; readonly clock: Clock }): Store;
  seed(key: string, bytes: Uint8Array): void;
  /** Keys and tokens that only the service may see. */
  secrets(): readonly string[];
  /** Ends the credential in use; the store can get another. Absent: credentials do not end. */
  readonly expireCredential?: () => void;
  /** Requests that faults are for: not those for credentials. Default all. */
  readonly applies?: (request: SeenRequest) => boolean;
  close(): Promise<void>;
}

export interface Scene {
  readonly service: ServiceUnderFaults;
  readonly proxy: FaultProxy;
  readonly clock: ReturnType<typeof createFakeClock>;
  /** By the proxy's origin, unless told otherwise. */
  open(limits?: Partial<StoreOptions>): Store;
}

/** What the service has under "object". */
export const kibibyte = Uint8Array.from({ length: 1024 }, (_, index) => (index * 7) & 255);
/** Of every store, unless told otherwise. */
export const attempts = 3;

export async function openScene(subject: StoreUnderFaults): Promise<Scene> {
  const service = await subject.start();
  const proxy = await startFaultProxy(service.origin, service.applies && { applies: service.applies });
  const clock = createDayClock();
  return {
    service,
    proxy,
    clock,
    open(limits = {}) {
      const store = service.open(proxy.origin, { clock, limits: { ...defaultStoreOptions, attempts, ...limits } });
      onTestFinished(() => store.dispose?.());
      return store;
    },
  };
}

/** The time of day, as signatures need it, that goes on only when someone sleeps. */
function createDayClock(): ReturnType<typeof createFakeClock> {
  const clock = createFakeClock();
  const started = Date.now();
  return { ...clock, now: () => started + clock.now() };
}

/** Refused by the proxy. */
export const status = (code: number, headers: Readonly<Record<string, string>> = {}): ProxyFault => ({
  kind: "status",
  status: code,
  headers,
});
