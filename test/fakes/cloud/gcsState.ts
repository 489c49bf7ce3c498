/** What the fake Google Cloud Storage keeps, and its refusals in the forms of both APIs. */
import type { ServiceReply } from "./service.ts";
import type { SortedObjects } from "./sortedObjects.ts";
import { elements, xmlDocument } from "./xml.ts";

/** `bucket` is the right to see the bucket's own resource. */
export type GcsRight = "get" | "list" | "write" | "bucket";

/** Who may ask, and by what they show it. */
export interface GcsAccount {
  readonly email: string;
  /** PEM, of a service account's key: tokens for assertions signed with its private half. */
  readonly publicKey?: string;
  /** Of a person signed in: tokens for this, with the client's id and secret. */
  readonly refresh?: { readonly token: string; readonly clientId: string; readonly clientSecret: string };
  /** Given out by the metadata server. */
  readonly isInstance?: boolean;
  /** Projects that may be billed; default any. */
  readonly projects?: readonly string[];
}

export interface GcsBucketOptions {
  /** Without a token; default none. */
  readonly anonymous?: readonly GcsRight[];
  /** By e-mail; default: every account may do everything. */
  readonly rights?: Readonly<Record<string, readonly GcsRight[]>>;
  /** 400 for who names no project to bill. */
  readonly requesterPays?: boolean;
  /** Names of objects that cannot be deleted or replaced. */
  readonly locked?: readonly string[];
}

/** What an upload or patch may say of an object. */
export interface GcsMetadata {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly storageClass?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface GcsObject {
  readonly bytes: Uint8Array;
  readonly facts: GcsMetadata;
  readonly generation: string;
  readonly metageneration: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Base64. */
  readonly crc32c: string;
  readonly md5: string;
}

export interface GcsBucket {
  readonly name: string;
  /** May be exchanged by a test. */
  options: GcsBucketOptions;
  readonly objects: SortedObjects<GcsObject>;
}

/** Who asks. */
export type GcsCaller = GcsAccount | "anonymous";

export interface GcsRefusalParts {
  readonly status: number;
  /** Of the JSON API. */
  readonly reason: string;
  readonly message: string;
  /** Of the XML API; default AccessDenied. */
  readonly xmlCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal of the service. */
export class GcsRefusal extends Error {
  readonly parts: GcsRefusalParts;

  constructor(parts: GcsRefusalParts) {
    super(`${parts.reason}: ${parts.message}`);
    this.parts = parts;
  }

  /** As the JSON API says it; for `alt=media` as plain text. */
  reply(form: "json" | "text" | "xml"): ServiceReply {
    const { status, reason, message, xmlCode = "AccessDenied", headers = {} } = this.parts;
    switch (form) {
      case "json":
        return jsonReply(
          { error: { code: status, message, errors: [{ message, domain: "global", reason }] } },
          { status, headers },
        );
      case "text":
        return { status, headers: { "content-type": "text/html; charset=UTF-8", ...headers }, body: message };
      case "xml": {
        const body = xmlDocument("Error", elements({ Code: xmlCode, Message: message })).replace(/ xmlns="[^"]*"/, "");
        return { status, headers: { "content-type": "application/xml; charset=UTF-8", ...headers }, body };
      }
    }
  }
}

export function jsonReply(
  value: unknown,
  {
    status = 200,
    headers = {},
  }: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): ServiceReply {
  return {
    status,
    headers: { "content-type": "application/json; charset=UTF-8", ...headers },
    body: JSON.stringify(value),
  };
}

export function noSuchObject(bucket: string, name: string): GcsRefusal {
  return new GcsRefusal({
    status: 404,
    reason: "notFound",
    xmlCode: "NoSuchKey",
    message: `No such object: ${bucket}/${name}`,
  });
}

export function invalid(message: string): GcsRefusal {
  return new GcsRefusal({ status: 400, reason: "invalid", xmlCode: "InvalidArgument", message });
}

export function notImplemented(what: string): GcsRefusal {
  const message = `This fake does not have: ${what}`;
  return new GcsRefusal({ status: 501, reason: "notImplemented", xmlCode: "NotImplemented", message });
}

/** Refuses who lacks a right: 401 for nobody in particular (403 in XML), 403 for an account. */
export function lacking(caller: GcsCaller, right: string, isXml: boolean): GcsRefusal {
  const who = caller === "anonymous" ? "Anonymous caller" : caller.email;
  const message = `${who} does not have storage.${right} access to the Google Cloud Storage object. Permission 'storage.${right}' denied on resource (or it may not exist).`;
  return caller === "anonymous" && !isXml
    ? new GcsRefusal({
        status: 401,
        reason: "required",
        message,
        headers: { "www-authenticate": 'Bearer realm="https://accounts.google.com/"' },
      })
    : new GcsRefusal({ status: 403, reason: "forbidden", message });
}
