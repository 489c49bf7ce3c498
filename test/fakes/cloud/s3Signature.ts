/** Checks AWS Signature Version 4, in the Authorization header and in presigned URLs. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type S3Credential, S3Refusal } from "./s3State.ts";
import { headerOf, queryOf, type ServiceRequest } from "./service.ts";

const algorithm = "AWS4-HMAC-SHA256";
const maxSkewMs = 15 * 60_000;
const longestExpirySeconds = 7 * 24 * 3600;

/** Who signed, once the signature has been found right. */
export interface S3Signer {
  readonly credential: S3Credential;
  /** Of the signature's scope. */
  readonly region: string;
  readonly isPresigned: boolean;
  /** Of the body: 64 hexadecimal digits, UNSIGNED-PAYLOAD, or the name of a stream. */
  readonly payloadHash: string;
  /** Signs the chunks of a stream: `(previous signature, bytes) -> signature`. */
  signChunk(previous: string, text: string): string;
  readonly signature: string;
  readonly time: string;
  readonly scope: string;
}

interface Claim {
  readonly accessKeyId: string;
  readonly day: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly time: string;
  readonly token: string | undefined;
  readonly payloadHash: string;
  /** Of presigned URLs. */
  readonly expiresSeconds?: number;
}

export interface SignatureOptions {
  readonly credentials: readonly S3Credential[];
  /** ms since 1970. */
  readonly now: number;
}

