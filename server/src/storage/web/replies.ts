/** HTTP replies and connection failures in the words of a store. */
import type { IncomingHttpHeaders } from "node:http";
import {
  type ErrorFields,
  isVolumeError,
  PermissionDeniedError,
  UnreachableError,
  UnsupportedError,
  type VolumeError,
  withErrorFields,
} from "../../errors.ts";
import { TransientFault } from "../retry.ts";
import type { ContentEncoding } from "../store.ts";
import { ReplyTimeout } from "./exchange.ts";

const encodings: Readonly<Record<string, ContentEncoding>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  br: "br",
  zstd: "zstd",
  xz: "xz",
  bzip2: "bzip2",
  "x-bzip2": "bzip2",
};

/** The compression of a reply. Throws UnsupportedError for one that is unknown, or several. */
export function encodingOf(headers: IncomingHttpHeaders): ContentEncoding | undefined {
  const names = String(headers["content-encoding"] ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity" && name !== "aws-chunked"); // S3 keeps the framing of an upload
  const [name, another] = names;
  if (name === undefined) {
    return undefined;
  }
  const encoding = Object.hasOwn(encodings, name) ? encodings[name] : undefined;
  if (encoding === undefined || another !== undefined) {
    const known = Object.values(encodings).filter((value, index, all) => all.indexOf(value) === index);
    throw new UnsupportedError(`unknown content encoding: "${names.join(", ")}" (known: ${known.join(", ")})`);
  }
  return encoding;
}

/** The error for a status that is neither success nor absence. */
export function statusError(
  status: number,
  headers: IncomingHttpHeaders,
  where: ErrorFields,
  now: number,
): VolumeError {
  if (status === 401 || status === 403) {
    return new PermissionDeniedError(`the server denies access (HTTP ${status})`, {
      ...where,
      hint:
        status === 403
          ? "check the location and who may read it: public buckets also answer so for what is missing"
          : "this store asks for a login",
    });
  }
  const message = `the server failed (HTTP ${status})`;
  const isPassing =
    status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
  return isPassing
    ? new TransientFault(message, { ...where, hint: "try again later" }, { retryAfterMs: retryAfter(headers, now) })
    : new UnreachableError(`the server gave an unexpected answer (HTTP ${status})`, where);
}

/** Retry-After in seconds or as a date. */
function retryAfter(headers: IncomingHttpHeaders, now: number): number | undefined {
  const text = headers["retry-after"];
  if (text === undefined) {
    return undefined;
  }
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Failures of a connection that another attempt may not meet. */
const passingCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
]);

/** Failures to reach a server at all. */
const offlineCodes = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN", "EAI_AGAIN"]);

/** The typed error for what `exchange` rejects with. */
export function connectionError(error: unknown, where: ErrorFields): VolumeError {
  if (isVolumeError(error)) {
    return error instanceof TransientFault ? error : withErrorFields(error, where);
  }
  if (error instanceof ReplyTimeout) {
    return new TransientFault(`the server does not answer: ${error.message}`, where, { cause: error });
  }
  const code = codeOf(error);
  if (code === "ENOTFOUND") {
    const fields = { ...where, hint: "check the name of the host and your connection" };
    return new UnreachableError("there is no host of this name", fields, { cause: error });
  }
  return passingCodes.has(code)
    ? new TransientFault(`the connection failed (${code})`, where, { cause: error, isOffline: offlineCodes.has(code) })
    : new UnreachableError(`the connection failed (${code || "unknown error"})`, where, { cause: error });
}

/** A refused connection to a name with several addresses comes as one error for each. */
function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return error.code;
  }
  return error instanceof AggregateError && error.errors.length > 0 ? codeOf(error.errors[0]) : "";
}
