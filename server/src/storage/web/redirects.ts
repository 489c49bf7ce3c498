/** Redirects: followed by hand, a few, never down to http, never from a public host to a private address. */
import type { Dispatcher } from "undici";
import type { Cancellable } from "../../base/abort.ts";
import { PermissionDeniedError, UnreachableError } from "../../errors.ts";
import { isPrivateHost } from "../privateHost.ts";
import type { ExchangeRequest, Reply } from "./exchange.ts";
import { exchange, noBody } from "./exchange.ts";

const maxRedirects = 5;

/** Gives the connections to an origin. */
export type Connect = (origin: string, options: { readonly isGuarded: boolean }) => Pick<Dispatcher, "dispatch">;

/** In lower case. */
export type Headers = Readonly<Record<string, string>>;

/** A request that wants to be authorised. */
export interface UnsignedRequest {
  readonly method: "GET" | "HEAD";
  readonly url: URL;
  /** Signed as they are. */
  readonly headers: Headers;
}

/**
 * Headers that are added to one request: asked for each attempt, and again for redirects within the origin of the first URL; never for another
 * origin.
 */
export type Authorize = (request: UnsignedRequest, options: Cancellable) => Headers | Promise<Headers>;

export interface FollowOptions {
  readonly connect: Connect;
  /** Headers that only the origin of the first URL may see; asked for each request to it. */
  readonly authorize?: Authorize | undefined;
  /** The place that was asked for was itself named by a stranger: nothing private, from the start. */
  readonly isReferred: boolean;
}

/**
 * The reply at the end of the redirects. Only requests to the origin of the first URL are authorised, each anew, so that no credential can leak;
 * the query of the first URL is not carried over. `undefined` where the redirect says that the object is a folder: `…/name` -> `…/name/`.
 */
export async function follow(
  first: URL,
  request: Omit<ExchangeRequest, "path">,
  { connect, authorize, isReferred }: FollowOptions,
): Promise<Reply | undefined> {
  const { method, headers, signal } = request;
  let url = first;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const isElsewhere = url.host !== first.host;
    const isGuarded = isReferred || (isElsewhere && !isPrivateHost(first.hostname));
    const isOwn = authorize !== undefined && url.origin === first.origin;
    const reply = await exchange(connect(url.origin, { isGuarded }), {
      ...request,
      headers: isOwn ? { ...headers, ...(await authorize({ method, url, headers }, { signal })) } : headers,
      path: url.pathname + url.search,
      choose: (head) => (isRedirect(head.status) ? noBody : request.choose(head)),
    });
    if (!isRedirect(reply.status)) {
      return reply;
    }
    const next = targetOf(reply, url);
    if (next.host === url.host && next.pathname === `${url.pathname}/`) {
      return undefined;
    }
    url = next;
  }
  throw new UnreachableError(`the server redirects more than ${maxRedirects} times`);
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function targetOf({ headers, status }: Reply, from: URL): URL {
  const target = URL.canParse(headers.location ?? "", from.href)
    ? new URL(headers.location ?? "", from.href)
    : undefined;
  if (target === undefined || headers.location === undefined) {
    throw new UnreachableError(`the server redirects to nowhere (HTTP ${status})`);
  }
  const isAllowed = target.protocol === "https:" || (target.protocol === "http:" && from.protocol === "http:");
  if (!isAllowed) {
    throw new PermissionDeniedError(`the server redirects from ${from.protocol}// to ${target.protocol}//`, {
      hint: "open the target yourself if you trust it",
    });
  }
  return target;
}
