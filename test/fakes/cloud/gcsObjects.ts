/** Objects of the fake GCS: their facts, content, conditions, changes and copies. */
import { gunzipSync } from "node:zlib";
import { readRange } from "./byteRange.ts";
import { base64Of, crc32c, md5 } from "./checksums.ts";
import { type GcsBucket, type GcsMetadata, type GcsObject, GcsRefusal, invalid, noSuchObject } from "./gcsState.ts";
import { headerOf, queryOf, type ServiceReply, type ServiceRequest } from "./service.ts";

/** When something was written, and the generation that it became. */
export interface GcsStamp {
  /** Since 1970. */
  readonly ms: number;
  readonly generation: string;
}

export function makeObject(bytes: Uint8Array, facts: GcsMetadata, { ms: now, generation }: GcsStamp): GcsObject {
  return {
    bytes: new Uint8Array(bytes),
    facts: { contentType: "application/octet-stream", storageClass: "STANDARD", ...facts },
    generation,
    metageneration: 1,
    createdMs: now,
    updatedMs: now,
    crc32c: base64Of(crc32c(bytes)),
    md5: md5(bytes, "base64"),
  };
}

/** The object's resource, as the JSON API gives it. */
export function resourceOf(bucket: GcsBucket, name: string, object: GcsObject): Readonly<Record<string, unknown>> {
  const { facts, generation, metageneration } = object;
  return {
    kind: "storage#object",
    id: `${bucket.name}/${name}/${generation}`,
    name,
    bucket: bucket.name,
    generation,
    metageneration: String(metageneration),
    ...facts,
    size: String(object.bytes.byteLength),
    md5Hash: object.md5,
    crc32c: object.crc32c,
    etag: etagOf(object),
    timeCreated: new Date(object.createdMs).toISOString(),
    updated: new Date(object.updatedMs).toISOString(),
  };
}

/** The live object, under the request's `generation` and conditions. `missing` decides what absence is to this caller. */
export function findObject(request: ServiceRequest, bucket: GcsBucket, name: string, missing: () => Error): GcsObject {
  const object = bucket.objects.get(name);
  const generation = queryOf(request, "generation");
  if (object === undefined || (generation !== undefined && generation !== object.generation)) {
    throw missing();
  }
  checkConditions(request, object);
  return object;
}

/**
 * Content. Without `Accept-Encoding: gzip` a gzipped object is unpacked on the way: no length, no range, checksums of what is stored.
 */
export function readMedia(request: ServiceRequest, object: GcsObject, api: "json" | "xml"): ServiceReply {
  const { facts, bytes } = object;
  const ifMatch = headerOf(request, "if-match");
  const etag = api === "json" ? etagOf(object) : `"${Buffer.from(object.md5, "base64").toString("hex")}"`;
  if (ifMatch !== undefined && ifMatch !== etag) {
    throw conditionNotMet(412);
  }
  if (headerOf(request, "if-none-match") === etag) {
    throw conditionNotMet(304);
  }
  const headers: Readonly<Record<string, string>> = { ...mediaHeaders(object), etag };
  const takesGzip = (headerOf(request, "accept-encoding") ?? "")
    .split(",")
    .some((name) => name.trim().startsWith("gzip"));
  const { "content-encoding": encoding, ...plain } = headers;
  if (encoding === "gzip" && !takesGzip && !facts.cacheControl?.includes("no-transform")) {
    const unpacked = {
      ...plain,
      warning: "214 UploadServer gunzipped",
      "transfer-encoding": "chunked",
      vary: "Accept-Encoding",
    };
    return { status: 200, headers: unpacked, body: gunzipSync(bytes) };
  }
  const range = readRange(headerOf(request, "range"), bytes.byteLength);
  if (range === "unsatisfiable") {
    const contentRange = { "content-range": `bytes */${bytes.byteLength}` };
    throw new GcsRefusal({
      status: 416,
      reason: "requestedRangeNotSatisfiable",
      xmlCode: "InvalidRange",
      message: "The requested range cannot be satisfied.",
      headers: contentRange,
    });
  }
  return range === "whole"
    ? { status: 200, headers, body: bytes }
    : {
        status: 206,
        headers: { ...headers, "content-range": `bytes ${range.start}-${range.end - 1}/${bytes.byteLength}` },
        body: bytes.subarray(range.start, range.end),
      };
}

/** Changes facts: a new metageneration. `null` removes one. */
export function patchObject(object: GcsObject, change: Readonly<Record<string, unknown>>, now: number): GcsObject {
  const facts = Object.fromEntries(
    Object.entries({ ...object.facts, ...factsOf(change) }).filter(([name]) => change[name] !== null),
  );
  return { ...object, facts, metageneration: object.metageneration + 1, updatedMs: now };
}

