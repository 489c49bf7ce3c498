/** Text objects by their full location. */
import type { Cancellable } from "../base/abort.ts";
import { InvalidLocationError, NotFoundError } from "../errors.ts";
import type { PathStart } from "../storage/localPath.ts";
import { addressOf, locationName, parentLocation } from "../storage/location.ts";
import { parseLocation } from "../storage/parseLocation.ts";
import type { FolderHost } from "./folderEntries.ts";

export interface ReadTextAtOptions extends Cancellable {
  /** Where relative paths start. */
  readonly start?: PathStart;
}

/** The text object that a location names, its last part being the key. Throws NotFoundError when it is absent. */
export async function readTextAt(
  host: FolderHost,
  text: string,
  { start, signal }: ReadTextAtOptions,
): Promise<string> {
  const location = parseLocation(text, { ...start, isObject: true });
  const folder = parentLocation(location);
  if (folder === undefined) {
    throw new InvalidLocationError(`a location of a file is needed: "${location.text}"`, { location: location.text });
  }
  const key = locationName(location);
  const found = await host.readText(host.openStore(addressOf(folder)), key, { signal });
  if (found === undefined) {
    throw new NotFoundError(`there is no "${key}" here: ${folder.text}`, {
      location: folder.text,
      key,
      hint: "check the path",
    });
  }
  return found;
}
