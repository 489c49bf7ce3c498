/** Deletes objects: one, or many by batches. */
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { eachAtOnce } from "../../base/eachAtOnce.ts";
import { PermissionDeniedError, UnreachableError, UnsupportedError } from "../../errors.ts";
import { TransientFault } from "../retry.ts";
import type { KeyFailure } from "../store.ts";
import { abortOf } from "./multipart.ts";
import type { SdkClients } from "./sdk.ts";

export interface DeletionOptions extends Cancellable {
  readonly bucket: string;
  readonly clients: SdkClients;
}

export interface BatchDeletionOptions extends DeletionOptions {
  /** Before each key. */
  readonly root: string;
  /** The error for the code that the service gives for one key; "absent" = there was none. */
  explain(code: string, key: string): Error | "absent";
}

/** Deletes an object; deleting what is absent is no error. */
export async function deleteObject(name: string, { bucket, clients, signal }: DeletionOptions): Promise<void> {
  await clients.run(
    ({ sdk, client, payer }) =>
      client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: name, ...payer }), abortOf(signal)),
    { signal },
  );
}

/** The service's limit. */
const keysAtOnce = 1000;
const deletionsAtOnce = 16;

/**
 * A function that deletes many objects: by 1000 a request, or one by one where the service turned out to refuse batches (as `nokura` does). What
 * failed is told by key; a store that denies or does not answer the whole request makes it throw.
 */
export function createBatchDeletion(): (
  keys: readonly string[],
  options: BatchDeletionOptions,
) => Promise<readonly KeyFailure[]> {
  let hasBatches = true;
  return async (keys, options) => {
    const failures: KeyFailure[] = [];
    // control characters cannot be said in a batch, which is XML
    const plain = keys.filter((key) => hasBatches && !/\p{Cc}|\p{Surrogate}|[\ufffe\uffff]/u.test(key));
    const isPlain = new Set(plain);
    const others = new Set(keys.filter((key) => !isPlain.has(key)));
    for (let start = 0; start < plain.length; start += keysAtOnce) {
      throwIfAborted(options.signal);
      const batch = plain.slice(start, start + keysAtOnce);
      const failed = hasBatches ? await deleteBatch(batch, options) : "refused";
      if (failed === "refused") {
        hasBatches = false;
        for (const key of batch) {
          others.add(key);
        }
      } else {
        for (const failure of failed) {
          if (failure.error instanceof TransientFault) {
            others.add(failure.key);
          } else {
            failures.push(failure);
          }
        }
      }
    }
    failures.push(...(await deleteOneByOne(others, options)));
    return failures;
  };
}

async function deleteBatch(
  keys: readonly string[],
  { bucket, clients, root, explain, signal }: BatchDeletionOptions,
): Promise<readonly KeyFailure[] | "refused"> {
  try {
    const { Errors = [] } = await clients.run(
      ({ sdk, client, payer }) =>
        client.send(
          new sdk.DeleteObjectsCommand({
            Bucket: bucket,
            Delete: { Objects: keys.map((key) => ({ Key: root + key })), Quiet: true },
            ...payer,
          }),
          abortOf(signal),
        ),
      { signal },
    );
    return Errors.flatMap(({ Key, Code = "" }) => {
      const key = Key?.slice(root.length) ?? "";
      const error = explain(Code, key);
      return error === "absent" ? [] : [{ key, error }];
    });
  } catch (error) {
    if (error instanceof UnsupportedError) {
      return "refused";
    }
    throw error;
  }
}

async function deleteOneByOne(
  keys: ReadonlySet<string>,
  options: BatchDeletionOptions,
): Promise<readonly KeyFailure[]> {
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
