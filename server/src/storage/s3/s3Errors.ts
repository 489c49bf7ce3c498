/** Refusals of S3 in the words of a store: the one table from its error codes to ours. */
import type { IncomingHttpHeaders } from "node:http";
import {
  ConflictError,
  type ErrorFields,
  InvalidArgumentError,
  NotFoundError,
  PermissionDeniedError,
  TooLargeError,
  UnreachableError,
  UnsupportedError,
  type VolumeError,
} from "../../errors.ts";
import type { Identity } from "../credential.ts";
import { TransientFault } from "../retry.ts";
import { statusError } from "../web/replies.ts";

/** A reply that is no success. */
export interface S3Refusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The start of the body; "" for HEAD. */
  readonly text: string;
}

/** Who asked for what. */
export interface S3Question {
  readonly where: ErrorFields;
  readonly bucket: string;
  readonly identity: Identity | undefined;
  /** This machine's time, in ms since 1970. */
  readonly now: number;
}

/** The service's name for what is wrong, `NoSuchKey`; "" where the reply names nothing. */
export function codeOf({ text }: Pick<S3Refusal, "text">): string {
  return /<Error>.*?<Code>\s*(\w+)\s*<\/Code>/s.exec(text)?.[1] ?? "";
}

/** The region that a reply names for a bucket. */
export function regionOf({ headers, text }: Pick<S3Refusal, "headers" | "text">): string | undefined {
  const named = headers["x-amz-bucket-region"];
  return typeof named === "string" ? named : /<Region>\s*([\w-]+)\s*<\/Region>/.exec(text)?.[1];
}

/** Does the service say that the session is over? */
export function isExpired(code: string): boolean {
  return ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"].includes(code);
}

/** The identity, for a sentence: `the key AKIA… (file aws-secret.json)`. */
export function describeIdentity(identity: Identity | undefined): string {
  if (identity === undefined || identity.kind === "anonymous") {
    return "anonymous access";
  }
  return identity.name === undefined ? `the credentials (${identity.kind})` : `"${identity.name}" (${identity.kind})`;
}

/** The error for a refusal, or "absent": there is no object of this name. */
export function explainRefusal(refusal: S3Refusal, question: S3Question): VolumeError | "absent" {
  const code = codeOf(refusal);
  if (code === "NoSuchKey" || (refusal.status === 404 && code === "")) {
    return "absent";
  }
  return errorOfCode(code, refusal, question) ?? errorOfStatus(refusal, question);
}

/** There is no object of this name: for requests that need one. */
export class MissingObject extends NotFoundError {}

type ErrorFactory = (question: S3Question, refusal: S3Refusal) => VolumeError;

const denied =
  (message: string, hint: string): ErrorFactory =>
  ({ where, identity }) =>
    new PermissionDeniedError(`${message}: ${describeIdentity(identity)}`, { ...where, hint });

const passing =
  (message: string): ErrorFactory =>
  ({ where, now }, { headers }) => {
    const general = statusError(503, headers, where, now);
    const retryAfterMs = general instanceof TransientFault ? general.retryAfterMs : undefined;
    return new TransientFault(message, { ...where, hint: "try again later" }, { retryAfterMs });
  };

const conflict: ErrorFactory = ({ where }) =>
  new ConflictError("the object is not what the write expected", {
    ...where,
    hint: "read it again, and decide anew",
  });

const unsupported: ErrorFactory = ({ where }) =>
  new UnsupportedError("the service does not have this operation", { ...where, hint: "use another service for it" });

const expired = denied("the session of these credentials is over", "sign in again, or renew the credentials");

