/** Secrets as people have them, JSON of each service, to credentials. Pure. Messages name fields, never what is in them. */
import { InvalidArgumentError } from "../../errors.ts";
import type { Credential, CredentialService } from "../credential.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The credential that a secret of a service holds. Throws InvalidArgumentError for fields that are missing; `where` names the secret. */
export function parseCredential(service: CredentialService, fields: Fields, where: string): Credential {
  switch (service) {
    case "google":
      return { kind: "google", json: requireType(fields, where) };
    case "cave":
      return { kind: "bearer", token: textOf(fields, "token", where) };
    case "http":
      return { kind: "basic", user: textOf(fields, "user", where), password: textOf(fields, "password", where) };
    default:
      return parseAws(fields, where);
  }
}

function requireType(json: Fields, where: string): Fields {
  textOf(json, "type", where);
  return json;
}

function parseAws(fields: Fields, where: string): Credential {
  const sessionToken = optionalText(fields, "AWS_SESSION_TOKEN");
  const region = optionalText(fields, "AWS_DEFAULT_REGION");
  return {
    kind: "aws",
    accessKeyId: textOf(fields, "AWS_ACCESS_KEY_ID", where),
    secretAccessKey: textOf(fields, "AWS_SECRET_ACCESS_KEY", where),
    ...(sessionToken !== undefined && { sessionToken }),
    ...(region !== undefined && { region }),
  };
}

function textOf(fields: Fields, name: string, where: string): string {
  const text = optionalText(fields, name);
  if (text === undefined) {
    throw new InvalidArgumentError(`${where} has no "${name}"`, { hint: "write the secret anew" });
  }
  return text;
}

function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
