/**
 * Index pages of web servers: the names in a folder, from the links of an HTML page (Apache in its three shapes, nginx) or nginx's JSON.
 *
 * A name is what a link's address says, never its text, which servers cut: the last part of an address right below the page's own. Links to sort
 * by, to parents and to elsewhere are left out.
 */
import type { ListEntry } from "../store.ts";
import { decodeEntities } from "../web/objectListXml.ts";

export interface IndexPage {
  /** Where the page is, with the slash at its end. */
  readonly url: URL;
  readonly contentType: string;
  readonly text: string;
}

/** The entries in ascending order; `undefined` where this is no index page. */
export function parseIndexPage(page: IndexPage): ListEntry[] | undefined {
  const isJson = page.contentType.startsWith("application/json");
  const entries = isJson ? parseJson(page.text) : parseHtml(page);
  if (entries === undefined) {
    return undefined;
  }
  const byName = new Map(entries.map((entry) => [`${entry.name}\0${entry.kind === "folder" ? 1 : 0}`, entry]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** `[{"name", "type": "directory" | "file", "mtime", "size"?}, …]`: `autoindex_format json`. */
function parseJson(text: string): ListEntry[] | undefined {
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(items) || !items.every(isItem)) {
    return undefined;
  }
  return items.map(({ name, type, mtime, size }) => {
    const modifiedMs = Date.parse(mtime ?? "");
    return {
      name,
      kind: type === "directory" ? ("folder" as const) : ("object" as const),
      ...(size !== undefined && { sizeBytes: size }),
      ...(Number.isFinite(modifiedMs) && { modifiedMs }),
    };
  });
}

interface Item {
  readonly name: string;
  readonly type: string;
  readonly mtime?: string;
  readonly size?: number;
}

function isItem(item: unknown): item is Item {
  if (typeof item !== "object" || item === null) {
    return false;
  }
  const { name, type, mtime, size } = item as Readonly<Record<string, unknown>>;
  return (
    typeof name === "string" &&
    isName(name) &&
    typeof type === "string" &&
    (mtime === undefined || typeof mtime === "string") &&
    (size === undefined || (typeof size === "number" && size >= 0))
  );
}

function parseHtml({ url, contentType, text }: IndexPage): ListEntry[] | undefined {
  const isHtml = /^(text\/html|application\/xhtml\+xml)\b/i.test(contentType);
  if (!isHtml || !/<(title|h1)>\s*(Index of|Directory listing for)\b/i.test(text)) {
    return undefined;
  }
  const entries: ListEntry[] = [];
  for (const [, address = "", after = ""] of text.matchAll(/<a\s[^>]*?href="([^"]*)"[^>]*>[^<]*<\/a>([^<\n]*)/gi)) {
    const entry = entryOf(decodeEntities(address), url);
    if (entry !== undefined) {
      entries.push({ ...entry, ...(entry.kind === "object" ? factsOf(after) : {}) });
    }
  }
  return entries;
}

/** What a link right below the page leads to. */
function entryOf(address: string, page: URL): ListEntry | undefined {
  if (/[?#]/.test(address) || !URL.canParse(address, page.href)) {
    return undefined;
  }
  const { origin, pathname } = new URL(address, page.href);
  if (origin !== page.origin || !pathname.startsWith(page.pathname)) {
    return undefined;
  }
  const [, part = "", slash = "", rest] = /^([^/]+)(\/?)(.*)$/s.exec(pathname.slice(page.pathname.length)) ?? [];
  const name = decodePart(part);
  return rest === "" && isName(name) ? { name, kind: slash === "" ? "object" : "folder" } : undefined;
}

/** nginx: `22-Nov-2026 19:26    1234`, in UTC and bytes. Apache rounds sizes, so they are not taken. */
function factsOf(text: string): Pick<ListEntry, "sizeBytes" | "modifiedMs"> {
  const [, date, size] = /^\s+(\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2})\s+(\d+)\s*$/.exec(text) ?? [];
  const modifiedMs = Date.parse(`${(date ?? "").replaceAll("-", " ")} UTC`);
  return size === undefined || !Number.isFinite(modifiedMs) ? {} : { sizeBytes: Number(size), modifiedMs };
}

function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
