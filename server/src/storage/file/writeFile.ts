/** Writes of one object: beside the target under a passing name, then in its place in one step. */
import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { link, mkdir, open, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { throwIfAborted } from "../../base/abort.ts";
import { ConflictError } from "../../errors.ts";
import type { PutOptions } from "../store.ts";
import { codeOf, isAbsent } from "./fileErrors.ts";
import { etagOf } from "./readFile.ts";
import { suffixes, suffixOf } from "./suffixes.ts";

/** Name of a file that is being written; never listed. */
export const passingName = /^\.[0-9a-f]{16}\.partial$/;

/** Replaces the object at `path` (without suffix) and removes its twins with another suffix. */
export async function writeFile(
  path: string,
  bytes: Uint8Array,
  { signal, encoding, onlyIf }: Pick<PutOptions, "signal" | "encoding" | "onlyIf">,
): Promise<void> {
  const target = path + suffixOf(encoding).text;
  const temporary = join(dirname(path), `.${randomBytes(8).toString("hex")}.partial`);
  await mkdir(dirname(path), { recursive: true }).catch(inTheWay);
  try {
    await writeNew(temporary, bytes, await modeOf(target), signal);
    throwIfAborted(signal);
    await checkCondition(path, onlyIf);
    await (onlyIf === "absent" ? link(temporary, target) : rename(temporary, target)).catch(inTheWay);
  } finally {
    await rm(temporary, { force: true });
  }
  await removeTwins(path, target);
}

/** Removes the object under every suffix; folders stay. */
export async function removeFile(path: string): Promise<void> {
  await removeTwins(path, undefined);
}

async function removeTwins(path: string, kept: string | undefined): Promise<void> {
  for (const { text } of suffixes) {
    if (path + text !== kept && (await statOf(path + text))?.isDirectory() === false) {
      await unlink(path + text).catch((error: unknown) => {
        if (!isAbsent(error)) {
          throw error;
        }
      });
    }
  }
}

async function writeNew(
  path: string,
  bytes: Uint8Array,
  mode: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = await open(path, "wx", 0o666);
  try {
    await handle.writeFile(bytes, signal === undefined ? {} : { signal });
    if (mode !== undefined) {
      await handle.chmod(mode);
    }
  } finally {
    await handle.close();
  }
}

async function checkCondition(path: string, onlyIf: PutOptions["onlyIf"]): Promise<void> {
  if (onlyIf === undefined) {
    return;
  }
  const found = await Promise.all(suffixes.map(({ text }) => statOf(path + text)));
  const files = found.filter((stats) => stats?.isFile());
  if (onlyIf === "absent" && files.length > 0) {
    throw new ConflictError("the object exists already");
  }
  if (typeof onlyIf === "object" && !files.some((stats) => stats !== undefined && etagOf(stats) === onlyIf.etag)) {
    throw new ConflictError("the object has changed since it was read");
  }
}

/** Permissions of the file that is replaced. */
async function modeOf(path: string): Promise<number | undefined> {
  const stats = await statOf(path);
  return stats === undefined ? undefined : stats.mode & 0o777;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsent(error)) {
      return undefined;
    }
    throw error;
  }
}

/** A file where a folder must be, or a folder where the file must be. */
function inTheWay(error: unknown): never {
  if (["EEXIST", "ENOTDIR", "EISDIR", "ENOTEMPTY"].includes(codeOf(error))) {
    throw new ConflictError("another file or folder is in the way", {}, { cause: error });
  }
  throw error;
}
