/** Byte ranges of objects: checked once, resolved against a size. */
import { InvalidArgumentError } from "../errors.ts";
import type { ByteRange } from "./store.ts";

/** Refuses (InvalidArgumentError) a range with fractions, an end before its start, or an end counted together with a start from the end. */
export function checkRange({ start, end }: ByteRange): void {
  const isWhole = Number.isSafeInteger(start) && (end === undefined || Number.isSafeInteger(end));
  const isOrdered = end === undefined || (start >= 0 && end >= start);
  if (!isWhole || !isOrdered) {
    throw new InvalidArgumentError(`no such byte range: [${start}, ${end ?? ""})`);
  }
}

/** The range inside an object of `sizeBytes`: both ends between 0 and the size. */
export function resolveRange(
  { start, end }: ByteRange,
  sizeBytes: number,
): { readonly start: number; readonly end: number } {
  const first = start < 0 ? Math.max(0, sizeBytes + start) : Math.min(start, sizeBytes);
  return { start: first, end: Math.max(first, Math.min(end ?? sizeBytes, sizeBytes)) };
}
