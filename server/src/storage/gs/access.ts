/** Who asks a bucket: the credential, found once; its tokens; and the word to pay, given where a bucket wants it. */
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { type ErrorFields, UnsupportedError, type VolumeError } from "../../errors.ts";
import type { FoundCredential, Identity } from "../credential.ts";
import type { Location } from "../location.ts";
import { abortable } from "./abortable.ts";
import { type GsRefusal, isPaymentWanted, notSignedIn, payerRefused } from "./gsErrors.ts";
import type { TokenSource } from "./tokenSource.ts";
import type { GsWorld } from "./world.ts";

interface Found {
  readonly identity: Identity;
  /** `undefined` = anonymous. */
  readonly tokens: TokenSource | undefined;
}

export class BucketAccess {
  readonly #location: Location;
  readonly #find: () => Promise<FoundCredential>;
  readonly #world: GsWorld;
  #found: Promise<Found> | undefined;
  #ready: Found | undefined;
  #lastToken: string | undefined;
  #isPrepared = false;
  #isPaying = false;
  /** The last refusal that could be helped was for want of it. */
  #isPaymentWanted = false;

  constructor(location: Location, find: () => Promise<FoundCredential>, world: GsWorld) {
    this.#location = location;
    this.#find = find;
    this.#world = world;
  }

  /** Did an earlier request get what it takes? */
  get isPrepared(): boolean {
    return this.#isPrepared;
  }

  /** Headers for a request to the service's own origin. */
  async headers(options: Cancellable): Promise<Readonly<Record<string, string>>> {
    const { tokens } = await this.#prepare(options);
    const token = await tokens?.getToken(options);
    const { userProject } = this.#world;
    this.#lastToken = token;
    this.#isPrepared = true;
    return {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(this.#isPaying && userProject !== undefined && { "x-goog-user-project": userProject }),
    };
  }

  /** Is another attempt worth it after this refusal, once `renew` said so? */
  isRenewable(refusal: GsRefusal): boolean {
    this.#isPaymentWanted = isPaymentWanted(refusal) && this.#world.userProject !== undefined;
    this.#isPaying ||= this.#isPaymentWanted;
    return this.#isPaymentWanted || (refusal.status === 401 && this.#lastToken !== undefined);
  }

  /** Sees to another token, unless what changed is who pays. */
  async renew({ signal }: Cancellable): Promise<boolean> {
    throwIfAborted(signal);
    if (!this.#isPaymentWanted && this.#lastToken !== undefined) {
      this.#ready?.tokens?.forget(this.#lastToken);
    }
    return true;
  }

  /** The error for a refusal that renewing did not help. */
  denied(where: ErrorFields): VolumeError {
    return this.#isPaymentWanted ? payerRefused(where) : notSignedIn({ where, identity: this.knownIdentity });
  }

  /** As far as it is known: for messages. */
  get knownIdentity(): Identity | undefined {
    if (this.#lastToken === undefined || this.#ready === undefined) {
      return undefined;
    }
    const { identity, tokens } = this.#ready;
    const name = identity.name ?? tokens?.knownEmail;
    return { kind: identity.kind, ...(name !== undefined && { name }) };
  }

  /** Do requests say which project pays? */
  get isPaying(): boolean {
    return this.#isPaying;
  }

  /** Who asks. May look for credentials. */
  async identity(options: Cancellable): Promise<Identity> {
    const { identity, tokens } = await this.#prepare(options);
    const token = await tokens?.getToken(options);
    this.#lastToken = token;
    if (token === undefined) {
      return { kind: "anonymous" };
    }
    const name = identity.name ?? (await tokens?.getEmail(options));
    return { kind: identity.kind, ...(name !== undefined && { name }) };
  }

  #prepare(options: Cancellable): Promise<Found> {
    throwIfAborted(options.signal);
    this.#found ??= this.#open().catch((error: unknown) => {
      this.#found = undefined;
      throw error;
    });
    return this.#ready !== undefined ? this.#found : abortable(this.#found, options);
  }

  async #open(): Promise<Found> {
    const { credential, identity } = await this.#find();
    if (credential.kind === "aws" || credential.kind === "basic") {
      throw new UnsupportedError(`credentials of this kind are not for Google Cloud Storage: ${credential.kind}`, {
        location: this.#location.text,
        hint: "use the key file of a service account, or sign in with gcloud auth application-default login",
      });
    }
    this.#ready = { identity, tokens: this.#world.tokensOf(credential) };
    return this.#ready;
  }
}
