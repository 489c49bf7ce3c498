/** The operations of the fake S3, by method and query, each behind the right it needs. */
import type { S3Body } from "./s3Body.ts";
import { listObjects } from "./s3List.ts";
import { abortUpload, completeUpload, createUpload, uploadPart } from "./s3Multipart.ts";
import { copyObject, deleteObject, deleteObjects, putObject, readObject } from "./s3Objects.ts";
import type { S3Signer } from "./s3Signature.ts";
import {
  accessDenied,
  allRights,
  noSuchKey,
  notImplemented,
  type S3Bucket,
  S3Refusal,
  type S3Right,
} from "./s3State.ts";
import { headerOf, type ServiceReply, type ServiceRequest } from "./service.ts";

/** One request, understood. */
export interface S3Call {
  readonly request: ServiceRequest;
  readonly bucket: S3Bucket;
  readonly key: string;
  readonly body: S3Body;
  readonly signer: S3Signer | undefined;
  readonly now: number;
}

/** What an operation may see beside its bucket. */
export interface S3Scene {
  readonly buckets: ReadonlyMap<string, S3Bucket>;
  readonly region: string;
}

/** Queries that name no operation. */
const plainQueries =
  /^(x-id|X-Amz-.*|x-amz-request-payer|prefix|delimiter|list-type|max-keys|start-after|continuation-token|encoding-type|fetch-owner)$/;

/** Answers a request that has found its bucket. Throws S3Refusal. */
export function dispatch(call: S3Call, fake: S3Scene): ServiceReply {
  const { request } = call;
  const operation = request.query
    .map(([name]) => name)
    .filter((name) => !plainQueries.test(name))
    .sort()
    .join("&");
  return call.key === "" ? onBucket(call, operation, fake) : onObject(call, operation, fake);
}

function onBucket(call: S3Call, operation: string, { region: serverRegion }: S3Scene): ServiceReply {
  const { request, bucket, body } = call;
  const region = bucket.options.region ?? serverRegion;
  switch (`${request.method} ${operation}`) {
    case "GET ":
      demand(call, "list");
      return listObjects(request, bucket);
    case "HEAD ":
      demand(call, "list");
      return { status: 200, headers: { "x-amz-bucket-region": region } };
    case "POST delete":
      demand(call, "write");
      return deleteObjects(bucket, body);
    default:
      throw notImplemented(`${request.method} ${operation}`);
  }
}

function onObject(call: S3Call, operation: string, fake: S3Scene): ServiceReply {
  const { request, bucket, key, body, now } = call;
  const { method } = request;
  demand(call, method === "GET" || method === "HEAD" ? "get" : "write");
  switch (`${method} ${operation}`) {
    case "GET ":
    case "HEAD ":
      return readObject(request, bucket, key, rightsOf(bucket, call.signer).includes("list"));
    case "PUT ":
      return headerOf(request, "x-amz-copy-source") === undefined
        ? putObject(request, bucket, key, { body, now })
        : copy(call, fake);
    case "DELETE ":
      return deleteObject(request, bucket, key);
    case "POST uploads":
      return createUpload(request, bucket, key);
    case "PUT partNumber&uploadId":
      if (headerOf(request, "x-amz-copy-source") !== undefined) {
        throw notImplemented("UploadPartCopy");
      }
      return uploadPart(request, bucket, key, body);
    case "POST uploadId":
      return completeUpload(request, { bucket, key, body, now });
    case "DELETE uploadId":
      return abortUpload(request, bucket, key);
    default:
      throw notImplemented(`${method} ${operation}`);
  }
}

function copy({ request, bucket, key, signer, now }: S3Call, { buckets }: S3Scene): ServiceReply {
  const text = (headerOf(request, "x-amz-copy-source") ?? "").replace(/^\//, "");
  const [name = "", ...rest] = text.split("/");
  const sourceBucket = buckets.get(decodeURIComponent(name));
  if (sourceBucket === undefined) {
    throw new S3Refusal(404, "NoSuchBucket", "The specified bucket does not exist");
  }
  demand({ bucket: sourceBucket, signer }, "get");
  const sourceKey = decodeURIComponent(rest.join("/"));
  const source = sourceBucket.objects.get(sourceKey);
  if (source === undefined) {
    throw rightsOf(sourceBucket, signer).includes("list") ? noSuchKey(sourceKey) : accessDenied();
  }
  return copyObject(request, { bucket, key, source, isSelf: sourceBucket === bucket && sourceKey === key, now });
}

function rightsOf({ options }: S3Bucket, signer: S3Signer | undefined): readonly S3Right[] {
  return signer === undefined
    ? (options.anonymous ?? [])
    : options.rights === undefined
      ? allRights
      : (options.rights[signer.credential.accessKeyId] ?? []);
}

function demand(call: Pick<S3Call, "bucket" | "signer">, right: S3Right): void {
  if (!rightsOf(call.bucket, call.signer).includes(right)) {
    throw accessDenied();
  }
}
