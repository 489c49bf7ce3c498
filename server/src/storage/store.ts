/**
 * The contract of every object store: keys to bytes, with three outcomes kept apart.
 *
 * - present: `get` resolves to the object (perhaps of zero bytes);
 * - absent: `get` resolves to `undefined`;
 * - forbidden or unreachable: PermissionDeniedError, UnreachableError. Nothing turns one outcome into another.
 *
 * Keys are relative to the store's root, `/` separated, without a leading slash, and never leave the root.
 */
import type { Cancellable } from "../base/abort.ts";
import type { CredentialSources, Identity } from "./credential.ts";
import type { Location } from "./location.ts";

/** Bytes [start, end) of an object; a missing `end` means to its end; a negative `start` counts from its end. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/** Names of second-stage compressions, as in Content-Encoding; a local file says it by its suffix. */
export type ContentEncoding = "gzip" | "br" | "zstd" | "xz" | "bzip2";

/** What is stored under a key. `bytes` are as stored: still compressed when `encoding` is there. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly encoding?: ContentEncoding;
  /** Changes whenever the content does: ETag, generation, or mtime and size. */
  readonly etag?: string;
}

export interface ObjectStat {
  /** Stored size, before any decompression; absent where the store does not say. */
  readonly sizeBytes?: number;
  readonly encoding?: ContentEncoding;
  readonly etag?: string;
  readonly contentType?: string;
  readonly cacheControl?: string;
  /** As the service names it. */
  readonly storageClass?: string;
  /** When the content was last written, in ms since 1970. */
  readonly modifiedMs?: number;
  /** Google's generation, S3's version; decimal or opaque text. */
  readonly version?: string;
}

export interface GetOptions extends Cancellable {
  /** Only of objects without content encoding. */
  readonly range?: ByteRange;
  /** Refuse (TooLargeError) an object, or range, of more stored bytes, before reading on. Default: the store's budget. */
  readonly maxBytes?: number;
  /**
   * Gives memory for the bytes, of exactly that size, where the size is known before they arrive; default: new memory. Asked again by
   * another attempt. The result's bytes need not lie in it.
   */
  readonly allocate?: ((sizeBytes: number) => Uint8Array) | undefined;
}

export interface PutOptions extends Cancellable {
  readonly contentType?: string;
  readonly encoding?: ContentEncoding;
  readonly cacheControl?: string;
  /** As the service names it; a store without classes takes no notice. */
  readonly storageClass?: string;
  /** Conditional write: "absent" = only where nothing is; an etag = only over exactly that content. ConflictError if not. */
  readonly onlyIf?: "absent" | { readonly etag: string };
}

export interface ListOptions extends Cancellable {
  /** List below this prefix; "" or ending in "/". */
  readonly prefix?: string;
  /** One level: names below a further "/" are given once, as a folder. Default true. */
  readonly delimiter?: boolean;
  /** Continue after this name: the `name` of the last entry of an earlier listing, with a "/" behind it if that is a folder. */
  readonly after?: string;
  /** Names that are asked for at once, at most; default: as many as the service gives. */
  readonly pageSize?: number;
}

/** One name below the prefix, relative to the prefix; a compression suffix of a local file is left out. */
export interface ListEntry {
  readonly name: string;
  readonly kind: "object" | "folder";
  readonly sizeBytes?: number;
  /** When the object was last written, in ms since 1970. */
  readonly modifiedMs?: number;
  readonly etag?: string;
}

/** What became of one of many keys. */
export interface KeyFailure {
  readonly key: string;
  readonly error: Error;
}

export interface StoreCapabilities {
  readonly write: boolean;
  readonly list: boolean;
  /** Can another thread open the same store from its location? (Not `mem`: its objects live in this thread.) */
  readonly anyThread: boolean;
  /** Requests worth having in flight at once, in all. */
  readonly concurrency: number;
}

export interface Store {
  /** Where the root is; for messages and for opening the same store in another thread. */
  readonly location: Location;
  readonly capabilities: StoreCapabilities;
  /** The object, or `undefined` when there is none. A range past the end gives what there is (zero bytes at most). */
  get(key: string, options?: GetOptions): Promise<StoredObject | undefined>;
  /**
   * Local stores only: reads a whole object into `into` without waiting, for worker threads.
   * The result is the number of bytes and the encoding; "too_large" when the object has more bytes than `into`.
   */
  readInto?(key: string, into: Uint8Array): ReadIntoResult | undefined;
  /** Local stores only: opens an object whose parts are read without waiting; `undefined` when there is none. The caller closes it. */
  openLocal?(key: string): LocalObject | undefined;
  /** Facts without the content; `undefined` when there is no object. */
  stat?(key: string, options?: Cancellable): Promise<ObjectStat | undefined>;
  /** Replaces the object as a whole: a failed or cancelled write leaves the old one. Twins with another suffix go. */
  put?(key: string, bytes: Uint8Array, options?: PutOptions): Promise<void>;
  /** Deletes the object; deleting what is absent is no error. */
  delete?(key: string, options?: Cancellable): Promise<void>;
  /** Deletes many, in as few requests as the service allows; what failed, for the others are gone. */
  deleteAll?(keys: readonly string[], options?: Cancellable): Promise<readonly KeyFailure[]>;
  /**
   * Copies an object of `from` to `key` without its bytes coming here, with its type, encoding and cache control; false where this pair of stores
   * cannot. Throws NotFoundError when there is no such object.
   */
  copyFrom?(
    from: Store,
    fromKey: string,
    key: string,
    options?: Pick<PutOptions, "onlyIf" | "signal">,
  ): Promise<boolean>;
  /** Who asks here: for people, never a secret. May look for credentials. */
  identity?(options?: Cancellable): Promise<Identity>;
  /**
   * Names below a prefix, in ascending order: local stores by the UTF-16 code units of names; services as they sort, by the UTF-8 bytes of whole keys,
   * a folder where its name with the "/" stands. A prefix without objects gives nothing.
   */
  list?(options?: ListOptions): AsyncIterable<ListEntry>;
  /** Ends connections; idempotent; pending calls reject. */
  dispose?(): void | Promise<void>;
}

/** An open object of a local store. */
export interface LocalObject {
  readonly sizeBytes: number;
  readonly encoding?: ContentEncoding;
  /** Reads the stored bytes from `offset` on until `into` is full or the object ends; how many there were. */
  readInto(into: Uint8Array, offset: number): number;
  close(): void;
}

export type ReadIntoResult = "too_large" | { readonly sizeBytes: number; readonly encoding?: ContentEncoding };

/** How one scheme is opened. Opening does no I/O. */
export interface StoreDriver {
  readonly schemes: readonly string[];
  open(location: Location, options: StoreOptions): Store;
}

/** Limits and identity that every driver gets from the engine; plain data, so that worker threads can be given it. */
export interface StoreOptions {
  /** Largest object read whole. */
  readonly maxObjectBytes: number;
  /** Milliseconds without a byte after which a request is given up. */
  readonly timeoutMs: number;
  /** Attempts in all for a request that failed for a passing reason. */
  readonly attempts: number;
  /** Where credentials may come from beside files, environment and the services' own chains. Plain data; goes to worker threads. */
  readonly credentials?: CredentialSources;
}

export const defaultStoreOptions: StoreOptions = { maxObjectBytes: 2 ** 30, timeoutMs: 30_000, attempts: 7 };