export function deleteObject(request: ServiceRequest, bucket: GcsBucket, name: string): ServiceReply {
  findObject(request, bucket, name, () => noSuchObject(bucket.name, name));
  checkLock(bucket, name);
  bucket.objects.delete(name);
  return { status: 204 };
}

/** Refuses to touch what is under retention. */
export function checkLock({ options }: GcsBucket, name: string): void {
  if (options.locked?.includes(name)) {
    throw new GcsRefusal({
      status: 403,
      reason: "retentionPolicyNotMet",
      message: "Object is subject to the bucket's retention policy",
    });
  }
}

/** Conditions of the query, or of headers in the XML API. `prefix` is "Source" for those of a copy's source. */
export function checkConditions(
  request: ServiceRequest,
  object: GcsObject | undefined,
  prefix: "" | "Source" = "",
): void {
  const asked = (what: string, header: string): string | undefined =>
    queryOf(request, `if${prefix}${what}`) ?? (prefix === "" ? headerOf(request, header) : undefined);
  const generation = object?.generation ?? "0";
  const metageneration = String(object?.metageneration ?? 0);
  const holds: readonly (readonly [boolean, number])[] = [
    [isOrUnasked(asked("GenerationMatch", "x-goog-if-generation-match"), generation), 412],
    [isOrUnasked(asked("MetagenerationMatch", "x-goog-if-metageneration-match"), metageneration), 412],
    [asked("GenerationNotMatch", "x-goog-if-generation-not-match") !== generation, 304],
    [asked("MetagenerationNotMatch", "x-goog-if-metageneration-not-match") !== metageneration, 304],
  ];
  const failed = holds.find(([isHeld]) => !isHeld);
  if (failed !== undefined) {
    throw conditionNotMet(request.method === "GET" || request.method === "HEAD" ? failed[1] : 412);
  }
}

/** The facts in untrusted metadata. */
export function factsOf(value: Readonly<Record<string, unknown>>): GcsMetadata {
  const names = [
    "contentType",
    "contentEncoding",
    "cacheControl",
    "contentDisposition",
    "contentLanguage",
    "storageClass",
  ];
  const { metadata } = value;
  return {
    ...Object.fromEntries(
      names.filter((name) => typeof value[name] === "string" && value[name] !== "").map((name) => [name, value[name]]),
    ),
    ...(typeof metadata === "object" &&
      metadata !== null && {
        metadata: Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, String(text)])),
      }),
  };
}

/** Refuses content that differs from the checksums that its sender computed. */
export function checkHashes(
  object: GcsObject,
  claimed: { readonly crc32c?: unknown; readonly md5Hash?: unknown },
): void {
  if (claimed.crc32c !== undefined && claimed.crc32c !== object.crc32c) {
    throw invalid(`Provided CRC32C "${String(claimed.crc32c)}" doesn't match calculated CRC32C "${object.crc32c}".`);
  }
  if (claimed.md5Hash !== undefined && claimed.md5Hash !== object.md5) {
    throw invalid(`Provided MD5 hash "${String(claimed.md5Hash)}" doesn't match calculated MD5 hash "${object.md5}".`);
  }
}

function isOrUnasked(asked: string | undefined, actual: string): boolean {
  return asked === undefined || asked === actual;
}

function conditionNotMet(status: number): GcsRefusal {
  const message = "At least one of the pre-conditions you specified did not hold.";
  return new GcsRefusal({ status, reason: "conditionNotMet", xmlCode: "PreconditionFailed", message });
}

function etagOf({ generation, metageneration }: GcsObject): string {
  return Buffer.from(`${generation}/${metageneration}`).toString("base64");
}

function mediaHeaders({
  facts,
  bytes,
  generation,
  metageneration,
  updatedMs,
  ...hashes
}: GcsObject): Record<string, string> {
  return {
    "content-type": facts.contentType ?? "application/octet-stream",
    ...(facts.contentEncoding !== undefined && { "content-encoding": facts.contentEncoding }),
    ...(facts.cacheControl !== undefined && { "cache-control": facts.cacheControl }),
    ...(facts.contentDisposition !== undefined && { "content-disposition": facts.contentDisposition }),
    ...(facts.contentLanguage !== undefined && { "content-language": facts.contentLanguage }),
    "last-modified": new Date(updatedMs).toUTCString(),
    "accept-ranges": "bytes",
    "x-goog-generation": generation,
    "x-goog-metageneration": String(metageneration),
    "x-goog-storage-class": facts.storageClass ?? "STANDARD",
    "x-goog-stored-content-encoding": facts.contentEncoding ?? "identity",
    "x-goog-stored-content-length": String(bytes.byteLength),
    "x-goog-hash": `crc32c=${hashes.crc32c},md5=${hashes.md5}`,
    ...Object.fromEntries(Object.entries(facts.metadata ?? {}).map(([name, value]) => [`x-goog-meta-${name}`, value])),
  };
}
