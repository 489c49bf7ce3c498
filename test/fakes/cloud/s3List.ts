/** Listings of the fake S3: ListObjectsV2 and ListBuckets. */

import { notImplemented, type S3Bucket, S3Refusal } from "./s3State.ts";
import { queryOf, type ServiceReply, type ServiceRequest } from "./service.ts";
import { compareKeys, isBehindPlace } from "./sortedObjects.ts";
import { element, elements, xmlDocument } from "./xml.ts";

const largestPage = 1000;

export function listObjects(request: ServiceRequest, bucket: S3Bucket): ServiceReply {
  if (queryOf(request, "list-type") !== "2") {
    throw notImplemented("ListObjects, version 1");
  }
  const prefix = queryOf(request, "prefix") ?? "";
  const delimiter = queryOf(request, "delimiter") ?? "";
  const token = queryOf(request, "continuation-token");
  const startAfter = queryOf(request, "start-after") ?? "";
  const encodes = queryOf(request, "encoding-type") === "url";
  const max = Number(queryOf(request, "max-keys") ?? largestPage);
  if (!Number.isInteger(max) || max < 0) {
    throw new S3Refusal(400, "InvalidArgument", "Provided max-keys not an integer or within integer range");
  }
  const isBehind =
    token === undefined ? (key: string): boolean => compareKeys(key, startAfter) > 0 : isBehindPlace(placeOf(token));
  const page = bucket.objects.list({ prefix, delimiter, isBehind, max: Math.min(max, largestPage) });
  const text = (value: string): string => (encodes ? encodeURIComponent(value).replaceAll("%2F", "/") : value);
  const content = [
    ...elements({
      Name: bucket.name,
      Prefix: text(prefix),
      ...(delimiter !== "" && { Delimiter: text(delimiter) }),
      MaxKeys: max,
      ...(encodes && { EncodingType: "url" }),
      KeyCount: page.keys.length + page.prefixes.length,
      IsTruncated: page.next !== undefined,
      ...(token !== undefined && { ContinuationToken: token }),
      ...(page.next !== undefined && { NextContinuationToken: Buffer.from(page.next).toString("base64") }),
      ...(startAfter !== "" && { StartAfter: text(startAfter) }),
    }),
    ...page.keys.map((key) => element("Contents", contentsOf(bucket, key, text(key)))),
    ...page.prefixes.map((folded) => element("CommonPrefixes", elements({ Prefix: text(folded) }))),
  ];
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: xmlDocument("ListBucketResult", content),
  };
}

export function listBuckets(buckets: Iterable<S3Bucket>): ServiceReply {
  const list = [...buckets].map(({ name }) =>
    element("Bucket", elements({ Name: name, CreationDate: "2026-01-01T00:00:00.000Z" })),
  );
  const content = elements({ Owner: elements({ ID: "fake" }), Buckets: list });
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: xmlDocument("ListAllMyBucketsResult", content),
  };
}

function contentsOf(bucket: S3Bucket, key: string, text: string): ReturnType<typeof elements> {
  const object = bucket.objects.get(key);
  return elements({
    Key: text,
    LastModified: new Date(object?.modifiedMs ?? 0).toISOString(),
    ETag: object?.etag ?? "",
    Size: object?.bytes.byteLength ?? 0,
    StorageClass: object?.headers["x-amz-storage-class"] ?? "STANDARD",
  });
}

function placeOf(token: string): string {
  const place = Buffer.from(token, "base64").toString();
  if (!/^[kp]/.test(place)) {
    throw new S3Refusal(400, "InvalidArgument", "The continuation token provided is incorrect");
  }
  return place;
}
