/** Text objects by their full location: read with their etag, and written over exactly what was read. */
import type { Cancellable } from "../base/abort.ts";
import { ConflictError, InvalidMetadataError, NotFoundError, ReadOnlyError, TooLargeError } from "../errors.ts";
import type { PathStart } from "../storage/localPath.ts";
import { maxTextBytes, type TextObject } from "../storage/readText.ts";
import type { PutOptions, Store } from "../storage/store.ts";
import { contentTypeOf } from "./contentTypes.ts";
import { type ObjectAt, objectAt, type StoreHost } from "./objectAt.ts";

/** What reading and writing texts needs of an engine. */
export interface TextHost extends StoreHost {
  readTextObject(store: Store, key: string, options?: Cancellable): Promise<TextObject | undefined>;
}

export interface TextAtOptions extends Cancellable {
  /** Where relative paths start. */
  readonly start?: PathStart;
}

/** The text object that a location names, its last part being the key. Throws NotFoundError when it is absent. */
export async function readTextAt(host: TextHost, text: string, { start, signal }: TextAtOptions): Promise<TextObject> {
  const { store, key } = objectAt(host, text, start);
  const found = await host.readTextObject(store, key, { signal });
  if (found === undefined) {
    throw new NotFoundError(`there is no "${key}" here: ${store.location.text}`, {
      location: store.location.text,
      key,
      hint: "check the path",
    });
  }
  return found;
}

export interface WriteTextAtOptions extends TextAtOptions {
  readonly onlyIf?: PutOptions["onlyIf"] | undefined;
}

/**
 * Replaces a text object, uncompressed, with the type, cache control and storage class that it had. The result is the etag of the text as
 * stored; `undefined` where something else is stored by then. Throws ConflictError with the stored etag where `onlyIf` does not hold, ReadOnlyError,
 * TooLargeError beyond 16 MiB.
 */
export async function writeTextAt(
  host: TextHost,
  location: string,
  text: string,
  { start, signal, onlyIf }: WriteTextAtOptions,
): Promise<string | undefined> {
  const { store, key } = objectAt(host, location, start);
  const where = { location: store.location.text, key };
  if (store.put === undefined || !store.capabilities.write) {
    throw new ReadOnlyError(`nothing can be written here: ${store.location.text}`, where);
  }
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > maxTextBytes) {
    throw new TooLargeError(`a text of ${bytes.length} bytes, at most ${maxTextBytes} are written`, where);
  }
  try {
    await store.put(key, bytes, { ...(await headersOf(store, key, signal)), signal, ...(onlyIf && { onlyIf }) });
  } catch (error) {
    throw error instanceof ConflictError ? await withStoredEtag(error, { store, key }, signal) : error;
  }
  const stored = await readBack(host, { store, key }, signal);
  return stored?.text === text ? stored.etag : undefined;
}

type Place = Pick<ObjectAt, "store" | "key">;

/** What a rewritten object keeps of the one that it replaces. */
async function headersOf(store: Store, key: string, signal: AbortSignal | undefined): Promise<PutOptions> {
  const facts = await store.stat?.(key, { signal });
  const { cacheControl, storageClass } = facts ?? {};
  return {
    contentType: facts?.contentType ?? contentTypeOf(key),
    ...(cacheControl !== undefined && { cacheControl }),
    ...(storageClass !== undefined && { storageClass }),
  };
}

/** The text was written: what cannot be read back, or is no text any more, is somebody else's. */
async function readBack(
  host: TextHost,
  { store, key }: Place,
  signal: AbortSignal | undefined,
): Promise<TextObject | undefined> {
  try {
    return await host.readTextObject(store, key, { signal });
  } catch (error) {
    if (error instanceof InvalidMetadataError || error instanceof TooLargeError) {
      return undefined;
    }
    throw error;
  }
}

async function withStoredEtag(
  conflict: ConflictError,
  { store, key }: Place,
  signal: AbortSignal | undefined,
): Promise<ConflictError> {
  const etag = (await store.stat?.(key, { signal }))?.etag;
  const fields = { ...conflict.fields, location: store.location.text, key, ...(etag !== undefined && { etag }) };
  return new ConflictError(
    conflict.message,
    { ...fields, hint: "compare it with what is stored" },
    { cause: conflict },
  );
}
