/** What a text means as a location, and the same place in other words. */
import type { PlaceDescription, PlaceLinks } from "../../../schemas/protocol/storage.ts";
import type { PathStart } from "../storage/localPath.ts";
import { addressOf, encodeKey, type Location, locationName } from "../storage/location.ts";
import { parseLocation } from "../storage/parseLocation.ts";
import type { StoreHost } from "./objectAt.ts";

/** The variables that move a service to another host, as the services' own libraries read them. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface DescribePlaceOptions extends PathStart {
  readonly environment?: Environment;
}

/** Describes the place that a text means; no I/O. Throws InvalidLocationError, or UnsupportedError for a scheme without a driver. */
export function describePlace(host: StoreHost, text: string, options: DescribePlaceOptions): PlaceDescription {
  const { environment = {}, ...start } = options;
  const location = parseLocation(text, start);
  const address = addressOf(location);
  const { capabilities } = host.openStore(address);
  const origin = originOf(location, environment);
  const isBucket = location.scheme === "gs" || location.scheme === "s3" || location.scheme === "mem";
  return {
    location: address,
    name: locationName(location),
    scheme: location.scheme,
    ...(isBucket && { bucket: location.authority }),
    ...(origin !== undefined && { origin }),
    canWrite: capabilities.write,
    canList: capabilities.list,
    links: linksOf(location, origin),
  };
}

const googleOrigin = "https://storage.googleapis.com";
const amazonOrigin = "https://s3.amazonaws.com";

/** Where credentials of a place are sent; `undefined` for this machine's files and memory. Amazon's regions are one. */
function originOf({ scheme, authority, endpoint }: Location, environment: Environment): string | undefined {
  switch (scheme) {
    case "file":
    case "mem":
      return undefined;
    case "gs":
      return originIn(environment.STORAGE_EMULATOR_HOST) ?? googleOrigin;
    case "s3":
      return (
        endpoint ?? originIn(environment.AWS_ENDPOINT_URL_S3) ?? originIn(environment.AWS_ENDPOINT_URL) ?? amazonOrigin
      );
    case "http":
      return `http://${authority}`;
    default:
      return `https://${authority}`;
  }
}

/** The origin that a variable names, `https` where it has no scheme. */
function originIn(text: string | undefined): string | undefined {
  const url = text === undefined || text === "" || /^https?:\/\//i.test(text) ? text : `https://${text}`;
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
}

function linksOf(location: Location, origin: string | undefined): PlaceLinks {
  const { scheme, path, endpoint, authority } = location;
  const prefix = location.format === undefined ? "" : `${location.format}://`;
  const url = location.text.slice(prefix.length);
  if (origin === undefined) {
    return { url };
  }
  const isBucket = scheme === "gs" || scheme === "s3";
  const https = isBucket ? bucketUrl(origin, authority, path) : `${origin}/${path}`;
  const source = endpoint === undefined ? url : https;
  return { url, https, neuroglancer: `${location.format ?? "precomputed"}://${source}` };
}

/** Amazon serves a bucket from a host of its own, unless its name has dots, which its certificate does not cover. */
function bucketUrl(origin: string, bucket: string, path: string): string {
  const tail = encodeKey(path);
  return origin === amazonOrigin && !bucket.includes(".")
    ? `https://${bucket}.s3.amazonaws.com/${tail}`
    : `${origin}/${bucket}/${tail}`;
}
