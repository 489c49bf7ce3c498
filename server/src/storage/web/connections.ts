/** Connections of one driver: a bounded pool for each origin, closed when no store uses it. */
import { type LookupOptions, lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import type { Dispatcher } from "undici";
import { PermissionDeniedError } from "../../errors.ts";
import { isPrivateAddress, isPrivateHost } from "../privateHost.ts";
import { createLazyPool, type LazyPool } from "./lazyPool.ts";
import { createRawDispatcher, type RawDispatcher } from "./rawDispatcher.ts";

export interface ConnectionOptions {
  /** Connections to one origin. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** Resolves host names; default: the system. */
  readonly lookup?: LookupFunction;
}

export interface Connections {
  /**
   * The pool of an origin, in use by `owner`. A guarded pool connects to public addresses only: it throws, or its requests fail
   * with, PermissionDeniedError. The address is checked where the connection is made, so that a name cannot change its meaning between.
   */
  acquire(origin: string, owner: object, options: { readonly isGuarded: boolean }): Pick<Dispatcher, "dispatch">;
  /** Ends the use of all pools by an owner. */
  release(owner: object): Promise<void>;
}

interface SharedPool {
  readonly pool: LazyPool;
  readonly raw: RawDispatcher;
  readonly owners: Set<object>;
}

export function createConnections(options: ConnectionOptions): Connections {
  const pools = new Map<string, SharedPool>();
  const lookup = options.lookup ?? (systemLookup as LookupFunction); // its overloads cover the one signature

  return {
    acquire(origin, owner, { isGuarded }) {
      if (isGuarded && isPrivateHost(new URL(origin).hostname)) {
        throw privateTarget();
      }
      const id = `${isGuarded ? "guarded " : ""}${origin}`;
      const shared = pools.get(id) ?? openPool(origin, isGuarded ? guard(lookup) : lookup, options);
      pools.set(id, shared);
      shared.owners.add(owner);
      return shared.raw;
    },
    async release(owner) {
      const ended: Promise<void>[] = [];
      for (const [id, { pool, raw, owners }] of pools) {
        if (owners.delete(owner) && owners.size === 0) {
          pools.delete(id);
          ended.push(pool.destroy());
          raw.destroy();
        }
      }
      await Promise.all(ended);
    },
  };
}

const idleMs = 10_000;

/** undici's pool, and in front of it the raw client, which takes what it can. Each opens connections only when it is used. */
function openPool(
  origin: string,
  lookup: LookupFunction,
  { connections, connectTimeoutMs }: ConnectionOptions,
): SharedPool {
  const pool = createLazyPool(origin, { connections, connectTimeoutMs, idleMs, lookup });
  const raw = createRawDispatcher({ origin, connections, connectTimeoutMs, idleMs, lookup, fallback: pool });
  return { pool, raw, owners: new Set<object>() };
}

function privateTarget(): PermissionDeniedError {
  return new PermissionDeniedError("a public server leads to a private address", {
    hint: "open the target yourself if you trust it",
  });
}

/** A lookup that fails where any address of the name is private. */
function guard(lookup: LookupFunction): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      const [first] = addresses;
      if (error !== null || first === undefined) {
        callback(error ?? new Error(`no address: ${hostname}`), []);
      } else if (addresses.some(({ address }) => isPrivateAddress(address))) {
        callback(privateTarget(), []);
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}
