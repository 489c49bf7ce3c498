/**
 * Locations: where a layer or an object is, as parts. `parseLocation` makes one from text; nothing here does I/O.
 *
 * Grammar: `[FORMAT://]SCHEME://[BUCKET or HOST/]PATH` or `SCHEME://…|FORMAT:`, or a local path instead of `SCHEME://…`.
 * A slash at the end means nothing, except after `info`: `…/info` is the layer that holds the info, `…/info/` a folder of that name.
 */
import { InvalidArgumentError } from "../errors.ts";
import { rootOf } from "./localPath.ts";

export type Scheme = "file" | "mem" | "http" | "https" | "gs" | "s3" | "middleauth+https" | "ngauth+https";

/** A parsed location. Frozen; `text` is canonical and safe to show (no query, no credentials). */
export interface Location {
  readonly scheme: Scheme;
  /** Bucket of gs, s3, mem; host[:port] of http(s); "" for file. */
  readonly authority: string;
  /**
   * Path below the authority, no slash at either end; for http(s) percent-encoded as in a URL, else literal;
   * for file an absolute path of the system with `/` between its parts.
   */
  readonly path: string;
  /** Volume format when the text names one: precomputed, zarr, zarr2, zarr3, n5, graphene, boss. */
  readonly format?: string;
  /** Endpoint of an S3-compatible store, without a slash at its end: `https://host` of `s3://https://host/bucket/…`. */
  readonly endpoint?: string;
  /** Query of an http(s) URL, with its "?": sent with requests, never shown. */
  readonly query?: string;
  /** Named by a document of another, public place, not by the user: its host may not turn out to be a private address. */
  readonly isReferred?: true;
  /** `FORMAT://SCHEME://…` without query. Parsing it again gives the same location. */
  readonly text: string;
}

/** The parts that a location is made of; its text follows from them. */
export interface LocationParts {
  readonly scheme: Scheme;
  readonly authority: string;
  readonly path: string;
  readonly format?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly query?: string | undefined;
  readonly isReferred?: true | undefined;
}

/** A frozen location; slashes at the ends of the path are dropped. */
export function makeLocation(parts: LocationParts): Location {
  const { scheme, authority, format, endpoint, query, isReferred } = parts;
  const path = scheme === "file" ? trimFilePath(parts.path) : parts.path.replace(/^\/+|\/+$/g, "");
  return Object.freeze({
    scheme,
    authority,
    path,
    ...(format !== undefined && { format }),
    ...(endpoint !== undefined && { endpoint }),
    ...(query !== undefined && { query }),
    ...(isReferred === true && { isReferred }),
    text: textOf({ ...parts, path }),
  });
}

/** The location of what `key` names below a location. `key` is literal: `a b/50%` is percent-encoded only where the URL asks for it. */
export function joinLocation(location: Location, key: string): Location {
  if (key === "") {
    return location;
  }
  checkKey(key, location);
  const tail = isWeb(location.scheme) ? encodeKey(key) : key;
  const head = location.path.endsWith("/") || location.path === "" ? location.path : `${location.path}/`;
  return makeLocation({ ...location, path: head + tail });
}

/** The folder that holds a location; `undefined` at the root of a bucket, host or drive. */
export function parentLocation(location: Location): Location | undefined {
  const root = location.scheme === "file" ? rootOf(location.path) : "";
  const inside = location.path.slice(root.length);
  if (inside === "") {
    return undefined;
  }
  return makeLocation({ ...location, path: root + inside.slice(0, Math.max(0, inside.lastIndexOf("/"))) });
}

/** The last part of a location, decoded; at a root the bucket, host or drive. */
export function locationName(location: Location): string {
  const last = location.path.slice(location.path.lastIndexOf("/") + 1);
  if (last === "") {
    return location.authority || location.path;
  }
  return isWeb(location.scheme) ? decodeName(last) : last;
}

/** The text with the query: for opening the same place again, never to be shown or kept. */
export function addressOf({ text, query = "" }: Location): string {
  return text + query;
}

/** Is this location outside this machine's files and memory? */
export function isRemote(location: Location): boolean {
  return location.scheme !== "file" && location.scheme !== "mem";
}

/** An empty, `.` or `..` part, or a NUL. */
const unconfined = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/** Refuses (InvalidArgumentError) a key that is empty, absolute, or has an empty, `.` or `..` part or a NUL. */
export function checkKey(key: string, location: Location): void {
  if (unconfined.test(key)) {
    throw new InvalidArgumentError(`a key must stay inside its store: ${JSON.stringify(key.slice(0, 200))}`, {
      location: location.text,
    });
  }
}

/** A literal key as a URL path. */
export function encodeKey(key: string): string {
  return key.split("/").map(encodePart).join("/");
}

/** Unpaired surrogates, which no URL can hold, become U+FFFD. */
function encodePart(part: string): string {
  if (/^[\w.-]+$/.test(part)) {
    return part; // nearly all keys
  }
  return encodeURIComponent(part.replace(/\p{Surrogate}/gu, "\uFFFD"));
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function isWeb(scheme: Scheme): boolean {
  return scheme === "http" || scheme === "https" || scheme === "middleauth+https" || scheme === "ngauth+https";
}

function trimFilePath(path: string): string {
  const root = rootOf(path);
  return path.length <= root.length ? path : path.replace(/\/+$/, "");
}

/** The canonical text. A slash at the end keeps what parsing would take for something else: space, a pipe, `info`. */
function textOf({ scheme, authority, path, format, endpoint }: LocationParts): string {
  const prefix = format === undefined ? "" : `${format}://`;
  const store =
    scheme === "file" ? "file://" : `${scheme}://${endpoint === undefined ? "" : `${endpoint}/`}${authority}`;
  const slash = path === "" || path.startsWith("/") ? "" : "/";
  const guard = /(\s|\|[a-z0-9-]+:[^|]*|(^|\/)info)$/is.test(path) ? "/" : "";
  return `${prefix}${store}${slash}${path}${guard}`;
}
