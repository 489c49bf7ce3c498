/** Small text objects (info, provenance, manifests): bounded, decompressed, strictly UTF-8. */
import type { Cancellable } from "../base/abort.ts";
import { InvalidChunkError, InvalidMetadataError, withErrorFields } from "../errors.ts";
import type { ContentEncoding, Store } from "./store.ts";

/** Decompresses one object; at most `maxBytes` come out. */
export type Decompress = (
  bytes: Uint8Array,
  encoding: ContentEncoding,
  maxBytes: number,
) => Uint8Array | Promise<Uint8Array>;

/** Largest text that is read, stored or decompressed. */
export const maxTextBytes = 16 * 2 ** 20;

/** A text as stored: a byte order mark at its start is kept, for the caller to report. */
export interface TextObject {
  readonly text: string;
  readonly etag?: string;
}

/**
 * The text object of a key; `undefined` when it is absent. Throws TooLargeError beyond 16 MiB, InvalidMetadataError for damaged
 * compression or bytes that are not UTF-8.
 */
export async function readTextObject(
  store: Store,
  key: string,
  decompress: Decompress,
  { signal }: Cancellable = {},
): Promise<TextObject | undefined> {
  const object = await store.get(key, { signal, maxBytes: maxTextBytes });
  if (object === undefined) {
    return undefined;
  }
  const { bytes, encoding, etag } = object;
  const where = { location: store.location.text, key };
  const plain = encoding === undefined ? bytes : await inflate(bytes, encoding, decompress, where);
  return { text: decodeUtf8(plain, where), ...(etag !== undefined && { etag }) };
}

/** `readTextObject` bound to a decompressor, giving the text alone. */
export function createTextReader(
  decompress: Decompress,
): (store: Store, key: string, options?: Cancellable) => Promise<string | undefined> {
  return async (store, key, options) => (await readTextObject(store, key, decompress, options))?.text;
}

interface Where {
  readonly location: string;
  readonly key: string;
}

async function inflate(
  bytes: Uint8Array,
  encoding: ContentEncoding,
  decompress: Decompress,
  where: Where,
): Promise<Uint8Array> {
  try {
    return await decompress(bytes, encoding, maxTextBytes);
  } catch (error) {
    if (error instanceof InvalidChunkError) {
      throw new InvalidMetadataError(`the ${encoding} compression is damaged: ${error.message}`, where, {
        cause: error,
      });
    }
    throw withErrorFields(error, where);
  }
}

function decodeUtf8(bytes: Uint8Array, where: Where): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new InvalidMetadataError("the text is not UTF-8", where, { cause: error });
  }
}
