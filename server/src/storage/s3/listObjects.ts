/**
 * Listings of a bucket, page by page as they are read.
 *
 * S3 sorts whole keys by their UTF-8 bytes; a folder stands where its name with the "/" does. A listing in another order would have to be read to
 * its end first: so `after` of a folder has the "/" too.
 */
import type { ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { UnreachableError } from "../../errors.ts";
import type { ListEntry, ListOptions } from "../store.ts";
import { abortOf } from "./multipart.ts";
import type { SdkClients } from "./sdk.ts";

export interface ListingOptions {
  readonly bucket: string;
  readonly clients: SdkClients;
  /** Before each key. */
  readonly root: string;
}

/** The service's limit. */
const maxPage = 1000;

/** Names below root and prefix. Names that no key of a store may have (an empty, `.` or `..` part) are left out. */
export async function* listObjects(
  { bucket, clients, root }: ListingOptions,
  { signal, prefix = "", delimiter = true, after, pageSize = maxPage }: ListOptions = {},
): AsyncGenerator<ListEntry> {
  const below = root + prefix;
  const start = after === undefined ? undefined : below + (after.endsWith("/") ? `${after}\u{10FFFF}` : after);
  let token: string | undefined;
  do {
    throwIfAborted(signal);
    const page = await clients.run(
      ({ sdk, client, payer }) =>
        client.send(
          new sdk.ListObjectsV2Command({
            Bucket: bucket,
            Prefix: below,
            EncodingType: "url",
            MaxKeys: Math.max(1, Math.min(pageSize, maxPage)),
            ...(delimiter && { Delimiter: "/" }),
            ...(token === undefined ? start !== undefined && { StartAfter: start } : { ContinuationToken: token }),
            ...payer,
          }),
          abortOf(signal),
        ),
      { signal },
    );
    for (const entry of entriesOf(page, below)) {
      if (after === undefined || compareNames(sortName(entry), after) > 0) {
        throwIfAborted(signal);
        yield entry;
      }
    }
    const next = page.IsTruncated === true ? (page.NextContinuationToken ?? "") : undefined;
    if (next === "" || (next !== undefined && next === token)) {
      throw new UnreachableError("the service does not say where its listing goes on", { key: below });
    }
    token = next;
  } while (token !== undefined);
}

/** A bucket of an account. */
export interface BucketEntry {
  readonly name: string;
  readonly region?: string;
  /** In ms since 1970. */
  readonly createdMs?: number;
}

/** The buckets that the account may list, by name. */
export async function* listBuckets(clients: SdkClients, { signal }: Cancellable): AsyncGenerator<BucketEntry> {
  let token: string | undefined;
  do {
    throwIfAborted(signal);
    const { Buckets = [], ContinuationToken } = await clients.run(
      ({ sdk, client }) =>
        client.send(
          new sdk.ListBucketsCommand({ ...(token !== undefined && { ContinuationToken: token }) }),
          abortOf(signal),
        ),
      { signal },
    );
    for (const { Name, BucketRegion, CreationDate } of Buckets) {
      if (Name !== undefined) {
        yield {
          name: Name,
          ...(BucketRegion !== undefined && { region: BucketRegion }),
          ...(CreationDate !== undefined && { createdMs: CreationDate.getTime() }),
        };
      }
    }
    token = ContinuationToken;
  } while (token !== undefined && token !== "");
}

/** A page's objects and folders in one order. */
function entriesOf(page: ListObjectsV2CommandOutput, below: string): readonly ListEntry[] {
  const decode = page.EncodingType === "url" ? decodeUrl : (text: string) => text;
  const entries: ListEntry[] = [];
  for (const { Prefix } of page.CommonPrefixes ?? []) {
    const name = decode(Prefix ?? "").slice(below.length, -1);
    if (isName(name)) {
      entries.push({ name, kind: "folder" });
    }
  }
  for (const { Key, Size, LastModified, ETag } of page.Contents ?? []) {
    const name = decode(Key ?? "").slice(below.length);
    if (isName(name)) {
      entries.push({
        name,
        kind: "object",
        ...(Size !== undefined && { sizeBytes: Size }),
        ...(LastModified !== undefined && { modifiedMs: LastModified.getTime() }),
        ...(ETag !== undefined && { etag: ETag }),
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

/** `encoding-type=url`: a plus is a space. */
function decodeUrl(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text; // not UTF-8: such a key has no name here
  }
}
