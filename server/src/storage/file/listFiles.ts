/** Names in folders, as a store lists them: sorted, without compression suffixes. */
import type { Dirent } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { throwIfAborted } from "../../base/abort.ts";
import type { ListEntry } from "../store.ts";
import { isAbsent } from "./fileErrors.ts";
import { stripSuffix } from "./suffixes.ts";
import { passingName } from "./writeFile.ts";

/** Folders inside folders that a listing goes down. */
const maxDepth = 64;

export interface ListFilesOptions {
  readonly delimiter: boolean;
  /** Names up to and including this one are left out. */
  readonly after: string;
  readonly signal: AbortSignal | undefined;
}

/** Names below `folder`; nothing where there is no folder. Sizes are left out: they cost a call for each file. */
export async function* listFiles(folder: string, options: ListFilesOptions): AsyncGenerator<ListEntry> {
  yield* walk(folder, "", { ...options, after: options.after.replace(/\/$/, "") }, 0);
}

/** Sorted so that walking into folders in this order gives whole names in ascending order: a folder sorts as `name/`. */
async function* walk(
  folder: string,
  prefix: string,
  options: ListFilesOptions,
  depth: number,
): AsyncGenerator<ListEntry> {
  const { delimiter, after, signal } = options;
  for (const sorted of await readNames(folder, prefix, options)) {
    throwIfAborted(signal);
    const isFolder = sorted.endsWith("/");
    const name = prefix + (isFolder ? sorted.slice(0, -1) : sorted);
    if (isFolder && !delimiter) {
      if (depth < maxDepth) {
        yield* walk(join(folder, sorted), `${name}/`, options, depth + 1);
      }
    } else if (name > after) {
      yield { name, kind: isFolder ? "folder" : "object" };
    }
  }
}

/**
 * Names of one folder, those of folders with a `/` at the end; one string for each, as a folder may hold millions.
 * With a delimiter the order is that of the names, without, that of the paths below them.
 */
async function readNames(
  folder: string,
  prefix: string,
  { delimiter, after, signal }: ListFilesOptions,
): Promise<readonly string[]> {
  const names = new Set<string>();
  try {
    for await (const entry of await opendir(folder, { bufferSize: 512 })) {
      throwIfAborted(signal);
      const isFolder = await leadsToFolder(folder, entry, delimiter);
      const name = isFolder ? `${entry.name}/` : stripSuffix(entry.name);
      const isWanted = delimiter ? prefix + name.replace(/\/$/, "") > after : !isBefore(prefix + name, after);
      if (isFolder !== undefined && isWanted && !passingName.test(entry.name)) {
        names.add(name);
      }
    }
  } catch (error) {
    if (!isAbsent(error)) {
      throw error;
    }
  }
  return delimiter ? sortByName([...names]) : [...names].sort();
}

/** Can neither the name nor, for a folder, anything below it come after `after`? */
function isBefore(name: string, after: string): boolean {
  return name.endsWith("/") ? name < after && !after.startsWith(name) : name <= after;
}

function sortByName(names: string[]): string[] {
  const bare = (name: string): string => (name.endsWith("/") ? name.slice(0, -1) : name);
  return names.sort((a, b) => (bare(a) < bare(b) ? -1 : bare(a) > bare(b) ? 1 : a.length - b.length));
}

/** `undefined` for what is neither file nor folder: devices, broken links; also links to folders, when all names are wanted: they may form rings. */
async function leadsToFolder(folder: string, entry: Dirent, delimiter: boolean): Promise<boolean | undefined> {
  if (entry.isSymbolicLink()) {
    const target = await stat(join(folder, entry.name)).catch(() => undefined);
    return target?.isDirectory() ? delimiter || undefined : target?.isFile() ? false : undefined;
  }
  return entry.isDirectory() ? true : entry.isFile() ? false : undefined;
}