const byCode: Readonly<Record<string, ErrorFactory>> = {
  NoSuchBucket: ({ where, bucket }) => missingBucket(where, bucket),
  InvalidBucketName: ({ where, bucket }) => missingBucket(where, bucket),
  NoSuchUpload: passing("the upload in parts is gone"),
  InvalidAccessKeyId: denied(
    "the service does not know the access key",
    "check where the key comes from, and that it belongs to this service",
  ),
  SignatureDoesNotMatch: denied(
    "the secret key does not belong to the access key",
    "check the secret key where the credentials come from",
  ),
  RequestTimeTooSkewed: clockIsOff,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  TokenRefreshRequired: expired,
  RequestExpired: expired,
  InvalidToken: denied("the service does not accept the session token", "sign in again, or renew the credentials"),
  InvalidObjectState: ({ where }) =>
    new UnsupportedError("the object is in an archive", { ...where, hint: "restore it first" }),
  PreconditionFailed: conflict,
  ConditionalRequestConflict: passing("another write to the object is under way"),
  OperationAborted: passing("another operation on the bucket is under way"),
  SlowDown: passing("the service asks to slow down"),
  RequestTimeout: passing("the request reached the service too slowly"),
  BadDigest: passing("the bytes arrived damaged"),
  XAmzContentChecksumMismatch: passing("the bytes arrived damaged"),
  EntityTooLarge: ({ where }) => new TooLargeError("the object is too large for the service", where),
  KeyTooLongError: ({ where }) =>
    new InvalidArgumentError("the key is too long for the service", { ...where, hint: "at most 1024 bytes" }),
  InvalidStorageClass: ({ where }) => new InvalidArgumentError("the service has no such storage class", where),
  NotImplemented: unsupported,
  MethodNotAllowed: unsupported,
  UnsupportedOperation: unsupported,
};

function errorOfCode(code: string, refusal: S3Refusal, question: S3Question): VolumeError | undefined {
  return Object.hasOwn(byCode, code) ? byCode[code]?.(question, refusal) : undefined;
}

function errorOfStatus(refusal: S3Refusal, question: S3Question): VolumeError {
  const { status, headers } = refusal;
  const { where, now } = question;
  switch (status) {
    case 301:
    case 307:
    case 308:
      return new UnreachableError("the bucket is served elsewhere", {
        ...where,
        hint: "name the endpoint that serves it; credentials are not taken there by a redirect",
      });
    case 401:
    case 403:
      return accessDenied(question);
    case 405:
    case 501:
      return unsupported(question, refusal);
    case 412:
      return conflict(question, refusal);
    case 409:
      return passing("another operation on the object is under way")(question, refusal);
    case 200: // an error that was found after the head of the reply had been sent
      return passing(`the service failed (${codeOf(refusal)})`)(question, refusal);
    default: {
      const code = codeOf(refusal);
      const error = statusError(status, headers, where, now);
      return code === "" || error instanceof TransientFault
        ? error
        : new UnsupportedError(`the service refuses the request (HTTP ${status}): ${code}`, where);
    }
  }
}

/** The error for a bucket that is not there. */
export function missingBucket(where: ErrorFields, bucket: string): NotFoundError {
  return new NotFoundError(`there is no bucket of this name: "${bucket}"`, {
    ...where,
    hint: "check the name of the bucket, and the endpoint",
  });
}

function accessDenied({ where, identity }: S3Question): PermissionDeniedError {
  const isAnonymous = identity === undefined || identity.kind === "anonymous";
  const remedy = isAnonymous ? "sign in, or add a credential file" : "ask the bucket's owner for access";
  return new PermissionDeniedError(`the bucket denies access: ${describeIdentity(identity)}`, {
    ...where,
    hint: `${remedy}; without the right to list, S3 answers so for a missing object too`,
  });
}

function clockIsOff(question: S3Question, { headers, text }: S3Refusal): VolumeError {
  const told = /<ServerTime>([^<]*)<\/ServerTime>/.exec(text)?.[1] ?? headers.date ?? "";
  const offMs = question.now - Date.parse(told);
  const amount = Number.isFinite(offMs) ? `: ${describeMs(offMs)}` : "";
  return new PermissionDeniedError(`this machine's clock is off${amount}`, {
    ...question.where,
    hint: "set the clock; the credentials may be right",
  });
}

function describeMs(ms: number): string {
  const minutes = Math.max(1, Math.round(Math.abs(ms) / 60_000));
  return `${minutes} minute${minutes === 1 ? "" : "s"} ${ms > 0 ? "ahead" : "behind"}`;
}
