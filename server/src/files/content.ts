/** Single objects: their facts and their content, decompressed unless asked otherwise. */
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import {
  ConflictError,
  isVolumeError,
  ReadOnlyError,
  TooLargeError,
  UnsupportedError,
  withErrorFields,
} from "../errors.ts";
import { resolveRange } from "../storage/ranges.ts";
import type { ByteRange, ContentEncoding, ObjectStat, PutOptions, Store, StoredObject } from "../storage/store.ts";
import type { FileLimits } from "./limits.ts";
import { readLocalParts, readStoredParts } from "./parts.ts";
import { addressOfPlace, checkIsObject, type Place } from "./place.ts";
import { type Compression, type Recompression, recompress } from "./recompress.ts";

export interface ReadFileOptions extends Cancellable {
  /** Bytes of the content; with `raw` of what is stored. An object with compression is read whole for it. */
  readonly range?: ByteRange | undefined;
  /** As stored: still compressed. Default false. */
  readonly raw?: boolean | undefined;
  /** Refuse (TooLargeError) more bytes, stored or decompressed; default 2 GiB. */
  readonly maxBytes?: number | undefined;
}

export interface FileContent {
  readonly bytes: Uint8Array;
  /** Of raw content that is compressed. */
  readonly encoding?: ContentEncoding;
  readonly etag?: string;
}

export interface WriteFileOptions
  extends Pick<PutOptions, "contentType" | "cacheControl" | "storageClass" | "onlyIf">,
    Cancellable {
  /** Compression of the bytes before they are stored; default none. */
  readonly compress?: "none" | "gzip" | "br" | "zstd" | undefined;
  /** In the compressor's own scale; default as CloudFiles. */
  readonly level?: number | undefined;
  /** The bytes are compressed already, in this way. */
  readonly encoding?: ContentEncoding | undefined;
}

/** What reading and writing need beside stores. */
export interface ContentHost {
  readonly compression: Compression;
  readonly limits: FileLimits;
}

/** Facts of an object; `undefined` when there is none. */
export async function statPlace(place: Place, { signal }: Cancellable = {}): Promise<ObjectStat | undefined> {
  throwIfAborted(signal);
  if (place.isFolder) {
    return undefined;
  }
  if (place.store.stat !== undefined) {
    return place.store.stat(place.key, { signal });
  }
  const object = await place.store.get(place.key, { signal });
  return object && { sizeBytes: object.bytes.byteLength, ...encodingAndEtag(object) };
}

/** The content of an object; `undefined` when there is none. Throws TooLargeError, InvalidChunkError for damaged compression. */
export async function readPlace(
  place: Place,
  { compression, limits }: ContentHost,
  { range, raw = false, maxBytes = limits.maxWholeBytes, signal }: ReadFileOptions = {},
): Promise<FileContent | undefined> {
  checkIsObject(place);
  const { object, isCut } = await getObject(place, { range, maxBytes, signal });
  if (object === undefined) {
    return undefined;
  }
  const { etag } = object;
  const wanted = raw ? object : await decompressed(place, object, { compression, maxBytes, signal });
  const bytes = range === undefined || isCut ? wanted.bytes : cut(wanted.bytes, range);
  return {
    bytes,
    ...(wanted.encoding !== undefined && { encoding: wanted.encoding }),
    ...(etag !== undefined && { etag }),
  };
}

/**
 * The content of an object in parts; `undefined` when there is none. Each part is valid until the next is asked for. What is not compressed is
 * read in bounded memory, whatever its size.
 */
export async function openParts(
  place: Place,
  host: ContentHost,
  { raw = false, signal }: Pick<ReadFileOptions, "raw" | "signal"> = {},
): Promise<AsyncIterable<Uint8Array> | undefined> {
  checkIsObject(place);
  const { limits } = host;
  const stat = await statPlace(place, { signal });
  const isLarge = stat?.sizeBytes !== undefined && stat.sizeBytes > limits.partBytes;
  const isAsStored = raw || stat?.encoding === undefined;
  if (isLarge && isAsStored && place.store.openLocal !== undefined) {
    return localParts(place, limits, signal);
  }
  if (isLarge && stat.encoding === undefined) {
    return readStoredParts(place, { limits, sizeBytes: stat.sizeBytes ?? 0, etag: stat.etag, signal });
  }
  const content = stat && (await readPlace(place, host, { raw, signal }));
  return content && once(content.bytes);
}

