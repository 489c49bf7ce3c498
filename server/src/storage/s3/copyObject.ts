/** Copies inside the service, without the bytes coming here. */
import { NotFoundError, PermissionDeniedError } from "../../errors.ts";
import type { ObjectStat, PutOptions, Store } from "../store.ts";
import { abortOf, partBytesFor, runMultipart } from "./multipart.ts";
import { encodeS3, rootOf } from "./place.ts";
import { conditionOf, type WritableBucket } from "./writeObjects.ts";

/** Larger objects are copied in parts: the service's limit for one request. */
export const largestCopyBytes = 5 * 2 ** 30;
const copyPartBytes = 256 * 2 ** 20;

export interface CopyOptions extends Pick<PutOptions, "onlyIf" | "signal"> {
  readonly from: Store;
  readonly fromKey: string;
  /** The key in the bucket. */
  readonly name: string;
  readonly largestCopyBytes: number;
}

/**
 * Copies an object of another store of the same service; false where these credentials may not read it there. Throws NotFoundError without such an
 * object, ConflictError where `onlyIf` does not hold or the source changes meanwhile.
 */
export async function copyObject(target: WritableBucket, options: CopyOptions): Promise<boolean> {
  const { from, fromKey, signal } = options;
  const stat = await from.stat?.(fromKey, { signal });
  if (stat === undefined) {
    throw new NotFoundError("there is no such object to copy", { location: from.location.text, key: fromKey });
  }
  const source = encodeS3(`${from.location.authority}/${rootOf(from.location)}${fromKey}`);
  try {
    await (stat.sizeBytes !== undefined && stat.sizeBytes > options.largestCopyBytes
      ? copyParts(target, source, { ...stat, sizeBytes: stat.sizeBytes }, options)
      : copyWhole(target, source, stat, options));
    return true;
  } catch (error) {
    if (error instanceof PermissionDeniedError && from.location.authority !== target.bucket) {
      return false; // the other bucket may have credentials of its own
    }
    throw error;
  }
}

async function copyWhole(
  { bucket, clients, acl }: WritableBucket,
  source: string,
  { etag }: ObjectStat,
  { name, onlyIf, signal }: CopyOptions,
): Promise<void> {
  await clients.run(
    ({ sdk, client, payer }) =>
      client.send(
        new sdk.CopyObjectCommand({
          Bucket: bucket,
          Key: name,
          CopySource: source,
          ...(acl !== undefined && { ACL: acl }),
          ...(etag !== undefined && { CopySourceIfMatch: etag }),
          ...conditionOf(onlyIf),
          ...payer,
        }),
        abortOf(signal),
      ),
    { signal },
  );
}

async function copyParts(
  { bucket, clients, acl }: WritableBucket,
  source: string,
  stat: ObjectStat & { readonly sizeBytes: number },
  { name, onlyIf, signal }: CopyOptions,
): Promise<void> {
  const { sizeBytes, etag, contentType, cacheControl, encoding } = stat;
  await clients.run(
    (session) =>
      runMultipart({
        session,
        bucket,
        key: name,
        head: {
          ...(acl !== undefined && { ACL: acl }),
          ...(contentType !== undefined && { ContentType: contentType }),
          ...(cacheControl !== undefined && { CacheControl: cacheControl }),
          ...(encoding !== undefined && { ContentEncoding: encoding }),
        },
        condition: conditionOf(onlyIf),
        sizeBytes,
        partBytes: partBytesFor(sizeBytes, copyPartBytes),
        signal,
        async send({ uploadId, number, start, end, signal: partSignal }) {
          const { CopyPartResult } = await session.client.send(
            new session.sdk.UploadPartCopyCommand({
              Bucket: bucket,
              Key: name,
              UploadId: uploadId,
              PartNumber: number,
              CopySource: source,
              CopySourceRange: `bytes=${start}-${end - 1}`,
              ...(etag !== undefined && { CopySourceIfMatch: etag }),
              ...session.payer,
            }),
            abortOf(partSignal),
          );
          return { ...(CopyPartResult?.ETag !== undefined && { ETag: CopyPartResult.ETag }) };
        },
      }),
    { signal },
  );
}
