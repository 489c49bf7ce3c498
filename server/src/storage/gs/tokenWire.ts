/** Carries the auth library's requests over our connections: bounded, without redirects, with typed errors straight from the reply. */
import type { DefaultTransporter } from "google-auth-library";
import type { Clock } from "../retry.ts";
import type { Connections } from "../web/connections.ts";
import { exchange } from "../web/exchange.ts";
import { connectionError } from "../web/replies.ts";
import { withBody } from "./body.ts";
import { tokenRefusalError } from "./tokenErrors.ts";

/** What the library asks of a transport. */
export type TokenWire = Pick<DefaultTransporter, "request">;

type WireOptions = Parameters<TokenWire["request"]>[0];

export interface TokenWireOptions {
  readonly connections: Connections;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Google's token endpoints: the library has them built in, where a key's own `token_uri` counts. */
const builtInEndpoints = ["https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token"];
const maxReplyBytes = 2 ** 20;

/** `tokenUri` replaces the library's own endpoint. */
export function createTokenWire({ connections, clock, timeoutMs }: TokenWireOptions, tokenUri?: string): TokenWire {
  return {
    async request(options: WireOptions) {
      const url = targetOf(options, tokenUri);
      const body = bodyOf(options);
      const owner = {};
      try {
        const reply = await exchange(
          withBody(connections.acquire(url.origin, owner, { isGuarded: false }), options.method ?? "GET", body),
          {
            method: "GET",
            path: url.pathname + url.search,
            headers: headersOf(options),
            signal: undefined,
            running: new Set(),
            timeoutMs,
            choose: () => ({ skip: 0, take: Number.POSITIVE_INFINITY, maxBytes: maxReplyBytes }),
          },
        );
        const data = parse(new TextDecoder().decode(reply.bytes), options.responseType);
        if (reply.status >= 300) {
          throw tokenRefusalError({ status: reply.status, headers: reply.headers, data }, clock.now());
        }
        const headers = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]));
        // the caller's T, as with the library's own transport, is a hope
        return { config: options, data, status: reply.status, statusText: "", headers, request: { responseURL: "" } };
      } catch (error) {
        throw connectionError(error, {});
      } finally {
        await connections.release(owner);
      }
    },
  } as TokenWire; // its request is generic in a T that nobody checks
}

function targetOf({ url }: WireOptions, tokenUri: string | undefined): URL {
  const text = String(url);
  return new URL(tokenUri !== undefined && builtInEndpoints.includes(text) ? tokenUri : text);
}

function headersOf({ headers = {}, data }: WireOptions): Record<string, string> {
  const sent = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const),
  );
  const type = data === undefined ? {} : { "content-type": "application/json" };
  return { accept: "application/json", ...type, ...sent };
}

function bodyOf(options: WireOptions): Uint8Array | undefined {
  const data: unknown = options.data;
  if (data === undefined || data === null) {
    return undefined;
  }
  if (typeof data === "string") {
    return new TextEncoder().encode(data);
  }
  const isForm = headersOf(options)["content-type"]?.includes("x-www-form-urlencoded") === true;
  const text = isForm
    ? new URLSearchParams(
        Object.entries(data).map(([name, value]): [string, string] => [name, String(value)]),
      ).toString()
    : JSON.stringify(data);
  return new TextEncoder().encode(text);
}

function parse(text: string, type: WireOptions["responseType"]): unknown {
  if (type === "text") {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
