/** Uploads and copies in parts: all or nothing, a few parts at a time. */
import type { CompletedPart, CreateMultipartUploadCommandInput } from "@aws-sdk/client-s3";
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { eachAtOnce } from "../../base/eachAtOnce.ts";
import { UnreachableError } from "../../errors.ts";
import type { SdkSession } from "./sdk.ts";

export interface MultipartOptions extends Cancellable {
  readonly session: SdkSession;
  readonly bucket: string;
  readonly key: string;
  /** Type, encoding, cache control, class. */
  readonly head: Omit<CreateMultipartUploadCommandInput, "Bucket" | "Key">;
  readonly condition: { readonly IfMatch?: string; readonly IfNoneMatch?: string };
  readonly sizeBytes: number;
  /** At least 5 MiB, but for the last part. */
  readonly partBytes: number;
  /** Sends the bytes [start, end) as a part: what the service calls it. */
  send(part: PartRequest): Promise<Omit<CompletedPart, "PartNumber">>;
}

export interface PartRequest extends Cancellable {
  readonly uploadId: string;
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

const partsAtOnce = 4;
/** The service takes no more parts. */
const maxParts = 10_000;

const mebi = 2 ** 20;
/** The service takes no smaller ones, but for the last. */
const smallestPartBytes = 5 * mebi;

/**
 * The part size for an object: parts of about `usual` bytes at most, of the whole MiB next above the object's size divided by their number. So
 * CloudFiles finds the part size again, from size and number, when it checks the ETag.
 */
export function partBytesFor(sizeBytes: number, usual: number): number {
  let count = Math.min(maxParts, Math.max(1, Math.ceil(sizeBytes / usual)));
  for (;;) {
    const part = Math.max(smallestPartBytes, (Math.floor(sizeBytes / count / mebi) + 1) * mebi);
    const real = Math.max(1, Math.ceil(sizeBytes / part));
    if (real >= count) {
      return part;
    }
    count = real;
  }
}

/** Makes the object of parts. After a failure or an abort the parts are gone, as far as the service can be reached. */
export async function runMultipart(options: MultipartOptions): Promise<void> {
  const { session, bucket, key, head, condition, signal } = options;
  const { sdk, client, payer } = session;
  const place = { Bucket: bucket, Key: key, ...payer };
  throwIfAborted(signal);
  // Not cancelled midway: an upload whose name nobody learnt could never be taken back.
  const { UploadId: uploadId } = await client.send(new sdk.CreateMultipartUploadCommand({ ...head, ...place }));
  if (uploadId === undefined) {
    throw new UnreachableError("the service gave no name to an upload in parts", { key });
  }
  try {
    throwIfAborted(signal);
    const parts = await sendParts(options, uploadId);
    throwIfAborted(signal);
    await client.send(
      new sdk.CompleteMultipartUploadCommand({
        ...place,
        ...condition,
        UploadId: uploadId,
        MultipartUpload: { Parts: parts },
      }),
      abortOf(signal),
    );
  } catch (error) {
    const abort = new sdk.AbortMultipartUploadCommand({ ...place, UploadId: uploadId });
    await client.send(abort).catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
}

/** Options of the SDK's `send`. */
export function abortOf(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

async function sendParts(
  { sizeBytes, partBytes, signal, send }: MultipartOptions,
  uploadId: string,
): Promise<CompletedPart[]> {
  const failing = new AbortController();
  const either = signal === undefined ? failing.signal : AbortSignal.any([signal, failing.signal]);
  const count = Math.ceil(sizeBytes / partBytes);
  const parts: CompletedPart[] = new Array(count);
  await eachAtOnce(parts.keys(), { atOnce: partsAtOnce, signal }, async (index) => {
    const start = index * partBytes;
    const part = { uploadId, number: index + 1, start, end: Math.min(start + partBytes, sizeBytes), signal: either };
    try {
      parts[index] = { ...(await send(part)), PartNumber: part.number };
    } catch (error) {
      failing.abort();
      throw error;
    }
  });
  return parts;
}
