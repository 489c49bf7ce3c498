/** Connections of one driver: a bounded pool for each origin, closed when no store uses it. */
import { type LookupOptions, lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { type Dispatcher, Pool } from "undici";
import { PermissionDeniedError } from "../../errors.ts";
import { isPrivateAddress, isPrivateHost } from "../privateHost.ts";

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
  acquire(origin: string, owner: object, options: { readonly isGuarded: boolean }): Dispatcher;
  /** Ends the use of all pools by an owner. */
  release(owner: object): Promise<void>;
}

interface SharedPool {
  readonly pool: Pool;
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
      const shared = pools.get(id) ?? {
        pool: new Pool(origin, {
          connections: options.connections,
          keepAliveTimeout: 10_000,
          connect: { timeout: options.connectTimeoutMs, lookup: isGuarded ? guard(lookup) : lookup },
        }),
        owners: new Set<object>(),
      };
      pools.set(id, shared);
      shared.owners.add(owner);
      return shared.pool;
    },
    async release(owner) {
      const ended: Promise<void>[] = [];
      for (const [id, { pool, owners }] of pools) {
        if (owners.delete(owner) && owners.size === 0) {
          pools.delete(id);
          ended.push(pool.destroy());
        }
      }
      await Promise.all(ended);
    },
  };
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
