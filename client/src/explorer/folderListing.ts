/** What is known of one folder: its pages so far, or why it could not be listed. Listed when first asked for, at most once at a time. */
import type { WireError } from "../../../schemas/errors.ts";
import type {
  FolderEntry,
  LayerSummary,
  ListFolderParams,
  ListFolderResult,
} from "../../../schemas/protocol/storage.ts";
import type { RequestOptions } from "../server/link.ts";
import { toServerError } from "../server/serverError.ts";

/** Lists one page; fails with a `ServerError`. */
export type ListFolder = (params: ListFolderParams, options: RequestOptions) => Promise<ListFolderResult>;

/** A folder as far as it has been read. */
export interface FolderContents {
  readonly layer?: LayerSummary;
  readonly entries: readonly FolderEntry[];
  readonly hasMore: boolean;
  readonly chunks?: { readonly count: number; readonly isLowerBound: boolean };
  readonly cannotList: boolean;
  /** It could be listed, but not by this caller. */
  readonly isDenied?: boolean;
  readonly deniedReason?: string;
  /** What the names shown begin with or, among those listed before, contain. */
  readonly filter?: string;
  /** Why the folder, or its next page, could not be read. What was read before stays. */
  readonly problem?: WireError;
}

const nothing: FolderContents = { entries: [], hasMore: true, cannotList: false };

export class FolderListing {
  readonly #list: ListFolder;
  readonly #location: string;
  #contents: FolderContents | undefined;
  #pageToken: string | undefined;
  #filter: string | undefined;
  /** What was listed when the filter was set: searched for what the service cannot find, text inside names. */
  #before: readonly FolderEntry[] = [];
  #reading: Promise<FolderContents> | undefined;
  #controller = new AbortController();
  /** Grows with each reset: what was asked before must not fill what comes after. */
  #epoch = 0;

  constructor(list: ListFolder, location: string) {
    this.#list = list;
    this.#location = location;
  }

  /** What is known without asking. */
  get contents(): FolderContents | undefined {
    return this.#contents;
  }

  /** The first page, and those that `readMore` added. Never rejects: a failure is part of the contents. */
  read(): Promise<FolderContents> {
    return this.#contents === undefined ? this.#readPage() : Promise.resolve(this.#contents);
  }

  /** Adds the next page, if there is one; tries again after a failure. */
  readMore(): Promise<FolderContents> {
    return this.#contents?.hasMore === false ? this.read() : this.#readPage();
  }

  /** Stops what is being read; the contents say so. */
  cancel(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
  }

  /** Forgets everything; the next read asks again. */
  reset(): void {
    this.cancel();
    this.#epoch++;
    this.#contents = undefined;
    this.#pageToken = undefined;
    this.#reading = undefined;
  }

  /** Shows only names that begin with a text, asked of the service, and those listed so far that contain it. `undefined` shows all again. */
  setFilter(filter: string | undefined): void {
    const listed = this.#filter === undefined ? (this.#contents?.entries ?? []) : this.#before;
    this.reset();
    this.#before = filter === undefined ? [] : listed;
    this.#filter = filter;
  }

  get filter(): string | undefined {
    return this.#filter;
  }

  #readPage(): Promise<FolderContents> {
    this.#reading ??= this.#ask();
    return this.#reading;
  }

  async #ask(): Promise<FolderContents> {
    const { signal } = this.#controller;
    const epoch = this.#epoch;
    const filter = this.#filter;
    const known =
      this.#contents ?? (filter === undefined ? nothing : { ...nothing, filter, entries: this.#matching() });
    const token = this.#pageToken;
    let contents: FolderContents;
    let nextToken = token;
    try {
      const page = await this.#list(
        {
          location: this.#location,
          ...(token === undefined ? {} : { pageToken: token }),
          ...(filter === undefined ? {} : { prefixFilter: filter }),
        },
        { signal },
      );
      contents = withPage(known, page);
      nextToken = page.nextPageToken;
    } catch (error) {
      contents = { ...known, hasMore: true, problem: toServerError(error).wire };
    }
    if (epoch === this.#epoch) {
      this.#contents = contents;
      this.#pageToken = nextToken;
      this.#reading = undefined;
    }
    return contents;
  }

  #matching(): readonly FolderEntry[] {
    const wanted = this.#filter?.toLowerCase() ?? "";
    return this.#before.filter(({ name }) => name.toLowerCase().includes(wanted));
  }
}

function withPage({ problem: _solved, ...known }: FolderContents, page: ListFolderResult): FolderContents {
  const layer = page.layer ?? known.layer;
  const chunks = page.chunks ?? known.chunks;
  return {
    ...known,
    entries: known.filter === undefined ? [...known.entries, ...page.entries] : merged(known.entries, page.entries),
    hasMore: page.nextPageToken !== undefined,
    cannotList: page.cannotList ?? known.cannotList,
    ...(page.isDenied === undefined ? {} : { isDenied: page.isDenied }),
    ...(page.deniedReason === undefined ? {} : { deniedReason: page.deniedReason }),
    ...(layer === undefined ? {} : { layer }),
    ...(chunks === undefined ? {} : { chunks }),
  };
}

/** Entries of both, each once, in the order of their names. An object and a folder of one name are two. */
function merged(known: readonly FolderEntry[], found: readonly FolderEntry[]): readonly FolderEntry[] {
  const byName = new Map([...known, ...found].map((entry) => [`${entry.name}\0${entry.kind}`, entry]));
  return [...byName.keys()].sort().flatMap((key) => byName.get(key) ?? []);
}
