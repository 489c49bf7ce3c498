/** Reads objects of a web service by URL: the one way that all drivers of such services get bytes, ranges and facts. */
import type { IncomingHttpHeaders } from "node:http";
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { CancelledError, UnsupportedError, type VolumeError } from "../../errors.ts";
import { checkKey, type Location } from "../location.ts";
import { checkRange } from "../ranges.ts";
import { type Clock, withRetries } from "../retry.ts";
import type { GetOptions, ObjectStat, StoredObject, StoreOptions } from "../store.ts";
import type { Connections } from "./connections.ts";
import { type BodyWindow, noBody, type Reply, type ReplyHead } from "./exchange.ts";
import { bytesOfRange, rangeHeader, totalOf, windowOf } from "./partial.ts";
import { type Authorize, follow, type Headers } from "./redirects.ts";
import { connectionError, encodingOf, statusError } from "./replies.ts";

export interface ObjectReaderOptions {
  /** Of the store; for messages. */
  readonly location: Location;
  readonly limits: StoreOptions;
  readonly connections: Connections;
  readonly clock: Clock;
  urlOf(key: string): URL;
  /** Absent = anonymous. */
  readonly authorize?: Authorize | undefined;
  /**
   * The error that a refusal means to this service, whose reply's body starts with `text`; "renew" = the credential is used up, `renew` gets
   * a fresh one; "absent" = there is no such object; `undefined` = what the status says everywhere.
   */
  explain?(refusal: Refusal): VolumeError | "renew" | "absent" | undefined;
  /** Gets a fresh credential; true = one more attempt is worth it. */
  renew?(options: Cancellable): Promise<boolean>;
  /** Checks a whole object against what the headers say of it. Throws TransientFault where they differ. */
  check?(object: { readonly headers: IncomingHttpHeaders; readonly bytes: Uint8Array }): void;
  /** Facts that only this service's headers tell. */
  facts?(headers: IncomingHttpHeaders): Partial<ObjectStat>;
}

/** A reply that is neither success nor 404. */
export interface Refusal {
  readonly key: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The first KiB of the body; "" for HEAD. */
  readonly text: string;
}

export interface ObjectReader {
  get(key: string, options?: GetOptions): Promise<StoredObject | undefined>;
  stat(key: string, options?: Cancellable): Promise<ObjectStat | undefined>;
  /** A page beside the objects, at a URL of the same origin; `undefined` where there is none. */
  readonly readPage: ReadPage;
  /** Ends connections and what is under way. Idempotent. */
  dispose(): Promise<void>;
}

export type ReadPage = (url: URL, options: Cancellable & { readonly maxBytes: number }) => Promise<WebPage | undefined>;

export interface WebPage {
  readonly url: URL;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** What is sent, and what is wanted of the reply. */
interface Call {
  readonly method: "GET" | "HEAD";
  readonly headers: Headers;
  readonly allocate?: GetOptions["allocate"];
  choose(head: ReplyHead): BodyWindow;
}

/** What a request is for. */
interface Target {
  readonly url: URL;
  /** For messages. */
  readonly name: string;
}

/** Even where the time-out is short, a busy server gets all its chances. */
const shortestDeadlineMs = 120_000;
const acceptStored = "gzip, br, zstd";
const emptyBytes = (): Uint8Array => new Uint8Array(0);
const refusalBytes: BodyWindow = { skip: 0, take: 1024, maxBytes: 1024 };

export function createObjectReader(options: ObjectReaderOptions): ObjectReader {
  return new WebObjects(options);
}

class WebObjects implements ObjectReader {
  readonly #options: ObjectReaderOptions;
  readonly #closing = new AbortController();
  /** Ends what is under way, one for each call. */
  readonly #calls = new Set<() => void>();

  constructor(options: ObjectReaderOptions) {
    this.#options = options;
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
    return this.#call(this.#targetOf(key), signal, getCall(options, this.#options.limits), (reply) =>
      this.#readObject(reply, range),
    );
  }

