/** `aliases.json` of CloudFiles: names for S3-compatible stores, `{"name": {"host": "s3://https://host/"}}`. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { InvalidArgumentError } from "../../errors.ts";
import { type Aliases, endpointOfHost, officialAliases, reservedSchemes } from "../aliases.ts";
import { cloudFilesFolder, type MachineOptions } from "./secretFiles.ts";

const maxFileBytes = 2 ** 20;

/** The aliases of the user's file; those whose host is none are left out. No file is no alias. Throws InvalidArgumentError for one that is not JSON. */
export function readPersistentAliases(machine: MachineOptions = ofProcess()): Aliases {
  const entries = Object.entries(readEntries(machine)).flatMap(([name, entry]) => {
    const host = (entry as { readonly host?: unknown } | null)?.host;
    const endpoint = typeof host === "string" ? endpointOfHost(host) : undefined;
    return endpoint === undefined || reservedSchemes.includes(name) ? [] : [[name, endpoint] as const];
  });
  return Object.fromEntries(entries);
}

/** Writes an alias into the file, which it replaces as a whole; other entries stay. Throws InvalidArgumentError for a name or host that will not do. */
export function addPersistentAlias(name: string, host: string, machine: MachineOptions = ofProcess()): void {
  if (!/^[a-z][a-z0-9+.-]*$/.test(name) || reservedSchemes.includes(name) || name in officialAliases) {
    throw new InvalidArgumentError(`no alias can have this name: "${name}"`, {
      hint: "lower-case letters, digits, +, . and -; not a protocol, a format or an official alias",
    });
  }
  const endpoint = endpointOfHost(host);
  if (endpoint === undefined) {
    throw new InvalidArgumentError(`an alias needs a host: "${host.slice(0, 200)}"`, { hint: "s3://https://host/" });
  }
  writeEntries({ ...readEntries(machine), [name]: { host: `s3://${endpoint}/` } }, machine);
}

/** Takes an alias out of the file; false where it has none of this name. */
export function removePersistentAlias(name: string, machine: MachineOptions = ofProcess()): boolean {
  const { [name]: removed, ...rest } = readEntries(machine);
  if (removed !== undefined) {
    writeEntries(rest, machine);
  }
  return removed !== undefined;
}

function ofProcess(): MachineOptions {
  return { environment: process.env, homeDirectory: homedir() };
}

function fileOf(machine: MachineOptions): string {
  return path.join(cloudFilesFolder(machine), "aliases.json");
}

function readEntries(machine: MachineOptions): Readonly<Record<string, unknown>> {
  const file = fileOf(machine);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return {};
  }
  try {
    const value: unknown = text.length > maxFileBytes ? undefined : JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // said below
  }
  throw new InvalidArgumentError(`the file of aliases holds no JSON object: "${file}"`, {
    hint: "mend it, or delete it",
  });
}

function writeEntries(entries: Readonly<Record<string, unknown>>, machine: MachineOptions): void {
  const file = fileOf(machine);
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(entries, undefined, 2)}\n`);
  renameSync(draft, file);
}
