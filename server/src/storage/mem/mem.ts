/** `mem://bucket/path`: objects in the memory of this thread, kept as long as the driver is. */
import { throwIfAborted } from "../../base/abort.ts";
import { ConflictError, TooLargeError, UnsupportedError } from "../../errors.ts";
import { checkKey, type Location } from "../location.ts";
import { checkRange, resolveRange } from "../ranges.ts";
import type {
  ContentEncoding,
  GetOptions,
  ListEntry,
  ListOptions,
  PutOptions,
  Store,
  StoreDriver,
  StoreOptions,
} from "../store.ts";

interface MemObject {
  readonly bytes: Uint8Array;
  readonly encoding: ContentEncoding | undefined;
  readonly etag: string;
}
interface Bucket {
  readonly objects: Map<string, MemObject>;
  writes: number;
}

/** A driver with buckets of its own: two drivers share nothing. */
export function createMemDriver(): StoreDriver {
  const buckets = new Map<string, Bucket>();
  return {
    schemes: ["mem"],
    open(location, options) {
      const bucket = buckets.get(location.authority) ?? { objects: new Map(), writes: 0 };
      buckets.set(location.authority, bucket);
      return createMemStore(location, bucket, options);
    },
  };
}

function createMemStore(location: Location, bucket: Bucket, { maxObjectBytes }: StoreOptions): Store {
  const root = location.path === "" ? "" : `${location.path}/`;
  const place = (key: string): string => {
    checkKey(key, location);
    return root + key;
  };
  return {
    location,
    capabilities: { write: true, list: true, anyThread: false, concurrency: 64 },
    async get(key, { signal, range, maxBytes = maxObjectBytes } = {}) {
      throwIfAborted(signal);
      const object = bucket.objects.get(place(key));
      return (
        object && { ...facts(object), bytes: readBytes(object, { range, maxBytes }, { location: location.text, key }) }
      );
    },
    async stat(key, { signal } = {}) {
      throwIfAborted(signal);
      const object = bucket.objects.get(place(key));
      return object && { ...facts(object), sizeBytes: object.bytes.byteLength };
    },
    async put(key, bytes, { signal, encoding, onlyIf }: PutOptions = {}) {
      throwIfAborted(signal);
      const name = place(key);
      checkCondition(bucket.objects.get(name), onlyIf, { location: location.text, key });
      bucket.writes++;
      bucket.objects.set(name, { bytes: Uint8Array.from(bytes), encoding, etag: `"${bucket.writes}"` });
    },
    async delete(key, { signal } = {}) {
      throwIfAborted(signal);
      bucket.objects.delete(place(key));
    },
    list: (options) => listNames(bucket, root, options),
  };
}

function facts({ encoding, etag }: MemObject): { readonly encoding?: ContentEncoding; readonly etag: string } {
  return { etag, ...(encoding !== undefined && { encoding }) };
}

/** A copy: the caller owns what it gets. */
function readBytes(
  { bytes, encoding }: MemObject,
  { range, maxBytes }: { readonly range: GetOptions["range"]; readonly maxBytes: number },
  where: { readonly location: string; readonly key: string },
): Uint8Array {
  if (range !== undefined) {
    checkRange(range);
    if (encoding !== undefined) {
      throw new UnsupportedError(`a range of an object compressed with ${encoding}`, where);
    }
  }
  const { start, end } = resolveRange(range ?? { start: 0 }, bytes.byteLength);
  if (end - start > maxBytes) {
    throw new TooLargeError(`an object of ${end - start} bytes, at most ${maxBytes} are read`, where);
  }
  return bytes.slice(start, end);
}

function checkCondition(
  object: MemObject | undefined,
  onlyIf: PutOptions["onlyIf"],
  where: { readonly location: string; readonly key: string },
): void {
  if (onlyIf === "absent" && object !== undefined) {
    throw new ConflictError("the object exists already", where);
  }
  if (typeof onlyIf === "object" && object?.etag !== onlyIf.etag) {
    throw new ConflictError("the object has changed since it was read", where);
  }
}

async function* listNames(
  bucket: Bucket,
  root: string,
  { signal, prefix = "", delimiter = true, after }: ListOptions = {},
): AsyncIterable<ListEntry> {
  const below = root + prefix;
  const last = after?.replace(/\/$/, "");
  const entries = new Map<string, ListEntry>();
  for (const [name, { bytes }] of bucket.objects) {
    const rest = name.startsWith(below) ? name.slice(below.length) : "";
    const slash = delimiter ? rest.indexOf("/") : -1;
    const entry: ListEntry =
      slash < 0
        ? { name: rest, kind: "object", sizeBytes: bytes.byteLength }
        : { name: rest.slice(0, slash), kind: "folder" };
    if (rest !== "" && (last === undefined || entry.name > last)) {
      entries.set(`${entry.name}\0${entry.kind === "folder" ? 1 : 0}`, entry);
    }
  }
  for (const id of [...entries.keys()].sort()) {
    throwIfAborted(signal);
    const entry = entries.get(id);
    if (entry !== undefined) {
      yield entry;
    }
  }
}
