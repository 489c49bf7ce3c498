/**
 * Reads a page of a bucket's listing as S3-compatible services give it (ListObjectsV2, `encoding-type=url`).
 *
 * Only the elements below are looked for, by name; entities are the five of XML and character references, nothing is expanded otherwise. Sizes are
 * bounded by the caller, who bounds the page.
 */

export interface ObjectPage {
  readonly objects: readonly ListedObject[];
  /** Common prefixes, with their slash. */
  readonly prefixes: readonly string[];
  /** Asks for the next page; absent on the last. */
  readonly nextToken?: string;
}

export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedMs?: number;
  readonly etag?: string;
}

/** The page; `undefined` where the text is no listing. */
export function parseObjectPage(text: string): ObjectPage | undefined {
  const [, list] = /<ListBucketResult\b[^>]*>(.*)<\/ListBucketResult>/s.exec(text) ?? [];
  if (list === undefined) {
    return undefined;
  }
  const isEncoded = textOf(list, "EncodingType") === "url";
  const name = (value: string): string => (isEncoded ? decodeName(value) : value);
  const token = textOf(list, "NextContinuationToken");
  return {
    objects: elements(list, "Contents").map((entry) => objectOf(entry, name)),
    prefixes: elements(list, "CommonPrefixes").map((entry) => name(textOf(entry, "Prefix") ?? "")),
    ...(textOf(list, "IsTruncated") === "true" && token !== undefined && { nextToken: token }),
  };
}

function objectOf(entry: string, name: (value: string) => string): ListedObject {
  const modifiedMs = Date.parse(textOf(entry, "LastModified") ?? "");
  const etag = textOf(entry, "ETag");
  return {
    key: name(textOf(entry, "Key") ?? ""),
    sizeBytes: Number(textOf(entry, "Size") ?? 0),
    ...(Number.isFinite(modifiedMs) && { modifiedMs }),
    ...(etag !== undefined && { etag }),
  };
}

function elements(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map(([, inner = ""]) => inner);
}

/** The text of the first element of this name; `undefined` where there is none. */
function textOf(text: string, name: string): string | undefined {
  const inner = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return inner === undefined ? undefined : decodeEntities(inner);
}

/** S3 writes a space as "+". */
function decodeName(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/** The five entities of XML, and character references; others stay as they are. */
export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) {
        return (Object.hasOwn(named, name) ? named[name] : undefined) ?? whole;
      }
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
