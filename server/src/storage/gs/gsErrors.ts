/** Refusals of Google Cloud Storage in the words of a store: what its XML (`<Code>`) and JSON (`reason`) replies mean. */
import type { IncomingHttpHeaders } from "node:http";
import {
  ConflictError,
  type ErrorFields,
  InvalidArgumentError,
  NotFoundError,
  PermissionDeniedError,
  TooLargeError,
  UnsupportedError,
  type VolumeError,
} from "../../errors.ts";
import type { Identity } from "../credential.ts";
import { TransientFault } from "../retry.ts";
import { statusError } from "../web/replies.ts";

/** A reply that is no success. */
export interface GsRefusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The start of the body; "" for HEAD. */
  readonly text: string;
}

/** Who asked for what. */
export interface GsQuestion {
  readonly where: ErrorFields;
  readonly bucket: string;
  /** Who asked; `undefined` and anonymous: nobody. */
  readonly identity: Identity | undefined;
  /** Does the request say which project pays? */
  readonly isPaying: boolean;
  /** This machine's time, in ms since 1970. */
  readonly now: number;
}

/** There is no object of this name: for requests that need one. */
export class MissingObject extends NotFoundError {}

/** The error for a refusal; "absent" = there is no object of this name. */
export function explainRefusal(refusal: GsRefusal, question: GsQuestion): VolumeError | "absent" {
  const { status, headers } = refusal;
  const { where, now } = question;
  switch (status) {
    case 400:
      return wantsPayment(refusal, question) ?? badRequest(refusal, question);
    case 401:
      return notSignedIn(question);
    case 403:
      return wantsPayment(refusal, question) ?? limitOf(refusal, question) ?? accessDenied(refusal, question);
    case 404:
      return isBucketMissing(refusal) ? missingBucket(where, question.bucket) : "absent";
    case 405:
    case 501:
      return new UnsupportedError("the service does not have this operation", {
        ...where,
        hint: "use another service for it",
      });
    case 409:
      return new TransientFault("another operation on the object is under way", { ...where, hint: "try again later" });
    case 412:
      return new ConflictError("the object is not what the write expected", {
        ...where,
        hint: "read it again, and decide anew",
      });
    case 413:
      return new TooLargeError("the object is too large for the service", where);
    default:
      return statusError(status, headers, where, now);
  }
}

/** Does a reply of 404 speak of the bucket? */
export function isBucketMissing({ text }: Pick<GsRefusal, "text">): boolean {
  return /<Code>\s*NoSuchBucket\s*<|specified bucket does not exist/i.test(text);
}

/** Does a refusal ask which project pays? A HEAD that is refused with 400 says no more. */
export function isPaymentWanted({ status, text }: GsRefusal): boolean {
  return status === 400 && (text === "" || /UserProjectMissing|requester pays/i.test(text));
}

/** The error for a bucket that is not there. */
export function missingBucket(where: ErrorFields, bucket: string): NotFoundError {
  return new NotFoundError(`there is no bucket of this name: "${bucket}"`, {
    ...where,
    hint: "check the name of the bucket",
  });
}

/** The error for a request without a credential, or with one that is not accepted. */
export function notSignedIn({ where, identity }: Pick<GsQuestion, "where" | "identity">): PermissionDeniedError {
  return isAnonymous(identity)
    ? new PermissionDeniedError("the bucket is not open to everyone", {
        ...where,
        hint: "sign in, or add a credential file",
      })
    : new PermissionDeniedError(`the service does not accept the credential: ${describeIdentity(identity)}`, {
        ...where,
        hint: "sign in again, or renew the credential",
      });
}

/** The identity, for a sentence: `"account@…" (file)`. */
export function describeIdentity(identity: Identity | undefined): string {
  if (identity === undefined || identity.kind === "anonymous") {
    return "anonymous access";
  }
  return identity.name === undefined ? `the credential (${identity.kind})` : `"${identity.name}" (${identity.kind})`;
}

function isAnonymous(identity: Identity | undefined): boolean {
  return identity === undefined || identity.kind === "anonymous";
}

function wantsPayment(refusal: GsRefusal, { where, isPaying }: GsQuestion): PermissionDeniedError | undefined {
  if (isPaymentWanted(refusal) && !isPaying) {
    return new PermissionDeniedError("the bucket wants its requesters to pay", {
      ...where,
      hint: "name the project that pays",
    });
  }
  return /UserProjectAccessDenied|UserProjectInvalid|USER_PROJECT_DENIED/i.test(refusal.text)
    ? payerRefused(where)
    : undefined;
}

/** The error for a project that may not, or does not, pay. */
export function payerRefused(where: ErrorFields): PermissionDeniedError {
  return new PermissionDeniedError("the project that should pay is refused", {
    ...where,
    hint: "name a project that this account may use (serviceusage.services.use)",
  });
}

/** Limits of rate were 403 before they were 429. */
function limitOf({ text }: GsRefusal, { where }: GsQuestion): TransientFault | undefined {
  return /"reason":\s*"(?:userRateLimitExceeded|rateLimitExceeded)"|<Code>SlowDown</.test(text)
    ? new TransientFault("the service asks to slow down", { ...where, hint: "try again later" })
    : undefined;
}

function accessDenied({ text }: GsRefusal, question: GsQuestion): PermissionDeniedError {
  const { where, identity } = question;
  if (/accountDisabled|<Code>AccountProblem</i.test(text)) {
    return new PermissionDeniedError("the bucket's account is closed", { ...where, hint: "ask the bucket's owner" });
  }
  const remedy = isAnonymous(identity) ? "sign in, or add a credential file" : "ask the bucket's owner for access";
  return new PermissionDeniedError(`the bucket denies access: ${describeIdentity(identity)}`, {
    ...where,
    hint: `${remedy}; without the right to list, the service answers so for a missing object too`,
  });
}

function badRequest({ text }: GsRefusal, { where, bucket }: GsQuestion): VolumeError {
  if (/MD5|CRC32C|BadDigest/i.test(text) && /match|BadDigest/i.test(text)) {
    return new TransientFault("the bytes arrived damaged", { ...where, hint: "try again later" });
  }
  if (/InvalidBucketName|Invalid bucket name/i.test(text)) {
    return missingBucket(where, bucket);
  }
  if (/storage class|InvalidStorageClass/i.test(text)) {
    return new InvalidArgumentError("the service has no such storage class", where);
  }
  if (/KeyTooLong|object name.*(?:long|length)/i.test(text)) {
    return new InvalidArgumentError("the key is too long for the service", { ...where, hint: "at most 1024 bytes" });
  }
  return new UnsupportedError("the service refuses the request (HTTP 400)", where);
}
