/** Errors as they cross a process boundary, and the one table that maps a tag to an LSP code and a CLI exit code. */

/** Every kind of error that the engine raises. */
export type ErrorTag =
  | "not_found"
  | "permission_denied"
  | "unreachable"
  | "invalid_location"
  | "invalid_argument"
  | "invalid_metadata"
  | "invalid_chunk"
  | "out_of_bounds"
  | "unaligned_write"
  | "read_only"
  | "conflict"
  | "unsupported"
  | "too_large"
  | "cancelled"
  | "internal";

/** An error as plain data. `data` holds the typed fields of the error (location, key, chunk, codec …). */
export interface WireError {
  readonly tag: ErrorTag;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What one tag becomes at each boundary. */
export interface ErrorCodes {
  /** JSON-RPC error code; the range -32099..-32000 is free for servers, -32800 is the protocol's "request cancelled". */
  readonly lspCode: number;
  /** Exit code of the command line. */
  readonly exitCode: number;
}

/** tag -> LSP code -> exit code: not found 3, denied 4, invalid 5, unsupported 6, unreachable 7, cancelled 130, else 1. */
export const errorCodes: Readonly<Record<ErrorTag, ErrorCodes>> = {
  not_found: { lspCode: -32001, exitCode: 3 },
  permission_denied: { lspCode: -32002, exitCode: 4 },
  read_only: { lspCode: -32003, exitCode: 4 },
  invalid_location: { lspCode: -32010, exitCode: 5 },
  invalid_argument: { lspCode: -32011, exitCode: 5 },
  invalid_metadata: { lspCode: -32012, exitCode: 5 },
  invalid_chunk: { lspCode: -32013, exitCode: 5 },
  out_of_bounds: { lspCode: -32014, exitCode: 5 },
  unaligned_write: { lspCode: -32015, exitCode: 5 },
  conflict: { lspCode: -32016, exitCode: 5 },
  unsupported: { lspCode: -32020, exitCode: 6 },
  too_large: { lspCode: -32021, exitCode: 6 },
  unreachable: { lspCode: -32030, exitCode: 7 },
  cancelled: { lspCode: -32800, exitCode: 130 },
  internal: { lspCode: -32603, exitCode: 1 },
};

/** Is `value` a tag of the table? For data that arrives from another process. */
export function isErrorTag(value: unknown): value is ErrorTag {
  return typeof value === "string" && Object.hasOwn(errorCodes, value);
}
