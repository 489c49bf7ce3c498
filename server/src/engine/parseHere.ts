/** Locations as this process means them: relative to its folder and the user's home, with the user's aliases. */
import { homedir } from "node:os";
import type { CredentialSources } from "../storage/credential.ts";
import { readPersistentAliases } from "../storage/credentials/aliasFile.ts";
import type { Location } from "../storage/location.ts";
import { parseLocation } from "../storage/parseLocation.ts";

export type ParseHere = (text: string, options?: { readonly isObject?: boolean }) => Location;

/** Parses texts; aliases of `sources` come before those of the user's file, which is read only for a scheme that nothing else knows. */
export function createParser(sources: () => CredentialSources | undefined): ParseHere {
  const aliases = (): Readonly<Record<string, string>> => ({ ...readPersistentAliases(), ...sources()?.aliases });
  return (text, options = {}) =>
    parseLocation(text, { ...options, aliases, baseDirectory: process.cwd(), homeDirectory: homedir() });
}
