/** Uploads to the fake GCS: simple, multipart, and resumable in steps. */
import { randomUUID } from "node:crypto";
import {
  checkConditions,
  checkHashes,
  checkLock,
  factsOf,
  type GcsStamp,
  makeObject,
  resourceOf,
} from "./gcsObjects.ts";
import { type GcsBucket, GcsRefusal, invalid, jsonReply } from "./gcsState.ts";
import { splitMultipart } from "./multipart.ts";
import { headerOf, queryOf, type ServiceReply, type ServiceRequest } from "./service.ts";

const stepBytes = 256 * 1024;

/** A resumable upload under way. The URL is its own credential. */
interface Session {
  readonly start: ServiceRequest;
  readonly bucket: GcsBucket;
  readonly name: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  bytes: Uint8Array;
}

export interface GcsUploads {
  /** `POST /upload/storage/v1/b/BUCKET/o` of a caller that may write. */
  insert(request: ServiceRequest, bucket: GcsBucket): ServiceReply;
  /** A step of a resumable upload: PUT with Content-Range, or DELETE. */
  resume(request: ServiceRequest, id: string): ServiceReply;
  /** Uploads that were begun and not finished. */
  readonly sessions: ReadonlyMap<string, unknown>;
}

export function createGcsUploads(stamp: () => GcsStamp): GcsUploads {
  const sessions = new Map<string, Session>();
  return {
    sessions,
    insert(request, bucket) {
      switch (queryOf(request, "uploadType")) {
        case "media": {
          const metadata = { ...factsOfQuery(request), contentType: headerOf(request, "content-type") };
          return store({ request, bucket, metadata, bytes: request.body }, stamp());
        }
        case "multipart": {
          const [head, content] = splitMultipart(request.body, headerOf(request, "content-type"));
          if (head === undefined || content === undefined) {
            throw invalid("Multipart upload needs two parts");
          }
          const metadata = {
            ...factsOfQuery(request),
            contentType: content.headers["content-type"],
            ...parseJson(head.body),
          };
          return store({ request, bucket, metadata, bytes: content.body }, stamp());
        }
        case "resumable":
          return begin(request, bucket, sessions);
        default:
          throw invalid("uploadType has to be media, multipart or resumable");
      }
    },
    resume(request, id) {
      const session = sessions.get(id);
      if (session === undefined) {
        throw new GcsRefusal({ status: 404, reason: "notFound", message: "No such upload" });
      }
      if (request.method === "DELETE") {
        sessions.delete(id);
        return { status: 499 };
      }
      const reply = step(request, session, stamp());
      if (reply.status !== 308) {
        sessions.delete(id);
      }
      return reply;
    },
  };
}

interface Upload {
  /** Whose query has the conditions. */
  readonly request: ServiceRequest;
  readonly bucket: GcsBucket;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly bytes: Uint8Array;
}

function store({ request, bucket, metadata, bytes }: Upload, stamp: GcsStamp): ServiceReply {
  const name = nameOf(request, metadata);
  checkConditions(request, bucket.objects.get(name));
  checkLock(bucket, name);
  const object = makeObject(bytes, factsOf(metadata), stamp);
  checkHashes(object, metadata);
  bucket.objects.set(name, object);
  return jsonReply(resourceOf(bucket, name, object));
}

function begin(request: ServiceRequest, bucket: GcsBucket, sessions: Map<string, Session>): ServiceReply {
  const metadata = {
    ...factsOfQuery(request),
    contentType: headerOf(request, "x-upload-content-type"),
    ...(request.body.byteLength > 0 && parseJson(request.body)),
  };
  const name = nameOf(request, metadata);
  checkConditions(request, bucket.objects.get(name));
  const id = randomUUID();
  sessions.set(id, { start: request, bucket, name, metadata: { ...metadata, name }, bytes: new Uint8Array(0) });
  const location = `http://${headerOf(request, "host")}/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&upload_id=${id}`;
  return { status: 200, headers: { location, "x-guploader-uploadid": id } };
}

/** Takes `bytes FROM-TO/TOTAL`, TO and TOTAL perhaps `*`; a range of `*` asks how far it is. */
function step(request: ServiceRequest, session: Session, stamp: GcsStamp): ServiceReply {
  const header = headerOf(request, "content-range");
  const [, from, to, total = "*"] = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(header ?? "") ?? [];
  const isOpen = to === "*" && total === "*"; // whatever comes is the rest
  const whole = header === undefined || isOpen ? Number(from ?? 0) + request.body.byteLength : Number(total);
  if (header === undefined || from !== undefined) {
    const start = Number(from ?? 0);
    if (start > session.bytes.byteLength) {
      throw new GcsRefusal({ status: 503, reason: "backendError", message: "The upload goes on too far ahead" });
    }
    if (to !== undefined && to !== "*" && Number(to) - start + 1 !== request.body.byteLength) {
      throw invalid("The body is not as long as Content-Range says");
    }
    const fresh = request.body.subarray(session.bytes.byteLength - start);
    const bytes = Buffer.concat([session.bytes, fresh]);
    const isLast = bytes.byteLength === whole;
    session.bytes = isLast ? bytes : bytes.subarray(0, bytes.byteLength - (bytes.byteLength % stepBytes));
  }
  if (session.bytes.byteLength !== whole) {
    const isStarted = session.bytes.byteLength > 0;
    return { status: 308, headers: isStarted ? { range: `bytes=0-${session.bytes.byteLength - 1}` } : {} };
  }
  const hashes = hashesOf(headerOf(request, "x-goog-hash"));
  const metadata = { ...session.metadata, ...hashes };
  return store({ request: session.start, bucket: session.bucket, metadata, bytes: session.bytes }, stamp);
}

function hashesOf(header = ""): { readonly crc32c?: string; readonly md5Hash?: string } {
  const crc = /crc32c=([^,]+)/.exec(header)?.[1];
  const md5 = /md5=([^,]+)/.exec(header)?.[1];
  return { ...(crc !== undefined && { crc32c: crc }), ...(md5 !== undefined && { md5Hash: md5 }) };
}

function nameOf(request: ServiceRequest, { name }: Upload["metadata"]): string {
  const found = queryOf(request, "name") ?? name;
  if (typeof found !== "string" || found === "") {
    throw new GcsRefusal({ status: 400, reason: "required", message: "Required object name" });
  }
  return found;
}

function factsOfQuery(request: ServiceRequest): Readonly<Record<string, unknown>> {
  const contentEncoding = queryOf(request, "contentEncoding");
  return contentEncoding === undefined ? {} : { contentEncoding };
}

/** A JSON object. Throws GcsRefusal. */
export function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (typeof value === "object" && value !== null) {
      return { ...value };
    }
  } catch {
    // refused below
  }
  throw new GcsRefusal({ status: 400, reason: "parseError", message: "Parse Error" });
}
