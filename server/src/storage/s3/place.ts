/** Where a bucket is served: Amazon's hosts by region, or the one endpoint of a compatible service. Pure. */
import { encodeKey, type Location } from "../location.ts";

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A service, as far as addresses go. */
export interface S3Service {
  /** Does the region choose the host? So with Amazon; the hosts of others stay what they are. */
  readonly isRegional: boolean;
  /** May it have the keys of the SDK's own chain? So with Amazon, and with the endpoint that the environment names. */
  readonly takesChain: boolean;
  /** Origin that credentials are looked for; of Amazon one for all regions. */
  readonly credentialOrigin: string;
  /** `https://host` that serves a region, without the bucket. */
  endpointOf(region: string): string;
}

/** Amazon's own name in credentials: regional hosts belong to it. */
export const awsOrigin = "https://s3.amazonaws.com";
export const defaultRegion = "us-east-1";

/** Amazon's host of a region. */
export function awsEndpoint(region: string): string {
  return `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

/** May a reply name this region? Only such text becomes part of a host. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2,3}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/.test(text);
}

/** The endpoint that the environment names for all of S3, as the SDKs read it. */
export function endpointOfEnvironment(environment: Environment): string | undefined {
  if (environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === "true") {
    return undefined;
  }
  const text = environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL || "";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}

/** The service that a location, or else the environment, names; `regional` replaces Amazon's hosts. */
export function serviceAt(
  endpoint: string | undefined,
  environment: Environment,
  regional: S3Service["endpointOf"],
): S3Service {
  const configured = endpointOfEnvironment(environment);
  const named = endpoint ?? configured;
  const origin = named === undefined ? undefined : new URL(named).origin;
  return origin === undefined || origin === awsOrigin
    ? { isRegional: true, takesChain: true, credentialOrigin: awsOrigin, endpointOf: regional }
    : { isRegional: false, takesChain: origin === configured, credentialOrigin: origin, endpointOf: () => origin };
}

/**
 * The access list that writes to a service ask for, as CloudFiles does for `nokura`. Differs from CloudFiles elsewhere: no list is asked for, since
 * that wants a right of its own and buckets that own their objects need none.
 */
export function aclOf({ credentialOrigin }: S3Service): "public-read" | undefined {
  return credentialOrigin === "https://c10s.pni.princeton.edu" ? "public-read" : undefined;
}

/** Can the bucket stand in a host name, under a wildcard certificate? */
export function isHostName(bucket: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket);
}

/** The URL of a bucket: in the host's name with Amazon, in the path elsewhere and where a name has dots. Ends with "/". */
export function bucketUrl(service: S3Service, region: string, bucket: string): string {
  const url = new URL(service.endpointOf(region));
  return service.isRegional && isHostName(bucket)
    ? `${url.protocol}//${bucket}.${url.host}/`
    : `${url.origin}/${encodeS3(bucket)}/`;
}

/** A key in a URL, encoded as signatures want it: all but letters, digits and `-._~/`. */
export function encodeS3(key: string): string {
  return encodeKey(key).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** What all keys of a store begin with. */
export function rootOf({ path }: Location): string {
  return path === "" ? "" : `${path}/`;
}
