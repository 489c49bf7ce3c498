/** The engine's errors: one class per tag, each with typed fields, and their wire form. */
import { type ErrorTag, isErrorTag, type WireError } from "../../schemas/errors.ts";

/** Fields that any error may carry; a layer adds what its callee could not know, and never a query string or a secret. */
export interface ErrorFields {
  /** Location of the layer or object, without its query. */
  readonly location?: string;
  /** Key of the object inside its store. */
  readonly key?: string;
  /** Name of the chunk, `x0-x1_y0-y1_z0-z1`. */
  readonly chunk?: string;
  /** Name of the codec, as in the metadata. */
  readonly codec?: string;
  readonly mip?: number;
  /** JSON path of the offending metadata field, `/scales/0/size`. */
  readonly path?: string;
  /** What is stored, where a conditional write found something else than it was told. */
  readonly etag?: string;
  /** What the user can do about it: one imperative clause. */
  readonly hint?: string;
}

/** Base of every error that the engine raises on purpose. */
export abstract class VolumeError<T extends ErrorTag = ErrorTag> extends Error {
  abstract readonly tag: T;
  readonly fields: ErrorFields;

  constructor(message: string, fields: ErrorFields = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.fields = fields;
  }
}

/** The object, layer or metadata document is not there. */
export class NotFoundError extends VolumeError<"not_found"> {
  readonly tag = "not_found";
}
/** The store answered that this caller may not (401, 403, EACCES). */
export class PermissionDeniedError extends VolumeError<"permission_denied"> {
  readonly tag = "permission_denied";
}
/** The store did not answer, or answered with a failure of its own (5xx, time-out, refused connection). */
export class UnreachableError extends VolumeError<"unreachable"> {
  readonly tag = "unreachable";
}
/** A location that cannot be parsed. */
export class InvalidLocationError extends VolumeError<"invalid_location"> {
  readonly tag = "invalid_location";
}
/** A caller's argument that no volume could accept. */
export class InvalidArgumentError extends VolumeError<"invalid_argument"> {
  readonly tag = "invalid_argument";
}
/** A metadata document that is not what its format says. */
export class InvalidMetadataError extends VolumeError<"invalid_metadata"> {
  readonly tag = "invalid_metadata";
}
/** A chunk whose bytes do not hold what the metadata promises. */
export class InvalidChunkError extends VolumeError<"invalid_chunk"> {
  readonly tag = "invalid_chunk";
}
/** A box or mip outside the volume. */
export class OutOfBoundsError extends VolumeError<"out_of_bounds"> {
  readonly tag = "out_of_bounds";
}
/** A write whose box is not made of whole chunks. */
export class UnalignedWriteError extends VolumeError<"unaligned_write"> {
  readonly tag = "unaligned_write";
}
/** A write to something that cannot be written. */
export class ReadOnlyError extends VolumeError<"read_only"> {
  readonly tag = "read_only";
}
/** A conditional write that lost, or a layer that exists already. */
export class ConflictError extends VolumeError<"conflict"> {
  readonly tag = "conflict";
}
/** A format, codec, dtype or operation that this version does not have. */
export class UnsupportedError extends VolumeError<"unsupported"> {
  readonly tag = "unsupported";
}
/** A result or an input beyond a limit. */
export class TooLargeError extends VolumeError<"too_large"> {
  readonly tag = "too_large";
}
/** The caller's signal was aborted. */
export class CancelledError extends VolumeError<"cancelled"> {
  readonly tag = "cancelled";
}
/** A broken invariant of ours, or an error of unknown origin. */
export class InternalError extends VolumeError<"internal"> {
  readonly tag = "internal";
}

type ErrorClass = new (message: string, fields?: ErrorFields, options?: ErrorOptions) => VolumeError;

const classOfTag: Readonly<Record<ErrorTag, ErrorClass>> = {
  not_found: NotFoundError,
  permission_denied: PermissionDeniedError,
  unreachable: UnreachableError,
  invalid_location: InvalidLocationError,
  invalid_argument: InvalidArgumentError,
  invalid_metadata: InvalidMetadataError,
  invalid_chunk: InvalidChunkError,
  out_of_bounds: OutOfBoundsError,
  unaligned_write: UnalignedWriteError,
  read_only: ReadOnlyError,
  conflict: ConflictError,
  unsupported: UnsupportedError,
  too_large: TooLargeError,
  cancelled: CancelledError,
  internal: InternalError,
};

/** The one guard: is this an error of the engine's? */
export function isVolumeError(value: unknown): value is VolumeError {
  return value instanceof VolumeError;
}

/** The error with more fields, of the same class; anything that is not a VolumeError becomes an InternalError. */
export function withErrorFields(error: unknown, fields: ErrorFields): VolumeError {
  if (!isVolumeError(error)) {
    return new InternalError(error instanceof Error ? error.message : String(error), fields, { cause: error });
  }
  const enriched = new classOfTag[error.tag](error.message, { ...fields, ...error.fields }, { cause: error.cause });
  if (error.stack !== undefined) {
    enriched.stack = error.stack;
  }
  return enriched;
}

/** An error as plain data, for another thread or process; the cause stays here. */
export function toWireError(error: unknown): WireError {
  if (isVolumeError(error)) {
    return { tag: error.tag, message: error.message, data: { ...error.fields } };
  }
  return { tag: "internal", message: error instanceof Error ? error.message : String(error) };
}

/** The error that another thread or process sent. */
export function fromWireError(wire: WireError): VolumeError {
  const tag = isErrorTag(wire.tag) ? wire.tag : "internal";
  return new classOfTag[tag](String(wire.message), (wire.data ?? {}) as ErrorFields);
}

/** `message (location …, chunk …): hint`, for a person: the fields that the message does not already name. */
export function describeError(error: unknown): string {
  if (!isVolumeError(error)) {
    return error instanceof Error ? error.message : String(error);
  }
  const { location, key, chunk, codec, path, mip, hint } = error.fields;
  const named = { location, key, chunk, codec, path, mip };
  const facts = Object.entries(named)
    .filter(([, value]) => value !== undefined && !error.message.includes(String(value)))
    .map(([name, value]) => `${name} ${value}`);
  const where = facts.length > 0 ? ` (${facts.join(", ")})` : "";
  return `${error.message}${where}${hint === undefined ? "" : `; ${hint}`}`;
}
