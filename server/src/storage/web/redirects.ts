/** Redirects: followed by hand, a few, never down to http, never from a public host to a private address. */
import type { Dispatcher } from "undici";
import { PermissionDeniedError, UnreachableError } from "../../errors.ts";
import { isPrivateHost } from "../privateHost.ts";
import type { ExchangeRequest, Reply } from "./exchange.ts";
import { exchange, noBody } from "./exchange.ts";

const maxRedirects = 5;

/** Gives the connections to an origin. */
export type Connect = (origin: string, options: { readonly isGuarded: boolean }) => Dispatcher;

export interface FollowOptions {
  /** The place that was asked for was itself named by a stranger: nothing private, from the start. */
  readonly isReferred: boolean;
}

/**
 * The reply at the end of the redirects. No header of a request depends on the origin, so none can leak; the query of the first URL
 * is not carried over. `undefined` where the redirect says that the object is a folder: `…/name` -> `…/name/`.
 */
export async function follow(
  first: URL,
  request: Omit<ExchangeRequest, "path">,
  connect: Connect,
  { isReferred }: FollowOptions,
): Promise<Reply | undefined> {
  let url = first;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const isElsewhere = url.host !== first.host;
    const isGuarded = isReferred || (isElsewhere && !isPrivateHost(first.hostname));
    const reply = await exchange(connect(url.origin, { isGuarded }), {
      ...request,
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
