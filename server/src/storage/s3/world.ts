/** What the stores of one driver share. */
import type { Cancellable } from "../../base/abort.ts";
import type { CredentialScope, CredentialSources, FoundCredential } from "../credential.ts";
import type { Location } from "../location.ts";
import type { Clock } from "../retry.ts";
import type { Connections } from "../web/connections.ts";
import type { CompareChecksum } from "./checksums.ts";
import type { KeyChain } from "./keyChain.ts";
import type { S3Service } from "./place.ts";

/** Looks for a credential where this machine has some. */
export type FindCredential = (
  scope: CredentialScope,
  sources: CredentialSources | undefined,
  options: Cancellable,
) => Promise<FoundCredential>;

export interface S3World {
  readonly connections: Connections;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly chain: KeyChain;
  /** What to call the chain's keys, for people: the profile. */
  readonly chainName: string | undefined;
  /** What replies told: regions by `origin bucket`. */
  readonly regions: Map<string, string>;
  /** The environment's region. */
  readonly region: string | undefined;
  readonly requesterPays: boolean;
  readonly multipartBytes: number;
  readonly partBytes: number;
  readonly largestCopyBytes: number;
  readonly compareChecksum: CompareChecksum;
  serviceOf(location: Location): S3Service;
  readonly find: FindCredential;
}
