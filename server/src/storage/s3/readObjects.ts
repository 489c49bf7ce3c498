/** Reads of S3: our own client, requests signed by the SDK's signer, whole objects checked. */
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import type { VolumeError } from "../../errors.ts";
import type { Location } from "../location.ts";
import { TransientFault } from "../retry.ts";
import type { ObjectStat, StoreOptions } from "../store.ts";
import type { Reply } from "../web/exchange.ts";
import { createObjectReader, type ObjectReader } from "../web/objectReader.ts";
import { type Authorize, follow } from "../web/redirects.ts";
import type { BucketAccess } from "./access.ts";
import type { AwsKeys } from "./keyChain.ts";
import { encodeS3, rootOf } from "./place.ts";
import { watchReplies } from "./replyWatch.ts";
import { codeOf, missingBucket, type S3Refusal } from "./s3Errors.ts";
import type { Sign } from "./signer.ts";
import type { S3World } from "./world.ts";

export type S3Reader = Pick<ObjectReader, "get" | "stat" | "dispose">;

export interface S3ReaderOptions {
  readonly location: Location;
  readonly limits: StoreOptions;
  readonly world: S3World;
  readonly access: BucketAccess;
  explain(refusal: S3Refusal, key: string): VolumeError | "absent";
}

/** A reader that asks again after a correction, and throws NotFoundError where the bucket itself is missing. */
export function createS3Reader(options: S3ReaderOptions): S3Reader {
  const { location, limits, world, access, explain } = options;
  const { clock, compareChecksum } = world;
  const connections = watchReplies(world.connections, (status, headers) => {
    if (status >= 300 && status < 400) {
      access.note({ status, headers, text: "" });
    }
  });
  const authorize = createAuthorize(access, () => clock.now());
  const root = rootOf(location);
  const reader = createObjectReader({
    location,
    limits,
    connections,
    clock,
    urlOf: (key) => new URL(access.bucketUrl + encodeS3(root + key)),
    authorize,
    explain(refusal) {
      access.note(refusal);
      return explain(refusal, refusal.key);
    },
    check({ headers, bytes }) {
      if (compareChecksum(bytes, headers) === "different") {
        throw new TransientFault("the bytes do not have the object's checksum", { hint: "write the object again" });
      }
    },
    facts: factsOf,
  });
  const checkBucket = createBucketCheck(options, authorize, reader);
  const read = <T>(task: () => Promise<T | undefined>, { signal }: Cancellable): Promise<T | undefined> =>
    access.run(
      async () => {
        const result = await task();
        await checkBucket(result !== undefined, { signal });
        return result;
      },
      { signal },
    );
  return {
    get: (key, getOptions = {}) => read(() => reader.get(key, getOptions), getOptions),
    stat: (key, statOptions = {}) => read(() => reader.stat(key, statOptions), statOptions),
    dispose: () => reader.dispose(),
  };
}

/** Signs with the key and the region of the moment; a signer is kept for both. */
function createAuthorize(access: BucketAccess, now: () => number): Authorize {
  let current: { readonly keys: AwsKeys; readonly region: string; readonly sign: Promise<Sign> } | undefined;
  return async ({ method, url, headers }, options) => {
    const wanted = {
      ...(method === "GET" && headers.range === undefined && { "x-amz-checksum-mode": "ENABLED" }),
      ...(access.isPaying && { "x-amz-request-payer": "requester" }),
    };
    const keys = await access.keys(options);
    if (keys === undefined) {
      return wanted;
    }
    const { region } = access;
    if (current === undefined || !isSameKey(current.keys, keys) || current.region !== region) {
      current = { keys, region, sign: loadSign(keys, region) };
    }
    const sign = await current.sign;
    return sign({ method, url, headers: { ...headers, ...wanted }, nowMs: now() });
  };
}

/** The chain may give the same key as another object each time. */
function isSameKey(a: AwsKeys, b: AwsKeys): boolean {
  return (
    a === b ||
    (a.accessKeyId === b.accessKeyId && a.secretAccessKey === b.secretAccessKey && a.sessionToken === b.sessionToken)
  );
}

async function loadSign(keys: AwsKeys, region: string): Promise<Sign> {
  const { createSign } = await import("./signer.ts");
  return createSign(keys, region);
}

/** What S3 adds to the headers of every web server. */
function factsOf(headers: Readonly<Record<string, string | string[] | undefined>>): Partial<ObjectStat> {
  const { "x-amz-storage-class": storageClass, "x-amz-version-id": version } = headers;
  return {
    ...(typeof storageClass === "string" && { storageClass }),
    ...(typeof version === "string" && version !== "null" && { version }),
  };
}

/** Throws NotFoundError, after a reply of 404, where the service says that it has no such bucket; asks until any reply has shown it. */
function createBucketCheck(
  { location, limits, world, access }: S3ReaderOptions,
  authorize: Authorize,
  owner: object,
): (isFound: boolean, options: Cancellable) => Promise<void> {
  let isKnown = false;
  return async (isFound, { signal }) => {
    isKnown ||= isFound;
    if (isKnown) {
      return;
    }
    const url = new URL(`${access.bucketUrl}?list-type=2&max-keys=1`);
    const maxBytes = 64 * 1024;
    const text = await firstBytes(
      follow(
        url,
        {
          method: "GET",
          headers: {},
          signal,
          running: new Set(),
          timeoutMs: limits.timeoutMs,
          choose: () => ({ skip: 0, take: maxBytes, maxBytes }),
        },
        {
          connect: (origin, options) => world.connections.acquire(origin, owner, options),
          authorize,
          isReferred: location.isReferred === true,
        },
      ),
    );
    throwIfAborted(signal);
    if (text !== undefined && codeOf({ text }) === "NoSuchBucket") {
      throw missingBucket({ location: location.text }, location.authority);
    }
    isKnown = text !== undefined;
  };
}

/** The reply's text; `undefined` where there was none: the question was by the way. */
async function firstBytes(reply: Promise<Reply | undefined>): Promise<string | undefined> {
  return reply.then(
    (arrived) => arrived && new TextDecoder().decode(arrived.bytes),
    () => undefined,
  );
}
