/** Objects of the fake S3: get, head, put, copy, delete. */
import { readRange } from "./byteRange.ts";
import { md5 } from "./checksums.ts";
import type { S3Body } from "./s3Body.ts";
import { accessDenied, noSuchKey, preconditionFailed, type S3Bucket, type S3Object, S3Refusal } from "./s3State.ts";
import { headerOf, type ServiceReply, type ServiceRequest } from "./service.ts";
import { elements, innerTexts, unescapeXml, xmlDocument } from "./xml.ts";

const keptHeaders = ["content-type", "cache-control", "content-disposition", "content-language", "expires"];

/** GET and HEAD of an object. `mayList` decides whether a missing key is 404 or 403. */
export function readObject(request: ServiceRequest, bucket: S3Bucket, key: string, mayList: boolean): ServiceReply {
  const object = bucket.objects.get(key);
  if (object === undefined) {
    throw mayList ? noSuchKey(key) : accessDenied();
  }
  const ifMatch = headerOf(request, "if-match");
  if (ifMatch !== undefined && ifMatch !== object.etag) {
    throw preconditionFailed("If-Match");
  }
  if (headerOf(request, "if-none-match") === object.etag) {
    return { status: 304, headers: { etag: object.etag } };
  }
  const size = object.bytes.byteLength;
  const range = readRange(headerOf(request, "range"), size);
  if (range === "unsatisfiable") {
    throw new S3Refusal(416, "InvalidRange", "The requested range is not satisfiable", {
      fields: { ActualObjectSize: String(size) },
      headers: { "content-range": `bytes */${size}` },
    });
  }
  const headers = { "accept-ranges": "bytes", "last-modified": httpDate(object), etag: object.etag, ...object.headers };
  if (range !== "whole") {
    const contentRange = `bytes ${range.start}-${range.end - 1}/${size}`;
    const body = object.bytes.subarray(range.start, range.end);
    return { status: 206, headers: { ...headers, "content-range": contentRange }, body };
  }
  const wantsChecksum = headerOf(request, "x-amz-checksum-mode")?.toUpperCase() === "ENABLED";
  const { checksum } = object;
  return {
    status: 200,
    headers: {
      ...headers,
      ...(checksum && wantsChecksum && { [checksum.header]: checksum.value, "x-amz-checksum-type": "FULL_OBJECT" }),
    },
    body: object.bytes,
  };
}

export function putObject(
  request: ServiceRequest,
  bucket: S3Bucket,
  key: string,
  { body, now }: { body: S3Body; now: number },
): ServiceReply {
  checkWrite(request, bucket, key);
  const object = makeObject(body.bytes, metadataOf(request), now, body.checksum);
  bucket.objects.set(key, object);
  const { checksum } = object;
  return { status: 200, headers: { etag: object.etag, ...(checksum && { [checksum.header]: checksum.value }) } };
}

/** Copies over what was read with the rights of the source. */
export function copyObject(
  request: ServiceRequest,
  {
    bucket,
    key,
    source,
    isSelf,
    now,
  }: { bucket: S3Bucket; key: string; source: S3Object; isSelf: boolean; now: number },
): ServiceReply {
  checkWrite(request, bucket, key);
  const sourceMatch = headerOf(request, "x-amz-copy-source-if-match");
  if (sourceMatch !== undefined && sourceMatch !== source.etag) {
    throw preconditionFailed("x-amz-copy-source-If-Match");
  }
  const replaces = headerOf(request, "x-amz-metadata-directive") === "REPLACE";
  if (isSelf && !replaces && headerOf(request, "x-amz-storage-class") === undefined) {
    throw new S3Refusal(
      400,
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing it.",
    );
  }
  const { "x-amz-storage-class": _class, ...kept } = source.headers;
  const { "x-amz-storage-class": storageClass, ...given } = metadataOf(request);
  const headers = {
    ...(replaces ? given : kept),
    ...(storageClass !== undefined && { "x-amz-storage-class": storageClass }),
  };
  const object = makeObject(source.bytes, headers, now, source.checksum);
  bucket.objects.set(key, object);
  const content = elements({ ETag: object.etag, LastModified: new Date(now).toISOString() });
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: xmlDocument("CopyObjectResult", content),
  };
}

