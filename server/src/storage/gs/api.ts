/** Requests of the JSON API: authorised, one policy of time-outs and repetition, no redirects, typed errors. */
import type { Cancellable } from "../../base/abort.ts";
import { throwIfAborted } from "../../base/abort.ts";
import { CancelledError, type ErrorFields, UnreachableError, type VolumeError } from "../../errors.ts";
import type { Location } from "../location.ts";
import { withRetries } from "../retry.ts";
import type { StoreOptions } from "../store.ts";
import { exchange, type Reply } from "../web/exchange.ts";
import { connectionError } from "../web/replies.ts";
import type { BucketAccess } from "./access.ts";
import { withBody } from "./body.ts";
import { type GsRefusal, MissingObject } from "./gsErrors.ts";
import type { GsWorld } from "./world.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses beside 2xx that are no errors. */
  readonly accepts?: readonly number[];
}

/** One request. Rejects with a typed error, TransientFault where another attempt may do, MissingObject where there is no such object. */
export type Send = (request: ApiRequest) => Promise<Reply>;

export interface Api {
  /** Runs a task that sends requests, again where it fails for a passing reason. */
  run<T>(task: (send: Send) => Promise<T>, options: Cancellable): Promise<T>;
  /** One request, once, for at most so long: to tidy up, also after an abort. */
  sendOnce(request: ApiRequest, timeoutMs: number): Promise<Reply>;
  /** The path of an address that the service gives. Throws UnreachableError where it leads elsewhere: no credential goes there. */
  pathOf(address: string | undefined): string;
  /** Ends connections and what is under way. Idempotent. */
  dispose(): Promise<void>;
}

export interface ApiOptions {
  readonly location: Location;
  readonly limits: StoreOptions;
  readonly world: GsWorld;
  readonly access: BucketAccess;
  explain(refusal: GsRefusal): VolumeError | "renew" | "absent";
  /** A 401 that renewing does not help. */
  deny(): VolumeError;
}

/** Replies of listings and writes; objects come by another way. */
const maxReplyBytes = 32 * 2 ** 20;
/** A slower upload counts as none. */
const slowestBytesPerMs = 64;
const shortestDeadlineMs = 120_000;

export function createApi(options: ApiOptions): Api {
  const { location, limits, world } = options;
  const closing = new AbortController();
  const running = new Set<() => void>();
  const session: Session = { ...options, closing: closing.signal, running, owner: running };
  return {
    run: (task, { signal }) =>
      withRetries(() => task((request) => send(request, { signal }, session)), {
        attempts: limits.attempts,
        deadlineMs: Math.max(2 * limits.timeoutMs, shortestDeadlineMs),
        clock: world.clock,
        signal,
        closing: closing.signal,
      }),
    sendOnce: (request, timeoutMs) => send(request, { signal: AbortSignal.timeout(timeoutMs) }, session),
    pathOf(address = "") {
      const url = URL.canParse(address, world.origin) ? new URL(address, world.origin) : undefined;
      if (url === undefined || url.origin !== world.origin) {
        throw new UnreachableError("the service gives an address of another origin", { location: location.text });
      }
      return url.pathname + url.search;
    },
    async dispose() {
      closing.abort(new CancelledError("the store is closed", { location: location.text }));
      for (const end of [...running]) {
        end();
      }
      await world.connections.release(running);
    },
  };
}

interface Session extends ApiOptions {
  readonly closing: AbortSignal;
  /** What ends the exchanges under way. */
  readonly running: Set<() => void>;
  /** User of the connections. */
  readonly owner: object;
}

async function send(request: ApiRequest, { signal }: Cancellable, session: Session): Promise<Reply> {
  const { access, explain, deny } = session;
  for (let isRenewed = false; ; isRenewed = true) {
    const reply = await sendAuthorised(request, { signal }, session);
    const { status, headers } = reply;
    if ((status >= 200 && status < 300) || request.accepts?.includes(status)) {
      return reply;
    }
    const meaning = explain({ status, headers, text: textOf(reply, 4096) });
    if (meaning === "absent") {
      throw new MissingObject("there is no object of this name", {});
    }
    if (meaning !== "renew") {
      throw meaning;
    }
    if (isRenewed || !(await access.renew({ signal }))) {
      throw deny();
    }
  }
}

async function sendAuthorised(
  { method, path, headers = {}, body }: ApiRequest,
  { signal }: Cancellable,
  { access, limits, location, world, closing, running, owner }: Session,
): Promise<Reply> {
  throwIfAborted(signal);
  throwIfAborted(closing);
  const where: ErrorFields = { location: location.text };
  try {
    const authority = await access.headers({ signal });
    throwIfAborted(closing);
    const pool = world.connections.acquire(world.origin, owner, { isGuarded: location.isReferred === true });
    return await exchange(withBody(pool, method, body), {
      method: "GET",
      path,
      headers: { ...headers, ...authority },
      signal,
      running,
      timeoutMs: limits.timeoutMs + Math.ceil((body?.byteLength ?? 0) / slowestBytesPerMs),
      choose: () => ({ skip: 0, take: Number.POSITIVE_INFINITY, maxBytes: maxReplyBytes }),
    });
  } catch (error) {
    throw connectionError(error, where);
  }
}

/** A reply's body as text. */
export function textOf({ bytes }: Reply, maxBytes = Number.POSITIVE_INFINITY): string {
  return new TextDecoder().decode(bytes.subarray(0, maxBytes));
}

/** A reply's body as a JSON object. Throws UnreachableError for anything else. */
export function jsonOf(reply: Reply): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(textOf(reply));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>; // an object that is no array
    }
  } catch {
    // not JSON: said below
  }
  throw new UnreachableError("the service's reply is not what its API says");
}

/** A JSON value as a request's body. */
export function jsonBody(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
