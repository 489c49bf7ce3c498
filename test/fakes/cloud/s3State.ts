/** What the fake S3 keeps, and its refusals. */

import type { ServiceReply } from "./service.ts";
import type { SortedObjects } from "./sortedObjects.ts";
import { elements, xmlDocument } from "./xml.ts";

/** Who may sign requests. */
export interface S3Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials: required with every request. */
  readonly sessionToken?: string;
  /** When the session ends, in ms since 1970. */
  readonly expiresMs?: number;
}

export type S3Right = "get" | "list" | "write";
export const allRights: readonly S3Right[] = ["get", "list", "write"];

export interface S3BucketOptions {
  /** Without credentials; default none. A missing key is 403 for who may not list. */
  readonly anonymous?: readonly S3Right[];
  /** By access key id; default: every known key may do everything. */
  readonly rights?: Readonly<Record<string, readonly S3Right[]>>;
  /** Refuses (403) who does not say `x-amz-request-payer: requester`, and anonymous callers. */
  readonly requesterPays?: boolean;
  /** Default: the server's. A signature for another region is redirected (301, no Location, x-amz-bucket-region). */
  readonly region?: string;
  /** How a signature for another region is refused: 301 PermanentRedirect (default) or 400 AuthorizationHeaderMalformed. */
  readonly wrongRegion?: "redirect" | "malformed";
  /** The bucket is on another server: every request is sent there, whoever signed it. */
  readonly movedTo?: { readonly origin: string; readonly status: 301 | 307 };
  /** Keys that cannot be deleted. */
  readonly locked?: readonly string[];
}

export interface S3Object {
  readonly bytes: Uint8Array;
  /** With its quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  /** Content-Type and the like, and x-amz-meta-*, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The checksum that the upload brought. */
  readonly checksum?: { readonly header: string; readonly value: string };
}

export interface S3Upload {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, { readonly bytes: Uint8Array; readonly etag: string }>;
}

export interface S3Bucket {
  readonly name: string;
  /** May be exchanged by a test. */
  options: S3BucketOptions;
  readonly objects: SortedObjects<S3Object>;
  readonly uploads: Map<string, S3Upload>;
}

/** A refusal of the service. */
export class S3Refusal extends Error {
  readonly reply: ServiceReply;

  constructor(
    status: number,
    code: string,
    message: string,
    {
      fields = {},
      headers = {},
    }: { readonly fields?: Record<string, string>; readonly headers?: Record<string, string> } = {},
  ) {
    super(`${code}: ${message}`);
    const content = elements({ Code: code, Message: message, ...fields, RequestId: "FAKE", HostId: "fake" });
    this.reply = {
      status,
      headers: { "content-type": "application/xml", ...headers },
      body: xmlDocument("Error", content).replace(/ xmlns="[^"]*"/, ""),
    };
  }
}

export function accessDenied(): S3Refusal {
  return new S3Refusal(403, "AccessDenied", "Access Denied");
}

export function noSuchKey(key: string): S3Refusal {
  return new S3Refusal(404, "NoSuchKey", "The specified key does not exist.", { fields: { Key: key } });
}

export function preconditionFailed(condition: string): S3Refusal {
  return new S3Refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
    fields: { Condition: condition },
  });
}

export function notImplemented(what: string): S3Refusal {
  return new S3Refusal(501, "NotImplemented", `A header or query that this fake does not have: ${what}`);
}
