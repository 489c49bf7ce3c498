/** From a location to its store: the driver of its scheme. */
import { InternalError, UnsupportedError } from "../errors.ts";
import type { Location } from "./location.ts";
import type { Store, StoreDriver, StoreOptions } from "./store.ts";

/** Opens stores by these drivers; no I/O. Throws UnsupportedError for a scheme without one, InternalError for a scheme with two. */
export function createStoreOpener(
  drivers: readonly StoreDriver[],
): (location: Location, options: StoreOptions) => Store {
  const driverOf = new Map<string, StoreDriver>();
  for (const driver of drivers) {
    for (const scheme of driver.schemes) {
      if (driverOf.has(scheme)) {
        throw new InternalError(`scheme registered twice: "${scheme}"`);
      }
      driverOf.set(scheme, driver);
    }
  }
  return (location, options) => {
    const driver = driverOf.get(location.scheme);
    if (driver === undefined) {
      const known = [...driverOf.keys()].join(", ");
      throw new UnsupportedError(`${location.scheme}:// cannot be opened yet: "${location.text}" (known: ${known})`, {
        location: location.text,
        hint: publicForm(location),
      });
    }
    return driver.open(location, options);
  };
}

/** What to open instead, where the objects are public. */
function publicForm({ scheme, authority, path, endpoint }: Location): string {
  const tail = `${authority}/${path.split("/").map(encodeURIComponent).join("/")}`;
  switch (scheme) {
    case "gs":
      return `open "https://storage.googleapis.com/${tail}" if the bucket is public`;
    case "s3":
      return `open "${endpoint ?? "https://s3.amazonaws.com"}/${tail}" if the bucket is public`;
    default:
      return "copy the layer to a place that can be opened";
  }
}
