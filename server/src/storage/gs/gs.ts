/**
 * Google Cloud Storage: `gs://bucket/path`. Objects are read by the XML API, as they are stored; all else goes by the JSON API. Both over our own
 * connections, so that one policy of time-outs, repetition and checks holds; tokens come from google-auth-library, loaded on first need.
 *
 * The etag of an object is its generation.
 */
import type { LookupFunction } from "node:net";
import type { Cancellable } from "../../base/abort.ts";
import { type Location, makeLocation } from "../location.ts";
import { type Clock, systemClock } from "../retry.ts";
import type { Store, StoreDriver, StoreOptions } from "../store.ts";
import { createConnections } from "../web/connections.ts";
import { createChecksumComparison } from "./checksums.ts";
import { createGsStore, withContext } from "./gsStore.ts";
import { type BucketEntry, listBuckets } from "./listObjects.ts";
import { type Environment, emulatorOf, googleOrigin } from "./place.ts";
import { createTokens } from "./tokens.ts";
import type { FindCredential, GsWorld } from "./world.ts";

export interface GsDriverOptions {
  /** Finds credentials for a bucket. */
  readonly find: FindCredential;
  /** Connections to one origin; requests beyond wait. Default 16. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  readonly lookup?: LookupFunction;
  readonly clock?: Clock;
  /** Default: the process's. */
  readonly environment?: Environment;
  /** The service; default Google's, or what STORAGE_EMULATOR_HOST names. */
  readonly origin?: string;
  /** The project that pays for requests to buckets that want it. Default: such buckets deny access. */
  readonly userProject?: string;
  /** How long this machine is searched for credentials of its own; default 3 s. */
  readonly chainTimeoutMs?: number;
  /** Objects of more bytes are uploaded in steps; default 8 MiB. */
  readonly resumableBytes?: number;
  /** Default 16 MiB. */
  readonly stepBytes?: number;
}

/** A driver that can also tell a project's buckets. */
export interface GsDriver extends StoreDriver {
  open(location: Location, options: StoreOptions): Store;
  /** The buckets of a project that the account may list, by name. */
  listBuckets(project: string, limits: StoreOptions, options?: Cancellable): AsyncIterable<BucketEntry>;
}

/** Stores of one driver share connections, tokens, and what replies told of buckets. */
export function createGsDriver(options: GsDriverOptions): GsDriver {
  const { connections: concurrency = 16, connectTimeoutMs = 10_000, lookup, clock = systemClock } = options;
  const { environment = process.env, find, chainTimeoutMs = 3000 } = options;
  const emulator = options.origin === undefined ? emulatorOf(environment) : undefined;
  const connections = createConnections({ connections: concurrency, connectTimeoutMs, ...(lookup && { lookup }) });
  const world: GsWorld = {
    connections,
    concurrency,
    clock,
    origin: options.origin ?? emulator ?? googleOrigin,
    isEmulated: emulator !== undefined,
    find,
    tokensOf: createTokens({ connections, clock, chainTimeoutMs, timeoutMs: 30_000 }),
    userProject: options.userProject,
    resumableBytes: options.resumableBytes ?? 8 * 2 ** 20,
    stepBytes: options.stepBytes ?? 16 * 2 ** 20,
    compareChecksum: createChecksumComparison(),
    knownBuckets: new Set(),
  };
  const open = (location: Location, limits: StoreOptions): Store => createGsStore(location, limits, world);
  return {
    schemes: ["gs"],
    open,
    async *listBuckets(project, limits, { signal } = {}) {
      const location = makeLocation({ scheme: "gs", authority: "", path: "" });
      const store = createGsStore(location, limits, world);
      try {
        yield* withContext(listBuckets(store.api, project, { signal }), location);
      } finally {
        await store.dispose();
      }
    },
  };
}
