/** Web servers: `http(s)://host/path`, read-only. The bytes are as stored, with the Content-Encoding that the server names. */
import type { LookupFunction } from "node:net";
import { throwIfAborted } from "../../base/abort.ts";
import { CancelledError, UnsupportedError } from "../../errors.ts";
import { checkKey, encodeKey, type Location } from "../location.ts";
import { checkRange } from "../ranges.ts";
import { type Clock, systemClock, withRetries } from "../retry.ts";
import type { GetOptions, ObjectStat, Store, StoreDriver, StoredObject, StoreOptions } from "../store.ts";
import { type Connections, createConnections } from "../web/connections.ts";
import { type ExchangeRequest, noBody, type Reply, type ReplyHead } from "../web/exchange.ts";
import { bytesOfRange, rangeHeader, totalOf, windowOf } from "../web/partial.ts";
import { follow } from "../web/redirects.ts";
import { connectionError, encodingOf, statusError } from "../web/replies.ts";

export interface HttpDriverOptions {
  /** Connections to one origin; requests beyond wait. Default 16. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  readonly lookup?: LookupFunction;
  readonly clock?: Clock;
}

/** Stores of one driver share their connections. */
export function createHttpDriver(options: HttpDriverOptions = {}): StoreDriver {
  const { connections: count = 16, connectTimeoutMs = 10_000, lookup, clock = systemClock } = options;
  const connections = createConnections({ connections: count, connectTimeoutMs, ...(lookup && { lookup }) });
  return {
    schemes: ["http", "https"],
    open: (location, limits) => new HttpStore({ location, limits, connections, clock, concurrency: count }),
  };
}

interface HttpStoreParts {
  readonly location: Location;
  readonly limits: StoreOptions;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly concurrency: number;
}

type Call = Pick<ExchangeRequest, "method" | "headers" | "choose">;

/** Even where the time-out is short, a busy server gets a second chance. */
const shortestDeadlineMs = 10_000;
const acceptStored = "gzip, br, zstd";
const emptyBytes = (): Uint8Array => new Uint8Array(0);

class HttpStore implements Store {
  readonly location: Location;
  readonly capabilities: Store["capabilities"];
  readonly #parts: HttpStoreParts;
  readonly #calls = new Set<AbortController>();
  #isDisposed = false;

  constructor(parts: HttpStoreParts) {
    this.#parts = parts;
    this.location = parts.location;
    this.capabilities = { write: false, list: false, anyThread: true, concurrency: parts.concurrency };
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredObject | undefined> {
    const { range, signal } = options;
    if (range !== undefined) {
      checkRange(range);
    }
    if (range?.start === range?.end && range !== undefined) {
      const facts = await this.stat(key, { signal }); // HTTP has no way to ask for nothing
      return facts && { bytes: emptyBytes(), ...(facts.etag !== undefined && { etag: facts.etag }) };
    }
    return this.#call(key, signal, getCall(options, this.#parts.limits), (reply) => readReply(reply, range));
  }

  async stat(
    key: string,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ObjectStat | undefined> {
    const headers = { "accept-encoding": acceptStored };
    const choose = (): typeof noBody => noBody;
    const facts = await this.#call(key, signal, { method: "HEAD", headers, choose }, (reply) =>
      reply.status === 405 || reply.status === 501 ? "no HEAD" : reply.status === 200 ? factsOf(reply) : undefined,
    );
    if (facts !== "no HEAD") {
      return facts;
    }
    const probe: Call = { method: "GET", headers: { ...headers, range: "bytes=0-0" }, choose };
    return this.#call(key, signal, probe, (reply) => {
      const sizeBytes = reply.status === 200 ? reply.length : totalOf(reply);
      return [200, 206, 416].includes(reply.status)
        ? { ...factsOf(reply), ...(sizeBytes !== undefined && { sizeBytes }) }
        : undefined;
    });
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    for (const call of this.#calls) {
      call.abort();
    }
    await this.#parts.connections.release(this);
  }

