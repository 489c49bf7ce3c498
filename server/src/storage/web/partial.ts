/** Ranges over HTTP: the request's header, which bytes of the reply are the range, and whether the server kept to it. */
import { UnsupportedError } from "../../errors.ts";
import { resolveRange } from "../ranges.ts";
import { TransientFault } from "../retry.ts";
import type { ByteRange } from "../store.ts";
import type { BodyWindow, Reply, ReplyHead } from "./exchange.ts";

/** `Range` of a range that is not empty. */
export function rangeHeader({ start, end }: ByteRange): string {
  return start < 0 ? `bytes=${start}` : `bytes=${start}-${end === undefined ? "" : end - 1}`;
}

export interface RangeLimits {
  readonly maxBytes: number;
  /** Bytes that are read past, where the server sends the whole object. */
  readonly maxSkip: number;
}

/** What is wanted of the body of a 200 or 206 reply to a ranged request. */
export function windowOf(
  range: ByteRange,
  { status, length }: ReplyHead,
  { maxBytes, maxSkip }: RangeLimits,
): BodyWindow {
  if (status === 206) {
    return { skip: 0, take: Number.POSITIVE_INFINITY, maxBytes };
  }
  if (range.start < 0 && length === undefined) {
    return { skip: 0, take: Number.POSITIVE_INFINITY, maxBytes: maxSkip };
  }
  const { start, end } = resolveRange(range, length ?? Number.MAX_SAFE_INTEGER);
  if (start > maxSkip) {
    throw new UnsupportedError("the server does not serve ranges of objects");
  }
  return { skip: start, take: end - start, maxBytes };
}

/** The bytes of the range in a 200 or 206 reply. Throws TransientFault for fewer bytes, or others, than were asked for. */
export function bytesOfRange(range: ByteRange, { status, headers, length, bytes }: Reply): Uint8Array {
  if (status === 200) {
    return range.start < 0 && length === undefined ? bytes.slice(resolveRange(range, bytes.byteLength).start) : bytes;
  }
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers["content-range"] ?? "") ?? [];
  const isTotalKnown = total !== undefined && total !== "*";
  const wanted = isTotalKnown ? resolveRange(range, Number(total)) : undefined;
  const start = wanted?.start ?? (range.start < 0 ? Number(first) : range.start);
  const end = wanted?.end ?? Number(last) + 1;
  if (Number(first) !== start || Number(last) + 1 !== end || bytes.byteLength !== end - start) {
    throw new TransientFault("the server sent another range than was asked for", {});
  }
  return bytes;
}

/** Size of the whole object, from `Content-Range: bytes 0-0/SIZE`. */
export function totalOf({ headers }: ReplyHead): number | undefined {
  const total = /^bytes (?:\d+-\d+|\*)\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1];
  return total === undefined ? undefined : Number(total);
}
