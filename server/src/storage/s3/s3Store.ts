/** One store of S3: what the contract asks, put together from reading, writing and listing. */
import { type Cancellable, isAbort } from "../../base/abort.ts";
import { CancelledError, type ErrorFields, type VolumeError, withErrorFields } from "../../errors.ts";
import { checkKey, type Location } from "../location.ts";
import type { Store, StoreOptions } from "../store.ts";
import { BucketAccess } from "./access.ts";
import { copyObject } from "./copyObject.ts";
import { createBatchDeletion, deleteObject } from "./deleteObjects.ts";
import { type BucketEntry, listBuckets, listObjects } from "./listObjects.ts";
import { aclOf, rootOf } from "./place.ts";
import { createS3Reader } from "./readObjects.ts";
import { explainRefusal, MissingObject, type S3Refusal } from "./s3Errors.ts";
import { createSdkClients, type SdkClients } from "./sdk.ts";
import { createSdkHandler } from "./sdkHandler.ts";
import type { S3World } from "./world.ts";
import { putObject, type WritableBucket } from "./writeObjects.ts";

/** A store, and the buckets beside its own. */
export interface S3Store extends Store {
  listBuckets(options: Cancellable): AsyncIterable<BucketEntry>;
  dispose(): Promise<void>;
}

/** No I/O. */
export function createS3Store(location: Location, limits: StoreOptions, world: S3World): S3Store {
  const bucket = location.authority;
  const root = rootOf(location);
  const access = openAccess(location, limits, world);
  const explain = (refusal: S3Refusal, key?: string): VolumeError | "absent" =>
    explainRefusal(refusal, {
      where: whereOf(location, key),
      bucket,
      identity: access.knownIdentity,
      now: world.clock.now(),
    });
  const reader = createS3Reader({ location, limits, world, access, explain });
  const sdk = openSdk({ location, limits, world, access, explain });
  const { clients } = sdk;
  const target: WritableBucket = { ...world, bucket, clients, acl: aclOf(world.serviceOf(location)) };
  const deleteBatches = createBatchDeletion();
  const inContext = createContext(location);
  const keyed = <T>(key: string, task: () => Promise<T>): Promise<T> =>
    inContext(key, async () => {
      checkKey(key, location);
      return task();
    });

  return {
    location,
    capabilities: { write: true, list: true, anyThread: true, concurrency: world.concurrency },
    get: (key, options) => keyed(key, () => reader.get(key, options)),
    stat: (key, options) => keyed(key, () => reader.stat(key, options)),
    put: (key, bytes, options = {}) => keyed(key, () => putObject(target, root + key, bytes, options)),
    delete: (key, options = {}) =>
      keyed(key, () => deleteObject(root + key, { bucket, clients, signal: options.signal })),
    deleteAll: (keys, { signal } = {}) =>
      inContext(undefined, async () => {
        for (const key of keys) {
          checkKey(key, location);
        }
        const explainKey = (code: string, key: string): Error | "absent" => explain(refusalOf(code), key);
        return deleteBatches(keys, { bucket, clients, root, signal, explain: explainKey });
      }),
    copyFrom: (from, fromKey, key, options = {}) =>
      keyed(key, async () => {
        const isSameService =
          from.location.scheme === "s3" &&
          world.serviceOf(from.location).credentialOrigin === world.serviceOf(location).credentialOrigin;
        checkKey(fromKey, from.location);
        const { largestCopyBytes } = world;
        return isSameService && copyObject(target, { ...options, from, fromKey, name: root + key, largestCopyBytes });
      }),
    identity: (options = {}) => access.identity(options),
    list: (options) => withContext(listObjects({ bucket, clients, root }, options), location),
    listBuckets: (options) => withContext(listBuckets(clients, options), location),
    async dispose() {
      sdk.dispose();
      await Promise.all([reader.dispose(), world.connections.release(sdk)]);
    },
  };
}

function openAccess(location: Location, { credentials }: StoreOptions, world: S3World): BucketAccess {
  const service = world.serviceOf(location);
  const scope = { service: "aws", origin: service.credentialOrigin, bucket: location.authority };
  return new BucketAccess({
    location,
    service,
    find: (options) => world.find(scope, credentials, options),
    chain: world.chain,
    chainName: world.chainName,
    region: world.region,
    regions: world.regions,
    mayPay: world.requesterPays,
    now: () => world.clock.now(),
  });
}

interface SdkOptions {
  readonly location: Location;
  readonly limits: StoreOptions;
  readonly world: S3World;
  readonly access: BucketAccess;
  explain(refusal: S3Refusal): VolumeError | "absent";
}

interface OpenSdk {
  readonly clients: SdkClients;
  dispose(): void;
}

/** The SDK's clients, none of them made yet. The result is the user of their connections. */
function openSdk({ location, limits, world, access, explain }: SdkOptions): OpenSdk {
  const closing = new AbortController();
  const running = new Set<() => void>();
  const sdk: OpenSdk = {
    clients: createSdkClients(access, () =>
      createSdkHandler({
        connections: world.connections,
        owner: sdk,
        isReferred: location.isReferred === true,
        limits,
        clock: world.clock,
        closing: closing.signal,
        running,
        where: { location: location.text },
        explain(refusal) {
          access.note(refusal);
          const meaning = explain(refusal);
          return meaning === "absent" ? new MissingObject("there is no such object", {}) : meaning;
        },
      }),
    ),
    dispose() {
      closing.abort();
      for (const end of [...running]) {
        end();
      }
      sdk.clients.dispose();
    },
  };
  return sdk;
}

/** What a batch says of one key. */
function refusalOf(code: string): S3Refusal {
  const isDenial = code === "AccessDenied";
  return { status: isDenial ? 403 : 500, headers: {}, text: `<Error><Code>${code}</Code></Error>` };
}

function whereOf({ text }: Location, key: string | undefined): ErrorFields {
  return { location: text, ...(key !== undefined && { key }) };
}

function errorOf(error: unknown, where: ErrorFields): VolumeError {
  return isAbort(error) && !(error instanceof CancelledError)
    ? new CancelledError("the operation was cancelled", where, { cause: error })
    : withErrorFields(error, where);
}

/** Runs a task whose errors name the location and the key. */
function createContext(location: Location): <T>(key: string | undefined, task: () => Promise<T>) => Promise<T> {
  return async (key, task) => {
    try {
      return await task();
    } catch (error) {
      throw errorOf(error, whereOf(location, key));
    }
  };
}

async function* withContext<T>(items: AsyncIterable<T>, location: Location): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw errorOf(error, whereOf(location, undefined));
  }
}
