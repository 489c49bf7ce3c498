/** Bodies of uploads: the payload hash, aws-chunked framing with its trailers, and the checksums that come with them. */
import { createHash } from "node:crypto";
import { base64Of, crc32, crc32c, md5 } from "./checksums.ts";
import { type S3Signer, sha256 } from "./s3Signature.ts";
import { notImplemented, type S3Object, S3Refusal } from "./s3State.ts";
import { headerOf, type ServiceRequest } from "./service.ts";

export interface S3Body {
  /** Without framing. */
  readonly bytes: Uint8Array;
  readonly checksum?: NonNullable<S3Object["checksum"]>;
  /** Did a checksum of any kind come with it? */
  readonly isChecked: boolean;
}

const checksums: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  "x-amz-checksum-crc32": (bytes) => base64Of(crc32(bytes)),
  "x-amz-checksum-crc32c": (bytes) => base64Of(crc32c(bytes)),
  "x-amz-checksum-sha1": (bytes) => createHash("sha1").update(bytes).digest("base64"),
  "x-amz-checksum-sha256": (bytes) => createHash("sha256").update(bytes).digest("base64"),
};

/** The body of a request whose signature is right. Throws S3Refusal where body and headers do not agree. */
export function readS3Body(request: ServiceRequest, signer: S3Signer | undefined): S3Body {
  const hash = signer?.payloadHash ?? headerOf(request, "x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD";
  const isStream = hash.startsWith("STREAMING-");
  const { bytes, trailers } = isStream ? readChunks(request, signer) : { bytes: request.body, trailers: {} };
  if (!isStream && hash !== "UNSIGNED-PAYLOAD" && hash !== sha256(bytes)) {
    throw new S3Refusal(
      400,
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const contentMd5 = headerOf(request, "content-md5");
  if (contentMd5 !== undefined && contentMd5 !== md5(bytes, "base64")) {
    throw new S3Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  const checksum = checkChecksum(request, trailers, bytes);
  return { bytes, ...(checksum && { checksum }), isChecked: checksum !== undefined || contentMd5 !== undefined };
}

type Trailers = Readonly<Record<string, string>>;

function checkChecksum(request: ServiceRequest, trailers: Trailers, bytes: Uint8Array): S3Body["checksum"] {
  const own = Object.keys(request.headers).filter((name) => /^x-amz-checksum-(?!algorithm|type|mode)/.test(name));
  const [header] = [...own, ...Object.keys(trailers).filter((name) => name.startsWith("x-amz-checksum-"))];
  if (header === undefined) {
    return undefined;
  }
  const compute = checksums[header];
  if (compute === undefined) {
    throw notImplemented(header);
  }
  const value = trailers[header] ?? headerOf(request, header) ?? "";
  if (value !== compute(bytes)) {
    const name = header.replace("x-amz-checksum-", "").toUpperCase();
    throw new S3Refusal(400, "BadDigest", `The ${name} you specified did not match the calculated checksum.`);
  }
  return { header, value };
}

/** `SIZE[;chunk-signature=…]\r\n BYTES\r\n … 0\r\n trailer:value\r\n \r\n` */
function readChunks(request: ServiceRequest, signer: S3Signer | undefined): { bytes: Uint8Array; trailers: Trailers } {
  const { body } = request;
  const parts: Uint8Array[] = [];
  let at = 0;
  let previous = signer?.signature ?? "";
  const line = (): string => {
    const end = Buffer.from(body.buffer, body.byteOffset, body.byteLength).indexOf("\r\n", at);
    if (end === -1) {
      throw incomplete();
    }
    const text = Buffer.from(body.subarray(at, end)).toString("latin1");
    at = end + 2;
    return text;
  };
  for (;;) {
    const [size = "", signature] = line().split(";chunk-signature=");
    const length = Number.parseInt(size, 16);
    if (!Number.isInteger(length) || at + length > body.byteLength) {
      throw incomplete();
    }
    const part = body.subarray(at, at + length);
    previous = checkChunk(part, { signature, previous, signer });
    if (length === 0) {
      break;
    }
    parts.push(part);
    at += length;
    if (line() !== "") {
      throw incomplete();
    }
  }
  const trailers: Record<string, string> = {};
  for (let text = line(); text !== ""; text = line()) {
    const [name = "", ...value] = text.split(":");
    trailers[name.trim().toLowerCase()] = value.join(":").trim();
  }
  const bytes = Buffer.concat(parts);
  if (Number(headerOf(request, "x-amz-decoded-content-length")) !== bytes.byteLength) {
    throw incomplete();
  }
  checkTrailers(request, trailers);
  return { bytes, trailers };
}

/** The signature to chain the next one to. */
function checkChunk(
  bytes: Uint8Array,
  { signature, previous, signer }: { signature: string | undefined; previous: string; signer: S3Signer | undefined },
): string {
  if (signer === undefined || !signer.payloadHash.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")) {
    return previous;
  }
  const expected = signer.signChunk(previous, sha256(bytes));
  if (signature !== expected) {
    throw new S3Refusal(403, "SignatureDoesNotMatch", "The signature of a chunk does not match.");
  }
  return expected;
}

function checkTrailers(request: ServiceRequest, trailers: Trailers): void {
  const announced = headerOf(request, "x-amz-trailer");
  if (announced !== undefined && trailers[announced.trim().toLowerCase()] === undefined) {
    throw new S3Refusal(400, "MalformedTrailerError", "The request contained trailing data that was not well-formed.");
  }
}

function incomplete(): S3Refusal {
  return new S3Refusal(400, "IncompleteBody", "The request body terminated unexpectedly");
}
