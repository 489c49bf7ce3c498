/** undici behind the raw client: loaded by the first request that comes through, so that most threads never do. */
import type { LookupFunction } from "node:net";
import type { Dispatcher, Pool } from "undici";

export interface LazyPoolOptions {
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly idleMs: number;
  readonly lookup: LookupFunction;
}

export interface LazyPool extends Pick<Dispatcher, "dispatch"> {
  /** Ends all connections; requests that wait for the pool, or come later, fail. */
  destroy(): Promise<void>;
}

/** A pool of connections to `origin` that is made by the first request. */
export function createLazyPool(
  origin: string,
  { connections, connectTimeoutMs, idleMs, lookup }: LazyPoolOptions,
): LazyPool {
  let loading: Promise<Pool> | undefined;
  let isDestroyed = false;
  const load = async (): Promise<Pool> => {
    const { Pool: Connections } = await import("./undiciPool.ts");
    const connect = { timeout: connectTimeoutMs, lookup };
    return new Connections(origin, { connections, keepAliveTimeout: idleMs, connect });
  };
  return {
    dispatch(request, handler) {
      const fail = (error: Error): void => handler.onResponseError?.(noController, error);
      if (isDestroyed) {
        fail(Object.assign(new Error("the connections are closed"), { code: "ECONNRESET" }));
        return true;
      }
      loading ??= load();
      loading.then((pool) => pool.dispatch(request, handler)).catch(fail);
      return true;
    },
    async destroy() {
      isDestroyed = true;
      await (await loading?.catch(() => undefined))?.destroy();
    },
  };
}

/** Stands for the controller of a request that was never sent. */
const noController: Dispatcher.DispatchController = {
  aborted: true,
  paused: false,
  reason: null,
  rawHeaders: null,
  rawTrailers: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};
