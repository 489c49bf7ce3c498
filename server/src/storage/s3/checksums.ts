/**
 * Does a whole object have the checksum that S3 says? Pure.
 *
 * - `x-amz-checksum-crc32`, `x-amz-checksum-crc32c`: big-endian, in base64; "…-N" is of N parts, and says nothing of the whole.
 * - ETag of 32 hexadecimal digits: the MD5, except where a customer's key or KMS encrypts the object.
 * - ETag `MD5-N`: the MD5 of the MD5s of N parts, whose size is not said (CloudFiles tries 8 MiB, 15 MiB and the smallest number of MiB).
 * - ETag `DIGITS-…` of file systems behind an S3 interface: no checksum.
 */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";

/** unknown = the reply has no checksum that could be checked. */
export type ChecksumVerdict = "same" | "different" | "unknown";

export type CompareChecksum = (bytes: Uint8Array, headers: IncomingHttpHeaders) => ChecksumVerdict;

/** Compares stored bytes with the cheapest checksum among a reply's headers. Keeps a table, made on first need. */
export function createChecksumComparison(): CompareChecksum {
  let crc32c: ReturnType<typeof createCrc32c> | undefined;
  return (bytes, headers) => {
    const told = crcOf(headers["x-amz-checksum-crc32"]);
    if (told !== undefined) {
      return told === crc32(bytes) ? "same" : "different";
    }
    const byEtag = isEtagOpaque(headers) ? "unknown" : compareEtag(bytes, headers.etag ?? "");
    const toldC = crcOf(headers["x-amz-checksum-crc32c"]);
    if (byEtag !== "unknown" || toldC === undefined) {
      return byEtag;
    }
    crc32c ??= createCrc32c(); // last, for nothing native computes it
    return toldC === crc32c(bytes) ? "same" : "different";
  };
}

/** Compares bytes with an ETag, with or without its quotes. */
export function compareEtag(bytes: Uint8Array, etag: string): ChecksumVerdict {
  const [, digest, count] = /^"?([0-9a-f]{32})(?:-(\d{1,5}))?"?$/.exec(etag) ?? [];
  if (digest === undefined) {
    return "unknown";
  }
  return count === undefined
    ? md5(bytes).toString("hex") === digest
      ? "same"
      : "different"
    : compareParts(bytes, digest, Number(count));
}

/** CRC-32C (Castagnoli), unsigned; with a table of its own. */
export function createCrc32c(): (bytes: Uint8Array) => number {
  const [t0, t1, t2, t3] = createTables();
  return (bytes) => {
    let crc = -1;
    let at = 0;
    for (; at + 4 <= bytes.length; at += 4) {
      crc ^=
        byteAt(bytes, at) |
        (byteAt(bytes, at + 1) << 8) |
        (byteAt(bytes, at + 2) << 16) |
        (byteAt(bytes, at + 3) << 24);
      crc =
        wordAt(t3, crc & 255) ^ wordAt(t2, (crc >>> 8) & 255) ^ wordAt(t1, (crc >>> 16) & 255) ^ wordAt(t0, crc >>> 24);
    }
    for (; at < bytes.length; at++) {
      crc = wordAt(t0, (crc ^ byteAt(bytes, at)) & 255) ^ (crc >>> 8);
    }
    return ~crc >>> 0;
  };
}

/** With KMS or a customer's key the ETag is not a hash of the bytes. */
function isEtagOpaque(headers: IncomingHttpHeaders): boolean {
  const encryption = headers["x-amz-server-side-encryption"];
  return (
    (typeof encryption === "string" && encryption.startsWith("aws:")) ||
    headers["x-amz-server-side-encryption-customer-algorithm"] !== undefined
  );
}

function crcOf(header: string | readonly string[] | undefined): number | undefined {
  return typeof header === "string" && /^[A-Za-z0-9+/]{6}==$/.test(header)
    ? Buffer.from(header, "base64").readUInt32BE(0)
    : undefined;
}

const mebi = 2 ** 20;
const usualParts = [8 * mebi, 15 * mebi];

const maxGuesses = 3;

/**
 * "different" only where every part size of whole MiB that gives this number of parts was tried: else the size may be one that nobody guesses.
 * Differs from CloudFiles, which takes its three guesses for all there are.
 */
function compareParts(bytes: Uint8Array, digest: string, count: number): ChecksumVerdict {
  const fits = (part: number): boolean => Math.max(1, Math.ceil(bytes.byteLength / part)) === count;
  const smallest = Math.max(1, Math.ceil(bytes.byteLength / Math.max(1, count) / mebi)) * mebi;
  const whole = Array.from({ length: maxGuesses }, (_, index) => smallest + index * mebi);
  const candidates = [...new Set([...usualParts, ...whole])].filter(fits);
  if (candidates.some((part) => digestOfParts(bytes, part) === digest)) {
    return "same";
  }
  const isAll = candidates.length > 0 && !fits(smallest + maxGuesses * mebi);
  return isAll ? "different" : "unknown";
}

function digestOfParts(bytes: Uint8Array, partBytes: number): string {
  const digests: Buffer[] = [];
  for (let start = 0; start === 0 || start < bytes.byteLength; start += partBytes) {
    digests.push(md5(bytes.subarray(start, start + partBytes)));
  }
  return md5(Buffer.concat(digests)).toString("hex");
}

function md5(bytes: Uint8Array): Buffer {
  return createHash("md5").update(bytes).digest();
}

/** Four tables, so that four bytes are taken at once. */
function createTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const tables = [new Int32Array(256), new Int32Array(256), new Int32Array(256), new Int32Array(256)] as const;
  const [first, ...others] = tables;
  for (let index = 0; index < 256; index++) {
    let crc = index;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
    first[index] = crc;
  }
  for (let index = 0; index < 256; index++) {
    let crc = wordAt(first, index);
    for (const table of others) {
      crc = wordAt(first, crc & 255) ^ (crc >>> 8);
      table[index] = crc;
    }
  }
  return tables;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function wordAt(table: Int32Array, index: number): number {
  return table[index] ?? 0;
}
