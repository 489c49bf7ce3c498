/** Credential files as CloudVolume, Google's and Amazon's tools write them. */
import type { HeldCredentialMessage } from "../../../schemas/protocol/storage.ts";

type Credential = HeldCredentialMessage["credential"];

/** A credential and the name by which a person knows it: never a secret. */
export interface ReadCredential {
  readonly credential: Credential;
  readonly name: string;
}

/**
 * The credential in the text of a file: Google's JSON of a service account or a user, `aws-secret.json`, `{ "token": … }`, `{ "user": …, "password": … }`, or
 * Amazon's credentials file, of which the profile `default` or else the first is taken. Undefined for anything else.
 */
export function readCredentialFile(text: string): ReadCredential | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return readProfiles(text);
  }
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? readJson(value as Readonly<Record<string, unknown>>)
    : undefined;
}

function readJson(json: Readonly<Record<string, unknown>>): ReadCredential | undefined {
  const { type, client_email, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, token, user, password } = json;
  if (typeof type === "string" && ("private_key" in json || "refresh_token" in json || "audience" in json)) {
    return { credential: { kind: "google", json }, name: typeof client_email === "string" ? client_email : type };
  }
  if (typeof id === "string" && typeof secret === "string") {
    const { AWS_SESSION_TOKEN: session, AWS_DEFAULT_REGION: region } = json;
    return awsCredential(id, secret, { session, region });
  }
  if (typeof user === "string" && typeof password === "string") {
    return { credential: { kind: "basic", user, password }, name: user };
  }
  return typeof token === "string" ? { credential: { kind: "bearer", token }, name: "token" } : undefined;
}

function readProfiles(text: string): ReadCredential | undefined {
  const profiles = new Map<string, Map<string, string>>();
  let profile: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/.exec(line)?.[1];
    const [, name, value] = /^\s*(aws_\w+|region)\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (section !== undefined) {
      profile = new Map();
      profiles.set(section, profile);
    } else if (name !== undefined && value !== undefined) {
      profile?.set(name, value);
    }
  }
  const found = profiles.get("default") ?? [...profiles.values()][0];
  const id = found?.get("aws_access_key_id");
  const secret = found?.get("aws_secret_access_key");
  return id === undefined || secret === undefined
    ? undefined
    : awsCredential(id, secret, { session: found?.get("aws_session_token"), region: found?.get("region") });
}

function awsCredential(
  accessKeyId: string,
  secretAccessKey: string,
  { session, region }: { readonly session: unknown; readonly region: unknown },
): ReadCredential {
  return {
    credential: {
      kind: "aws",
      accessKeyId,
      secretAccessKey,
      ...(typeof session === "string" && { sessionToken: session }),
      ...(typeof region === "string" && { region }),
    },
    name: accessKeyId,
  };
}
