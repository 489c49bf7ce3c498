/** File operations over every store: `engine.files`. Locations are texts; one may name an object, a folder, or a pattern with `*` and `**`. */
import type { Cancellable } from "../base/abort.ts";
import type { ObjectStat } from "../storage/store.ts";
import type { FileContent, ReadFileOptions, WriteFileOptions } from "./content.ts";
import type { FileEntry, ListingOptions } from "./listing.ts";
import type { SkippedSource } from "./planCopy.ts";
import type { Recompression } from "./recompress.ts";
import type { RemovalFailure } from "./remove.ts";
import type { FilesProgress, TransferResult } from "./transfer.ts";

export interface CopyFilesOptions extends Cancellable {
  /** Folders with everything below them; default false for copies, true for moves. */
  readonly recursive?: boolean | undefined;
  /** Sources are objects, not patterns, and each keeps its path below the folder that all of them lie in. Default false. */
  readonly keepFolders?: boolean | undefined;
  /** Default "same". */
  readonly recompress?: Recompression | undefined;
  /** Of the compressor; default as CloudFiles. */
  readonly level?: number | undefined;
  /** Large downloads keep what they have when they fail, beside the target as NAME.part, and go on from there. Default false. */
  readonly resumable?: boolean | undefined;
  /** False: ConflictError where a target is there already. Default true. */
  readonly overwrite?: boolean | undefined;
  /** Sources that are not there are left out; default false: NotFoundError. */
  readonly allowMissing?: boolean | undefined;
  /** Objects at once; default 20. */
  readonly concurrency?: number | undefined;
  readonly onProgress?: ((progress: FilesProgress) => void) | undefined;
  /** Told of folders that are left out, for want of `recursive`; of sources that are not there, if they are allowed to be. */
  readonly onSkipped?: ((skipped: SkippedSource) => void) | undefined;
}

export interface ListFilesOptions extends ListingOptions {
  /** `[abc]`, `[a-c]` and `[abc]{2}` in the location stand for several locations, which are listed one after the other. Default false. */
  readonly isExpression?: boolean | undefined;
}

export interface RemoveFilesOptions extends Cancellable {
  /** Folders with everything below them; default false: InvalidArgumentError. */
  readonly recursive?: boolean | undefined;
  /** Only say what would be deleted; default false. */
  readonly dryRun?: boolean | undefined;
  readonly concurrency?: number | undefined;
  /** Told of each object before it is deleted. */
  readonly onObject?: ((location: string) => void) | undefined;
  readonly onProgress?: ((progress: { readonly doneCount: number; readonly totalCount: number }) => void) | undefined;
  /** Told of folders that a pattern matches and that stay. */
  readonly onSkipped?: ((location: string) => void) | undefined;
}

export interface RemovalResult {
  /** Objects deleted; in a dry run those that would be. */
  readonly count: number;
  readonly failures: readonly RemovalFailure[];
}

/**
 * All throw InvalidLocationError for a text that is no location, PermissionDeniedError, UnreachableError, and CancelledError;
 * UnsupportedError where names are wanted of a store that cannot list.
 */
export interface Files {
  /** Names, in ascending order: below a folder, matching a pattern, or beginning with the text; none is an empty listing. */
  list(location: string, options?: ListFilesOptions): AsyncIterable<FileEntry>;
  /** Is there a folder, with or without something in it? */
  isFolder(location: string, options?: Cancellable): Promise<boolean>;
  /** Facts of an object; `undefined` when there is none. */
  stat(location: string, options?: Cancellable): Promise<ObjectStat | undefined>;
  /** Is there an object; for a location that ends in "/", a folder? */
  exists(location: string, options?: Cancellable): Promise<boolean>;
  /** The content; `undefined` when there is no object. */
  read(location: string, options?: ReadFileOptions): Promise<FileContent | undefined>;
  /** The content in parts, in bounded memory where it is not compressed; each is valid until the next one is asked for. `undefined` when there is no object. */
  readParts(
    location: string,
    options?: Pick<ReadFileOptions, "raw" | "signal">,
  ): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Replaces an object as a whole. Throws ReadOnlyError, and ConflictError where `onlyIf` says so. */
  write(location: string, bytes: Uint8Array, options?: WriteFileOptions): Promise<void>;
  /** Makes an empty object where there is none; true if it did. */
  touch(location: string, options?: Cancellable): Promise<boolean>;
  /** Deletes what the locations name: objects, patterns, folders. What failed is told; the rest is gone. */
  remove(locations: readonly string[], options?: RemoveFilesOptions): Promise<RemovalResult>;
  /** Copies by CloudFiles' rules (planCopy.ts). A failed or cancelled copy leaves each target as it was, or whole. */
  copy(sources: readonly string[], destination: string, options?: CopyFilesOptions): Promise<TransferResult>;
  /** Copies, then deletes each source whose copy is whole. */
  move(sources: readonly string[], destination: string, options?: CopyFilesOptions): Promise<TransferResult>;
  /** Copies each object to exactly this target. */
  copyPairs(
    pairs: Iterable<FilePair>,
    options?: CopyFilesOptions & { readonly removeSources?: boolean },
  ): Promise<TransferResult>;
  /** Objects, and their stored bytes, that a location names. */
  size(location: string, options?: Cancellable): Promise<FilesSize>;
}

/** An object and where it goes. */
export interface FilePair {
  readonly from: string;
  readonly to: string;
}

export interface FilesSize {
  readonly count: number;
  readonly bytes: number;
}
