/** Reads a location out of what a person typed or pasted. Pure: nothing is looked up. */

import { type Aliases, officialAliases } from "./aliases.ts";
import { absolutePath, looksLikePath, type PathStart } from "./localPath.ts";
import { type Location, makeLocation } from "./location.ts";
import { invalidLocation, unsupportedLocation } from "./locationErrors.ts";
import { locationOfPage, refuseStateLink, unwrapPasted } from "./pastedLinks.ts";

export interface ParseLocationOptions extends PathStart {
  /** The text names an object, not a layer: `/info` at its end stays. */
  readonly isObject?: boolean;
  /** Names of the user's own S3-compatible stores; asked for when a scheme is none of the known ones. */
  readonly aliases?: (() => Aliases) | undefined;
}

const maxTextLength = 1 << 16;

const formats: Readonly<Record<string, string>> = {
  precomputed: "precomputed",
  "neuroglancer-precomputed": "precomputed",
  zarr: "zarr",
  zarr2: "zarr2",
  zarr3: "zarr3",
  n5: "n5",
  graphene: "graphene",
  boss: "boss",
};
const knownFormats = [...new Set(Object.values(formats))].join(", ");
/** Formats of other tools, so that they are not taken for schemes. */
const foreignFormats = ["brainmaps", "deepzoom", "nggraph", "render", "vtk", "nifti", "dvid", "obj", "python"];

/**
 * The location that a text means: a location in any accepted form, or something pasted that stands for one (a command, an
 * ARN, a page of a cloud console). Throws InvalidLocationError, or UnsupportedError for what is understood but cannot be opened.
 */
export function parseLocation(text: string, options: ParseLocationOptions = {}): Location {
  if (text.length > maxTextLength || text.includes("\0")) {
    throw invalidLocation("a location is one line of text", text.replaceAll("\0", "\uFFFD"));
  }
  const typed = unwrapPasted(text);
  if (typed === "") {
    throw invalidLocation("a location is empty", text);
  }
  refuseStateLink(typed);
  const { rest: unpiped, format: after } = splitPipe(typed);
  const { rest, format: before } = splitFormat(unpiped);
  if (after !== undefined && before !== undefined && after !== before) {
    throw invalidLocation(`a location names two formats, ${before} and ${after}`, typed);
  }
  return parseStore(rest, before ?? after, options);
}

/** `…|FORMAT:` at the end. A slash after it says that the pipe belongs to a name. */
function splitPipe(text: string): { readonly rest: string; readonly format?: string } {
  const [, container] = /\|([a-z0-9-]+):[^|]*\|[a-z0-9-]+:/i.exec(text) ?? [];
  const [, rest = "", name = "", inner = ""] = /^(.*)\|([a-z0-9-]+):([^|]*)$/is.exec(text) ?? [];
  const format = formatOf(name);
  if (container !== undefined || (format !== undefined && inner !== "" && inner !== "/")) {
    const what = container ?? name;
    throw unsupportedLocation(
      `cannot look inside a container ("|${what}:")`,
      text,
      "unpack it and open the layer in it",
    );
  }
  if (format === undefined && name !== "" && inner === "") {
    throw unsupportedLocation(`unknown format "${name}"`, text, `open a copy in a known format: ${knownFormats}`);
  }
  return format === undefined || inner !== "" ? { rest: text } : { rest, format };
}

/** Own names only: `constructor` is none. */
function formatOf(name: string): string | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(formats, key) ? formats[key] : undefined;
}

function splitFormat(text: string): { readonly rest: string; readonly format?: string } {
  const [, name = "", rest = ""] = /^([a-z][a-z0-9-]*):\/\/(.*)$/is.exec(text) ?? [];
  const format = formatOf(name);
  if (format === undefined) {
    if (foreignFormats.includes(name.toLowerCase())) {
      throw unsupportedLocation(`unknown format "${name}"`, text, `open a copy in a known format: ${knownFormats}`);
    }
    return { rest: text };
  }
  if (format === "boss" && /^[\w.-]+\/[\w.-]+\/[\w.-]+\/?$/.test(rest)) {
    return { rest: `https://api.bossdb.io/${rest}`, format };
  }
  if (!looksLikePath(rest) && !/^[a-z][a-z0-9+-]*:\/\//i.test(rest)) {
    throw invalidLocation(`nothing says where the ${format} layer is stored`, text);
  }
  return { rest, format };
}

