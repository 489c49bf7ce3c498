/** Signs requests by Signature Version 4, with the SDK's signer. Itself imported on first use. */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Headers } from "../web/redirects.ts";
import type { AwsKeys } from "./keyChain.ts";

export interface SigningRequest {
  readonly method: string;
  /** Encoded as it will be sent; with its query. */
  readonly url: URL;
  /** In lower case; signed as they are. */
  readonly headers: Headers;
  readonly nowMs: number;
}

/** Signs for one key and region: the headers to add to those of the request. */
export type Sign = (request: SigningRequest) => Promise<Headers>;

/** Services in between change it. */
const unsignableHeaders = new Set(["accept-encoding"]);

/** A signer whose requests have no signed body. */
export function createSign(keys: AwsKeys, region: string): Sign {
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials: keys,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: true,
  });
  return async ({ method, url, headers, nowMs }) => {
    const signed = await signer.sign(
      {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { ...headers, host: url.host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
      },
      { signingDate: new Date(nowMs), unsignableHeaders },
    );
    const { host: _host, ...others } = signed.headers;
    return others;
  };
}

/** The hash that the signer wants, from Node's own. */
class Sha256 {
  readonly #secret: Uint8Array | string | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: unknown) {
    this.#secret = typeof secret === "string" || secret instanceof Uint8Array ? secret : undefined;
    this.#hash = this.#start();
  }

  update(bytes: Uint8Array | string): void {
    this.#hash.update(bytes);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#start();
  }

  #start(): Hash | Hmac {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret);
  }
}
