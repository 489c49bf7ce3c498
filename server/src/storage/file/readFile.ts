/** Reads of one file: bounded, never of a folder or device, never through a link that was not checked. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { throwIfAborted } from "../../base/abort.ts";
import { TooLargeError, UnsupportedError } from "../../errors.ts";
import { resolveRange } from "../ranges.ts";
import type { ByteRange, LocalObject } from "../store.ts";
import type { Confinement } from "./confine.ts";
import { codeOf, isAbsent } from "./fileErrors.ts";

/** Bytes read between two looks at the signal. */
const stepBytes = 4 * 2 ** 20;

/** Without following a link in the last part, and without waiting for the writer of a pipe. Neither exists on Windows. */
const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const noFollow: number | undefined = constants.O_NOFOLLOW;

export interface ReadFileOptions {
  readonly range: ByteRange | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

/** The file's bytes (or the range of them) and its etag; `undefined` where there is no file. */
export async function readFile(
  path: string,
  confinement: Confinement,
  { range, maxBytes, signal }: ReadFileOptions,
): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
  const handle = await openFile(path, confinement);
  if (handle === undefined) {
    return undefined;
  }
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) {
      return undefined;
    }
    checkRegular(stats);
    const { start, end } = resolveRange(range ?? { start: 0 }, stats.size);
    if (end - start > maxBytes) {
      throw new TooLargeError(`an object of ${end - start} bytes, at most ${maxBytes} are read`);
    }
    return { bytes: await readBytes(handle, start, end - start, signal), etag: etagOf(stats) };
  } finally {
    await handle.close();
  }
}

/** Changes with every write of ours: each makes another inode. */
export function etagOf({ mtimeMs, size, ino }: Stats): string {
  return `${Math.round(mtimeMs * 1000).toString(36)}-${size.toString(36)}-${ino.toString(36)}`;
}

/** Refuses devices, pipes and sockets. */
export function checkRegular(stats: Stats): void {
  if (!stats.isFile()) {
    throw new UnsupportedError("not a regular file");
  }
}

/** Reads a whole file into `into` without waiting; `undefined` where there is no file. */
export function readFileInto(
  path: string,
  confinement: Confinement,
  into: Uint8Array,
  { lookFirst }: { readonly lookFirst: boolean },
): number | "too_large" | undefined {
  let descriptor: number | undefined;
  try {
    if (lookFirst && statSync(path, { throwIfNoEntry: false }) === undefined) {
      return undefined;
    }
    descriptor = openFileSync(path, confinement);
    return descriptor === undefined ? undefined : readAllInto(descriptor, into);
  } catch (error) {
    if (isAbsent(error)) {
      return undefined;
    }
    throw error;
  } finally {
    if (descriptor !== undefined) {
      closeSync(descriptor);
    }
  }
}

/** Opens a file whose parts are read without waiting; `undefined` where there is no file. The caller closes it. */
export function openFileParts(
  path: string,
  confinement: Confinement,
  { lookFirst }: { readonly lookFirst: boolean },
): Omit<LocalObject, "encoding"> | undefined {
  let descriptor: number | undefined;
  try {
    if (lookFirst && statSync(path, { throwIfNoEntry: false }) === undefined) {
      return undefined;
    }
    const opened = openFileSync(path, confinement);
    if (opened === undefined) {
      return undefined;
    }
    descriptor = opened;
    const stats = fstatSync(opened);
    if (stats.isDirectory()) {
      return undefined;
    }
    checkRegular(stats);
    descriptor = undefined;
    return {
      sizeBytes: stats.size,
      readInto: (into, offset) => readUpTo(opened, into, offset),
      close: () => closeSync(opened),
    };
  } catch (error) {
    if (isAbsent(error)) {
      return undefined;
    }
    throw error;
  } finally {
    if (descriptor !== undefined) {
      closeSync(descriptor);
    }
  }
}

/** One more byte after a full buffer says that the file is longer. */
function readAllInto(descriptor: number, into: Uint8Array): number | "too_large" {
  const length = readUpTo(descriptor, into, 0);
  const isFull = length === into.byteLength;
  return isFull && readSync(descriptor, new Uint8Array(1), 0, 1, length) !== 0 ? "too_large" : length;
}

/** A read that gives nothing says that the file has ended. */
function readUpTo(descriptor: number, into: Uint8Array, offset: number): number {
  let length = 0;
  while (length < into.byteLength) {
    const count = readSync(descriptor, into, length, into.byteLength - length, offset + length);
    if (count === 0) {
      break;
    }
    length += count;
  }
  return length;
}

async function openFile(path: string, confinement: Confinement): Promise<FileHandle | undefined> {
  if (noFollow !== undefined) {
    try {
      return await open(path, readFlags | noFollow);
    } catch (error) {
      if (isAbsent(error)) {
        return undefined;
      }
      if (codeOf(error) !== "ELOOP") {
        throw error;
      }
    }
  }
  const target = await confinement.checkLink(path);
  return target === undefined ? undefined : open(target, readFlags);
}

function openFileSync(path: string, confinement: Confinement): number | undefined {
  if (noFollow !== undefined) {
    try {
      return openSync(path, readFlags | noFollow);
    } catch (error) {
      if (codeOf(error) !== "ELOOP") {
        throw error;
      }
    }
  }
  const target = confinement.checkLinkSync(path);
  return target === undefined ? undefined : openSync(target, readFlags);
}

/** Fewer bytes than asked for only where the file was cut while it was read. */
async function readBytes(
  handle: FileHandle,
  start: number,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    throwIfAborted(signal);
    const { bytesRead } = await handle.read(bytes, done, Math.min(stepBytes, length - done), start + done);
    if (bytesRead === 0) {
      return bytes.slice(0, done);
    }
    done += bytesRead;
  }
  return bytes;
}
