/** Reads by the XML API: our own client, a bearer token, whole objects checked. */
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import {
  CancelledError,
  NotFoundError,
  PermissionDeniedError,
  UnreachableError,
  type VolumeError,
} from "../../errors.ts";
import type { Location } from "../location.ts";
import { TransientFault } from "../retry.ts";
import type { ObjectStat, StoreOptions } from "../store.ts";
import { createObjectReader, type ObjectReader, type ObjectReaderOptions } from "../web/objectReader.ts";
import type { BucketAccess } from "./access.ts";
import type { Api } from "./api.ts";
import { type GsRefusal, MissingObject } from "./gsErrors.ts";
import { bucketPath, mediaPath, rootOf, withQuery } from "./place.ts";
import type { GsWorld } from "./world.ts";

export type GsReader = Pick<ObjectReader, "get" | "stat" | "dispose">;

export interface GsReaderOptions {
  readonly location: Location;
  readonly limits: StoreOptions;
  readonly world: GsWorld;
  readonly access: BucketAccess;
  readonly api: Api;
  explain(refusal: GsRefusal, key: string): VolumeError | "renew" | "absent";
  /** A 401 that renewing does not help. */
  deny(key: string): VolumeError;
}

/** A reader that throws NotFoundError where the bucket itself is missing. */
export function createGsReader(options: GsReaderOptions): GsReader {
  const { location, limits, world, access, api, explain, deny } = options;
  const root = rootOf(location);
  const reader = createObjectReader({
    location,
    limits,
    connections: world.connections,
    clock: world.clock,
    urlOf: (key) => new URL(world.origin + mediaPath(location.authority, root + key)),
    // without "gzip" the service would decompress what is stored so, and take no notice of ranges
    authorize: async (_request, authorizeOptions) => ({
      "accept-encoding": "gzip",
      ...(await access.headers(authorizeOptions)),
    }),
    explain: (refusal) => explain(refusal, refusal.key),
    renew: (renewOptions) => access.renew(renewOptions),
    check: createCheck(world),
    facts: factsOf,
  });
  const checkBucket = createBucketCheck(options);
  let isClosed = false;
  const read = async <T>(key: string, task: () => Promise<T | undefined>, signal: Cancellable["signal"]) => {
    try {
      throwIfAborted(signal);
      if (!access.isPrepared) {
        await api.run(() => access.headers({ signal }), { signal }); // what takes long is done before a connection is taken
      }
      const result = await task();
      await checkBucket(result !== undefined, { signal });
      return result;
    } catch (error) {
      if (isClosed && error instanceof UnreachableError) {
        throw new CancelledError("the store is closed", { location: location.text, key }, { cause: error });
      }
      // the reader's own words for a credential that was renewed in vain
      throw error instanceof PermissionDeniedError && error.message.includes("(HTTP 401)") ? deny(key) : error;
    }
  };
  return {
    get: (key, getOptions = {}) => read(key, () => reader.get(key, getOptions), getOptions.signal),
    stat: (key, statOptions = {}) => read(key, () => reader.stat(key, statOptions), statOptions.signal),
    async dispose() {
      isClosed = true;
      await reader.dispose();
    },
  };
}

/** The generation is the etag: what conditional writes name, and what the JSON API says too. */
function factsOf(headers: Readonly<Record<string, string | string[] | undefined>>): Partial<ObjectStat> {
  const { "x-goog-storage-class": storageClass, "x-goog-generation": generation } = headers;
  const size = headers["x-goog-stored-content-length"];
  return {
    ...(typeof storageClass === "string" && { storageClass }),
    ...(typeof generation === "string" && { etag: generation, version: generation }),
    ...(typeof size === "string" && /^\d+$/.test(size) && { sizeBytes: Number(size) }),
  };
}

/** Objects that came damaged once, at most. */
const maxSuspects = 100;

/** A check that wants an object again when its bytes are not what its checksum says, and gives it up the second time. */
function createCheck({ compareChecksum }: GsWorld): NonNullable<ObjectReaderOptions["check"]> {
  const suspects = new Set<string>();
  return ({ headers, bytes }) => {
    if (compareChecksum(bytes, headers) !== "different") {
      return;
    }
    const id = `${headers["x-goog-generation"]} ${headers["x-goog-hash"]}`;
    const message = "the bytes do not have the object's checksum";
    if (suspects.delete(id)) {
      throw new UnreachableError(message, { hint: "try again; if it stays so, write the object anew" });
    }
    if (suspects.size < maxSuspects) {
      suspects.add(id);
    }
    throw new TransientFault(message, { hint: "try again; if it stays so, write the object anew" });
  };
}

const maxKnownBuckets = 1000;

/** Throws NotFoundError, after a reply of 404, where the service says that it has no such bucket; asks until any reply has shown it. */
function createBucketCheck({
  location,
  world: { knownBuckets },
  api,
}: GsReaderOptions): (isFound: boolean, options: Cancellable) => Promise<void> {
  const bucket = location.authority;
  const remember = (): void => {
    if (knownBuckets.size >= maxKnownBuckets) {
      knownBuckets.clear();
    }
    knownBuckets.add(bucket);
  };
  return async (isFound, { signal }) => {
    if (isFound && !knownBuckets.has(bucket)) {
      remember();
    }
    if (knownBuckets.has(bucket)) {
      return;
    }
    const path = withQuery(`${bucketPath(bucket)}/o`, { maxResults: "1", fields: "nextPageToken" });
    try {
      await api.run((send) => send({ method: "GET", path }), { signal });
      remember();
    } catch (error) {
      throwIfAborted(signal);
      if (error instanceof NotFoundError && !(error instanceof MissingObject)) {
        throw error;
      }
      if (error instanceof PermissionDeniedError) {
        remember(); // it is there, and may not be listed
      }
      // else unknown: the question was by the way
    }
  };
}
