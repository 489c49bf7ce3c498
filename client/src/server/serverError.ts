/** Errors of the server, rebuilt on this side of the wire. */
import { isErrorTag, type WireError } from "../../../schemas/errors.ts";

/** A request that failed. `wire` is what the server said, or what the link says for it when there is no server. */
export class ServerError extends Error {
  readonly wire: WireError;
  constructor(wire: WireError, options?: ErrorOptions) {
    super(wire.message, options);
    this.name = "ServerError";
    this.wire = wire;
  }
}

/** Marks errors that mean "there is no server"; see `isServerGone`. */
const goneReason = "server_gone";

/** The server is not there: it did not start, or it stopped while it worked. */
export function serverGoneError(message: string, cause?: unknown): ServerError {
  return new ServerError({ tag: "unreachable", message, data: { reason: goneReason } }, { cause });
}

/** Nobody wants the answer any more. */
export function cancelledError(): ServerError {
  return new ServerError({ tag: "cancelled", message: "the operation was cancelled" });
}

/** Is there no server behind this failure (rather than a storage that cannot be reached)? */
export function isServerGone(wire: WireError): boolean {
  return wire.data?.reason === goneReason;
}

/** LSP's "request cancelled", "content modified", and "server cancelled". */
const cancelledCodes: readonly unknown[] = [-32800, -32801, -32802];
/** jsonrpc's "pending response rejected" and "connection inactive": the process went away. */
const goneCodes: readonly unknown[] = [-32097, -32096];

/**
 * The error of a failed request: a ResponseError carries the WireError in `data`; a lost connection becomes "gone".
 * Anything else is `internal` with its message.
 */
export function toServerError(error: unknown): ServerError {
  if (error instanceof ServerError) {
    return error;
  }
  const { code, data, message } = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
  const text = typeof message === "string" ? message : String(error);
  if (isWireError(data)) {
    return new ServerError(data, { cause: error });
  }
  if (cancelledCodes.includes(code)) {
    return cancelledError();
  }
  if (goneCodes.includes(code)) {
    return serverGoneError("the CloudVolume server stopped before it answered", error);
  }
  return new ServerError({ tag: "internal", message: text }, { cause: error });
}

function isWireError(value: unknown): value is WireError {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { tag, message } = value as Record<string, unknown>;
  return isErrorTag(tag) && typeof message === "string";
}