  /** What `read` makes of the reply; `undefined` when there is no object. A status that `read` gives `undefined` for is an error. */
  async #call<T>(
    key: string,
    signal: AbortSignal | undefined,
    call: Call,
    read: (reply: Reply) => T | undefined,
  ): Promise<T | undefined> {
    checkKey(key, this.location);
    throwIfAborted(signal);
    if (this.#isDisposed) {
      throw new CancelledError("the store is closed", { location: this.location.text });
    }
    const own = new AbortController();
    const abort = (): void => own.abort(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    this.#calls.add(own);
    try {
      return await this.#attempts(key, own.signal, call, read);
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#calls.delete(own);
    }
  }

  #attempts<T>(
    key: string,
    signal: AbortSignal,
    call: Call,
    read: (reply: Reply) => T | undefined,
  ): Promise<T | undefined> {
    const { location, limits, connections, clock } = this.#parts;
    const where = { location: location.text, key };
    const url = urlOf(location, key);
    const isReferred = location.isReferred === true;
    const connect: Parameters<typeof follow>[2] = (origin, options) => connections.acquire(origin, this, options);
    const attempt = async (): Promise<T | undefined> => {
      try {
        const reply = await follow(url, { ...call, signal, timeoutMs: limits.timeoutMs }, connect, { isReferred });
        if (reply === undefined || reply.status === 404 || reply.status === 410) {
          return undefined;
        }
        const result = read(reply);
        if (result === undefined) {
          throw statusError(reply.status, reply.headers, where, clock.now());
        }
        return result;
      } catch (error) {
        throw connectionError(error, where);
      }
    };
    return withRetries(attempt, {
      attempts: limits.attempts,
      deadlineMs: Math.max(2 * limits.timeoutMs, shortestDeadlineMs),
      clock,
      signal,
    });
  }
}

function urlOf({ scheme, authority, path, query = "" }: Location, key: string): URL {
  return new URL(`${scheme}://${authority}/${path === "" ? "" : `${path}/`}${encodeKey(key)}${query}`);
}

function getCall({ range, maxBytes }: GetOptions, { maxObjectBytes }: StoreOptions): Call {
  const limit = maxBytes ?? maxObjectBytes;
  const whole = { skip: 0, take: Number.POSITIVE_INFINITY, maxBytes: limit };
  return {
    method: "GET",
    headers:
      range === undefined
        ? { "accept-encoding": acceptStored }
        : { "accept-encoding": "identity", range: rangeHeader(range) },
    choose(head) {
      if (head.status !== 200 && (head.status !== 206 || range === undefined)) {
        return noBody;
      }
      const encoding = encodingOf(head.headers);
      if (range === undefined) {
        return whole;
      }
      if (encoding !== undefined) {
        throw new UnsupportedError(`a range of an object compressed with ${encoding}`);
      }
      return windowOf(range, head, { maxBytes: limit, maxSkip: maxObjectBytes });
    },
  };
}

/** The object in a reply; `undefined` for a status that says something else. */
function readReply(reply: Reply, range: GetOptions["range"]): StoredObject | undefined {
  const { status } = reply;
  if (status === 416 && range !== undefined) {
    return { bytes: emptyBytes(), ...etagOf(reply) }; // the range starts at the end or behind
  }
  if (status === 200 || (status === 206 && range !== undefined)) {
    const encoding = encodingOf(reply.headers);
    return {
      bytes: range === undefined ? reply.bytes : bytesOfRange(range, reply),
      ...(encoding !== undefined && { encoding }),
      ...etagOf(reply),
    };
  }
  return undefined;
}

function factsOf(reply: ReplyHead): ObjectStat {
  const encoding = encodingOf(reply.headers);
  return {
    ...(reply.length !== undefined && { sizeBytes: reply.length }),
    ...(encoding !== undefined && { encoding }),
    ...etagOf(reply),
  };
}

function etagOf({ headers }: ReplyHead): { readonly etag?: string } {
  return typeof headers.etag === "string" ? { etag: headers.etag } : {};
}
