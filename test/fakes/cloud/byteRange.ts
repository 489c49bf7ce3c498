/** `Range` headers as object services read them: one range of bytes; anything else is as if it were not there. */

export type AskedRange = "whole" | "unsatisfiable" | { readonly start: number /** Exclusive. */; readonly end: number };

/** What of `sizeBytes` bytes a `Range` header asks for. */
export function readRange(header: string | undefined, sizeBytes: number): AskedRange {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") {
    return "whole";
  }
  if (from === "") {
    const length = Math.min(Number(to), sizeBytes);
    return length === 0 ? "unsatisfiable" : { start: sizeBytes - length, end: sizeBytes };
  }
  const start = Number(from);
  if (to !== "" && Number(to) < start) {
    return "whole";
  }
  return start >= sizeBytes
    ? "unsatisfiable"
    : { start, end: to === "" ? sizeBytes : Math.min(sizeBytes, Number(to) + 1) };
}