/** Who signed the request; `undefined` = nobody. Throws S3Refusal for a signature that is not right. */
export function checkSignature(request: ServiceRequest, { credentials, now }: SignatureOptions): S3Signer | undefined {
  const claim = claimOfHeader(request) ?? claimOfQuery(request);
  if (claim === undefined) {
    return undefined;
  }
  checkSigned(request, claim);
  checkTime(claim, now);
  const credential = credentials.find(({ accessKeyId }) => accessKeyId === claim.accessKeyId);
  if (credential === undefined || (credential.sessionToken !== undefined && claim.token === undefined)) {
    throw new S3Refusal(
      403,
      "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.",
      {
        fields: { AWSAccessKeyId: claim.accessKeyId },
      },
    );
  }
  const scope = `${claim.day}/${claim.region}/s3/aws4_request`;
  const key = [claim.day, claim.region, "s3", "aws4_request"].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${credential.secretAccessKey}`,
  );
  const hash = sha256(canonicalRequest(request, claim));
  const expected = hmac(key, [algorithm, claim.time, scope, hash].join("\n")).toString("hex");
  if (!isSame(expected, claim.signature)) {
    throw new S3Refusal(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      { fields: { AWSAccessKeyId: claim.accessKeyId } },
    );
  }
  checkToken(claim, credential, now);
  return {
    credential,
    region: claim.region,
    isPresigned: claim.expiresSeconds !== undefined,
    payloadHash: claim.payloadHash,
    signature: claim.signature,
    time: claim.time,
    scope,
    signChunk: (previous, text) =>
      hmac(key, [`${algorithm}-PAYLOAD`, claim.time, scope, previous, sha256(""), text].join("\n")).toString("hex"),
  };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function claimOfHeader(request: ServiceRequest): Claim | undefined {
  const text = headerOf(request, "authorization");
  if (text === undefined) {
    return undefined;
  }
  if (!text.startsWith(`${algorithm} `)) {
    throw new S3Refusal(400, "InvalidRequest", "The authorization mechanism you have provided is not supported.");
  }
  const fields = new Map(
    text
      .slice(algorithm.length)
      .split(",")
      .map((part) => part.trim().split("=", 2) as [string, string]), // a missing value is found below
  );
  const time = headerOf(request, "x-amz-date");
  if (time === undefined) {
    throw new S3Refusal(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  }
  const payloadHash = headerOf(request, "x-amz-content-sha256");
  if (payloadHash === undefined) {
    throw new S3Refusal(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  const signedHeaders = (fields.get("SignedHeaders") ?? "").split(";");
  const signature = fields.get("Signature") ?? "";
  const token = headerOf(request, "x-amz-security-token");
  return {
    ...scopeOf(fields.get("Credential"), "AuthorizationHeaderMalformed"),
    signedHeaders,
    signature,
    time,
    token,
    payloadHash,
  };
}

function claimOfQuery(request: ServiceRequest): Claim | undefined {
  if (queryOf(request, "X-Amz-Algorithm") === undefined && queryOf(request, "X-Amz-Signature") === undefined) {
    return undefined;
  }
  const code = "AuthorizationQueryParametersError";
  const expiresSeconds = Number(queryOf(request, "X-Amz-Expires") ?? "NaN");
  if (
    queryOf(request, "X-Amz-Algorithm") !== algorithm ||
    !(expiresSeconds >= 0 && expiresSeconds <= longestExpirySeconds)
  ) {
    throw new S3Refusal(
      400,
      code,
      "Query-string authentication needs X-Amz-Algorithm and an X-Amz-Expires of at most a week",
    );
  }
  return {
    ...scopeOf(queryOf(request, "X-Amz-Credential"), code),
    signedHeaders: (queryOf(request, "X-Amz-SignedHeaders") ?? "").split(";"),
    signature: queryOf(request, "X-Amz-Signature") ?? "",
    time: queryOf(request, "X-Amz-Date") ?? "",
    token: queryOf(request, "X-Amz-Security-Token"),
    payloadHash:
      queryOf(request, "X-Amz-Content-Sha256") ?? headerOf(request, "x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD",
    expiresSeconds,
  };
}

function scopeOf(text: string | undefined, code: string): Pick<Claim, "accessKeyId" | "day" | "region"> {
  const [accessKeyId = "", day = "", region = "", service, end] = (text ?? "").split("/");
  if (service !== "s3" || end !== "aws4_request") {
    throw new S3Refusal(400, code, "The Credential is mal-formed; expecting <key>/YYYYMMDD/REGION/s3/aws4_request.");
  }
  return { accessKeyId, day, region };
}

/** The host and every x-amz-* header have to be signed. */
function checkSigned(request: ServiceRequest, { signedHeaders }: Claim): void {
  const required = ["host", ...Object.keys(request.headers).filter((name) => name.startsWith("x-amz-"))];
  const missing = required.filter((name) => !signedHeaders.includes(name));
  if (missing.length > 0) {
    throw new S3Refusal(403, "AccessDenied", "There were headers present in the request which were not signed", {
      fields: { HeadersNotSigned: missing.join(", ") },
    });
  }
}

function checkTime({ time, day, expiresSeconds }: Claim, now: number): void {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  const [year = Number.NaN, month = 0, ...rest] = parts.map(Number);
  const signedMs = Date.UTC(year, month - 1, ...rest);
  if (!Number.isFinite(signedMs) || !time.startsWith(day)) {
    throw new S3Refusal(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  }
  if (expiresSeconds === undefined ? Math.abs(now - signedMs) > maxSkewMs : signedMs - now > maxSkewMs) {
    throw new S3Refusal(
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
      {
        fields: {
          RequestTime: time,
          ServerTime: new Date(now).toISOString(),
          MaxAllowedSkewMilliseconds: String(maxSkewMs),
        },
      },
    );
  }
  if (expiresSeconds !== undefined && now > signedMs + expiresSeconds * 1000) {
    throw new S3Refusal(403, "AccessDenied", "Request has expired", {
      fields: { ServerTime: new Date(now).toISOString() },
    });
  }
}

function checkToken({ token }: Claim, { sessionToken, expiresMs }: S3Credential, now: number): void {
  if (token !== sessionToken) {
    throw new S3Refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
  }
  if (expiresMs !== undefined && now >= expiresMs) {
    throw new S3Refusal(400, "ExpiredToken", "The provided token has expired.");
  }
}

function canonicalRequest(request: ServiceRequest, { signedHeaders, payloadHash }: Claim): string {
  const query = request.query
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const headers = signedHeaders.map(
    (name) => `${name}:${(headerOf(request, name) ?? "").trim().replace(/\s+/g, " ")}\n`,
  );
  const path = request.rawPath
    .split("/")
    .map((part) => encode(decodeURIComponent(part)))
    .join("/");
  return [request.method, path, query.join("&"), headers.join(""), signedHeaders.join(";"), payloadHash].join("\n");
}

/** Everything but letters, digits and `-._~` in percent-encoding. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function isSame(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
