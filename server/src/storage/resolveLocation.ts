/** References inside documents (redirects, mesh and skeleton folders) -> locations, confined to what the document may lead to. */
import { InvalidLocationError } from "../errors.ts";
import { isAbsolutePath, rootOf } from "./localPath.ts";
import { encodeKey, isRemote, type Location, makeLocation } from "./location.ts";
import { showText } from "./locationErrors.ts";
import { parseLocation } from "./parseLocation.ts";
import { isPrivateHost } from "./privateHost.ts";

export interface ResolveOptions {
  /** How far up `..` may lead: to the bucket, host or drive (default), or not out of the layer. */
  readonly within?: "authority" | "layer";
}

/**
 * The location that `reference`, found in a document of the layer `from`, means: absolute, or relative to the layer as a folder.
 * Throws InvalidLocationError where a remote layer leads to local files or memory, a public one to a private address, an https one to
 * http, or `..` out of its confines.
 */
export function resolveLocation(reference: string, from: Location, options: ResolveOptions = {}): Location {
  const text = reference.trim();
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return checkTarget(parseLocation(text), from, text);
  }
  if (isAbsolutePath(text)) {
    if (from.scheme !== "file") {
      throw refused("an absolute path in a document of a store that is no file system", text, from);
    }
    return parseLocation(text);
  }
  return resolveRelative(text, from, options.within ?? "authority");
}

function checkTarget(target: Location, from: Location, text: string): Location {
  if (!isRemote(from)) {
    return target;
  }
  if (!isRemote(target)) {
    throw refused("a remote layer may not lead to this machine", text, from);
  }
  if (from.scheme === "https" && target.scheme === "http") {
    throw refused("a layer behind https may not lead to http", text, from);
  }
  const isSamePlace = hostOf(target) === hostOf(from);
  if (!isSamePlace && isPrivateHost(hostOf(target)) && !isPrivateHost(hostOf(from))) {
    throw refused("a public layer may not lead to a private address", text, from);
  }
  return isSamePlace && from.isReferred === undefined ? target : makeLocation({ ...target, isReferred: true });
}

function resolveRelative(text: string, from: Location, within: "authority" | "layer"): Location {
  const root = from.scheme === "file" ? rootOf(from.path) : "";
  const parts = from.path
    .slice(root.length)
    .split("/")
    .filter((part) => part !== "");
  const floor = within === "layer" ? parts.length : 0;
  for (const part of text.split("/")) {
    if (part.includes("\0") || (part === ".." && parts.length <= floor)) {
      throw refused("a reference leads out of its place", text, from);
    }
    if (part === "..") {
      parts.pop();
    } else if (part !== "" && part !== ".") {
      parts.push(isWebPath(from) ? encodeKey(part) : part);
    }
  }
  return makeLocation({ ...from, path: root + parts.join("/") });
}

function isWebPath({ scheme }: Location): boolean {
  return scheme.endsWith("http") || scheme.endsWith("https");
}

/** Host that a location is served from, without a port; the clouds' own hosts stand for gs and s3. */
function hostOf({ scheme, authority, endpoint }: Location): string {
  if (scheme === "gs") {
    return "storage.googleapis.com";
  }
  if (scheme === "s3") {
    return endpoint === undefined ? "s3.amazonaws.com" : new URL(endpoint).hostname;
  }
  return authority.replace(/:\d+$/, "");
}

function refused(reason: string, text: string, from: Location): InvalidLocationError {
  return new InvalidLocationError(`${reason}: "${showText(text)}"`, {
    location: from.text,
    hint: "open the target yourself if you trust it",
  });
}
