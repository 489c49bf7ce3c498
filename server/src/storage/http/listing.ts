/**
 * Listings over plain HTTP, where the server offers one: Google's JSON API behind its storage host, S3's XML (virtual-hosted or path style), index
 * pages of Apache and nginx. Which one it is shows in the host's name, else in what the server answers; the store remembers it.
 */
import { throwIfAborted } from "../../base/abort.ts";
import { UnsupportedError } from "../../errors.ts";
import { encodeKey, type Location } from "../location.ts";
import type { ListEntry, ListOptions } from "../store.ts";
import { parseObjectPage } from "../web/objectListXml.ts";
import type { ReadPage, WebPage } from "../web/objectReader.ts";
import { parseGooglePage } from "./googlePage.ts";
import { parseIndexPage } from "./indexPage.ts";

/** A page of a listing may have this many bytes: 1,000 objects with the longest keys take 4 MiB. */
export const maxPageBytes = 16 * 2 ** 20;
/** Folders inside folders that a listing without delimiter enters on index pages. */
const maxDepth = 32;

export interface ListingOptions {
  readonly location: Location;
  readonly readPage: ReadPage;
  /** Hosts whose buckets Google's JSON API lists. */
  readonly googleHosts: readonly string[];
}

/** Where a bucket is listed, and what keys have before the store's own. */
interface Bucket {
  readonly kind: "google" | "s3";
  readonly url: URL;
  readonly root: string;
}
type Place = Bucket | { readonly kind: "index" };

/** One page: entries relative to the prefix, and what asks for the next page. */
interface Page {
  readonly entries: readonly ListEntry[];
  readonly token?: string | undefined;
}

export function createListing(options: ListingOptions): (list?: ListOptions) => AsyncIterable<ListEntry> {
  let known: Place | undefined;
  return async function* list(request = {}) {
    throwIfAborted(request.signal);
    known ??= await findPlace(options, request);
    yield* known.kind === "index" ? listIndex(options, request) : listBucket(options, known, request);
  };
}

async function findPlace(options: ListingOptions, { signal }: ListOptions): Promise<Place> {
  const { location, readPage } = options;
  const base = new URL(`${location.scheme.replace(/^.*\+/, "")}://${location.authority}/`);
  const path = decodeURI(location.path);
  const [, first = "", rest = ""] = /^([^/]*)\/?(.*)$/s.exec(path) ?? [];
  if (options.googleHosts.includes(location.authority)) {
    const url = new URL(`/storage/v1/b/${encodeURIComponent(first)}/o`, base);
    return { kind: "google", url, root: rest === "" ? "" : `${rest}/` };
  }
  const virtual: Bucket = { kind: "s3", url: base, root: path === "" ? "" : `${path}/` };
  const pathStyle: Bucket = {
    kind: "s3",
    url: first === "" ? base : new URL(`/${encodeURIComponent(first)}/`, base),
    root: rest === "" ? "" : `${rest}/`,
  };
  const [, bucket, isAmazon] = /^(?:(.+)\.)?s3(?:[.-][a-z0-9-]+)*(\.amazonaws\.com)$/.exec(base.hostname) ?? [];
  if (isAmazon !== undefined) {
    return bucket === undefined ? pathStyle : virtual;
  }
  const index = await readPage(folderUrl(location, ""), { signal, maxBytes: maxPageBytes });
  if (index !== undefined && indexOf(index) !== undefined) {
    return { kind: "index" };
  }
  for (const candidate of path === "" ? [virtual] : [pathStyle, virtual]) {
    if ((await readBucketPage(options, candidate, { signal, pageSize: 1 })) !== undefined) {
      return candidate;
    }
  }
  throw new UnsupportedError("the server does not list folders", {
    location: location.text,
    hint: "open a layer by its path; of a bucket, try its gs:// or s3:// form",
  });
}

async function* listBucket(options: ListingOptions, bucket: Bucket, request: ListOptions): AsyncIterable<ListEntry> {
  let token: string | undefined;
  do {
    const page = await readBucketPage(options, bucket, request, token);
    if (page === undefined) {
      return;
    }
    for (const entry of page.entries) {
      throwIfAborted(request.signal);
      yield entry;
    }
    token = page.token;
  } while (token !== undefined);
}

