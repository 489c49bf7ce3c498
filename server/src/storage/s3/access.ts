/**
 * Who asks a bucket, and where: the credential, the region and the requester's word to pay, each found once and corrected where a reply says so.
 *
 * What is signed goes to the service's own hosts only: to Amazon's host of a region, or to the one endpoint.
 */
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { UnsupportedError } from "../../errors.ts";
import type { FoundCredential, Identity } from "../credential.ts";
import type { Location } from "../location.ts";
import { abortable } from "./abortable.ts";
import type { AwsKeys, KeyChain } from "./keyChain.ts";
import { bucketUrl, defaultRegion, isHostName, isRegion, type S3Service } from "./place.ts";
import { codeOf, isExpired, regionOf, type S3Refusal } from "./s3Errors.ts";

export interface AccessOptions {
  readonly location: Location;
  readonly service: S3Service;
  /** Finds the credential of the bucket; asked once, and again after a failure. */
  find(options: Cancellable): Promise<FoundCredential>;
  readonly chain: KeyChain;
  /** What to call the chain's keys, for people; default: the key's id. */
  readonly chainName: string | undefined;
  /** The environment's region, where the credential names none. */
  readonly region: string | undefined;
  /** Regions of buckets that replies have told, by `origin bucket`; shared by the stores of a driver. */
  readonly regions: Map<string, string>;
  /** May requests be charged to who asks, where the bucket wants it? */
  readonly mayPay: boolean;
  now(): number;
}

interface Found {
  readonly identity: Identity;
  readonly isChain?: boolean;
  readonly region: string | undefined;
  keys(options: Cancellable): Promise<AwsKeys | undefined>;
}

const maxCorrections = 3;
const maxRegions = 1000;
/** A session that has just been renewed and is refused again is over. */
const renewalPauseMs = 10_000;

export class BucketAccess {
  readonly #options: AccessOptions;
  readonly #regionId: string;
  #found: Promise<Found> | undefined;
  #ready: Found | undefined;
  /** Grows with each correction: what failed under an earlier one is worth another attempt. */
  #revision = 0;
  #isPaying = false;
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#regionId = `${options.service.credentialOrigin} ${options.location.authority}`;
  }

  /** Runs a task whose requests are explained by `note`, again after each correction. */
  async run<T>(task: () => Promise<T>, { signal }: Cancellable): Promise<T> {
    throwIfAborted(signal);
    await this.#prepare({ signal });
    for (let corrections = 0; ; corrections++) {
      const revision = this.#revision;
      try {
        return await task();
      } catch (error) {
        if (this.#revision === revision || corrections >= maxCorrections || signal?.aborted === true) {
          throw error;
        }
      }
    }
  }

  /** Whether a reply corrects what is known of the bucket. */
  note(refusal: S3Refusal): void {
    const code = codeOf(refusal);
    const region = [301, 307, 308, 400].includes(refusal.status) ? regionOf(refusal) : undefined;
    const isElsewhere = region !== undefined && region !== this.region;
    if (isElsewhere && (isRegion(region) || !this.#options.service.isRegional)) {
      this.#rememberRegion(region);
    } else if (refusal.status === 403 && this.#options.mayPay && !this.#isPaying && isPlainDenial(code)) {
      this.#isPaying = true;
      this.#revision++;
    } else if (isExpired(code) || (refusal.status === 400 && code === "" && refusal.text === "")) {
      this.#renew(); // a HEAD that is refused with 400 says no more
    }
  }

  /** Where requests are signed for; as far as it is known. */
  get region(): string {
    return this.#options.regions.get(this.#regionId) ?? this.#ready?.region ?? this.#options.region ?? defaultRegion;
  }

  /** The bucket's URL, ends with "/"; after `run` began. */
  get bucketUrl(): string {
    return bucketUrl(this.#options.service, this.region, this.#options.location.authority);
  }

  /** The service's URL without the bucket. */
  get endpoint(): string {
    return this.#options.service.endpointOf(this.region);
  }

  /** Is the bucket's name part of the host's? */
  get isVirtualHosted(): boolean {
    return this.#options.service.isRegional && isHostName(this.#options.location.authority);
  }

  /** Another text after each correction, for what is made for one state. */
  get revision(): string {
    return `${this.#revision} ${this.region}`;
  }

  /** Do requests say that who asks pays? */
  get isPaying(): boolean {
    return this.#isPaying;
  }

  /** As far as it is known: for messages. */
  get knownIdentity(): Identity | undefined {
    return this.#ready?.identity;
  }

  /** `undefined` = anonymous. */
  async keys(options: Cancellable): Promise<AwsKeys | undefined> {
    return (await this.#prepare(options)).keys(options);
  }

  /** Who asks. May look for credentials. */
  async identity(options: Cancellable): Promise<Identity> {
    throwIfAborted(options.signal);
    const found = await this.#prepare(options);
    return (await found.keys(options)) === undefined ? { kind: "anonymous" } : found.identity;
  }

  #rememberRegion(region: string): void {
    const { regions } = this.#options;
    if (regions.size >= maxRegions) {
      regions.clear();
    }
    regions.set(this.#regionId, region);
    this.#revision++;
  }

  #renew(): void {
    const { now, chain } = this.#options;
    if (this.#ready?.isChain === true && now() - this.#renewedMs > renewalPauseMs) {
      this.#renewedMs = now();
      chain.forget();
      this.#revision++;
    }
  }

  #prepare(options: Cancellable): Promise<Found> {
    this.#found ??= this.#find().catch((error: unknown) => {
      this.#found = undefined;
      throw error;
    });
    return this.#ready !== undefined ? this.#found : abortable(this.#found, options);
  }

  async #find(): Promise<Found> {
    const found = await this.#use(await this.#options.find({}));
    this.#ready = found;
    return found;
  }

  async #use({ credential, identity }: FoundCredential): Promise<Found> {
    const { service } = this.#options;
    switch (credential.kind) {
      case "aws":
        return { identity, region: credential.region, keys: async () => credential };
      case "chain":
        return (service.takesChain ? await this.#useChain(identity) : undefined) ?? nobody;
      case "anonymous":
        return nobody;
      case "google":
      case "bearer":
      case "basic":
        throw new UnsupportedError(`credentials of this kind are not for S3: ${credential.kind}`, {
          location: this.#options.location.text,
          hint: "use an access key and its secret",
        });
    }
  }

  /** `undefined` = the chain has no keys. */
  async #useChain(identity: Identity): Promise<Found | undefined> {
    const { chain, chainName } = this.#options;
    const keys = await chain.keys({});
    return (
      keys && {
        identity: { name: chainName ?? keys.accessKeyId, ...identity },
        isChain: true,
        region: await chain.region(),
        keys: (options) => chain.keys(options),
      }
    );
  }
}

const nobody: Found = { identity: { kind: "anonymous" }, region: undefined, keys: async () => undefined };

/** A refusal that paying may turn: not one that says what else is wrong. */
function isPlainDenial(code: string): boolean {
  return code === "" || code === "AccessDenied";
}
