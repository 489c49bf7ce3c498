/**
 * Does a whole object have the checksum that `x-goog-hash` says? Pure.
 *
 * `md5=BASE64` (not of composite objects) and `crc32c=BASE64` (big-endian) are of the stored bytes. They say nothing of a reply that the service
 * has decompressed on its way: stored as gzip, sent without a Content-Encoding.
 */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { createCrc32c } from "./crc32c.ts";

/** unknown = the reply has no checksum that could be checked. */
export type ChecksumVerdict = "same" | "different" | "unknown";

export type CompareChecksum = (bytes: Uint8Array, headers: IncomingHttpHeaders) => ChecksumVerdict;

/** Compares stored bytes with the MD5, else the CRC-32C, among a reply's headers. Keeps a table, made on first need. */
export function createChecksumComparison(): CompareChecksum {
  let crc32c: ReturnType<typeof createCrc32c> | undefined;
  return (bytes, headers) => {
    if (isTranscoded(headers)) {
      return "unknown";
    }
    const { md5, crc } = hashesOf(headers);
    if (md5 !== undefined) {
      return md5Of(bytes) === md5 ? "same" : "different";
    }
    if (crc === undefined) {
      return "unknown";
    }
    crc32c ??= createCrc32c();
    return crc32c(bytes) === Buffer.from(crc, "base64").readUInt32BE(0) ? "same" : "different";
  };
}

/** The MD5 in base64, as the service has it. */
export function md5Of(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}

function hashesOf(headers: IncomingHttpHeaders): {
  readonly md5: string | undefined;
  readonly crc: string | undefined;
} {
  const text = [headers["x-goog-hash"] ?? ""].flat().join(",");
  return {
    md5: /(?:^|[\s,])md5=([A-Za-z0-9+/]{22}==)/.exec(text)?.[1],
    crc: /(?:^|[\s,])crc32c=([A-Za-z0-9+/]{6}==)/.exec(text)?.[1],
  };
}

function isTranscoded(headers: IncomingHttpHeaders): boolean {
  const stored = headers["x-goog-stored-content-encoding"] ?? "identity";
  return stored !== "identity" && stored !== (headers["content-encoding"] ?? "identity");
}
