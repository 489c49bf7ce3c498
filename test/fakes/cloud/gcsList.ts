/** Listings of the fake GCS, and the `fields` parameter of its JSON API. */
import { resourceOf } from "./gcsObjects.ts";
import { type GcsBucket, invalid, jsonReply, notImplemented } from "./gcsState.ts";
import { queryOf, type ServiceReply, type ServiceRequest } from "./service.ts";
import { compareKeys, isBehindPlace } from "./sortedObjects.ts";

const largestPage = 1000;

export function listObjects(request: ServiceRequest, bucket: GcsBucket): ServiceReply {
  for (const name of ["matchGlob", "versions", "softDeleted", "includeTrailingDelimiter", "includeFoldersAsPrefixes"]) {
    if (![undefined, "false"].includes(queryOf(request, name))) {
      throw notImplemented(name);
    }
  }
  const token = queryOf(request, "pageToken");
  const startOffset = queryOf(request, "startOffset") ?? "";
  const endOffset = queryOf(request, "endOffset");
  const maxResults = Number(queryOf(request, "maxResults") ?? largestPage);
  if (!Number.isInteger(maxResults) || maxResults < 0) {
    throw invalid("Invalid value for maxResults");
  }
  const page = bucket.objects.list({
    prefix: queryOf(request, "prefix") ?? "",
    delimiter: queryOf(request, "delimiter") ?? "",
    isBehind: token === undefined ? (key) => compareKeys(key, startOffset) >= 0 : isBehindPlace(placeOf(token)),
    max: Math.min(maxResults || largestPage, largestPage),
  });
  const isBefore = (key: string): boolean =>
    endOffset === undefined || endOffset === "" || compareKeys(key, endOffset) < 0;
  const keys = page.keys.filter(isBefore);
  const prefixes = page.prefixes.filter(isBefore);
  return jsonReply({
    kind: "storage#objects",
    ...(page.next !== undefined && { nextPageToken: Buffer.from(page.next).toString("base64") }),
    ...(prefixes.length > 0 && { prefixes }),
    ...(keys.length > 0 && {
      items: keys.map((key) => {
        const object = bucket.objects.get(key);
        return object && resourceOf(bucket, key, object);
      }),
    }),
  });
}

/** The bucket's resource, as the JSON API gives it. */
export function bucketResource({ name, options }: GcsBucket): object {
  const billing = options.requesterPays === true && { billing: { requesterPays: true } };
  return { kind: "storage#bucket", id: name, name, location: "US", storageClass: "STANDARD", ...billing };
}

function placeOf(token: string): string {
  const place = Buffer.from(token, "base64").toString();
  if (!/^[kp]/.test(place)) {
    throw invalid("Invalid page token");
  }
  return place;
}

/** What `fields` selects, `items(name,size),nextPageToken` or `items/name`, of a JSON value. */
export function selectFields(value: unknown, fields: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => selectFields(item, fields));
  }
  const selected: Record<string, unknown> = {};
  for (const field of splitFields(fields)) {
    const [, name = "", , nested, below] = /^([^(/]+)(\((.*)\)|\/(.*))?$/s.exec(field)?.map((part) => part ?? "") ?? [];
    const source = Object.entries(value ?? {}).filter(([key]) => name === "*" || key === name);
    for (const [key, found] of source) {
      const rest = nested || below || "";
      selected[key] = rest === "" ? found : selectFields(found, rest);
    }
  }
  return selected;
}

/** At the commas outside parentheses. */
function splitFields(fields: string): string[] {
  let depth = 0;
  const parts = [""];
  for (const character of fields) {
    depth += character === "(" ? 1 : character === ")" ? -1 : 0;
    if (character === "," && depth === 0) {
      parts.push("");
    } else {
      parts[parts.length - 1] += character;
    }
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}
