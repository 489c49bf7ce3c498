/** Deletes objects: one, or many by batches. */
import { randomUUID } from "node:crypto";
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { eachAtOnce } from "../../base/eachAtOnce.ts";
import { PermissionDeniedError, UnreachableError, type VolumeError } from "../../errors.ts";
import { TransientFault } from "../retry.ts";
import type { KeyFailure } from "../store.ts";
import { type Api, textOf } from "./api.ts";
import { type GsRefusal, isBucketMissing, missingBucket } from "./gsErrors.ts";
import { objectPath } from "./place.ts";

export interface DeletionOptions extends Cancellable {
  readonly bucket: string;
  readonly api: Api;
}

export interface BatchDeletionOptions extends DeletionOptions {
  /** Before each key. */
  readonly root: string;
  /** The error for what the service says of one key. */
  explain(refusal: GsRefusal, key: string): VolumeError | "renew" | "absent";
}

/** Deletes an object; deleting what is absent is no error. Throws NotFoundError where the bucket is missing. */
export async function deleteObject(name: string, { bucket, api, signal }: DeletionOptions): Promise<void> {
  const path = objectPath(bucket, name);
  const reply = await api.run((send) => send({ method: "DELETE", path, accepts: [404] }), { signal });
  if (reply.status === 404 && isBucketMissing({ text: textOf(reply, 4096) })) {
    throw missingBucket({}, bucket);
  }
}

/** The service's limit. */
const keysAtOnce = 100;
const deletionsAtOnce = 16;

/**
 * A function that deletes many objects: by 100 a request, or one by one where the service turned out to have no batches. What failed is told by
 * key; a service that denies or does not answer the whole request makes it throw.
 */
export function createBatchDeletion(): (
  keys: readonly string[],
  options: BatchDeletionOptions,
) => Promise<readonly KeyFailure[]> {
  let hasBatches = true;
  return async (keys, options) => {
    const failures: KeyFailure[] = [];
    const singly: string[] = [];
    for (let start = 0; start < keys.length; start += keysAtOnce) {
      throwIfAborted(options.signal);
      const batch = keys.slice(start, start + keysAtOnce);
      const outcome = hasBatches ? await deleteBatch(batch, options) : undefined;
      hasBatches = outcome !== undefined;
      singly.push(...(outcome?.open ?? batch));
      failures.push(...(outcome?.failures ?? []));
    }
    failures.push(...(await deleteSingly(singly, options)));
    return failures;
  };
}

interface BatchOutcome {
  readonly failures: readonly KeyFailure[];
  /** What another attempt may delete. */
  readonly open: readonly string[];
}

/** `undefined` = the service has no batches. */
async function deleteBatch(keys: readonly string[], options: BatchDeletionOptions): Promise<BatchOutcome | undefined> {
  const { bucket, root, api, signal } = options;
  const boundary = randomUUID();
  const parts = keys.map(
    (key, index) =>
      `--${boundary}\r\ncontent-type: application/http\r\ncontent-id: <${index}>\r\n\r\nDELETE ${objectPath(bucket, root + key)} HTTP/1.1\r\n\r\n\r\n`,
  );
  const reply = await api.run(
    (send) =>
      send({
        method: "POST",
        path: "/batch/storage/v1",
        headers: { "content-type": `multipart/mixed; boundary=${boundary}` },
        body: Buffer.from(`${parts.join("")}--${boundary}--\r\n`),
        accepts: [400, 404, 405, 501],
      }),
    { signal },
  );
  const replies = reply.status < 300 ? parseBatch(reply.headers["content-type"] ?? "", textOf(reply)) : undefined;
  return replies && judge(keys, replies, options);
}

function judge(
  keys: readonly string[],
  replies: ReadonlyMap<number, GsRefusal>,
  { explain, bucket }: BatchDeletionOptions,
): BatchOutcome {
  const failures: KeyFailure[] = [];
  const open: string[] = [];
  for (const [index, key] of keys.entries()) {
    const reply = replies.get(index);
    if (reply === undefined) {
      open.push(key);
    } else if (reply.status >= 300) {
      const meaning = explain(reply, key);
      if (meaning === "renew" || meaning instanceof TransientFault) {
        open.push(key);
      } else if (meaning !== "absent") {
        failures.push({ key, error: isBucketMissing(reply) ? missingBucket(meaning.fields, bucket) : meaning });
      }
    }
  }
  return { failures, open };
}

/** Replies by the number of their request; `undefined` where the text is no `multipart/mixed`. */
function parseBatch(contentType: string, text: string): ReadonlyMap<number, GsRefusal> | undefined {
  const [, boundary] = /^multipart\/mixed\b.*;\s*boundary="?([^";]+)"?/i.exec(contentType) ?? [];
  if (boundary === undefined) {
    return undefined;
  }
  const replies = new Map<number, GsRefusal>();
  for (const part of text.split(`--${boundary}`)) {
    const [, index] = /^content-id:\s*<?response-<?(\d+)>?/im.exec(part) ?? [];
    const [found, status] = /^HTTP\/[\d.]+ (\d{3})/m.exec(part) ?? [];
    if (index !== undefined && found !== undefined) {
      replies.set(Number(index), { status: Number(status), headers: {}, text: part.slice(part.indexOf(found)) });
    }
  }
  return replies;
}

async function deleteSingly(keys: readonly string[], options: BatchDeletionOptions): Promise<readonly KeyFailure[]> {
  const failures: KeyFailure[] = [];
  await eachAtOnce(keys, { atOnce: deletionsAtOnce, signal: options.signal }, async (key) => {
    try {
      await deleteObject(options.root + key, options);
    } catch (error) {
      if (!(error instanceof PermissionDeniedError || error instanceof UnreachableError)) {
        throw error;
      }
      failures.push({ key, error });
    }
  });
  return failures;
}
