/** Writes whole objects, in parts where they are large. */
import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import { ConflictError } from "../../errors.ts";
import type { PutOptions } from "../store.ts";
import { abortOf, partBytesFor, runMultipart } from "./multipart.ts";
import { MissingObject } from "./s3Errors.ts";
import type { SdkClients } from "./sdk.ts";

/** A bucket's objects, to be written. */
export interface WritableBucket {
  readonly bucket: string;
  readonly clients: SdkClients;
  /** Objects from this size on go in parts. */
  readonly multipartBytes: number;
  readonly partBytes: number;
  /** The access list of what is written; absent = as the bucket has it. */
  readonly acl: "public-read" | undefined;
}

/** Replaces an object. Throws ConflictError where `onlyIf` does not hold. */
export async function putObject(
  target: WritableBucket,
  key: string,
  bytes: Uint8Array,
  options: PutOptions,
): Promise<void> {
  try {
    await write(target, key, bytes, options);
  } catch (error) {
    if (error instanceof MissingObject && options.onlyIf !== undefined) {
      throw new ConflictError("the object is gone", { hint: "read it again, and decide anew" }, { cause: error });
    }
    throw error;
  }
}

async function write(target: WritableBucket, key: string, bytes: Uint8Array, options: PutOptions): Promise<void> {
  const { signal, onlyIf } = options;
  const { bucket, multipartBytes, partBytes } = target;
  const head = headOf(options, target);
  const condition = conditionOf(onlyIf);
  await target.clients.run(async (session) => {
    const { sdk, client, payer } = session;
    if (bytes.byteLength < multipartBytes) {
      const input = { Bucket: bucket, Key: key, Body: bytes, ...head, ...condition, ...payer };
      await client.send(new sdk.PutObjectCommand(input), abortOf(signal));
      return;
    }
    await runMultipart({
      session,
      bucket,
      key,
      head: { ...head, ChecksumAlgorithm: "CRC32" },
      condition,
      sizeBytes: bytes.byteLength,
      partBytes: partBytesFor(bytes.byteLength, partBytes),
      signal,
      async send({ uploadId, number, start, end, signal: partSignal }) {
        const part = { Bucket: bucket, Key: key, UploadId: uploadId, PartNumber: number, ...payer };
        const body = { Body: bytes.subarray(start, end), ChecksumAlgorithm: "CRC32" } as const;
        const { ETag, ChecksumCRC32 } = await client.send(
          new sdk.UploadPartCommand({ ...part, ...body }),
          abortOf(partSignal),
        );
        return { ...(ETag !== undefined && { ETag }), ...(ChecksumCRC32 !== undefined && { ChecksumCRC32 }) };
      },
    });
  }, options);
}

/** The SDK's words for a condition. */
export function conditionOf(onlyIf: PutOptions["onlyIf"]): { IfMatch?: string; IfNoneMatch?: string } {
  if (onlyIf === undefined) {
    return {};
  }
  return onlyIf === "absent" ? { IfNoneMatch: "*" } : { IfMatch: onlyIf.etag };
}

type ObjectHead = Pick<
  PutObjectCommandInput,
  "ACL" | "ContentType" | "ContentEncoding" | "CacheControl" | "StorageClass"
>;

function headOf(
  { contentType, encoding, cacheControl, storageClass }: PutOptions,
  { acl }: WritableBucket,
): ObjectHead {
  return {
    ...(acl !== undefined && { ACL: acl }),
    ...(contentType !== undefined && { ContentType: contentType }),
    ...(encoding !== undefined && { ContentEncoding: encoding }),
    ...(cacheControl !== undefined && { CacheControl: cacheControl }),
    // SAFE: a class that the SDK does not know is for the service to accept or refuse
    ...(storageClass !== undefined && { StorageClass: storageClass as NonNullable<ObjectHead["StorageClass"]> }),
  };
}
