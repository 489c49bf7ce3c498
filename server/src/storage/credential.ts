/**
 * Credentials as plain data, bound to where they may go. Looking for them is in credentials/; nothing here does I/O.
 *
 * A credential belongs to one origin and, where it was found for a bucket, to that bucket: no redirect, alias or reference of a document takes it
 * anywhere else.
 */

import type { Cancellable } from "../base/abort.ts";

/** What a service takes to know who asks. */
export type Credential =
  | { readonly kind: "anonymous" }
  /** A service account's key, or another JSON that google-auth-library reads. */
  | { readonly kind: "google"; readonly json: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "aws";
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
      readonly region?: string;
    }
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "basic"; readonly user: string; readonly password: string }
  /** Whatever the service's own library finds: default credentials, profiles, single sign-on, instance roles. */
  | { readonly kind: "chain" };

/** Who asks, for people. Never holds a secret. */
export interface Identity {
  readonly kind: "anonymous" | "file" | "environment" | "chain" | "signed in" | "option";
  /** An account's address, a key's public id, a profile, a file's name. */
  readonly name?: string;
}

/** A credential, and where it comes from. */
export interface FoundCredential {
  readonly credential: Credential;
  readonly identity: Identity;
}

/** The families of secret files: `google-secret.json`, `aws-secret.json`, `<alias>-secret.json`, `cave-secret.json`, `http-secret.json`. */
export type CredentialService = "google" | "aws" | "cave" | "http" | (string & {});

/** What a credential is wanted for. */
export interface CredentialScope {
  readonly service: CredentialService;
  /** `https://host[:port]` that the credential will be sent to. */
  readonly origin: string;
  readonly bucket?: string;
}

/** Looks for a credential where this machine has some. */
export type FindCredential = (
  scope: CredentialScope,
  sources: CredentialSources | undefined,
  options: Cancellable,
) => Promise<FoundCredential>;

/** A credential that somebody entered, for one origin and perhaps one bucket of it. */
export interface HeldCredential {
  readonly origin: string;
  readonly bucket?: string;
  readonly credential: Credential;
  readonly identity: Identity;
}

/** Credentials that do not come from files or the environment; plain data. */
export interface CredentialSources {
  /** Signed in by hand, or given as the `secrets` option. The narrowest that fits is taken, before anything else. */
  readonly held?: readonly HeldCredential[];
  /** Names of S3-compatible stores beside the official ones: alias -> endpoint, as in `aliases.json`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Look into no file, environment or chain: tests, and `anonymous: true`. */
  readonly heldOnly?: boolean;
}
