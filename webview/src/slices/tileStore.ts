/** The tiles that are in memory: least recently drawn ones leave first when their bytes pass the budget. */
import type { DecodedTile } from "./tileReply.ts";
import type { TileAddress } from "./wantedTiles.ts";

export interface StoredTile extends DecodedTile {
  readonly address: TileAddress;
}

export interface TileStoreOptions {
  readonly maxBytes: number;
  /** A tile is gone: free what was made for it. */
  readonly evicted: (key: string) => void;
}

export interface TileStore {
  get(key: string): StoredTile | undefined;
  has(key: string): boolean;
  /** Keeps a tile; may evict others. */
  put(key: string, tile: StoredTile): void;
  /** These are being drawn: they count as the most recently used, and stay whatever the budget says until the next call. */
  keep(keys: Iterable<string>): void;
  /** Removes the tiles of a layer. */
  removeLayer(layer: number): void;
  entries(): Iterable<readonly [string, StoredTile]>;
  readonly sizeBytes: number;
}

export function createTileStore(options: TileStoreOptions): TileStore {
  /** Oldest first, because a map keeps the order of insertion. */
  const tiles = new Map<string, StoredTile>();
  let kept: ReadonlySet<string> = new Set();
  let sizeBytes = 0;

  function remove(key: string): void {
    const tile = tiles.get(key);
    if (tile !== undefined) {
      tiles.delete(key);
      sizeBytes -= tile.sizeBytes;
      options.evicted(key);
    }
  }

  function evict(spared?: string): void {
    for (const key of [...tiles.keys()]) {
      if (sizeBytes <= options.maxBytes) {
        return;
      }
      if (key !== spared && !kept.has(key)) {
        remove(key);
      }
    }
  }

  return {
    get: (key) => tiles.get(key),
    has: (key) => tiles.has(key),
    put(key, tile) {
      remove(key);
      tiles.set(key, tile);
      sizeBytes += tile.sizeBytes;
      evict(key);
    },
    keep(keys) {
      kept = new Set(keys);
      for (const key of kept) {
        const tile = tiles.get(key);
        if (tile !== undefined) {
          tiles.delete(key);
          tiles.set(key, tile);
        }
      }
      evict();
    },
    removeLayer(layer) {
      for (const [key, tile] of [...tiles]) {
        if (tile.address.layer === layer) {
          remove(key);
        }
      }
    },
    entries: () => tiles.entries(),
    get sizeBytes() {
      return sizeBytes;
    },
  };
}
