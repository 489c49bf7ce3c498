/**
 * Carries the SDK's requests over our connections: one policy of time-outs and repetition, no redirects, no private hosts behind a stranger's
 * location, and typed errors straight from the reply.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { throwIfAborted } from "../../base/abort.ts";
import { type ErrorFields, InternalError, type VolumeError } from "../../errors.ts";
import { type Clock, withRetries } from "../retry.ts";
import type { StoreOptions } from "../store.ts";
import type { Connections } from "../web/connections.ts";
import { exchange, type Reply } from "../web/exchange.ts";
import { connectionError } from "../web/replies.ts";
import type { S3Refusal } from "./s3Errors.ts";

export interface SdkHandlerOptions {
  readonly connections: Connections;
  /** User of the connections. */
  readonly owner: object;
  readonly isReferred: boolean;
  readonly limits: StoreOptions;
  readonly clock: Clock;
  /** Ends pauses. */
  readonly closing: AbortSignal;
  /** Holds what ends the exchanges under way. */
  readonly running: Set<() => void>;
  readonly where: ErrorFields;
  /** The error that a refusal means. */
  explain(refusal: S3Refusal): VolumeError;
}

/** The SDK's request, as far as it is used. */
export interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface SdkReply {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

export interface SdkHandler {
  handle(request: SdkRequest, options?: { readonly abortSignal?: unknown }): Promise<{ readonly response: SdkReply }>;
  /** The SDK's wish to configure its handler: there is nothing to configure. */
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

/** Replies of listings, copies and writes; objects come by another way. */
const maxReplyBytes = 64 * 2 ** 20;
/** A slower upload counts as none. */
const slowestBytesPerMs = 64;
const shortestDeadlineMs = 10_000;

export function createSdkHandler(options: SdkHandlerOptions): SdkHandler {
  const { clock, limits, closing } = options;
  return {
    async handle(request, { abortSignal } = {}) {
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
      const reply = await withRetries(() => attempt(request, signal, options), {
        attempts: limits.attempts,
        deadlineMs: Math.max(2 * limits.timeoutMs, shortestDeadlineMs),
        clock,
        signal,
        closing,
      });
      return { response: { statusCode: reply.status, headers: plainHeaders(reply.headers), body: reply.bytes } };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

async function attempt(
  request: SdkRequest,
  signal: AbortSignal | undefined,
  { connections, owner, isReferred, limits, closing, running, where, explain }: SdkHandlerOptions,
): Promise<Reply> {
  throwIfAborted(closing);
  const { method, headers } = request;
  const body = bodyOf(request.body);
  let reply: Reply;
  try {
    const { origin, path } = addressOf(request);
    const pool = connections.acquire(origin, owner, { isGuarded: isReferred });
    reply = await exchange(withBody(pool, method, body), {
      method: method === "HEAD" ? "HEAD" : "GET", // of a dispatcher that knows better
      path,
      headers: sentHeaders(headers),
      signal,
      running,
      timeoutMs: limits.timeoutMs + Math.ceil((body?.byteLength ?? 0) / slowestBytesPerMs),
      choose: () => ({ skip: 0, take: Number.POSITIVE_INFINITY, maxBytes: maxReplyBytes }),
    });
  } catch (error) {
    throw connectionError(error, where);
  }
  const isRefused = reply.status >= 300 || (reply.status === 200 && isLateError(reply.bytes));
  if (isRefused) {
    const text = new TextDecoder().decode(reply.bytes.subarray(0, 4096));
    throw explain({ status: reply.status, headers: reply.headers, text });
  }
  return reply;
}

/** Copies and completed uploads may fail after their head was sent. */
function isLateError(bytes: Uint8Array): boolean {
  return /^\s*(?:<\?xml[^>]*>)?\s*<Error>/.test(new TextDecoder().decode(bytes.subarray(0, 256)));
}

function addressOf({ protocol, hostname, port, path, query = {} }: SdkRequest): {
  readonly origin: string;
  readonly path: string;
} {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === null
      ? [encode(name)]
      : (typeof value === "string" ? [value] : value).map((one) => `${encode(name)}=${encode(one)}`),
  );
  const { origin } = new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`);
  return { origin, path: pairs.length === 0 ? path : `${path}?${pairs.join("&")}` };
}

/** As the signature has it. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function bodyOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body === null || body === "") {
    return undefined;
  }
  if (typeof body === "string") {
    return new TextEncoder().encode(body);
  }
  if (body instanceof Uint8Array) {
    return body;
  }
  throw new InternalError("a request whose body is a stream");
}

/** Asks for no "100 Continue"; host and length are the connection's. */
function sentHeaders(headers: SdkRequest["headers"]): Record<string, string> {
  const left = ["expect", "host", "content-length", "connection"];
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !left.includes(name)),
  );
}

function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

function withBody(
  pool: Pick<Dispatcher, "dispatch">,
  method: string,
  body: Uint8Array | undefined,
): Pick<Dispatcher, "dispatch"> {
  return {
    dispatch: (request, handler) =>
      pool.dispatch(
        // SAFE: the SDK's methods are those of HTTP
        { ...request, method: method as Dispatcher.HttpMethod, ...(body !== undefined && { body }) },
        handler,
      ),
  };
}
