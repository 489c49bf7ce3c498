/** What the stores of one driver share. */
import type { Cancellable } from "../../base/abort.ts";
import type { Credential, CredentialScope, CredentialSources, FoundCredential } from "../credential.ts";
import type { Clock } from "../retry.ts";
import type { Connections } from "../web/connections.ts";
import type { CompareChecksum } from "./checksums.ts";
import type { TokenSource } from "./tokenSource.ts";

/** Looks for a credential where this machine has some. */
export type FindCredential = (
  scope: CredentialScope,
  sources: CredentialSources | undefined,
  options: Cancellable,
) => Promise<FoundCredential>;

export interface GsWorld {
  readonly connections: Connections;
  readonly concurrency: number;
  readonly clock: Clock;
  /** `https://host` of the service, or of what stands in for it. */
  readonly origin: string;
  /** Something stands in for the service: it gets only credentials that are held for its origin. */
  readonly isEmulated: boolean;
  readonly find: FindCredential;
  /** Tokens of a credential, the same for all stores; `undefined` = it needs none. */
  tokensOf(credential: Credential): TokenSource | undefined;
  /** The project that pays where a bucket wants its requesters to. */
  readonly userProject: string | undefined;
  /** Objects of more bytes are uploaded in steps. */
  readonly resumableBytes: number;
  /** A step; a multiple of 256 KiB. */
  readonly stepBytes: number;
  readonly compareChecksum: CompareChecksum;
  /** Buckets that replies have shown to exist. */
  readonly knownBuckets: Set<string>;
}
