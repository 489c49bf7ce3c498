/**
 * Locations as text: what a person typed or the server named. The server parses them; here they are only taken apart at their slashes,
 * to name, nest and show them. Grammar: `[FORMAT://]SCHEME://HOST/PATH`, optionally `|FORMAT:` at the end, or a path of this machine.
 */

const formats: readonly string[] = [
  "precomputed",
  "neuroglancer-precomputed",
  "zarr",
  "zarr2",
  "zarr3",
  "n5",
  "graphene",
  "boss",
];

/** A location in its parts; `[...prefixes, rest].join("://")` and then `suffix` is the text again, without its query. */
interface Parts {
  /** Format and scheme, as far as they are there. */
  readonly prefixes: readonly string[];
  /** Host and path, without slashes at its end. */
  readonly rest: string;
  /** `|precomputed:` and the like. */
  readonly suffix: string;
}

/** The location without its query, which may hold a key and is never shown or kept. */
export function withoutQuery(location: string): string {
  return isLocalPath(location) ? location : location.replace(/\?[^|]*/, "");
}

/** A short name for people: the last part of the path, decoded where it is part of a URL, or the host. */
export function nameOf(location: string): string {
  const name = lastPartOf(location);
  return split(location).prefixes.some((prefix) => prefix.endsWith("http") || prefix.endsWith("https"))
    ? decode(name)
    : name;
}

/** The last part of the path as it stands; the host when there is none. */
export function lastPartOf(location: string): string {
  const { rest } = split(location);
  return rest.split(/[/\\]/).findLast((part) => part !== "") ?? location;
}

/** The folder above; undefined at the top of a host or disk. */
export function parentOf(location: string): string | undefined {
  const parts = split(location);
  const slash = parts.rest.lastIndexOf("/");
  const isTop = slash < 0 || (slash === 0 && parts.rest.length <= 1);
  return isTop ? undefined : join({ ...parts, rest: slash === 0 ? "/" : parts.rest.slice(0, slash) });
}

/** A file or folder below. */
export function childOf(location: string, name: string): string {
  const parts = split(location);
  return join({ ...parts, rest: `${parts.rest.replace(/\/$/, "")}/${name}` });
}

/** The path on this machine, when the location is one. */
export function localPathOf(location: string): string | undefined {
  const { prefixes, rest, suffix } = split(location);
  const schemes = prefixes.filter((prefix) => !formats.includes(prefix));
  if (schemes.length === 0) {
    return isLocalPath(rest + suffix) ? rest : undefined;
  }
  return schemes.length === 1 && schemes[0] === "file" ? rest : undefined;
}

/** Two texts for the same place: a path and its `file://`, with and without a format, with and without a slash at the end. */
export function sameLocation(a: string, b: string): boolean {
  return keyOf(a) === keyOf(b);
}

/** Equal for equal places, as far as text tells. */
export function keyOf(location: string): string {
  const local = localPathOf(location);
  const { prefixes, rest } = split(location);
  return local ?? [...prefixes.filter((prefix) => !formats.includes(prefix)), rest].join("://");
}

/** Is `location` the place `above`, or below it? */
export function isWithin(location: string, above: string): boolean {
  const root = keyOf(above).replace(/[/\\]$/, "");
  const key = keyOf(location);
  return key === root || key.startsWith(`${root}/`) || key.startsWith(`${root}\\`);
}

/** The location as CloudVolume in Python wants it: with a format, and `file://` before a local path. */
export function cloudPathOf(location: string): string {
  const { prefixes, rest, suffix } = split(location);
  const format =
    suffix === "" ? prefixes.find((prefix) => formats.includes(prefix)) : suffix.slice(1).replace(/:.*$/, "");
  const schemes = prefixes.filter((prefix) => !formats.includes(prefix));
  return [format ?? "precomputed", ...(schemes.length === 0 ? ["file"] : schemes), rest].join("://");
}

/** Path of the virtual document `name` of a location, as in `cloudvolume:/precomputed:gs/bucket/layer/info`. */
export function documentPathOf(location: string, name: string): string {
  const { prefixes, rest, suffix } = split(withoutQuery(location));
  return `/${prefixes.join(":")}${suffix.replace(/:$/, "")}/${rest.replace(/^\//, "")}/${name}`;
}

/** The inverse of `documentPathOf`, for the path of a virtual document or of the folder that it is in. */
export function locationOfDocumentPath(path: string): { readonly folder: string; readonly name: string } | undefined {
  const match = /^\/([^/]+)\/(?:(.*)\/)?([^/]*)$/.exec(path);
  const [, head, folder = "", name = ""] = match ?? [];
  if (head === undefined) {
    return undefined;
  }
  const [prefixes = "", format] = head.split("|");
  const schemes = prefixes.split(":");
  const rest = schemes.at(-1) === "file" ? `/${folder}` : folder;
  return { folder: join({ prefixes: schemes, rest, suffix: format === undefined ? "" : `|${format}:` }), name };
}

/**
 * What is wrong with a text that shall be a location; undefined when it may be one. The server has the last word: it also takes what is
 * pasted from a console or a shell, so only what cannot be any of this is refused here.
 */
export function locationProblem(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === "") {
    return "a location is needed";
  }
  return isLocalPath(trimmed) || /:\/\/\S|^arn:/.test(trimmed)
    ? undefined
    : "not a location: it begins with a scheme (https://, gs://, s3://, file://), or it is a full path";
}

function isLocalPath(text: string): boolean {
  return /^(?:\/|~[\\/]|[A-Za-z]:[\\/]|\\\\)/.test(text);
}

function split(location: string): Parts {
  const [, body = "", suffix = ""] = /^([^|]*)(\|.*)?$/s.exec(withoutQuery(location.trim())) ?? [];
  const parts = body.split("://");
  const last = parts.pop() ?? "";
  return { prefixes: parts, rest: last.length > 1 ? last.replace(/\/+$/, "") : last, suffix };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function join({ prefixes, rest, suffix }: Parts): string {
  return [...prefixes, rest].join("://") + suffix;
}
