/** One object read in parts, in order, with a few parts fetched ahead: bounded memory, whatever its size. */
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import { ConflictError } from "../errors.ts";
import type { ByteRange } from "../storage/store.ts";
import { mapInOrder } from "./concurrent.ts";
import type { FileLimits } from "./limits.ts";
import { addressOfPlace, type Place } from "./place.ts";

export interface PartsOptions extends Cancellable {
  readonly limits: FileLimits;
  /** Stored size, as the store said it. */
  readonly sizeBytes: number;
  /** Of the object that is meant. */
  readonly etag?: string | undefined;
  /** Where to start; default 0. */
  readonly from?: number;
}

/**
 * The stored bytes of an object without compression. Each part is valid until the next one is asked for: its memory is used again.
 * Throws ConflictError when the object becomes another one, or goes, between two parts.
 */
export async function* readStoredParts(place: Place, options: PartsOptions): AsyncGenerator<Uint8Array, void> {
  const { sizeBytes, etag, from = 0, signal, limits } = options;
  const memory = createPartMemory();
  const readPart = async (range: Required<ByteRange>, stop: AbortSignal): Promise<Uint8Array> => {
    const object = await place.store.get(place.key, { range, signal: stop, allocate: memory.take });
    const isSame = object !== undefined && (etag === undefined || object.etag === undefined || object.etag === etag);
    if (!isSame || object.encoding !== undefined || object.bytes.byteLength !== range.end - range.start) {
      throw changed(place);
    }
    return object.bytes;
  };
  for await (const bytes of mapInOrder(rangesOf(from, sizeBytes, limits), 1 + limits.partsAhead, readPart, {
    signal,
  })) {
    yield bytes;
    memory.give(bytes);
  }
}

/** The stored bytes of an object of a local store, compressed or not; each part as in `readStoredParts`. */
export function* readLocalParts(
  object: { readonly sizeBytes: number; readInto(into: Uint8Array, offset: number): number },
  { limits, place, signal }: Cancellable & { readonly limits: FileLimits; readonly place: Place },
): Generator<Uint8Array, void> {
  const buffer = new Uint8Array(Math.min(limits.partBytes, object.sizeBytes));
  for (let offset = 0; offset < object.sizeBytes; ) {
    throwIfAborted(signal);
    const wanted = Math.min(buffer.byteLength, object.sizeBytes - offset);
    const count = object.readInto(buffer.subarray(0, wanted), offset);
    if (count < wanted) {
      throw changed(place);
    }
    yield buffer.subarray(0, count);
    offset += count;
  }
}

function* rangesOf(from: number, end: number, { partBytes }: FileLimits): Generator<Required<ByteRange>, void> {
  for (let start = from; start < end; start += partBytes) {
    yield { start, end: Math.min(end, start + partBytes) };
  }
}

/** What was read is the newest of two: nothing of it may be put together with the rest. */
function changed(place: Place): ConflictError {
  return new ConflictError(`the object changed while it was read: ${addressOfPlace(place)}`, {
    location: addressOfPlace(place),
    hint: "start again",
  });
}

/** Memory of parts that were handed on, for the next ones. What a store brings in memory of its own is left alone. */
function createPartMemory(): { take(sizeBytes: number): Uint8Array; give(bytes: Uint8Array): void } {
  const ours = new WeakSet<ArrayBufferLike>();
  const idle: ArrayBufferLike[] = [];
  return {
    take(sizeBytes) {
      const index = idle.findIndex((buffer) => buffer.byteLength >= sizeBytes);
      const buffer = (index < 0 ? undefined : idle.splice(index, 1)[0]) ?? new ArrayBuffer(sizeBytes);
      ours.add(buffer);
      return new Uint8Array(buffer, 0, sizeBytes);
    },
    give({ buffer }) {
      if (ours.has(buffer)) {
        idle.push(buffer);
      }
    },
  };
}
