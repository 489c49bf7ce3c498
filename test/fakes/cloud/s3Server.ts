/**
 * An S3 in this process, on loopback, that checks signatures and rights as the real one does.
 *
 * Path style (`/bucket/key`) and virtual hosts (`bucket.localhost`). What it does not have it refuses with 501, so that no test passes by accident.
 */
import { readS3Body } from "./s3Body.ts";
import { listBuckets } from "./s3List.ts";
import { makeObject } from "./s3Objects.ts";
import { dispatch } from "./s3Operations.ts";
import { checkSignature, type S3Signer } from "./s3Signature.ts";
import {
  accessDenied,
  type S3Bucket,
  type S3BucketOptions,
  type S3Credential,
  type S3Object,
  S3Refusal,
} from "./s3State.ts";
import {
  headerOf,
  queryOf,
  type SeenRequest,
  type ServiceReply,
  type ServiceRequest,
  startService,
} from "./service.ts";
import { SortedObjects } from "./sortedObjects.ts";

export interface S3ServerOptions {
  /** Empty: only anonymous requests get through. */
  readonly credentials?: readonly S3Credential[];
  readonly buckets: Readonly<Record<string, S3BucketOptions>>;
  /** Default us-east-1. */
  readonly region?: string;
  /** `BUCKET.<one of these>[:PORT]` is a virtual host; default localhost. */
  readonly domains?: readonly string[];
  /** ms since 1970; default the system's. */
  readonly now?: () => number;
}

export interface S3Server {
  readonly origin: string;
  readonly buckets: ReadonlyMap<string, S3Bucket>;
  readonly requests: SeenRequest[];
  /** Puts an object there without a request. Header names in lower case. */
  seed(bucket: string, key: string, bytes: Uint8Array, headers?: Readonly<Record<string, string>>): S3Object;
  close(): Promise<void>;
}

interface Fake {
  readonly credentials: readonly S3Credential[];
  readonly buckets: ReadonlyMap<string, S3Bucket>;
  readonly region: string;
  readonly domains: readonly string[];
  now(): number;
}

export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const { credentials = [], region = "us-east-1", domains = ["localhost"], now = Date.now } = options;
  const buckets = new Map(
    Object.entries(options.buckets).map(([name, bucketOptions]): [string, S3Bucket] => [
      name,
      { name, options: bucketOptions, objects: new SortedObjects(), uploads: new Map() },
    ]),
  );
  const fake: Fake = { credentials, buckets, region, domains, now };
  const service = await startService((request) => answer(request, fake));
  return {
    ...service,
    buckets,
    seed(name, key, bytes, headers = {}) {
      const bucket = buckets.get(name);
      if (bucket === undefined) {
        throw new Error(`the fake S3 has no such bucket: "${name}"`);
      }
      const object = makeObject(bytes, { "content-type": "binary/octet-stream", ...headers }, now());
      bucket.objects.set(key, object);
      return object;
    },
  };
}

function answer(request: ServiceRequest, fake: Fake): ServiceReply {
  try {
    const signer = checkSignature(request, { credentials: fake.credentials, now: fake.now() });
    const { name, key } = targetOf(request, fake.domains);
    const body = readS3Body(request, signer);
    if (name === "") {
      if (signer === undefined || request.method !== "GET") {
        throw accessDenied();
      }
      return listBuckets(fake.buckets.values());
    }
    const bucket = fake.buckets.get(name);
    if (bucket === undefined) {
      throw new S3Refusal(404, "NoSuchBucket", "The specified bucket does not exist", { fields: { BucketName: name } });
    }
    checkPlace(request, bucket, { signer, region: fake.region, key });
    checkPayer(request, bucket, signer);
    return dispatch({ request, bucket, key, body, signer, now: fake.now() }, fake);
  } catch (error) {
    if (error instanceof S3Refusal) {
      return error.reply;
    }
    if (error instanceof URIError) {
      return new S3Refusal(400, "InvalidURI", "Couldn't parse the specified URI.").reply;
    }
    throw error;
  }
}

function targetOf(
  request: ServiceRequest,
  domains: readonly string[],
): { readonly name: string; readonly key: string } {
  const host = (headerOf(request, "host") ?? "").replace(/:\d+$/, "");
  const domain = domains.find((candidate) => host.endsWith(`.${candidate}`));
  const path = request.rawPath.slice(1);
  if (domain !== undefined) {
    return { name: host.slice(0, -domain.length - 1), key: decodeURIComponent(path) };
  }
  const [name = "", ...rest] = path.split("/");
  return { name: decodeURIComponent(name), key: decodeURIComponent(rest.join("/")) };
}

/** Is the bucket here, and the signature for its region? */
function checkPlace(
  request: ServiceRequest,
  { name, options }: S3Bucket,
  { signer, region: serverRegion, key }: { signer: S3Signer | undefined; region: string; key: string },
): void {
  const { region = serverRegion, movedTo, wrongRegion = "redirect" } = options;
  const headers = { "x-amz-bucket-region": region };
  if (movedTo !== undefined) {
    const location = `${movedTo.origin}${request.path}`;
    const code = movedTo.status === 301 ? "PermanentRedirect" : "TemporaryRedirect";
    throw new S3Refusal(movedTo.status, code, "Please re-send this request to the specified endpoint.", {
      fields: { Endpoint: new URL(movedTo.origin).host, Bucket: name },
      headers: { ...headers, location },
    });
  }
  if (signer === undefined || signer.region === region) {
    return;
  }
  if (wrongRegion === "redirect") {
    const message = "The bucket you are attempting to access must be addressed using the specified endpoint.";
    throw new S3Refusal(301, "PermanentRedirect", message, { fields: { Bucket: name, Key: key }, headers });
  }
  const message = `The authorization header is malformed; the region '${signer.region}' is wrong; expecting '${region}'`;
  throw new S3Refusal(400, "AuthorizationHeaderMalformed", message, { fields: { Region: region }, headers });
}

function checkPayer(request: ServiceRequest, { options }: S3Bucket, signer: S3Signer | undefined): void {
  const payer = headerOf(request, "x-amz-request-payer") ?? queryOf(request, "x-amz-request-payer");
  if (options.requesterPays && (signer === undefined || payer !== "requester")) {
    throw accessDenied();
  }
}
