/** A page of a bucket's listing as Google's JSON API gives it (`objects.list`, with the fields that are asked for). */
import type { ListedObject, ObjectPage } from "../web/objectListXml.ts";

/** The page; `undefined` where the text is no listing. */
export function parseGooglePage(text: string): ObjectPage | undefined {
  let page: unknown;
  try {
    page = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof page !== "object" || page === null) {
    return undefined;
  }
  const { items = [], prefixes = [], nextPageToken } = page as Readonly<Record<string, unknown>>;
  if (!Array.isArray(items) || !Array.isArray(prefixes)) {
    return undefined;
  }
  return {
    objects: items.map(objectOf).filter((object) => object !== undefined),
    prefixes: prefixes.filter((prefix) => typeof prefix === "string"),
    ...(typeof nextPageToken === "string" && { nextToken: nextPageToken }),
  };
}

function objectOf(item: unknown): ListedObject | undefined {
  const { name, size, updated, etag } = (item ?? {}) as Readonly<Record<string, unknown>>;
  const modifiedMs = Date.parse(String(updated));
  return typeof name !== "string"
    ? undefined
    : {
        key: name,
        sizeBytes: Number(size ?? 0),
        ...(Number.isFinite(modifiedMs) && { modifiedMs }),
        ...(typeof etag === "string" && { etag }),
      };
}
