/** One store of Google Cloud Storage: what the contract asks, put together from reading, writing and listing. */
import { isAbort } from "../../base/abort.ts";
import { CancelledError, type ErrorFields, type VolumeError, withErrorFields } from "../../errors.ts";
import { checkKey, type Location } from "../location.ts";
import type { Store, StoreOptions } from "../store.ts";
import { BucketAccess } from "./access.ts";
import { type Api, createApi } from "./api.ts";
import { copyObject } from "./copyObject.ts";
import { createBatchDeletion, deleteObject } from "./deleteObjects.ts";
import { explainRefusal, type GsRefusal } from "./gsErrors.ts";
import { listObjects } from "./listObjects.ts";
import { rootOf } from "./place.ts";
import { createGsReader } from "./readObjects.ts";
import type { GsWorld } from "./world.ts";
import { putObject } from "./writeObjects.ts";

/** A store that ends when it is told to. */
export interface GsStore extends Store {
  /** For requests beside the bucket's objects. */
  readonly api: Api;
  dispose(): Promise<void>;
}

/** No I/O. */
export function createGsStore(location: Location, limits: StoreOptions, world: GsWorld): GsStore {
  const bucket = location.authority;
  const root = rootOf(location);
  const access = openAccess(location, limits, world);
  const explain = createExplain(location, world, access);
  const deny = (key?: string): VolumeError => access.denied(whereOf(location, key));
  const api = createApi({ location, limits, world, access, explain, deny });
  const reader = createGsReader({ location, limits, world, access, api, explain, deny });
  const { resumableBytes, stepBytes } = world;
  const target = { bucket, api, resumableBytes, stepBytes, attempts: limits.attempts };
  const deleteBatches = createBatchDeletion();
  const inContext = createContext(location);
  const keyed = <T>(key: string, task: () => Promise<T>): Promise<T> =>
    inContext(key, async () => {
      checkKey(key, location);
      return task();
    });

  return {
    location,
    api,
    capabilities: { write: true, list: true, anyThread: true, concurrency: world.concurrency },
    get: (key, options) => keyed(key, () => reader.get(key, options)),
    stat: (key, options) => keyed(key, () => reader.stat(key, options)),
    put: (key, bytes, options = {}) => keyed(key, () => putObject(target, root + key, bytes, options)),
    delete: (key, { signal } = {}) => keyed(key, () => deleteObject(root + key, { bucket, api, signal })),
    deleteAll: (keys, { signal } = {}) =>
      inContext(undefined, async () => {
        for (const key of keys) {
          checkKey(key, location);
        }
        return deleteBatches(keys, { bucket, api, root, signal, explain });
      }),
    copyFrom: (from, fromKey, key, options = {}) =>
      keyed(key, async () => {
        checkKey(fromKey, from.location);
        const source = { bucket: from.location.authority, name: rootOf(from.location) + fromKey };
        const isSameService = from.location.scheme === "gs";
        return isSameService && copyObject({ ...options, api, from: source, to: { bucket, name: root + key } });
      }),
    identity: (options = {}) => inContext(undefined, () => api.run(() => access.identity(options), options)),
    list: (options) => withContext(listObjects({ bucket, api, root }, options), location),
    async dispose() {
      await Promise.all([reader.dispose(), api.dispose()]);
    },
  };
}

/** What stands in for the service gets only what is held for its origin. */
function openAccess(location: Location, { credentials }: StoreOptions, world: GsWorld): BucketAccess {
  const { authority: bucket } = location;
  const scope = { service: "google", origin: world.origin, ...(bucket !== "" && { bucket }) };
  const sources = world.isEmulated ? { ...credentials, heldOnly: true } : credentials;
  return new BucketAccess(location, () => world.find(scope, sources, {}), world);
}

function createExplain(
  location: Location,
  { clock }: GsWorld,
  access: BucketAccess,
): (refusal: GsRefusal, key?: string) => VolumeError | "renew" | "absent" {
  return (refusal, key) =>
    access.isRenewable(refusal)
      ? "renew"
      : explainRefusal(refusal, {
          where: whereOf(location, key),
          bucket: location.authority,
          identity: access.knownIdentity,
          isPaying: access.isPaying,
          now: clock.now(),
        });
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

/** Items whose errors name the location. */
export async function* withContext<T>(items: AsyncIterable<T>, location: Location): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw errorOf(error, whereOf(location, undefined));
  }
}
