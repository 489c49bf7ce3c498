/**
 * Web servers: `http(s)://host/path`, read-only. The bytes are as stored, with the Content-Encoding that the server names. `middleauth+https://` is the
 * same with a token of CAVE; a server with a secret file of its own gets its user and password. Neither goes anywhere else.
 */
import type { LookupFunction } from "node:net";
import type { FindCredential } from "../credential.ts";
import { encodeKey, type Location } from "../location.ts";
import { type Clock, systemClock } from "../retry.ts";
import type { StoreDriver } from "../store.ts";
import { createConnections } from "../web/connections.ts";
import { createObjectReader } from "../web/objectReader.ts";
import { createListing } from "./listing.ts";
import { createLogin } from "./login.ts";

export interface HttpDriverOptions {
  /** Connections to one origin; requests beyond wait. Default 16. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  readonly lookup?: LookupFunction;
  readonly clock?: Clock;
  /** Finds credentials for a server. Default: there are none. */
  readonly find?: FindCredential;
  /** Hosts whose buckets Google's JSON API lists. Default: Google's. */
  readonly googleHosts?: readonly string[];
}

/** Stores of one driver share their connections. */
export function createHttpDriver(options: HttpDriverOptions = {}): StoreDriver {
  const { connections: count = 16, connectTimeoutMs = 10_000, lookup, clock = systemClock } = options;
  const { googleHosts = ["storage.googleapis.com"], find } = options;
  const connections = createConnections({ connections: count, connectTimeoutMs, ...(lookup && { lookup }) });
  return {
    schemes: ["http", "https", "middleauth+https"],
    open(location, limits) {
      const login = find && createLogin(location, limits, find);
      const reader = createObjectReader({
        location,
        limits,
        connections,
        clock,
        urlOf: (key) => urlOf(location, key),
        authorize: login?.authorize,
        ...(login && { explain: login.explain }),
      });
      return {
        location,
        capabilities: { write: false, list: true, anyThread: true, concurrency: count },
        get: (key, getOptions) => reader.get(key, getOptions),
        stat: (key, statOptions) => reader.stat(key, statOptions),
        list: createListing({ location, googleHosts, readPage: reader.readPage }),
        ...(login && { identity: login.identity }),
        dispose: () => reader.dispose(),
      };
    },
  };
}

function urlOf({ scheme, authority, path, query = "" }: Location, key: string): URL {
  return new URL(
    `${scheme.replace(/^.*\+/, "")}://${authority}/${path === "" ? "" : `${path}/`}${encodeKey(key)}${query}`,
  );
}
