/** Where Google Cloud Storage is served, and the paths of its two APIs. Pure. */
import { InvalidLocationError } from "../../errors.ts";
import { encodeKey, type Location } from "../location.ts";

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The service itself. */
export const googleOrigin = "https://storage.googleapis.com";

/** The origin that the environment names instead of Google's; as the SDK reads it, `https` where there is no scheme. */
export function emulatorOf({ STORAGE_EMULATOR_HOST: host }: Environment): string | undefined {
  if (host === undefined || host === "") {
    return undefined;
  }
  const text = /^https?:\/\//i.test(host) ? host : `https://${host}`;
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/** What all keys of a store begin with. */
export function rootOf({ path }: Location): string {
  return path === "" ? "" : `${path}/`;
}

/** A bucket as one part of a path. Throws InvalidLocationError for what would be no part. */
export function bucketPart(bucket: string): string {
  if (!/^[\w.:-]+$/.test(bucket) || /^\.{1,2}$/.test(bucket)) {
    throw new InvalidLocationError(`no bucket can have this name: "${bucket.slice(0, 100)}"`, {
      hint: "a bucket's name has letters, digits, dots, dashes and underscores",
    });
  }
  return encodeURIComponent(bucket);
}

/** A name without unpaired surrogates, which neither URLs nor the service can hold. */
export function wellFormed(name: string): string {
  return name.replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** An object in the XML API, whose replies are the bytes as they are stored. */
export function mediaPath(bucket: string, name: string): string {
  return `/${bucketPart(bucket)}/${encodeKey(name)}`;
}

/** An object in the JSON API. */
export function objectPath(bucket: string, name: string): string {
  return `${bucketPath(bucket)}/o/${encodeURIComponent(wellFormed(name))}`;
}

/** A bucket in the JSON API. */
export function bucketPath(bucket: string): string {
  return `/storage/v1/b/${bucketPart(bucket)}`;
}

/** Where objects are uploaded. */
export function uploadPath(bucket: string): string {
  return `/upload${bucketPath(bucket)}/o`;
}

/** A path with the parameters that have a value. */
export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(wellFormed(value))}`],
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}
