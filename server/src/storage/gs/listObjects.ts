/**
 * Listings of a bucket, page by page as they are read.
 *
 * The service sorts whole keys by their UTF-8 bytes; a folder stands where its name with the "/" does, and `after` of a folder has the "/" too.
 */
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { UnreachableError } from "../../errors.ts";
import type { ListEntry, ListOptions } from "../store.ts";
import { type Api, jsonOf } from "./api.ts";
import { bucketPath, withQuery } from "./place.ts";

export interface ListingOptions {
  readonly bucket: string;
  readonly api: Api;
  /** Before each key. */
  readonly root: string;
}

/** The service's limit. */
const maxPage = 1000;
const fields = "items(name,size,updated,generation),prefixes,nextPageToken";

/** Names below root and prefix. Names that no key of a store may have (an empty, `.` or `..` part) are left out. */
export async function* listObjects(
  { bucket, api, root }: ListingOptions,
  { signal, prefix = "", delimiter = true, after, pageSize = maxPage }: ListOptions = {},
): AsyncGenerator<ListEntry> {
  const below = root + prefix;
  const query = {
    prefix: below === "" ? undefined : below,
    delimiter: delimiter ? "/" : undefined,
    startOffset: after === undefined ? undefined : below + startOf(after),
    maxResults: String(Math.max(1, Math.min(pageSize, maxPage))),
    fields,
  };
  const read = (pageToken: string | undefined): ReturnType<typeof readJson> =>
    readJson(api, withQuery(`${bucketPath(bucket)}/o`, { ...query, pageToken }), { signal });
  for await (const page of pagesOf(read, { signal })) {
    for (const entry of entriesOf(page, below)) {
      if (after === undefined || compareNames(sortName(entry), after) > 0) {
        throwIfAborted(signal);
        yield entry;
      }
    }
  }
}

/** A bucket of a project. */
export interface BucketEntry {
  readonly name: string;
  /** `US`, `EUROPE-WEST4` */
  readonly region?: string;
  /** In ms since 1970. */
  readonly createdMs?: number;
}

/** The buckets of a project that the account may list, by name. */
export async function* listBuckets(api: Api, project: string, { signal }: Cancellable): AsyncGenerator<BucketEntry> {
  const query = { project, maxResults: String(maxPage), fields: "items(name,location,timeCreated),nextPageToken" };
  const read = (pageToken: string | undefined): ReturnType<typeof readJson> =>
    readJson(api, withQuery("/storage/v1/b", { ...query, pageToken }), { signal });
  for await (const { items = [] } of pagesOf(read, { signal })) {
    for (const item of Array.isArray(items) ? items : []) {
      const { name, location, timeCreated } = (item ?? {}) as Readonly<Record<string, unknown>>; // each is looked at below
      const createdMs = Date.parse(String(timeCreated));
      if (typeof name === "string") {
        yield {
          name,
          ...(typeof location === "string" && { region: location }),
          ...(Number.isFinite(createdMs) && { createdMs }),
        };
      }
    }
  }
}

type Page = Readonly<Record<string, unknown>>;

async function readJson(api: Api, path: string, options: Cancellable): Promise<Page> {
  return api.run(async (send) => jsonOf(await send({ method: "GET", path })), options);
}

async function* pagesOf(
  read: (token: string | undefined) => Promise<Page>,
  { signal }: Cancellable,
): AsyncGenerator<Page> {
  let token: string | undefined;
  do {
    throwIfAborted(signal);
    const page = await read(token);
    yield page;
    const next = typeof page.nextPageToken === "string" && page.nextPageToken !== "" ? page.nextPageToken : undefined;
    if (next !== undefined && next === token) {
      throw new UnreachableError("the service does not say where its listing goes on");
    }
    token = next;
  } while (token !== undefined);
}

/** `startOffset` is inclusive: behind a folder come the names with the sign after "/". */
function startOf(after: string): string {
  return after.endsWith("/") ? `${after.slice(0, -1)}0` : after;
}

/** A page's objects and folders in one order. */
function entriesOf({ items = [], prefixes = [] }: Page, below: string): readonly ListEntry[] {
  if (!Array.isArray(items) || !Array.isArray(prefixes)) {
    throw new UnreachableError("the service's listing is not what its API says");
  }
  const entries: ListEntry[] = [];
  for (const prefix of prefixes) {
    const name = String(prefix).slice(below.length, -1);
    if (isName(name)) {
      entries.push({ name, kind: "folder" });
    }
  }
  for (const item of items) {
    const { name: key, size, updated, generation } = (item ?? {}) as Readonly<Record<string, unknown>>; // each is looked at below
    const name = String(key).slice(below.length);
    const modifiedMs = Date.parse(String(updated));
    if (typeof key === "string" && isName(name)) {
      entries.push({
        name,
        kind: "object",
        ...(/^\d+$/.test(String(size)) && { sizeBytes: Number(size) }),
        ...(Number.isFinite(modifiedMs) && { modifiedMs }),
        ...(/^\d+$/.test(String(generation)) && { etag: String(generation) }),
      });
    }
  }
  return entries.sort((a, b) => compareNames(sortName(a), sortName(b)));
}

/** Names with an empty part are placeholders of folders, and what no key of a store can be. */
function isName(name: string): boolean {
  return !/(?:^|\/)\.{0,2}(?:\/|$)|\0/.test(name);
}

function sortName({ name, kind }: ListEntry): string {
  return kind === "folder" ? `${name}/` : name;
}

/** As UTF-8 sorts: by code points, where UTF-16 puts the surrogates of those beyond U+FFFF before U+E000. */
function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) {
      return sortUnit(left) - sortUnit(right);
    }
  }
  return a.length - b.length;
}

function sortUnit(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
