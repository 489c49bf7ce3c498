/** Objects and folders by their full location: which store holds them, under which key. */
import { InvalidLocationError } from "../errors.ts";
import type { PathStart } from "../storage/localPath.ts";
import { addressOf, type Location, locationName, parentLocation } from "../storage/location.ts";
import { parseLocation } from "../storage/parseLocation.ts";
import type { Store } from "../storage/store.ts";

/** Opens the store of a location's text; no I/O. */
export interface StoreHost {
  openStore(location: string): Store;
}

export interface ObjectAt {
  /** The object itself. */
  readonly location: Location;
  /** Of the folder that holds it. */
  readonly store: Store;
  readonly key: string;
}

/** The object that a text names, its last part being the key. Throws InvalidLocationError for a bucket, host or drive. */
export function objectAt(host: StoreHost, text: string, start: PathStart = {}): ObjectAt {
  const location = parseLocation(text, { ...start, isObject: true });
  const folder = parentLocation(location);
  if (folder === undefined) {
    throw new InvalidLocationError(`a location of a file is needed: "${location.text}"`, { location: location.text });
  }
  return { location, store: host.openStore(addressOf(folder)), key: locationName(location) };
}

/** The store of the folder that a text names, and the folder's name; a bucket, host or drive is one too. */
export function folderAt(
  host: StoreHost,
  text: string,
  start: PathStart = {},
): { readonly location: Location; readonly store: Store; readonly name: string } {
  const location = parseLocation(text, { ...start, isObject: true });
  return { location, store: host.openStore(addressOf(location)), name: locationName(location) };
}
