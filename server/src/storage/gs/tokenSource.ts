/** Tokens of one credential: kept until shortly before they end, one request for all who wait. */
import type { Cancellable } from "../../base/abort.ts";
import type { Clock } from "../retry.ts";
import { abortable } from "./abortable.ts";
import type { TokenClient } from "./tokenClients.ts";
import { tokenError } from "./tokenErrors.ts";

export interface TokenSource {
  /** `undefined` = there is no credential: anonymous. Throws PermissionDeniedError where there is one and it cannot be used. */
  getToken(options: Cancellable): Promise<string | undefined>;
  /** The service does not accept this token: the next one will be another, if there is another. */
  forget(token: string): void;
  /** The account's address, once it is known. */
  readonly knownEmail: string | undefined;
  /** The account's address. May ask for it. */
  getEmail(options: Cancellable): Promise<string | undefined>;
}

export interface TokenSourceOptions {
  /** `undefined` = nothing found. */
  open(): Promise<TokenClient | undefined>;
  readonly clock: Clock;
}

interface Held {
  readonly token: string;
  /** From here on another is asked for. */
  readonly renewMs: number;
}

/** As Google's libraries have it: machines give the same token until five minutes before its end. */
const renewBeforeMs = 225_000;

export function createTokenSource({ open, clock }: TokenSourceOptions): TokenSource {
  let client: Promise<TokenClient | undefined> | undefined;
  let held: Held | undefined;
  let email: string | undefined;
  let pending: Promise<Held | undefined> | undefined;

  const getClient = (): Promise<TokenClient | undefined> => {
    client ??= open().catch((error: unknown) => {
      client = undefined;
      throw error;
    });
    return client;
  };
  const fetchToken = async (): Promise<Held | undefined> => {
    try {
      const opened = await getClient();
      if (opened === undefined) {
        client = undefined; // a search that was slow may end later
        return undefined;
      }
      email = opened.email ?? email;
      const found = await opened.getToken();
      held = { token: found.token, renewMs: renewalOf(found.expiresMs, clock.now()) };
      return held;
    } catch (error) {
      client = undefined;
      throw tokenError(error, clock.now());
    } finally {
      pending = undefined;
    }
  };
  return {
    async getToken(options) {
      if (held !== undefined && clock.now() < held.renewMs) {
        return held.token;
      }
      if (held !== undefined && pending === undefined) {
        held = undefined;
        client = undefined; // a client keeps tokens by a time of its own
      }
      pending ??= fetchToken();
      return (await abortable(pending, options))?.token;
    },
    forget(token) {
      if (held?.token === token) {
        held = undefined;
        client = undefined;
      }
    },
    get knownEmail() {
      return email;
    },
    async getEmail(options) {
      const found = await abortable(getClient(), options);
      email ??= await found?.getEmail().catch(() => undefined); // a name is for people: going without is no failure
      return email;
    },
  };
}

/** A token that ends soon is used for half of its time. */
function renewalOf(expiresMs: number | undefined, now: number): number {
  const end = expiresMs ?? now + 60_000;
  return Math.max(end - renewBeforeMs, now + (end - now) / 2);
}
