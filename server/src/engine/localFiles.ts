/** Files of this machine that are written in parts, for `engine.files`: beside the target under another name, then in its place in one step. */
import { randomBytes } from "node:crypto";
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { isAbort } from "../base/abort.ts";
import {
  CancelledError,
  ConflictError,
  InvalidArgumentError,
  PermissionDeniedError,
  ReadOnlyError,
  UnreachableError,
  VolumeError,
} from "../errors.ts";
import type { LocalFiles, LocalWriter, PartialSource } from "../files/localFiles.ts";
import type { ContentEncoding } from "../storage/store.ts";

/** Folders inside folders that are looked through for empty ones. */
const maxDepth = 64;
/** Longest note of an unfinished file. */
const maxNoteBytes = 1 << 16;

/** What a local file's name ends in when its content is compressed. */
export interface EncodingSuffix {
  readonly name: ContentEncoding;
  /** ".gz" … */
  readonly suffix: string;
}

export function createLocalFiles(encodings: readonly EncodingSuffix[]): LocalFiles {
  return {
    suffixes: encodings.map(({ suffix }) => suffix),
    create: (path) => named(path, () => createPassing(path, encodings)),
    resume: (path, source) => named(path, () => resumePart(path, source, encodings)),
    removeEmptyFolders: (path) => named(path, async () => void (await removeEmpty(path, 0))),
  };
}

/** The driver of local files neither lists nor serves files of such a name. */
async function createPassing(path: string, encodings: readonly EncodingSuffix[]): Promise<LocalWriter> {
  await mkdir(dirname(path), { recursive: true });
  const passing = join(dirname(path), `.${randomBytes(8).toString("hex")}.partial`);
  const handle = await open(passing, "wx", 0o666);
  return writerOf({ path, written: passing, handle, offset: 0, encodings, isKept: false });
}

/** The note is written after the bytes that it speaks of: what it says is there, is there. */
async function resumePart(
  path: string,
  source: PartialSource,
  encodings: readonly EncodingSuffix[],
): Promise<LocalWriter> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  const offset = await offsetOf(part, source);
  const handle = await open(part, offset === 0 ? "w" : "r+", 0o666);
  await handle.truncate(offset);
  const note = (nextOffset: number): Promise<void> =>
    writeFile(noteOf(part), `${JSON.stringify({ ...source, nextOffset })}\n`);
  await note(offset);
  return writerOf({ path, written: part, handle, offset, encodings, isKept: true, note });
}

const noteOf = (part: string): string => `${part}.json`;

/** Bytes of the source that an earlier attempt left; 0 where it left none, or of another object. */
async function offsetOf(part: string, source: PartialSource): Promise<number> {
  const note = await readNote(noteOf(part));
  const isSame = note?.etag === source.etag && note.sizeBytes === source.sizeBytes && note.location === source.location;
  const offset = isSame && Number.isSafeInteger(note.nextOffset) ? Number(note.nextOffset) : 0;
  const there = await stat(part).catch(absent);
  return there?.isFile() && there.size >= offset && offset >= 0 && offset <= source.sizeBytes ? offset : 0;
}

async function readNote(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const stats = await stat(path).catch(absent);
  if (stats === undefined || !stats.isFile() || stats.size > maxNoteBytes) {
    return undefined;
  }
  try {
    const note: unknown = JSON.parse(await readFile(path, "utf8"));
    return typeof note === "object" && note !== null ? (note as Record<string, unknown>) : undefined; // an object's fields are unknown
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined; // cut short: as if it were not there
    }
    throw error;
  }
}

interface OpenFile {
  readonly path: string;
  /** Where the bytes are until they are committed. */
  readonly written: string;
  readonly handle: FileHandle;
  readonly offset: number;
  readonly encodings: readonly EncodingSuffix[];
  /** Does the file stay when it is not committed? */
  readonly isKept: boolean;
  /** Notes how much is there. */
  readonly note?: (nextOffset: number) => Promise<void>;
}

