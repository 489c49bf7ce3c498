/** What copying large objects to this machine needs of its file system: files that are written in parts. */
import type { ContentEncoding } from "../storage/store.ts";

/** A file that is being written. Nothing at its path changes before `commit`. */
export interface LocalWriter {
  /** Bytes that are there already, of an earlier attempt. */
  readonly offset: number;
  /** Appends bytes; they may be used again when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Puts the file in its place in one step, under the suffix of its compression, in place of whatever was there in any compression. Throws ConflictError
   * when something else is in the way, or anything at all and `overwrite` is false.
   */
  commit(options: { readonly encoding?: ContentEncoding | undefined; readonly overwrite: boolean }): Promise<void>;
  /** Ends writing: what is not committed goes, or stays for the next attempt if it is a resumable file. Idempotent. */
  close(): Promise<void>;
}

/** What an unfinished file is a part of: it is continued only when all of it is the same. */
export interface PartialSource {
  readonly location: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

/** Paths are absolute, with `/` between their parts, and without a suffix of compression. Errors are VolumeErrors. */
export interface LocalFiles {
  /** What the names of compressed files end in: ".gz" … */
  readonly suffixes: readonly string[];
  /** Starts a file under a passing name beside `path`; folders are made. */
  create(path: string): Promise<LocalWriter>;
  /** Continues `PATH.part`, if its note (`PATH.part.json`) is about this very source; otherwise starts it. */
  resume(path: string, source: PartialSource): Promise<LocalWriter>;
  /** Removes the folders at and below `path` that hold nothing; a path without a folder is no error. */
  removeEmptyFolders(path: string): Promise<void>;
}
