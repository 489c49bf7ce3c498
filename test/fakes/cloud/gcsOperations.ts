/** The operations of the fake GCS by path and method, each behind the right it needs. */
import { bucketResource, listObjects } from "./gcsList.ts";
import {
  checkConditions,
  checkLock,
  deleteObject,
  factsOf,
  findObject,
  type GcsStamp,
  makeObject,
  patchObject,
  readMedia,
  resourceOf,
} from "./gcsObjects.ts";
import {
  type GcsBucket,
  type GcsCaller,
  GcsRefusal,
  type GcsRight,
  jsonReply,
  lacking,
  noSuchObject,
  notImplemented,
} from "./gcsState.ts";
import type { GcsTokens } from "./gcsTokens.ts";
import { type GcsUploads, parseJson } from "./gcsUploads.ts";
import { headerOf, queryOf, type ServiceReply, type ServiceRequest } from "./service.ts";

/** All that an operation may use. */
export interface GcsScene {
  readonly buckets: ReadonlyMap<string, GcsBucket>;
  readonly tokens: GcsTokens;
  readonly uploads: GcsUploads;
  /** Copies under way: bytes done, by rewrite token. */
  readonly rewrites: Map<string, number>;
  readonly rewriteBytesPerCall: number;
  stamp(): GcsStamp;
}

/** A request that has found its bucket and caller. */
interface Call {
  readonly request: ServiceRequest;
  readonly bucket: GcsBucket;
  readonly caller: GcsCaller;
  readonly isXml: boolean;
  readonly scene: GcsScene;
}

const permissions: Readonly<Record<GcsRight, string>> = {
  get: "objects.get",
  list: "objects.list",
  write: "objects.create",
  bucket: "buckets.get",
};

/** The JSON API. Throws GcsRefusal. */
export function answerJson(request: ServiceRequest, scene: GcsScene): ServiceReply {
  const uploadId = queryOf(request, "upload_id");
  if (uploadId !== undefined) {
    return scene.uploads.resume(request, uploadId);
  }
  const caller = scene.tokens.callerOf(request);
  const [, kind = "", path = ""] = /^\/(?:(upload|download)\/)?storage\/v1\/(.*)$/.exec(request.rawPath) ?? [];
  const [b, bucketName = "", o, name = "", verb, ...target] = path.split("/");
  if (b !== "b" || (o !== undefined && o !== "o")) {
    throw notImplemented(request.rawPath);
  }
  if (bucketName === "") {
    return listBuckets(request, caller, scene);
  }
  const call: Call = {
    request,
    caller,
    scene,
    isXml: false,
    bucket: findBucket(decodeURIComponent(bucketName), scene),
  };
  checkPayer(call);
  if (o === undefined) {
    return getBucket(call);
  }
  if (kind === "upload") {
    demand(call, "write");
    return scene.uploads.insert(request, call.bucket);
  }
  if (name === "") {
    demand(call, "list");
    return onlyFor("GET", request, () => listObjects(request, call.bucket));
  }
  const key = decodeURIComponent(name);
  return verb === undefined ? onObject(call, key, kind) : copyObject(call, key, verb, target);
}

/** The XML API: reads of objects. Throws GcsRefusal. */
export function answerXml(request: ServiceRequest, scene: GcsScene): ServiceReply {
  const caller = scene.tokens.callerOf(request);
  const [bucketName = "", ...rest] = request.rawPath.slice(1).split("/");
  const key = decodeURIComponent(rest.join("/"));
  if (
    (request.method !== "GET" && request.method !== "HEAD") ||
    key === "" ||
    queryOf(request, "X-Goog-Signature") !== undefined
  ) {
    throw notImplemented(`${request.method} ${request.rawPath} of the XML API`);
  }
  const call: Call = { request, caller, scene, isXml: true, bucket: findBucket(decodeURIComponent(bucketName), scene) };
  checkPayer(call);
  return readMedia(request, readable(call, key), "xml");
}

function findBucket(name: string, { buckets }: GcsScene): GcsBucket {
  const bucket = buckets.get(name);
  if (bucket === undefined) {
    throw new GcsRefusal({
      status: 404,
      reason: "notFound",
      xmlCode: "NoSuchBucket",
      message: "The specified bucket does not exist.",
    });
  }
  return bucket;
}

/** 400 without a project to bill, 403 with one that is not the caller's. */
function checkPayer({ request, bucket, caller }: Call): void {
  if (bucket.options.requesterPays !== true) {
    return;
  }
  const project = queryOf(request, "userProject") ?? headerOf(request, "x-goog-user-project");
  if (project === undefined || project === "") {
    const message = "Bucket is a requester pays bucket but no user project provided.";
    throw new GcsRefusal({ status: 400, reason: "required", xmlCode: "UserProjectMissing", message });
  }
  if (caller !== "anonymous" && caller.projects !== undefined && !caller.projects.includes(project)) {
    const message = `${caller.email} does not have serviceusage.services.use access to the Google Cloud project.`;
    throw new GcsRefusal({ status: 403, reason: "forbidden", xmlCode: "UserProjectAccessDenied", message });
  }
}

