/** Refusals of token endpoints (RFC 6749, section 5.2) in our words: never what was sent, never a token. */
import type { IncomingHttpHeaders } from "node:http";
import { isVolumeError, PermissionDeniedError, UnreachableError, type VolumeError } from "../../errors.ts";
import { TransientFault } from "../retry.ts";
import { connectionError, statusError } from "../web/replies.ts";

/** A reply of a token endpoint that gives no token. */
export interface TokenRefusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body, parsed where it is JSON. */
  readonly data: unknown;
}

/** The error for a refusal; `now` is this machine's time, in ms since 1970. */
export function tokenRefusalError({ status, headers, data }: TokenRefusal, now: number): VolumeError {
  const { code, description } = saysOf(data);
  const general = statusError(status, headers, {}, now);
  if (general instanceof TransientFault || code === "temporarily_unavailable") {
    return general instanceof TransientFault ? general : new TransientFault("the sign-in service is busy", {});
  }
  return grantError({ code, description, date: headers.date, status }, now);
}

/** The error for whatever the library throws: of a wire of its own, of the machine's metadata service, of unusable keys. */
export function tokenError(error: unknown, now: number): VolumeError {
  if (isVolumeError(error)) {
    return error;
  }
  const { response, cause } = (error ?? {}) as { readonly response?: unknown; readonly cause?: unknown }; // looked at below
  const refusal = refusalOf(response);
  if (refusal !== undefined) {
    return tokenRefusalError(refusal, now);
  }
  const message = error instanceof Error ? error.message : "";
  const [, code, description = ""] = /Error code (\w+)(?:: (.*))?/s.exec(message) ?? [];
  if (code !== undefined) {
    return grantError({ code, description, date: undefined, status: 400 }, now);
  }
  const failure = connectionError(isCoded(error) ? error : cause, {});
  if (failure instanceof TransientFault) {
    // without its cause: the library's errors hold the request, and what it said
    return new TransientFault(failure.message, failure.fields, { isOffline: failure.isOffline });
  }
  if (isNetworkCode(error)) {
    return new UnreachableError(failure.message, failure.fields);
  }
  return new PermissionDeniedError("the Google credential cannot be used", {
    hint: /DECODER|PEM|asn1|key/i.test(message)
      ? "its private key cannot be read: get the key file anew"
      : "check the credential file, or sign in again (gcloud auth application-default login)",
  });
}

interface Grant {
  readonly code: string;
  readonly description: string;
  readonly date: string | undefined;
  readonly status: number;
}

function grantError({ code, description, date, status }: Grant, now: number): PermissionDeniedError {
  if (code === "invalid_grant" && /\biat\b|\bexp\b|reasonable timeframe|short-lived/i.test(description)) {
    const offMs = now - Date.parse(date ?? "");
    const amount = Number.isFinite(offMs) ? `: ${describeMs(offMs)}` : "";
    return new PermissionDeniedError(`this machine's clock is off${amount}`, {
      hint: "set the clock; the credential may be right",
    });
  }
  if (code === "invalid_grant" && /signature/i.test(description)) {
    return new PermissionDeniedError("the service account's key is not valid any more", {
      hint: "create another key, and use its file",
    });
  }
  if (code === "invalid_grant" && /account|email/i.test(description)) {
    return new PermissionDeniedError("there is no such service account any more", {
      hint: "use the file of another account",
    });
  }
  if (code === "invalid_grant" || code === "invalid_rapt") {
    return new PermissionDeniedError("the sign-in is over", {
      hint: "sign in again (gcloud auth application-default login)",
    });
  }
  const name = /^[\w.-]{1,64}$/.test(code) ? code : `HTTP ${status}`;
  return new PermissionDeniedError(`the sign-in service refuses the credential: ${name}`, {
    hint: "check the credential file, or sign in again",
  });
}

/** OAuth's form, and that of Google's services (`{ error: { status, message } }`). */
function saysOf(data: unknown): { readonly code: string; readonly description: string } {
  const { error, error_description: description, error_subtype: subtype } = recordOf(data);
  const { status, message } = recordOf(error);
  return {
    code: textOf(subtype) === "invalid_rapt" ? "invalid_rapt" : textOf(error) || textOf(status),
    description: textOf(description) || textOf(message),
  };
}

function refusalOf(response: unknown): TokenRefusal | undefined {
  const { status, headers, data } = recordOf(response);
  // the library's replies have plain headers
  return typeof status === "number" ? { status, headers: recordOf(headers) as IncomingHttpHeaders, data } : undefined;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isCoded(error: unknown): boolean {
  return error instanceof Error && "code" in error;
}

function isNetworkCode(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(?:E[A-Z]+|UND_ERR_\w+)$/.test(String(error.code));
}

function describeMs(ms: number): string {
  const minutes = Math.max(1, Math.round(Math.abs(ms) / 60_000));
  return `${minutes} minute${minutes === 1 ? "" : "s"} ${ms > 0 ? "ahead" : "behind"}`;
}
