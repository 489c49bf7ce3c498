/** One object from a place to another: inside the service, in parts to a local file, or whole. The target is replaced as a whole. */
import type { Cancellable } from "../base/abort.ts";
import { NotFoundError, TooLargeError } from "../errors.ts";
import { createByteLimiter } from "../storage/layers/withBudget.ts";
import { checkKey } from "../storage/location.ts";
import type { ObjectStat, StoredObject } from "../storage/store.ts";
import { type ContentHost, putterOf, statPlace } from "./content.ts";
import type { LocalFiles, LocalWriter } from "./localFiles.ts";
import { readLocalParts, readStoredParts } from "./parts.ts";
import { addressOfPlace, checkIsObject, localPathOf, type Place } from "./place.ts";
import { type Recompression, recompress } from "./recompress.ts";

export interface CopyObjectOptions extends Cancellable {
  readonly recompress: Recompression;
  readonly level?: number | undefined;
  /** False: ConflictError where the target is there already. */
  readonly overwrite: boolean;
  /** Large downloads keep what they have when they fail. */
  readonly resumable: boolean;
  /** Size of the source, where a listing said it. */
  readonly sizeBytes?: number | undefined;
  /** Told of stored bytes as they arrive in the target. */
  readonly onBytes?: ((sizeBytes: number) => void) | undefined;
}

export interface CopiedObject {
  /** False: it is the same place. */
  readonly isCopied: boolean;
  /** The source's, as it was copied, where that is known. */
  readonly etag?: string | undefined;
}

export interface CopyHost extends ContentHost {
  readonly localFiles: LocalFiles;
}

export type CopyObject = (from: Place, to: Place, options: CopyObjectOptions) => Promise<CopiedObject>;

/**
 * Copies objects with their compression, type and cache control. Throws NotFoundError for a source that is not there, ReadOnlyError, ConflictError,
 * TooLargeError for what must be held whole and cannot.
 */
export function createCopier(host: CopyHost): CopyObject {
  const held = createByteLimiter(host.limits.heldBytes);
  return async (from, to, options) => {
    checkIsObject(from);
    checkIsObject(to);
    checkKey(to.key, to.store.location); // names from a listing: no path of this machine is made of them unseen
    putterOf(to);
    const isSame = options.recompress === "same";
    if (isSame && addressOfPlace(from) === addressOfPlace(to)) {
      return { isCopied: false, etag: (await mustStat(from, options)).etag };
    }
    if (isSame && (await copyInService(from, to, options))) {
      return { isCopied: true };
    }
    const hold: Hold = (sizeBytes, task) => held.run(sizeBytes, task, options);
    const inner = { ...options, host, hold };
    if (isSame && localPathOf(to) !== undefined) {
      return copyToLocal(from, to, inner);
    }
    return copyWhole(from, to, { ...inner, maxBytes: host.limits.maxWholeBytes });
  };
}

/** Runs a task while so many bytes are held. */
type Hold = <T>(sizeBytes: number, task: () => Promise<T>) => Promise<T>;

interface InnerOptions extends CopyObjectOptions {
  readonly host: CopyHost;
  readonly hold: Hold;
}

async function copyInService(
  from: Place,
  to: Place,
  { overwrite, signal, onBytes, sizeBytes = 0 }: CopyObjectOptions,
): Promise<boolean> {
  const isDone = await to.store.copyFrom?.(from.store, from.key, to.key, {
    signal,
    ...(!overwrite && { onlyIf: "absent" as const }),
  });
  if (isDone === true) {
    onBytes?.(sizeBytes);
  }
  return isDone === true;
}

/** Most objects are small, and one read is all they take; what turns out to be large is asked for its size first. */
async function copyToLocal(from: Place, to: Place, options: InnerOptions): Promise<CopiedObject> {
  const { partBytes, maxWholeBytes } = options.host.limits;
  if (options.sizeBytes === undefined || options.sizeBytes <= partBytes) {
    try {
      return await copyWhole(from, to, { ...options, maxBytes: partBytes });
    } catch (error) {
      if (!(error instanceof TooLargeError)) {
        throw error;
      }
    }
  }
  return (await copyInParts(from, to, options)) ?? copyWhole(from, to, { ...options, maxBytes: maxWholeBytes });
}

