/** A memory cache bounded by bytes: the entry used longest ago goes first. */

export interface LruCache<V> {
  get(key: string): V | undefined;
  /** Keeps `value`, which counts as `sizeBytes`; one larger than the whole cache is not kept. */
  set(key: string, value: V, sizeBytes: number): void;
  /** Drops the entries whose key the predicate accepts. */
  deleteWhere(isStale: (key: string) => boolean): void;
  readonly sizeBytes: number;
}

export function createLruCache<V>(capacityBytes: number): LruCache<V> {
  // A Map iterates in the order of insertion: the first entry is the one used longest ago.
  const entries = new Map<string, { readonly value: V; readonly sizeBytes: number }>();
  let sizeBytes = 0;

  function remove(key: string): void {
    const entry = entries.get(key);
    if (entry !== undefined) {
      entries.delete(key);
      sizeBytes -= entry.sizeBytes;
    }
  }

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    get(key) {
      const entry = entries.get(key);
      if (entry !== undefined) {
        entries.delete(key);
        entries.set(key, entry);
      }
      return entry?.value;
    },
    set(key, value, bytes) {
      remove(key);
      if (bytes > capacityBytes) {
        return;
      }
      entries.set(key, { value, sizeBytes: bytes });
      sizeBytes += bytes;
      for (const oldest of entries.keys()) {
        if (sizeBytes <= capacityBytes) {
          break;
        }
        remove(oldest);
      }
    },
    deleteWhere(isStale) {
      for (const key of [...entries.keys()].filter(isStale)) {
        remove(key);
      }
    },
  };
}
