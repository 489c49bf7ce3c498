/** Where an object is, for file operations: the store of a whole bucket, host or drive, and a key in it. */
import { InvalidArgumentError, UnsupportedError } from "../errors.ts";
import { rootOf } from "../storage/localPath.ts";
import { encodeKey, joinLocation, type Location, makeLocation } from "../storage/location.ts";
import type { ListEntry, ListOptions, Store } from "../storage/store.ts";

export interface Place {
  /** Rooted at the bucket, host or drive; places of one root share it. */
  readonly store: Store;
  /** "" at the root. */
  readonly key: string;
  /** The text ended in "/": a folder is meant, whether there is one or not. */
  readonly isFolder: boolean;
  /** Web servers: a store of the folder alone. What lists a folder there depends on its path, and a host's root may list nothing. */
  readonly openFolder?: ((key: string) => Store) | undefined;
}

/** What makes places of texts. */
export interface PlaceHost {
  /** Parses a text that names an object or a folder; relative paths are this process's. Throws InvalidLocationError. */
  parse(text: string): Location;
  /** The store of a location; the same for the same location. */
  openStore(location: Location): Store;
}

/** The place that a text means. Throws InvalidLocationError, UnsupportedError. */
export function placeOf(text: string, host: PlaceHost): Place {
  const location = host.parse(text);
  const { path, scheme, authority, endpoint, query, isReferred } = location;
  const root = scheme === "file" ? rootOf(path) : "";
  const inside = path.slice(root.length);
  const store = host.openStore(makeLocation({ scheme, authority, endpoint, query, isReferred, path: root }));
  const isFolder = inside === "" || /[/\\]["'`>]?\s*$/.test(text);
  if (!isWeb(location)) {
    return { store, key: inside, isFolder };
  }
  const openFolder = (key: string): Store => host.openStore(joinLocation(store.location, key));
  return { store, key: decodePath(inside), isFolder, openFolder };
}

/** The same root's place of another key. */
export function placeBeside(place: Place, key: string, isFolder: boolean): Place {
  return { store: place.store, openFolder: place.openFolder, key, isFolder };
}

/** The text of a key, as it may be given again: `gs://bucket/a b`, `https://host/a%20b`; with `/` at the end for a folder's prefix. */
export function addressOfKey(store: Store, key: string): string {
  const { text } = store.location;
  const tail = isWeb(store.location) ? encodeKey(key) : key;
  return text.endsWith("/") ? text + tail : `${text}/${tail}`;
}

/** The place's own text. */
export function addressOfPlace({ store, key, isFolder }: Place): string {
  return addressOfKey(store, isFolder && key !== "" ? `${key}/` : key);
}

/** The last part of a key. */
export function nameOfKey(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

/** The key as a prefix: "" or ending in "/". */
export function prefixOf(key: string): string {
  return key === "" ? "" : `${key}/`;
}

/** The path of a key in this machine's file system; `undefined` where the store is no local one. */
export function localPathOf({ store, key }: Place): string | undefined {
  return store.openLocal === undefined ? undefined : store.location.path + key;
}

/** Refuses (InvalidArgumentError) a place that can only be a folder, where an object is wanted. */
export function checkIsObject(place: Place): void {
  if (place.isFolder) {
    throw new InvalidArgumentError(`a folder, not an object: ${addressOfPlace(place)}`, {
      location: addressOfPlace(place),
      hint: "name an object in it, without a slash at the end",
    });
  }
}

/** Names below a prefix, "" or ending in "/". Throws UnsupportedError for a store that cannot list. */
export function listBelow(
  { store, openFolder }: Place,
  options: ListOptions & { readonly prefix: string },
): AsyncIterable<ListEntry> {
  const folder = openFolder?.(options.prefix.slice(0, -1));
  const { location, list } = folder ?? store;
  if (list === undefined) {
    throw new UnsupportedError(`names cannot be listed here: ${location.text}`, {
      location: location.text,
      hint: "name the objects one by one, or open the bucket by its own scheme (gs://, s3://)",
    });
  }
  return list(folder === undefined ? options : { ...options, prefix: "" });
}

function isWeb({ scheme }: Location): boolean {
  return scheme.endsWith("http") || scheme.endsWith("https");
}

/** Parts that are no percent-encoding stay as they are. */
function decodePath(path: string): string {
  return path
    .split("/")
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    })
    .join("/");
}