/** Replaces an object as a whole. Throws ReadOnlyError, ConflictError where `onlyIf` says so. */
export async function writePlace(
  place: Place,
  bytes: Uint8Array,
  { compression, limits }: ContentHost,
  { compress = "none", level, encoding, signal, ...options }: WriteFileOptions = {},
): Promise<void> {
  checkIsObject(place);
  throwIfAborted(signal);
  const put = putterOf(place);
  const stored =
    encoding === undefined
      ? await recompress({ bytes }, compression, {
          to: compress as Recompression,
          level,
          maxBytes: limits.maxWholeBytes,
          signal,
        })
      : { bytes, encoding };
  await put(place.key, stored.bytes, {
    ...options,
    signal,
    ...(stored.encoding !== undefined && { encoding: stored.encoding }),
  });
}

/** Makes an empty object where there is none; true if it did. What is there stays untouched. */
export async function touchPlace(place: Place, { signal }: Cancellable = {}): Promise<boolean> {
  checkIsObject(place);
  const put = putterOf(place);
  if ((await statPlace(place, { signal })) !== undefined) {
    return false;
  }
  try {
    await put(place.key, new Uint8Array(0), { onlyIf: "absent", signal });
    return true;
  } catch (error) {
    // Another came first; a folder in the way is an error still.
    if (error instanceof ConflictError && (await statPlace(place, { signal })) !== undefined) {
      return false;
    }
    throw error;
  }
}

/** The store's `put`. Throws ReadOnlyError where nothing can be written. */
export function putterOf(place: Place): NonNullable<Store["put"]> {
  const { store } = place;
  if (store.put === undefined || !store.capabilities.write) {
    throw new ReadOnlyError(`nothing can be written here: ${addressOfPlace(place)}`, {
      location: addressOfPlace(place),
      hint: "choose a folder or a bucket that can be written (file://, gs://, s3://)",
    });
  }
  return store.put.bind(store);
}

/** Only what is not compressed can be read in part: of the rest the whole is got, for its content to be cut. */
async function getObject(
  { store, key }: Place,
  { range, maxBytes, signal }: ReadFileOptions & { readonly maxBytes: number },
): Promise<{ readonly object: StoredObject | undefined; readonly isCut: boolean }> {
  if (range !== undefined) {
    try {
      return { object: await store.get(key, { range, maxBytes, signal }), isCut: true };
    } catch (error) {
      if (!(error instanceof UnsupportedError)) {
        throw error;
      }
    }
  }
  return { object: await store.get(key, { maxBytes, signal }), isCut: false };
}

async function decompressed(
  place: Place,
  stored: StoredObject,
  { compression, maxBytes, signal }: Cancellable & { readonly compression: Compression; readonly maxBytes: number },
): Promise<{ readonly bytes: Uint8Array; readonly encoding?: undefined }> {
  try {
    const { bytes } = await recompress(stored, compression, { to: "none", maxBytes, signal });
    return { bytes };
  } catch (error) {
    throw isVolumeError(error) ? withErrorFields(error, { location: addressOfPlace(place) }) : error;
  }
}

function cut(bytes: Uint8Array, range: ByteRange): Uint8Array {
  const { start, end } = resolveRange(range, bytes.byteLength);
  return bytes.subarray(start, end);
}

function encodingAndEtag({ encoding, etag }: StoredObject): Pick<ObjectStat, "encoding" | "etag"> {
  return { ...(encoding !== undefined && { encoding }), ...(etag !== undefined && { etag }) };
}

async function* localParts(
  place: Place,
  limits: FileLimits,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const object = place.store.openLocal?.(place.key);
  if (object === undefined) {
    throw new TooLargeError(`the object cannot be read in parts: ${addressOfPlace(place)}`);
  }
  try {
    yield* readLocalParts(object, { limits, place, signal });
  } finally {
    object.close();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}
