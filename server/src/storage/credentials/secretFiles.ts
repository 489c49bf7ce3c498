/** Secret files of CloudVolume and CloudFiles: small JSON documents in a few folders, by name. */
import { open } from "node:fs/promises";
import path from "node:path";
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { InvalidArgumentError, PermissionDeniedError } from "../../errors.ts";

/** The process's variables, or others. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface MachineOptions extends Cancellable {
  readonly environment: Environment;
  readonly homeDirectory: string;
}

/** A secret, and the file that it is in. */
export interface Secret {
  readonly file: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const maxSecretBytes = 64 * 1024;

/** Folders of secrets in the order in which CloudFiles and CloudVolume look into them. */
export function secretFolders({ environment, homeDirectory }: MachineOptions): string[] {
  return [
    path.join(cloudVolumeFolder({ environment, homeDirectory }), "secrets"),
    "/secrets",
    path.join(cloudFilesFolder({ environment, homeDirectory }), "secrets"),
    path.join(homeDirectory, ".neuroglancer/secrets"),
  ];
}

/** `$CLOUD_VOLUME_DIR`, or `~/.cloudvolume`. */
export function cloudVolumeFolder({ environment, homeDirectory }: MachineOptions): string {
  return expand(environment.CLOUD_VOLUME_DIR, homeDirectory) ?? path.join(homeDirectory, ".cloudvolume");
}

/** `$CLOUD_FILES_DIR`, or `~/.cloudfiles`. */
export function cloudFilesFolder({ environment, homeDirectory }: MachineOptions): string {
  return expand(environment.CLOUD_FILES_DIR, homeDirectory) ?? path.join(homeDirectory, ".cloudfiles");
}

function expand(folder: string | undefined, homeDirectory: string): string | undefined {
  return folder === undefined || folder === "" ? undefined : folder.replace(/^~(?=\/|$)/, homeDirectory);
}

/**
 * The first of these names that is in any of the folders; names first, as CloudFiles looks. Throws InvalidArgumentError for a file that holds no JSON
 * object, PermissionDeniedError for one that may not be read; neither shows what is in it.
 */
export async function readSecret(names: readonly string[], options: MachineOptions): Promise<Secret | undefined> {
  for (const name of names) {
    for (const folder of secretFolders(options)) {
      throwIfAborted(options.signal);
      const file = path.join(folder, name);
      const text = await readSmallFile(file);
      if (text !== undefined) {
        return { file, value: parseSecret(text, file) };
      }
    }
  }
  return undefined;
}

async function readSmallFile(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxSecretBytes + 1), 0, maxSecretBytes + 1, 0);
      if (bytesRead > maxSecretBytes) {
        throw new InvalidArgumentError(`a secret file has more than ${maxSecretBytes} bytes: "${file}"`);
      }
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") {
      return undefined;
    }
    if (code === "EACCES" || code === "EPERM") {
      const hint = "change who may read the file, or move it away";
      throw new PermissionDeniedError(`a secret file may not be read: "${file}"`, { hint }, { cause: error });
    }
    throw error;
  }
}

/** The parser's own message would quote the text. */
function parseSecret(text: string, file: string): Secret["value"] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`a secret file is not JSON: "${file}"`, { hint: "write it anew, or delete it" });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError(`a secret file holds no JSON object: "${file}"`);
  }
  return value as Secret["value"];
}
