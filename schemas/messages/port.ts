/**
 * The one helper for messages between extension host and webview: requests that can fail, time out, be cancelled and are rejected on
 * dispose; and events. Each side makes a port over its own `postMessage`.
 *
 * On the wire: `{ v: 1, kind: "request", id, name, params }`, `{ v: 1, kind: "reply", id, result | error }`,
 * `{ v: 1, kind: "cancel", id }`, `{ v: 1, kind: "event", name, params }`. Anything else is ignored.
 */
import { isErrorTag, type WireError } from "../errors.ts";

/** Names a side's requests: name -> [params, result]. */
export type RequestMap = Record<string, readonly [params: unknown, result: unknown]>;
/** Names a side's events: name -> params. */
export type EventMap = Record<string, unknown>;

/** What one side may say: the requests that it makes and the events that it sends. */
export interface Voice {
  readonly requests: RequestMap;
  readonly events: EventMap;
}

export interface PortOptions {
  readonly post: (message: unknown) => void;
  /** Time after which a request without reply fails; default 60 s. */
  readonly timeoutMs?: number;
}

/** A failure that the other side reported, or that the port made (cancelled, timed out, disposed). */
export class PortError extends Error {
  readonly wire: WireError;
  constructor(wire: WireError) {
    super(wire.message);
    this.name = "PortError";
    this.wire = wire;
  }
}

export type RequestHandler<P, R> = (params: P, signal: AbortSignal) => Promise<R> | R;

export interface Port<Mine extends Voice, Theirs extends Voice> {
  request<N extends keyof Mine["requests"] & string>(
    name: N,
    params: Mine["requests"][N][0],
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<Mine["requests"][N][1]>;
  send<N extends keyof Mine["events"] & string>(name: N, params: Mine["events"][N]): void;
  onRequest<N extends keyof Theirs["requests"] & string>(
    name: N,
    handler: RequestHandler<Theirs["requests"][N][0], Theirs["requests"][N][1]>,
  ): void;
  onEvent<N extends keyof Theirs["events"] & string>(name: N, handler: (params: Theirs["events"][N]) => void): void;
  /** Give it every message that arrives. */
  receive(message: unknown): void;
  /** Rejects what is pending and aborts what is being answered; idempotent. */
  dispose(): void;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: PortError) => void;
  readonly settle: () => void;
}

export function createPort<Mine extends Voice, Theirs extends Voice>(options: PortOptions): Port<Mine, Theirs> {
  const pending = new Map<number, Pending>();
  const answering = new Map<number, AbortController>();
  const requestHandlers = new Map<string, RequestHandler<unknown, unknown>>();
  const eventHandlers = new Map<string, ((params: unknown) => void)[]>();
  let nextId = 1;
  let disposed = false;

  function fail(id: number, wire: WireError): void {
    const entry = pending.get(id);
    pending.delete(id);
    entry?.settle();
    entry?.reject(new PortError(wire));
  }

  async function answer(id: number, name: string, params: unknown): Promise<void> {
    const handler = requestHandlers.get(name);
    if (handler === undefined) {
      options.post({ v: 1, kind: "reply", id, error: { tag: "unsupported", message: `unknown request: "${name}"` } });
      return;
    }
    const controller = new AbortController();
    answering.set(id, controller);
    try {
      const result = await handler(params, controller.signal);
      post({ v: 1, kind: "reply", id, result });
    } catch (error) {
      post({ v: 1, kind: "reply", id, error: wireOf(error) });
    } finally {
      answering.delete(id);
    }
  }

  function post(message: unknown): void {
    if (!disposed) {
      options.post(message);
    }
  }

  return {
    request(name, params, { signal, timeoutMs = options.timeoutMs ?? 60_000 } = {}) {
      if (disposed || signal?.aborted) {
        const message = disposed ? "the view was closed" : "the operation was cancelled";
        return Promise.reject(new PortError({ tag: "cancelled", message }));
      }
      const id = nextId++;
      return new Promise((resolve, reject) => {
        const abort = (): void => {
          post({ v: 1, kind: "cancel", id });
          fail(id, { tag: "cancelled", message: "the operation was cancelled" });
        };
        const timer = setTimeout(() => {
          post({ v: 1, kind: "cancel", id });
          fail(id, { tag: "unreachable", message: `no reply to "${name}" in ${timeoutMs} ms` });
        }, timeoutMs);
        const settle = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
        };
        signal?.addEventListener("abort", abort, { once: true });
        pending.set(id, { resolve: resolve as (result: unknown) => void, reject, settle });
        post({ v: 1, kind: "request", id, name, params });
      });
    },
    send(name, params) {
      post({ v: 1, kind: "event", name, params });
    },
    onRequest(name, handler) {
      requestHandlers.set(name, handler as RequestHandler<unknown, unknown>);
    },
    onEvent(name, handler) {
      const handlers = eventHandlers.get(name) ?? [];
      handlers.push(handler as (params: unknown) => void);
      eventHandlers.set(name, handlers);
    },
    receive(message) {
      if (disposed || typeof message !== "object" || message === null || (message as { v?: unknown }).v !== 1) {
        return;
      }
      const { kind, id, name, params, result, error } = message as Record<string, unknown>;
      if (kind === "request" && typeof id === "number" && typeof name === "string") {
        void answer(id, name, params);
      } else if (kind === "reply" && typeof id === "number") {
        if (error === undefined) {
          const entry = pending.get(id);
          pending.delete(id);
          entry?.settle();
          entry?.resolve(result);
        } else {
          fail(id, wireOf(error));
        }
      } else if (kind === "cancel" && typeof id === "number") {
        answering.get(id)?.abort();
      } else if (kind === "event" && typeof name === "string") {
        for (const handler of eventHandlers.get(name) ?? []) {
          handler(params);
        }
      }
    },
    dispose() {
      disposed = true;
      for (const id of [...pending.keys()]) {
        fail(id, { tag: "cancelled", message: "the view was closed" });
      }
      for (const controller of answering.values()) {
        controller.abort();
      }
      answering.clear();
    },
  };
}

/** A WireError from whatever was thrown or sent: an error with `wire`, `tag` or just a message. */
function wireOf(error: unknown): WireError {
  const candidate = (error as { wire?: unknown } | null)?.wire ?? error;
  const { tag, message, data } = (candidate ?? {}) as Record<string, unknown>;
  return {
    tag: isErrorTag(tag) ? tag : "internal",
    message: typeof message === "string" ? message : String(error),
    ...(typeof data === "object" && data !== null ? { data: data as Readonly<Record<string, unknown>> } : {}),
  };
}
