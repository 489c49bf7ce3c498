/** Multipart uploads of the fake S3. */
import { createHash, randomUUID } from "node:crypto";
import { md5 } from "./checksums.ts";
import type { S3Body } from "./s3Body.ts";
import { checkWrite, makeObject, metadataOf } from "./s3Objects.ts";
import { type S3Bucket, S3Refusal, type S3Upload } from "./s3State.ts";
import { queryOf, type ServiceReply, type ServiceRequest } from "./service.ts";
import { elements, innerTexts, unescapeXml, xmlDocument } from "./xml.ts";

const smallestPart = 5 * 2 ** 20;

export function createUpload(request: ServiceRequest, bucket: S3Bucket, key: string): ServiceReply {
  const id = randomUUID();
  bucket.uploads.set(id, { key, headers: metadataOf(request), parts: new Map() });
  const content = elements({ Bucket: bucket.name, Key: key, UploadId: id });
  return xmlReply("InitiateMultipartUploadResult", content);
}

export function uploadPart(
  request: ServiceRequest,
  bucket: S3Bucket,
  key: string,
  { bytes, checksum }: S3Body,
): ServiceReply {
  const number = Number(queryOf(request, "partNumber"));
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw new S3Refusal(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
  }
  const etag = `"${md5(bytes, "hex")}"`;
  uploadOf(request, bucket, key).parts.set(number, { bytes: new Uint8Array(bytes), etag });
  return { status: 200, headers: { etag, ...(checksum && { [checksum.header]: checksum.value }) } };
}

export function completeUpload(
  request: ServiceRequest,
  { bucket, key, body, now }: { bucket: S3Bucket; key: string; body: S3Body; now: number },
): ServiceReply {
  const upload = uploadOf(request, bucket, key);
  const wanted = innerTexts(Buffer.from(body.bytes).toString(), "Part").map((part) => ({
    number: Number(innerTexts(part, "PartNumber")[0]),
    etag: unescapeXml(innerTexts(part, "ETag")[0] ?? "").replaceAll('"', ""),
  }));
  const parts = wanted.map(({ number, etag }, index) => {
    const part = upload.parts.get(number);
    if (part === undefined || part.etag.replaceAll('"', "") !== etag) {
      throw new S3Refusal(400, "InvalidPart", "One or more of the specified parts could not be found.");
    }
    if (index > 0 && number <= (wanted[index - 1]?.number ?? 0)) {
      throw new S3Refusal(400, "InvalidPartOrder", "The list of parts was not in ascending order.");
    }
    if (index < wanted.length - 1 && part.bytes.byteLength < smallestPart) {
      throw new S3Refusal(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
    }
    return part;
  });
  if (parts.length === 0) {
    throw new S3Refusal(400, "MalformedXML", "You must specify at least one part");
  }
  checkWrite(request, bucket, key);
  const digests = parts.map(({ etag }) => Buffer.from(etag.replaceAll('"', ""), "hex"));
  const etag = `"${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${parts.length}"`;
  const whole = makeObject(Buffer.concat(parts.map(({ bytes }) => bytes)), upload.headers, now);
  bucket.objects.set(key, { ...whole, etag });
  bucket.uploads.delete(queryOf(request, "uploadId") ?? "");
  return xmlReply("CompleteMultipartUploadResult", elements({ Bucket: bucket.name, Key: key, ETag: etag }));
}

export function abortUpload(request: ServiceRequest, bucket: S3Bucket, key: string): ServiceReply {
  uploadOf(request, bucket, key);
  bucket.uploads.delete(queryOf(request, "uploadId") ?? "");
  return { status: 204 };
}

function uploadOf(request: ServiceRequest, bucket: S3Bucket, key: string): S3Upload {
  const upload = bucket.uploads.get(queryOf(request, "uploadId") ?? "");
  if (upload?.key !== key) {
    throw new S3Refusal(404, "NoSuchUpload", "The specified upload does not exist.");
  }
  return upload;
}

function xmlReply(name: string, content: ReturnType<typeof elements>): ServiceReply {
  return { status: 200, headers: { "content-type": "application/xml" }, body: xmlDocument(name, content) };
}
