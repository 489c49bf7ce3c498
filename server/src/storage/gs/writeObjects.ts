/** Writes: small objects in one request, large ones in steps of a session. Nothing half-written ever appears under a key. */
import { randomUUID } from "node:crypto";
import { ConflictError } from "../../errors.ts";
import { TransientFault } from "../retry.ts";
import type { PutOptions } from "../store.ts";
import { type ApiRequest, jsonOf, type Send } from "./api.ts";
import { md5Of } from "./checksums.ts";
import { objectPath, uploadPath, wellFormed, withQuery } from "./place.ts";
import type { UploadMetadata, WritableBucket } from "./upload.ts";
import { uploadInSteps } from "./uploadSession.ts";

/** Replaces an object as a whole. Throws ConflictError where the condition does not hold. */
export async function putObject(
  target: WritableBucket,
  name: string,
  bytes: Uint8Array,
  { onlyIf, signal, ...options }: PutOptions,
): Promise<void> {
  const precondition = preconditionOf(onlyIf);
  const metadata: UploadMetadata = {
    name: wellFormed(name),
    contentType: options.contentType ?? "application/octet-stream",
    ...(options.encoding !== undefined && { contentEncoding: options.encoding }),
    ...(options.cacheControl !== undefined && { cacheControl: options.cacheControl }),
    ...(options.storageClass !== undefined && { storageClass: options.storageClass }),
    md5Hash: md5Of(bytes),
  };
  let isUnsure = false;
  const guarded = <T>(send: Send, task: () => Promise<T>): Promise<T | undefined> =>
    task().catch(async (error: unknown) => {
      // a reply that was lost may have been that of success
      if (error instanceof ConflictError && isUnsure && (await isStored(target, metadata, send))) {
        return undefined;
      }
      isUnsure ||= error instanceof TransientFault;
      throw error;
    });
  if (bytes.byteLength > target.resumableBytes) {
    return uploadInSteps(target, { metadata, bytes, precondition, signal, guarded });
  }
  const request = simpleUpload(target.bucket, metadata, bytes, precondition);
  await target.api.run((send) => guarded(send, () => send(request)), { signal });
}

/** The parameter that makes a write conditional. Throws ConflictError for an etag that no object of this service has. */
export function preconditionOf(onlyIf: PutOptions["onlyIf"]): string | undefined {
  if (onlyIf === undefined || onlyIf === "absent") {
    return onlyIf && "0";
  }
  if (!/^[1-9]\d{0,18}$/.test(onlyIf.etag)) {
    throw new ConflictError("the object is not what the write expected", { hint: "read it again, and decide anew" });
  }
  return onlyIf.etag;
}

/** Metadata and bytes in one body (`multipart/related`). */
function simpleUpload(
  bucket: string,
  metadata: UploadMetadata,
  bytes: Uint8Array,
  ifGenerationMatch: string | undefined,
): ApiRequest {
  const boundary = randomUUID();
  const head = `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(metadata)}\r\n--${boundary}\r\ncontent-type: ${metadata.contentType}\r\n\r\n`;
  return {
    method: "POST",
    path: withQuery(uploadPath(bucket), { uploadType: "multipart", ifGenerationMatch, fields: "generation" }),
    headers: { "content-type": `multipart/related; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

/** Is what lies there what was to be written? */
async function isStored({ bucket }: WritableBucket, metadata: UploadMetadata, send: Send): Promise<boolean> {
  const path = withQuery(objectPath(bucket, metadata.name), { fields: "md5Hash,contentEncoding" });
  const reply = await send({ method: "GET", path, accepts: [404] });
  if (reply.status === 404) {
    return false;
  }
  const { md5Hash, contentEncoding } = jsonOf(reply);
  return md5Hash === metadata.md5Hash && contentEncoding === metadata.contentEncoding;
}