export function deleteObject(request: ServiceRequest, bucket: S3Bucket, key: string): ServiceReply {
  const ifMatch = headerOf(request, "if-match");
  const object = bucket.objects.get(key);
  if (ifMatch !== undefined && (object === undefined || (ifMatch !== "*" && ifMatch !== object.etag))) {
    throw object === undefined ? noSuchKey(key) : preconditionFailed("If-Match");
  }
  if (bucket.options.locked?.includes(key)) {
    throw accessDenied();
  }
  bucket.objects.delete(key);
  return { status: 204 };
}

/** DeleteObjects: up to 1,000 keys, each with a result of its own. */
export function deleteObjects(bucket: S3Bucket, body: S3Body): ServiceReply {
  if (!body.isChecked) {
    throw new S3Refusal(
      400,
      "InvalidRequest",
      "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
    );
  }
  const xml = Buffer.from(body.bytes).toString();
  const keys = innerTexts(xml, "Object").map((inner) => unescapeXml(innerTexts(inner, "Key")[0] ?? ""));
  if (keys.length === 0 || keys.length > 1000 || keys.includes("")) {
    throw new S3Refusal(
      400,
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  }
  const isQuiet = innerTexts(xml, "Quiet")[0] === "true";
  const results = keys.flatMap((Key) => {
    if (bucket.options.locked?.includes(Key)) {
      return elements({ Error: elements({ Key, Code: "AccessDenied", Message: "Access Denied" }) });
    }
    bucket.objects.delete(Key);
    return isQuiet ? [] : elements({ Deleted: elements({ Key }) });
  });
  return { status: 200, headers: { "content-type": "application/xml" }, body: xmlDocument("DeleteResult", results) };
}

/** Conditional writes: `If-None-Match: *` and `If-Match: ETAG`. */
export function checkWrite(request: ServiceRequest, { objects }: S3Bucket, key: string): void {
  const object = objects.get(key);
  const ifNoneMatch = headerOf(request, "if-none-match");
  const ifMatch = headerOf(request, "if-match");
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") {
    throw new S3Refusal(501, "NotImplemented", "A header you provided implies functionality that is not implemented", {
      fields: { Header: "If-None-Match" },
    });
  }
  if (ifNoneMatch !== undefined && object !== undefined) {
    throw preconditionFailed("If-None-Match");
  }
  if (ifMatch !== undefined && ifMatch !== object?.etag) {
    throw object === undefined ? noSuchKey(key) : preconditionFailed("If-Match");
  }
}

/** What an upload says of its object; aws-chunked is framing, not content. */
export function metadataOf(request: ServiceRequest): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { "content-type": "binary/octet-stream" };
  for (const name of Object.keys(request.headers)) {
    if (keptHeaders.includes(name) || name.startsWith("x-amz-meta-")) {
      headers[name] = headerOf(request, name) ?? "";
    }
  }
  const encodings = (headerOf(request, "content-encoding") ?? "").split(",").map((name) => name.trim());
  const encoding = encodings.filter((name) => name !== "" && name !== "aws-chunked").join(",");
  const storageClass = headerOf(request, "x-amz-storage-class") ?? "STANDARD";
  return {
    ...headers,
    ...(encoding !== "" && { "content-encoding": encoding }),
    ...(storageClass !== "STANDARD" && { "x-amz-storage-class": storageClass }),
  };
}

export function makeObject(
  bytes: Uint8Array,
  headers: S3Object["headers"],
  now: number,
  checksum?: S3Object["checksum"],
): S3Object {
  const etag = `"${md5(bytes, "hex")}"`;
  return { bytes: new Uint8Array(bytes), etag, modifiedMs: now, headers, ...(checksum && { checksum }) };
}

function httpDate({ modifiedMs }: S3Object): string {
  return new Date(modifiedMs).toUTCString();
}