  async stat(key: string, { signal }: Cancellable = {}): Promise<ObjectStat | undefined> {
    const headers = { "accept-encoding": acceptStored };
    const choose = (): typeof noBody => noBody;
    const target = this.#targetOf(key);
    const facts = await this.#call(target, signal, { method: "HEAD", headers, choose }, (reply) =>
      reply.status === 405 || reply.status === 501
        ? "no HEAD"
        : reply.status === 200
          ? this.#factsOf(reply)
          : undefined,
    );
    if (facts !== "no HEAD") {
      return facts;
    }
    const probe: Call = { method: "GET", headers: { ...headers, range: "bytes=0-0" }, choose };
    return this.#call(target, signal, probe, (reply) => {
      const sizeBytes = reply.status === 200 ? reply.length : totalOf(reply);
      return [200, 206, 416].includes(reply.status)
        ? { ...this.#factsOf(reply), ...(sizeBytes !== undefined && { sizeBytes }) }
        : undefined;
    });
  }

  readonly readPage: ReadPage = async (url, { signal, maxBytes }) => {
    const headers = { "accept-encoding": "identity" };
    const body: BodyWindow = { skip: 0, take: Number.POSITIVE_INFINITY, maxBytes };
    const choose = ({ status }: ReplyHead): BodyWindow => (status === 200 ? body : noBody);
    return this.#call({ url, name: url.pathname }, signal, { method: "GET", headers, choose }, (reply) =>
      reply.status === 200 ? { url, contentType: reply.headers["content-type"] ?? "", bytes: reply.bytes } : undefined,
    );
  };

  async dispose(): Promise<void> {
    this.#closing.abort();
    for (const end of this.#calls) {
      end();
    }
    await this.#options.connections.release(this);
  }

  /** What `read` makes of the reply; `undefined` when there is no object. A status that `read` gives `undefined` for is an error. */
  async #call<T>(
    { url, name: key }: Target,
    signal: AbortSignal | undefined,
    call: Call,
    read: (reply: Reply) => T | undefined,
  ): Promise<T | undefined> {
    const { location, limits, clock, renew } = this.#options;
    throwIfAborted(signal);
    if (this.#closing.signal.aborted) {
      throw new CancelledError("the store is closed", { location: location.text });
    }
    let renewals = renew === undefined ? 0 : 1;
    const attempt = async (): Promise<T | undefined> => {
      const result = await this.#attempt({ url, name: key }, signal, call, read);
      if (result !== needsRenewal) {
        return result;
      }
      if (renewals-- > 0 && (await renew?.({ signal }))) {
        return attempt();
      }
      throw statusError(401, {}, { location: location.text, key }, clock.now());
    };
    return withRetries(attempt, {
      attempts: limits.attempts,
      deadlineMs: Math.max(2 * limits.timeoutMs, shortestDeadlineMs),
      clock,
      signal,
      closing: this.#closing.signal,
    });
  }

  #targetOf(key: string): Target {
    const { location, urlOf } = this.#options;
    checkKey(key, location);
    return { url: urlOf(key), name: key };
  }

  async #attempt<T>(
    { url, name: key }: Target,
    signal: AbortSignal | undefined,
    call: Call,
    read: (reply: Reply) => T | undefined,
  ): Promise<T | undefined | typeof needsRenewal> {
    const { location, limits, connections, clock } = this.#options;
    const where = { location: location.text, key };
    try {
      const reply = await follow(
        url,
        { ...call, signal, running: this.#calls, timeoutMs: limits.timeoutMs, choose: this.#chooser(call) },
        {
          connect: (origin, guard) => connections.acquire(origin, this, guard),
          authorize: this.#options.authorize,
          isReferred: location.isReferred === true,
        },
      );
      if (reply === undefined || reply.status === 404 || reply.status === 410) {
        return undefined;
      }
      const result = read(reply);
      return result ?? this.#refused(key, reply, clock.now());
    } catch (error) {
      throw connectionError(error, where);
    }
  }

  /** Keeps the start of a refusal's body, for the service to explain. */
  #chooser({ method, choose }: Call): Call["choose"] {
    const { explain } = this.#options;
    return explain === undefined || method === "HEAD"
      ? choose
      : (head) => (head.status >= 400 && head.status !== 404 && head.status !== 416 ? refusalBytes : choose(head));
  }

  #refused(key: string, reply: Reply, now: number): undefined | typeof needsRenewal {
    const { status, headers } = reply;
    const text = new TextDecoder().decode(reply.bytes.subarray(0, refusalBytes.take));
    const meaning = this.#options.explain?.({ key, status, headers, text });
    if (meaning === "absent") {
      return undefined;
    }
    if (meaning === "renew") {
      return needsRenewal;
    }
    throw meaning ?? statusError(status, headers, { location: this.#options.location.text, key }, now);
  }

  /** The object in a reply; `undefined` for a status that says something else. */
  #readObject(reply: Reply, range: GetOptions["range"]): StoredObject | undefined {
    const { status, headers } = reply;
    if (status === 416 && range !== undefined) {
      return { bytes: emptyBytes(), ...etagOf(headers) }; // the range starts at the end or behind
    }
    if (status !== 200 && (status !== 206 || range === undefined)) {
      return undefined;
    }
    const encoding = encodingOf(headers);
    if (range === undefined) {
      this.#options.check?.({ headers, bytes: reply.bytes });
    }
    return {
      bytes: range === undefined ? reply.bytes : bytesOfRange(range, reply),
      ...(encoding !== undefined && { encoding }),
      ...etagOf(headers),
      ...this.#etagOfService(headers),
    };
  }

  #factsOf({ headers, length }: ReplyHead): ObjectStat {
    const encoding = encodingOf(headers);
    const modifiedMs = Date.parse(headers["last-modified"] ?? "");
    return {
      ...(length !== undefined && { sizeBytes: length }),
      ...(encoding !== undefined && { encoding }),
      ...etagOf(headers),
      ...(headers["content-type"] !== undefined && { contentType: headers["content-type"] }),
      ...(headers["cache-control"] !== undefined && { cacheControl: headers["cache-control"] }),
      ...(Number.isFinite(modifiedMs) && { modifiedMs }),
      ...this.#options.facts?.(headers),
    };
  }

  /** The etag, where the service's own facts name another than the header. */
  #etagOfService(headers: IncomingHttpHeaders): { readonly etag?: string } {
    const etag = this.#options.facts?.(headers).etag;
    return etag === undefined ? {} : { etag };
  }
}

/** The credential is used up. */
const needsRenewal = Symbol("renew");

function getCall({ range, maxBytes, allocate }: GetOptions, { maxObjectBytes }: StoreOptions): Call {
  const limit = maxBytes ?? maxObjectBytes;
  const whole = { skip: 0, take: Number.POSITIVE_INFINITY, maxBytes: limit };
  return {
    method: "GET",
    headers:
      range === undefined
        ? { "accept-encoding": acceptStored }
        : { "accept-encoding": "identity", range: rangeHeader(range) },
    allocate,
    choose(head) {
      if (head.status !== 200 && (head.status !== 206 || range === undefined)) {
        return noBody;
      }
      if (range === undefined) {
        return whole;
      }
      const encoding = encodingOf(head.headers);
      if (encoding !== undefined) {
        throw new UnsupportedError(`a range of an object compressed with ${encoding}`);
      }
      return windowOf(range, head, { maxBytes: limit, maxSkip: maxObjectBytes });
    },
  };
}

function etagOf({ etag }: IncomingHttpHeaders): { readonly etag?: string } {
  return typeof etag === "string" ? { etag } : {};
}
