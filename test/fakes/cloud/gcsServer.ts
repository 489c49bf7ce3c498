/**
 * A Google Cloud Storage in this process, on loopback, that checks tokens and rights as the real one does.
 *
 * The JSON API with uploads and batches, reads of the XML API, the token endpoint (`/token`) and the metadata server of an instance.
 * What it does not have it refuses with 501, so that no test passes by accident.
 */
import { answerBatch } from "./gcsBatch.ts";
import { selectFields } from "./gcsList.ts";
import { factsOf, type GcsStamp, makeObject } from "./gcsObjects.ts";
import { answerJson, answerXml, type GcsScene } from "./gcsOperations.ts";
import {
  type GcsAccount,
  type GcsBucket,
  type GcsBucketOptions,
  type GcsMetadata,
  type GcsObject,
  GcsRefusal,
} from "./gcsState.ts";
import { createGcsTokens, type GcsTokens } from "./gcsTokens.ts";
import { createGcsUploads } from "./gcsUploads.ts";
import { queryOf, type SeenRequest, type ServiceReply, type ServiceRequest, startService } from "./service.ts";
import { SortedObjects } from "./sortedObjects.ts";

export interface GcsServerOptions {
  /** Empty: only anonymous requests get through. */
  readonly accounts?: readonly GcsAccount[];
  readonly buckets: Readonly<Record<string, GcsBucketOptions>>;
  /** Seconds that a token of an endpoint lasts; default 3600. */
  readonly tokenSeconds?: number;
  /** Copies that take more than this are done in several calls; default no limit. */
  readonly rewriteBytesPerCall?: number;
  /** ms since 1970; default the system's. */
  readonly now?: () => number;
}

export interface GcsServer {
  readonly origin: string;
  readonly tokenUrl: string;
  readonly buckets: ReadonlyMap<string, GcsBucket>;
  readonly requests: SeenRequest[];
  readonly tokens: Pick<GcsTokens, "issue" | "expireAll">;
  /** Puts an object there without a request. */
  seed(bucket: string, name: string, bytes: Uint8Array, facts?: GcsMetadata): GcsObject;
  /** Resumable uploads that were begun and not finished. */
  uploadsOpen(): number;
  close(): Promise<void>;
}

export async function startGcsServer(options: GcsServerOptions): Promise<GcsServer> {
  const {
    accounts = [],
    tokenSeconds = 3600,
    rewriteBytesPerCall = Number.POSITIVE_INFINITY,
    now = Date.now,
  } = options;
  const buckets = new Map(
    Object.entries(options.buckets).map(([name, bucketOptions]): [string, GcsBucket] => [
      name,
      { name, options: bucketOptions, objects: new SortedObjects() },
    ]),
  );
  const tokens = createGcsTokens({ accounts, tokenSeconds, now });
  let generation = 0;
  const stamp = (): GcsStamp => {
    generation = Math.max(generation + 1, now() * 1000);
    return { ms: now(), generation: String(generation) };
  };
  const scene: GcsScene = {
    buckets,
    tokens,
    uploads: createGcsUploads(stamp),
    rewrites: new Map(),
    rewriteBytesPerCall,
    stamp,
  };
  const service = await startService((request) => answer(request, scene));
  return {
    ...service,
    tokenUrl: `${service.origin}/token`,
    buckets,
    tokens,
    uploadsOpen: () => scene.uploads.sessions.size,
    seed(bucketName, name, bytes, facts = {}) {
      const bucket = buckets.get(bucketName);
      if (bucket === undefined) {
        throw new Error(`the fake GCS has no such bucket: "${bucketName}"`);
      }
      const object = makeObject(bytes, factsOf({ ...facts }), stamp());
      bucket.objects.set(name, object);
      return object;
    },
  };
}

function answer(request: ServiceRequest, scene: GcsScene): ServiceReply {
  const isJson = /^\/(?:(?:upload|download|batch)\/)?storage\/v1(?:\/|$)/.test(request.rawPath);
  const isMedia = queryOf(request, "alt") === "media" || request.rawPath.startsWith("/download/");
  try {
    const reply = scene.tokens.answer(request);
    if (reply !== undefined) {
      return reply;
    }
    if (request.rawPath === "/batch/storage/v1") {
      return answerBatch(request, (part) => answer(part, scene));
    }
    return isJson ? select(request, answerJson(request, scene)) : answerXml(request, scene);
  } catch (error) {
    if (error instanceof GcsRefusal) {
      return error.reply(isJson ? (isMedia ? "text" : "json") : "xml");
    }
    if (error instanceof URIError) {
      return { status: 400, body: "Bad Request" };
    }
    throw error;
  }
}

/** Only the fields asked for. */
function select(request: ServiceRequest, reply: ServiceReply): ServiceReply {
  const fields = queryOf(request, "fields");
  const isJson =
    String(reply.headers?.["content-type"]).startsWith("application/json") && typeof reply.body === "string";
  return fields === undefined || !isJson || reply.status !== 200
    ? reply
    : { ...reply, body: JSON.stringify(selectFields(JSON.parse(String(reply.body)), fields)) };
}