function parseStore(text: string, format: string | undefined, options: ParseLocationOptions): Location {
  const [, name, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  const scheme = name?.toLowerCase();
  switch (scheme) {
    case undefined:
      return parseBarePath(text, format, options);
    case "file":
      return parsePath(rest, format, options);
    case "gs":
    case "mem":
      return parseBucket({ scheme, rest, format }, options);
    case "s3":
    case "s3+https":
    case "s3+http":
      return parseS3(scheme === "s3" ? rest : `${scheme.slice(3)}://${rest}`, format, options);
    case "http":
    case "https":
    case "middleauth+https":
    case "ngauth+https":
      return parseWeb(scheme, text, format, options);
    default:
      return parseAlias(endpointOf(scheme, options), { scheme, text, rest, format }, options);
  }
}

function endpointOf(scheme: string, { aliases }: ParseLocationOptions): string | undefined {
  const known = Object.hasOwn(officialAliases, scheme) ? officialAliases : (aliases?.() ?? {});
  return Object.hasOwn(known, scheme) ? known[scheme] : undefined;
}

interface AliasText {
  readonly scheme: string;
  readonly text: string;
  readonly rest: string;
  readonly format: string | undefined;
}

function parseAlias(
  endpoint: string | undefined,
  { scheme, text, rest, format }: AliasText,
  options: ParseLocationOptions,
): Location {
  if (endpoint === undefined) {
    throw unknownScheme(scheme, text, rest);
  }
  return parseS3(`${endpoint}/${rest}`, format, options);
}

function unknownScheme(scheme: string, text: string, rest: string): Error {
  if (scheme === "vscode-remote") {
    const path = /^[^/]*(\/.*)?$/s.exec(rest)?.[1] ?? "/";
    return unsupportedLocation("a path of another machine", text, `open "${path}" in a window that is connected to it`);
  }
  if (scheme === "gs+ngauth+https" || scheme === "gs+ngauth+http") {
    const bucket = /^[^/]*\/(.*)$/s.exec(rest)?.[1] ?? "bucket/path";
    return unsupportedLocation("a store behind a login service", text, `open "gs://${bucket}" if it is public`);
  }
  return invalidLocation(`unknown scheme "${scheme}"`, text);
}

function parseBarePath(text: string, format: string | undefined, options: ParseLocationOptions): Location {
  if (/^[a-z][a-z0-9+.-]+:(\/|\\|$)/i.test(text)) {
    throw invalidLocation(`a scheme is followed by "://"`, text);
  }
  return parsePath(text, format, options);
}

/** The rest of a file URL, or a path. Differs from RFC 8089, as CloudFiles does: nothing is percent-decoded, no host. */
function parsePath(rest: string, format: string | undefined, options: ParseLocationOptions): Location {
  const path = rest
    .replace(/^localhost(?=\/)/, "")
    .replace(/^\/(?=[a-z]:([/\\]|$))/i, "")
    .replace(/^([a-z]:)$/i, "$1/");
  if (path === "") {
    throw invalidLocation("a file location without a path", `file://${rest}`);
  }
  const base = stripInfo(path.replaceAll(/[/\\]info$/g, "/info"), options);
  return makeLocation({
    scheme: "file",
    authority: "",
    path: absolutePath(base || (path.startsWith("/") ? "/" : "."), options),
    format,
  });
}

interface BucketText {
  readonly scheme: "gs" | "s3" | "mem";
  readonly rest: string;
  readonly format: string | undefined;
  readonly endpoint?: string;
}

function parseBucket({ scheme, rest, format, endpoint }: BucketText, options: ParseLocationOptions): Location {
  const whole = `${scheme}://${endpoint === undefined ? "" : `${endpoint}/`}${rest}`;
  const [, bucket = "", tail = ""] = /^([^/]*)(?:\/(.*))?$/s.exec(rest) ?? [];
  if (!/^[\w.-]+$/.test(bucket) || /^\.+$/.test(bucket)) {
    throw invalidLocation(bucket === "" ? "a bucket is missing" : `no bucket has the name "${bucket}"`, whole);
  }
  const path = dropDots(stripInfo(tail, options), whole);
  return makeLocation({ scheme, authority: bucket, path, format, endpoint });
}

function parseS3(rest: string, format: string | undefined, options: ParseLocationOptions): Location {
  const [, endpoint, inside] = /^(https?:\/\/[^/]*)\/*(.*)$/is.exec(rest) ?? [];
  if (endpoint === undefined || inside === undefined) {
    return parseBucket({ scheme: "s3", rest, format }, options);
  }
  const url = parseUrl(endpoint, `s3://${rest}`);
  return parseBucket({ scheme: "s3", rest: inside, format, endpoint: url.origin }, options);
}

function parseWeb(
  scheme: "http" | "https" | "middleauth+https" | "ngauth+https",
  text: string,
  format: string | undefined,
  options: ParseLocationOptions,
): Location {
  const url = parseUrl(text.replace(/^(middleauth|ngauth)\+/i, ""), text);
  const page = locationOfPage(url);
  if (page !== undefined) {
    return parseStore(page.text, format ?? page.format, options);
  }
  const path = stripInfo(url.pathname.slice(1), options);
  const query = url.search === "" ? undefined : url.search;
  return makeLocation({ scheme, authority: url.host, path, format, query });
}

function parseUrl(text: string, shown: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalidLocation("not a URL", shown);
  }
  if (url.username !== "" || url.password !== "") {
    throw invalidLocation("a location may not hold a user or a password", shown);
  }
  return url;
}

/** `…/info` names the layer, unless an object is asked for. */
function stripInfo(path: string, { isObject }: ParseLocationOptions): string {
  return isObject === true ? path : path.replace(/(^|\/)info$/, "");
}

/** Resolves `.` and `..` inside a bucket. Empty parts stay: they are legal in keys. */
function dropDots(path: string, whole: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === ".." && parts.pop() === undefined) {
      throw invalidLocation(`".." leads out of the bucket`, whole);
    }
    if (part !== ".." && part !== ".") {
      parts.push(part);
    }
  }
  return parts.join("/").replace(/^\/+/, "");
}