function has({ bucket: { options }, caller }: Call, right: GcsRight): boolean {
  if (options.anonymous?.includes(right)) {
    return true;
  }
  return (
    caller !== "anonymous" && (options.rights === undefined || (options.rights[caller.email] ?? []).includes(right))
  );
}

function demand(call: Call, right: GcsRight): void {
  if (!has(call, right)) {
    throw lacking(call.caller, permissions[right], call.isXml);
  }
}

/** The object, for who may get it; a missing one is refused to who may not list. */
function readable(call: Call, key: string): ReturnType<typeof findObject> {
  demand(call, "get");
  return findObject(call.request, call.bucket, key, () =>
    has(call, "list") ? noSuchObject(call.bucket.name, key) : lacking(call.caller, "objects.get", call.isXml),
  );
}

function listBuckets(request: ServiceRequest, caller: GcsCaller, { buckets }: GcsScene): ServiceReply {
  if (caller === "anonymous") {
    throw lacking(caller, "buckets.list", false);
  }
  if (queryOf(request, "project") === undefined) {
    throw new GcsRefusal({ status: 400, reason: "required", message: "Required parameter: project" });
  }
  return onlyFor("GET", request, () =>
    jsonReply({ kind: "storage#buckets", items: [...buckets.values()].map(bucketResource) }),
  );
}

function getBucket(call: Call): ServiceReply {
  demand(call, "bucket");
  return onlyFor("GET", call.request, () => jsonReply(bucketResource(call.bucket)));
}

function onObject(call: Call, key: string, kind: string): ServiceReply {
  const { request, bucket, scene } = call;
  switch (request.method) {
    case "GET": {
      const object = readable(call, key);
      const isMedia = kind === "download" || queryOf(request, "alt") === "media";
      return isMedia ? readMedia(request, object, "json") : jsonReply(resourceOf(bucket, key, object));
    }
    case "PATCH": {
      demand(call, "write");
      const object = findObject(request, bucket, key, () => noSuchObject(bucket.name, key));
      const patched = patchObject(object, parseJson(request.body), scene.stamp().ms);
      bucket.objects.set(key, patched);
      return jsonReply(resourceOf(bucket, key, patched));
    }
    case "DELETE":
      demand(call, "write");
      return deleteObject(request, bucket, key);
    default:
      throw notImplemented(`${request.method} of an object`);
  }
}

/** `…/rewriteTo/b/BUCKET/o/NAME` and `…/copyTo/…`. */
function copyObject(
  call: Call,
  key: string,
  verb: string,
  [b, bucketName = "", o, name = ""]: readonly string[],
): ServiceReply {
  const { request, scene } = call;
  if ((verb !== "rewriteTo" && verb !== "copyTo") || b !== "b" || o !== "o" || request.method !== "POST") {
    throw notImplemented(`${request.method} ${verb}`);
  }
  demand(call, "get");
  const bucket = findBucket(decodeURIComponent(bucketName), scene);
  demand({ ...call, bucket }, "write");
  const source = call.bucket.objects.get(key);
  if (source === undefined) {
    throw noSuchObject(call.bucket.name, key);
  }
  const targetKey = decodeURIComponent(name);
  checkConditions(request, source, "Source");
  checkConditions(request, bucket.objects.get(targetKey));
  checkLock(bucket, targetKey);
  const sizes = { objectSize: String(source.bytes.byteLength), kind: "storage#rewriteResponse" };
  const done = (scene.rewrites.get(queryOf(request, "rewriteToken") ?? "") ?? 0) + scene.rewriteBytesPerCall;
  if (verb === "rewriteTo" && done < source.bytes.byteLength) {
    const rewriteToken = `rewrite-${scene.rewrites.size}`;
    scene.rewrites.set(rewriteToken, done);
    return jsonReply({ ...sizes, totalBytesRewritten: String(done), done: false, rewriteToken });
  }
  const given = request.body.byteLength > 0 ? factsOf(parseJson(request.body)) : {};
  const facts = Object.keys(given).length > 0 ? given : source.facts;
  const object = makeObject(source.bytes, facts, scene.stamp());
  bucket.objects.set(targetKey, object);
  const resource = resourceOf(bucket, targetKey, object);
  return jsonReply(
    verb === "copyTo" ? resource : { ...sizes, totalBytesRewritten: sizes.objectSize, done: true, resource },
  );
}

function onlyFor(method: string, request: ServiceRequest, answer: () => ServiceReply): ServiceReply {
  if (request.method !== method) {
    throw notImplemented(`${request.method} ${request.rawPath}`);
  }
  return answer();
}