function writerOf({ path, written, handle, offset, encodings, isKept, note }: OpenFile): LocalWriter {
  let position = offset;
  let isOpen = true;
  const closeHandle = async (): Promise<void> => {
    if (isOpen) {
      isOpen = false;
      await handle.close();
    }
  };
  return {
    offset,
    write: (bytes) =>
      named(path, async () => {
        for (let done = 0; done < bytes.byteLength; ) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position);
          done += bytesWritten;
          position += bytesWritten;
        }
        await note?.(position);
      }),
    commit: ({ encoding, overwrite }) =>
      named(path, async () => {
        const target = path + (encodings.find(({ name }) => name === encoding)?.suffix ?? "");
        await keepMode(handle, target);
        await closeHandle();
        const twins = [path, ...encodings.map(({ suffix }) => path + suffix)].filter((name) => name !== target);
        await (overwrite ? rename(written, target) : placeNew(written, target, twins));
        await Promise.all(twins.map(removeFile));
        await rm(noteOf(written), { force: true });
      }),
    close: async () => {
      await closeHandle();
      if (!isKept) {
        await rm(written, { force: true });
      }
    },
  };
}

/** Fails where something is there already, under any suffix. */
async function placeNew(written: string, target: string, twins: readonly string[]): Promise<void> {
  for (const twin of twins) {
    if ((await lstat(twin).catch(absent))?.isFile()) {
      throw new ConflictError("the object exists already");
    }
  }
  await link(written, target);
  await unlink(written);
}

/** A file that is replaced leaves its permissions. */
async function keepMode(handle: FileHandle, target: string): Promise<void> {
  const stats = await stat(target).catch(absent);
  if (stats?.isFile()) {
    await handle.chmod(stats.mode & 0o777);
  }
}

async function removeFile(path: string): Promise<void> {
  if ((await stat(path).catch(absent))?.isDirectory() === false) {
    await unlink(path).catch(absent);
  }
}

/** True if the folder is gone. Links are left alone. */
async function removeEmpty(folder: string, depth: number): Promise<boolean> {
  const stats = await lstat(folder).catch(absent);
  if (!stats?.isDirectory() || depth > maxDepth) {
    return false;
  }
  let isEmpty = true;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isGone = entry.isDirectory() && (await removeEmpty(join(folder, entry.name), depth + 1));
    isEmpty = isEmpty && isGone;
  }
  if (isEmpty) {
    await rmdir(folder);
  }
  return isEmpty;
}

function absent(error: unknown): undefined {
  if (!["ENOENT", "ENOTDIR"].includes(codeOf(error))) {
    throw error;
  }
}

async function named<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    if (sep === "\\" && /[\\:]/.test(path.replace(/^[a-z]:/i, ""))) {
      throw new InvalidArgumentError(`no file can have this name here: ${path}`);
    }
    return await task();
  } catch (error) {
    throw typed(error, path);
  }
}

function typed(error: unknown, path: string): VolumeError {
  const where = { location: `file://${path}` };
  if (error instanceof VolumeError) {
    return error;
  }
  if (isAbort(error)) {
    return new CancelledError("the operation was cancelled", where, { cause: error });
  }
  switch (codeOf(error)) {
    case "EACCES":
    case "EPERM":
      return new PermissionDeniedError(
        `the file system does not permit this: ${path}`,
        { ...where, hint: "check who may write there" },
        { cause: error },
      );
    case "EROFS":
      return new ReadOnlyError("the file system is read-only", where, { cause: error });
    case "EEXIST":
    case "ENOTDIR":
    case "EISDIR":
    case "ENOTEMPTY":
      return new ConflictError(`another file or folder is in the way: ${path}`, where, { cause: error });
    case "ENOSPC":
    case "EDQUOT":
      return new UnreachableError("the disk is full", { ...where, hint: "free space and try again" }, { cause: error });
    default:
      return new UnreachableError(`the file system failed (${codeOf(error) || "unknown"})`, where, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
