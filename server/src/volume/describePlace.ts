/** What a text means as a location, and the same place in other words. */
import type { PlaceDescription, PlaceLinks } from "../../../schemas/protocol/storage.ts";
import type { PathStart } from "../storage/localPath.ts";
import { addressOf, encodeKey, type Location, locationName } from "../storage/location.ts";
import { parseLocation } from "../storage/parseLocation.ts";
import type { StoreHost } from "./objectAt.ts";

/** Describes the place that a text means; no I/O. Throws InvalidLocationError, or UnsupportedError for a scheme without a driver. */
export function describePlace(host: StoreHost, text: string, start: PathStart): PlaceDescription {
  const location = parseLocation(text, start);
  const address = addressOf(location);
  const { capabilities } = host.openStore(address);
  const origin = originOf(location);
  const isBucket = location.scheme === "gs" || location.scheme === "s3" || location.scheme === "mem";
  return {
    location: address,
    name: locationName(location),
    scheme: location.scheme,
    ...(isBucket && { bucket: location.authority }),
    ...(origin !== undefined && { origin }),
    canWrite: capabilities.write,
    canList: capabilities.list,
    links: linksOf(location),
  };
}

/** Where credentials of a place are sent; `undefined` for this machine's files and memory. */
export function originOf({ scheme, authority, endpoint }: Location): string | undefined {
  switch (scheme) {
    case "file":
    case "mem":
      return undefined;
    case "gs":
      return "https://storage.googleapis.com";
    case "s3":
      return endpoint ?? "https://s3.amazonaws.com";
    case "http":
      return `http://${authority}`;
    default:
      return `https://${authority}`;
  }
}

function linksOf(location: Location): PlaceLinks {
  const { scheme, path, endpoint, authority } = location;
  const prefix = location.format === undefined ? "" : `${location.format}://`;
  const url = location.text.slice(prefix.length);
  if (scheme === "file" || scheme === "mem") {
    return { url };
  }
  const isBucket = scheme === "gs" || scheme === "s3";
  const https = isBucket
    ? bucketUrl(originOf(location) ?? "", authority, path, scheme === "s3" && endpoint === undefined)
    : `${originOf(location)}/${path}`;
  const source = endpoint === undefined ? url : https;
  return { url, https, neuroglancer: `${location.format ?? "precomputed"}://${source}` };
}

/** Amazon serves a bucket from a host of its own, unless its name has dots, which its certificate does not cover. */
function bucketUrl(origin: string, bucket: string, path: string, isAmazon: boolean): string {
  const tail = encodeKey(path);
  return isAmazon && !bucket.includes(".")
    ? `https://${bucket}.s3.amazonaws.com/${tail}`
    : `${origin}/${bucket}/${tail}`;
}
