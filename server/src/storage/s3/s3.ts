/**
 * Amazon S3 and what speaks like it: `s3://bucket/path`, `s3://https://host/bucket/path`.
 *
 * Objects are read by our own client with signatures of the SDK's signer; the SDK writes, lists, deletes and copies. It is loaded on first need.
 */
import type { LookupFunction } from "node:net";
import type { Cancellable } from "../../base/abort.ts";
import { findCredential } from "../credentials/findCredential.ts";
import type { Location } from "../location.ts";
import { type Clock, systemClock } from "../retry.ts";
import type { Store, StoreDriver, StoreOptions } from "../store.ts";
import { createConnections } from "../web/connections.ts";
import { createChecksumComparison } from "./checksums.ts";
import { largestCopyBytes } from "./copyObject.ts";
import { createKeyChain } from "./keyChain.ts";
import type { BucketEntry } from "./listObjects.ts";
import { awsEndpoint, type Environment, serviceAt } from "./place.ts";
import { createS3Store, type S3Store } from "./s3Store.ts";
import { openChainClient } from "./sdk.ts";
import type { FindCredential, S3World } from "./world.ts";

export interface S3DriverOptions {
  /** Finds credentials for a bucket; default: in CloudVolume's places, by `findCredential`. */
  readonly find?: FindCredential;
  /** Connections to one origin; requests beyond wait. Default 16. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  readonly lookup?: LookupFunction;
  readonly clock?: Clock;
  /** Default: the process's. */
  readonly environment?: Environment;
  /** Amazon's endpoint of a region; default: `https://s3.REGION.amazonaws.com`. */
  readonly endpointOf?: (region: string) => string;
  /** Pay for requests to buckets that want it. Default: such buckets deny access. */
  readonly requesterPays?: boolean;
  /** Objects from this size on are written in parts; default 64 MiB. */
  readonly multipartBytes?: number;
  /** Default 16 MiB. */
  readonly partBytes?: number;
  /** Objects beyond this are copied in parts; default 5 GiB, the service's limit. */
  readonly largestCopyBytes?: number;
}

/** A driver that can also tell an account's buckets. */
export interface S3Driver extends StoreDriver {
  open(location: Location, options: StoreOptions): Store;
  /** The buckets that the account may list; the location's own bucket does not matter. */
  listBuckets(account: Location, limits: StoreOptions, options?: Cancellable): AsyncIterable<BucketEntry>;
}

/** Stores of one driver share connections, the SDK's credential chain, and what replies told of buckets' regions. */
export function createS3Driver(options: S3DriverOptions = {}): S3Driver {
  const { connections: concurrency = 16, connectTimeoutMs = 10_000, lookup, clock = systemClock } = options;
  const { environment = process.env, endpointOf = awsEndpoint } = options;
  const chain = createKeyChain(openChainClient);
  const findHere: FindCredential = (scope, sources, findOptions) =>
    findCredential(scope, sources, { ...findOptions, environment });
  const world: S3World = {
    connections: createConnections({ connections: concurrency, connectTimeoutMs, ...(lookup && { lookup }) }),
    concurrency,
    clock,
    chain,
    regions: new Map(),
    region: environment.AWS_REGION || environment.AWS_DEFAULT_REGION || undefined,
    requesterPays: options.requesterPays ?? false,
    multipartBytes: options.multipartBytes ?? 64 * 2 ** 20,
    partBytes: options.partBytes ?? 16 * 2 ** 20,
    largestCopyBytes: options.largestCopyBytes ?? largestCopyBytes,
    compareChecksum: createChecksumComparison(),
    serviceOf: ({ endpoint }) => serviceAt(endpoint, environment, endpointOf),
    chainName: environment.AWS_PROFILE || undefined,
    find: options.find ?? findHere,
  };
  const open = (location: Location, limits: StoreOptions): S3Store => createS3Store(location, limits, world);
  return {
    schemes: ["s3"],
    open,
    async *listBuckets(account, limits, listOptions = {}) {
      const store = open(account, limits);
      try {
        yield* store.listBuckets(listOptions);
      } finally {
        await store.dispose();
      }
    },
  };
}