/** `undefined` where the server knows no such listing. */
async function readBucketPage(
  { readPage }: ListingOptions,
  bucket: Bucket,
  { prefix = "", delimiter = true, after, pageSize, signal }: ListOptions,
  token?: string,
): Promise<Page | undefined> {
  const below = bucket.root + prefix;
  const url = new URL(bucket.url);
  const isGoogle = bucket.kind === "google";
  const start = after === undefined ? undefined : below + startOf(after, isGoogle);
  const query: Readonly<Record<string, string | undefined>> = {
    prefix: below,
    delimiter: delimiter ? "/" : undefined,
    ...(isGoogle
      ? { startOffset: start, pageToken: token, maxResults: pageSize?.toString(), fields: googleFields }
      : {
          "list-type": "2",
          "encoding-type": "url",
          "start-after": start,
          "continuation-token": token,
          "max-keys": pageSize?.toString(),
        }),
  };
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) {
      url.searchParams.set(name, value);
    }
  }
  const page = await readPage(url, { signal, maxBytes: maxPageBytes });
  const text = page && new TextDecoder().decode(page.bytes);
  const parsed = text === undefined ? undefined : isGoogle ? parseGooglePage(text) : parseObjectPage(text);
  return parsed && { entries: relative(parsed, below, after), token: parsed.nextToken };
}

/** Behind a folder come the names with the sign after "/"; Google's start belongs to the page, S3's does not. */
function startOf(after: string, isGoogle: boolean): string {
  return after.endsWith("/") ? (isGoogle ? `${after.slice(0, -1)}0` : `${after}\u{10FFFF}`) : after;
}

const googleFields = "items(name,size,updated,etag),prefixes,nextPageToken";

/** Objects and folders in one order; without the marker of the folder itself, and without what came before. */
function relative(
  { objects, prefixes }: NonNullable<ReturnType<typeof parseObjectPage>>,
  below: string,
  after: string | undefined,
): ListEntry[] {
  const entries: (ListEntry & { readonly key: string })[] = [
    ...objects.map(({ key, ...facts }) => ({ ...facts, key, name: key.slice(below.length), kind: "object" as const })),
    ...prefixes.map((key) => ({ key, name: key.slice(below.length).replace(/\/$/, ""), kind: "folder" as const })),
  ];
  return entries
    .filter(({ name, key }) => name !== "" && key.startsWith(below) && key !== `${below}${after}`)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key: _key, ...entry }) => entry);
}

async function* listIndex(
  options: ListingOptions,
  { prefix = "", delimiter = true, after, signal }: ListOptions,
  depth = 0,
): AsyncIterable<ListEntry> {
  const last = after?.replace(/\/$/, "");
  const page = await options.readPage(folderUrl(options.location, prefix), { signal, maxBytes: maxPageBytes });
  const entries = (page && indexOf(page)) ?? [];
  for (const entry of delimiter ? entries : entries.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))) {
    throwIfAborted(signal);
    if (delimiter || entry.kind === "object") {
      if (last === undefined || entry.name > last) {
        yield entry;
      }
    } else if (depth < maxDepth) {
      const inner = { prefix: `${prefix}${entry.name}/`, delimiter, signal };
      for await (const found of listIndex(options, inner, depth + 1)) {
        const name = `${entry.name}/${found.name}`;
        if (last === undefined || name > last) {
          yield { ...found, name };
        }
      }
    }
  }
}

/** Whole names lie in the order of these. */
function keyOf({ name, kind }: ListEntry): string {
  return kind === "folder" ? `${name}/` : name;
}

function indexOf({ url, contentType, bytes }: WebPage): ListEntry[] | undefined {
  return parseIndexPage({ url, contentType, text: new TextDecoder().decode(bytes) });
}

function folderUrl({ scheme, authority, path }: Location, prefix: string): URL {
  const parts = [path, encodeKey(prefix.replace(/\/$/, ""))].filter((part) => part !== "").map((part) => `${part}/`);
  return new URL(`${scheme.replace(/^.*\+/, "")}://${authority}/${parts.join("")}`);
}
