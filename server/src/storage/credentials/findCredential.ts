/**
 * Who asks: looks for a credential in the order of CloudVolume: what is held for the place, secret files (of the bucket or host first), the
 * environment, the service's own chain, and else nobody.
 *
 * A secret goes only where it is meant for. Files and variables of "aws" go to Amazon, or to the endpoint that the environment names; those of an
 * alias to its endpoint; "google" to Google; a token of CAVE without a host in its file's name to CAVE's own domains; a password only to the host
 * in its file's name. Differs from CloudFiles, which sends the general ones to any host that a location names.
 */
import { homedir } from "node:os";
import path from "node:path";
import type { Cancellable } from "../../base/abort.ts";
import { officialAliases } from "../aliases.ts";
import type { Credential, CredentialScope, CredentialSources, FoundCredential, HeldCredential } from "../credential.ts";
import { readPersistentAliases } from "./aliasFile.ts";
import { parseCredential } from "./parseSecret.ts";
import { type Environment, type MachineOptions, readSecret } from "./secretFiles.ts";

export interface FindOptions extends Cancellable {
  /** Default: the process's. */
  readonly environment?: Environment;
  /** Default: the user's. */
  readonly homeDirectory?: string;
}

const nobody: FoundCredential = { credential: { kind: "anonymous" }, identity: { kind: "anonymous" } };
const amazonOrigin = "https://s3.amazonaws.com";
const googleOrigin = "https://storage.googleapis.com";
/** Where servers of the Connectome Annotation Versioning Engine are. */
const caveDomains = ["daf-apis.com", "microns-daf.com", "flywire-daf.com", "cave-explorer.org"];

/** The credential for a place. Throws for a secret file that cannot be read, or holds no secret of its service. */
export async function findCredential(
  scope: CredentialScope,
  sources: CredentialSources | undefined,
  { signal, environment = process.env, homeDirectory = homedir() }: FindOptions = {},
): Promise<FoundCredential> {
  const held = narrowest(sources?.held ?? [], scope);
  if (held !== undefined) {
    return { credential: held.credential, identity: held.identity };
  }
  if (sources?.heldOnly === true) {
    return nobody;
  }
  const machine = { environment, homeDirectory, signal };
  for (const service of servicesOf(scope, sources, machine)) {
    const secret = await readSecret(secretNames(scope, service), machine);
    if (secret !== undefined) {
      const credential = parseCredential(service, secret.value, `"${secret.file}"`);
      return { credential, identity: { kind: "file", name: nameOf(credential, secret.file) } };
    }
  }
  return ofEnvironment(scope, environment) ?? ofChain(scope, environment) ?? nobody;
}

/** What is held for exactly this origin, and for this bucket rather than for all. */
function narrowest(held: readonly HeldCredential[], { origin, bucket }: CredentialScope): HeldCredential | undefined {
  const here = held.filter((each) => each.origin === origin);
  const ofBucket = here.find((each) => each.bucket !== undefined && each.bucket === bucket);
  return ofBucket ?? here.find((each) => each.bucket === undefined);
}

/** The families of files whose secrets are meant for the place. */
function servicesOf(
  { service, origin }: CredentialScope,
  sources: CredentialSources | undefined,
  machine: MachineOptions,
): string[] {
  if (service === "google") {
    return origin === googleOrigin ? ["google"] : [];
  }
  if (service !== "aws") {
    return [service];
  }
  const aliases = { ...readPersistentAliases(machine), ...sources?.aliases, ...officialAliases };
  const named = Object.entries(aliases).filter(([, endpoint]) => endpoint === origin);
  const isAmazons = origin === amazonOrigin || origin === endpointOf(machine.environment);
  return [...named.map(([alias]) => alias), ...(isAmazons ? ["aws"] : [])];
}

/** Names of files for a place, the narrowest first. */
function secretNames({ origin, bucket }: CredentialScope, service: string): string[] {
  const host = new URL(origin).hostname;
  switch (service) {
    case "cave":
      return isOfCave(host)
        ? [`${host}-cave-secret.json`, "cave-secret.json", "chunkedgraph-secret.json"]
        : [`${host}-cave-secret.json`];
    case "http":
      return [`${host}-http-secret.json`];
    default: {
      const isName = bucket !== undefined && /^[\w.-]+$/.test(bucket);
      return [...(isName ? [`${bucket}-${service}-secret.json`] : []), `${service}-secret.json`];
    }
  }
}

function isOfCave(host: string): boolean {
  return caveDomains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

function ofEnvironment({ service, origin }: CredentialScope, environment: Environment): FoundCredential | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } = environment;
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
  const isMeant = service === "aws" && (origin === amazonOrigin || origin === endpointOf(environment));
  if (!isMeant || !id || !secret) {
    return undefined;
  }
  const credential: Credential = {
    kind: "aws",
    accessKeyId: id,
    secretAccessKey: secret,
    ...(session && { sessionToken: session }),
    ...(region && { region }),
  };
  return { credential, identity: { kind: "environment", name: id } };
}

function ofChain({ service, origin }: CredentialScope, environment: Environment): FoundCredential | undefined {
  const isAmazons = service === "aws" && (origin === amazonOrigin || origin === endpointOf(environment));
  const isGoogles = service === "google" && origin === googleOrigin;
  return isAmazons || isGoogles ? { credential: { kind: "chain" }, identity: { kind: "chain" } } : undefined;
}

/** The endpoint for S3 that the environment names, as the SDKs read it. */
function endpointOf({ AWS_ENDPOINT_URL_S3: ofS3, AWS_ENDPOINT_URL: ofAll }: Environment): string | undefined {
  const text = ofS3 || ofAll || "";
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/** What may be shown: an account's address or a key's public id, else the file's name. */
function nameOf(credential: Credential, file: string): string {
  const account = credential.kind === "google" ? credential.json.client_email : undefined;
  return typeof account === "string"
    ? account
    : credential.kind === "aws"
      ? credential.accessKeyId
      : path.basename(file);
}