/** Large objects to local files; `undefined` for what no part can be had of. */
async function copyInParts(from: Place, to: Place, options: InnerOptions): Promise<CopiedObject | undefined> {
  const { host, resumable, signal } = options;
  const path = localPathOf(to) ?? "";
  const stat = await mustStat(from, options);
  const local = from.store.openLocal?.(from.key);
  if (local === undefined && (stat.encoding !== undefined || stat.sizeBytes === undefined)) {
    return undefined;
  }
  const source = { location: addressOfPlace(from), etag: stat.etag, sizeBytes: stat.sizeBytes ?? 0 };
  try {
    const writer = await openWriter(host.localFiles, path, { source, isResumable: resumable && local === undefined });
    const parts =
      local === undefined
        ? readStoredParts(from, { limits: host.limits, ...source, from: writer.offset, signal })
        : readLocalParts(local, { limits: host.limits, place: from, signal });
    await writeParts(writer, parts, { ...options, encoding: local?.encoding });
  } finally {
    local?.close();
  }
  return { isCopied: true, etag: stat.etag };
}

/** Without an etag nothing would say later that it is the same object. */
function openWriter(
  files: LocalFiles,
  path: string,
  {
    source: { location, etag, sizeBytes },
    isResumable,
  }: {
    readonly source: { readonly location: string; readonly etag: string | undefined; readonly sizeBytes: number };
    readonly isResumable: boolean;
  },
): Promise<LocalWriter> {
  return isResumable && etag !== undefined ? files.resume(path, { location, etag, sizeBytes }) : files.create(path);
}

async function writeParts(
  writer: LocalWriter,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { onBytes, overwrite, encoding }: InnerOptions & { readonly encoding: ObjectStat["encoding"] },
): Promise<void> {
  try {
    onBytes?.(writer.offset);
    for await (const bytes of parts) {
      await writer.write(bytes);
      onBytes?.(bytes.byteLength);
    }
    await writer.commit({ encoding, overwrite });
  } finally {
    await writer.close();
  }
}

async function copyWhole(
  from: Place,
  to: Place,
  options: InnerOptions & { readonly maxBytes: number },
): Promise<CopiedObject> {
  const { host, hold, signal, level, overwrite, onBytes, maxBytes } = options;
  // A local file says nothing of types, and takes no notice of them.
  const stat =
    localPathOf(to) === undefined && from.store.stat !== undefined ? await mustStat(from, options) : undefined;
  return hold(stat?.sizeBytes ?? options.sizeBytes ?? host.limits.partBytes, async () => {
    const object = await getWhole(from, maxBytes, signal);
    const { bytes, encoding } = await recompress(object, host.compression, {
      to: options.recompress,
      level,
      maxBytes: host.limits.maxWholeBytes,
      signal,
    });
    await putterOf(to)(to.key, bytes, {
      signal,
      ...(encoding !== undefined && { encoding }),
      ...(stat?.contentType !== undefined && { contentType: stat.contentType }),
      ...(stat?.cacheControl !== undefined && { cacheControl: stat.cacheControl }),
      ...(!overwrite && { onlyIf: "absent" as const }),
    });
    onBytes?.(bytes.byteLength);
    return { isCopied: true, etag: object.etag };
  });
}

async function getWhole(from: Place, maxBytes: number, signal: AbortSignal | undefined): Promise<StoredObject> {
  try {
    const object = await from.store.get(from.key, { maxBytes, signal });
    return object ?? missing(from);
  } catch (error) {
    if (error instanceof TooLargeError) {
      throw new TooLargeError(
        `an object too large to be copied as a whole: ${addressOfPlace(from)}`,
        {
          location: addressOfPlace(from),
          hint: "copy it to a local file without changing its compression, or inside its service",
        },
        { cause: error },
      );
    }
    throw error;
  }
}

async function mustStat(place: Place, options: Cancellable): Promise<ObjectStat> {
  return (await statPlace(place, options)) ?? missing(place);
}

function missing(place: Place): never {
  const location = addressOfPlace(place);
  throw new NotFoundError(`there is no such object: ${location}`, { location, hint: "check the name" });
}
