/** Errors of the file system as the three outcomes of a store: absent, forbidden, unreachable. */
import { isAbort } from "../../base/abort.ts";
import {
  CancelledError,
  type ErrorFields,
  isVolumeError,
  PermissionDeniedError,
  ReadOnlyError,
  UnreachableError,
  type VolumeError,
} from "../../errors.ts";

/** Does the error say that there is no such file? A folder in the place of a file is no object. */
export function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EISDIR", "ENAMETOOLONG"].includes(codeOf(error));
}

/** `ENOENT` and its like; "" for other errors. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The typed error; what is one already stays as it is. */
export function fileError(error: unknown, where: ErrorFields): VolumeError {
  const code = codeOf(error);
  if (isVolumeError(error)) {
    return error;
  }
  if (isAbort(error)) {
    return new CancelledError("the operation was cancelled", where, { cause: error });
  }
  switch (code) {
    case "EACCES":
    case "EPERM":
      return new PermissionDeniedError(
        `the file system does not permit this: ${where.key ?? where.location ?? ""}`,
        { ...where, hint: "check who may read and write the files" },
        { cause: error },
      );
    case "EROFS":
      return new ReadOnlyError("the file system is read-only", where, { cause: error });
    case "ENOSPC":
    case "EDQUOT":
      return new UnreachableError("the disk is full", { ...where, hint: "free space and try again" }, { cause: error });
    default:
      return new UnreachableError(
        `the file system failed (${code || (error instanceof Error ? error.name : "unknown")})`,
        where,
        { cause: error },
      );
  }
}
