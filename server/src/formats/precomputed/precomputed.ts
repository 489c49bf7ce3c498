/** The Precomputed format: `info`, redirects, unsharded images, provenance. */
import { throwIfAborted } from "../../base/abort.ts";
import { InvalidMetadataError, NotFoundError, withErrorFields } from "../../errors.ts";
import type { Store } from "../../storage/store.ts";
import type { OpenContext, OpenedVolume, VolumeFormat } from "../format.ts";
import { createChunkSource } from "./chunkSource.ts";
import { parseInfo } from "./info.ts";
import { checkProvenance, emptyProvenance, formatProvenance, parseProvenance } from "./provenance.ts";

export const precomputedFormat: VolumeFormat = {
  name: "precomputed",
  async probe(store, context) {
    return (await context.readText(store, "info", context)) !== undefined;
  },
  open: openVolume,
  chunkSource: createChunkSource,
  create(document, { provenance }) {
    const metadata = parseInfo(document);
    const objects = new Map<string, string>();
    if (provenance !== undefined) {
      objects.set("provenance", formatProvenance(checkProvenance(provenance)));
    }
    objects.set("info", formatInfo(document));
    return { metadata, objects };
  },
  async readProvenance(store, context) {
    const text = await context.readText(store, "provenance", context);
    return text === undefined ? emptyProvenance : parseProvenance(text);
  },
};

/** Follows `redirect` members, at most `maxRedirects`; a layer that names itself is no redirect. */
async function openVolume(first: Store, context: OpenContext): Promise<OpenedVolume> {
  const visited: string[] = [];
  let store = first;
  for (;;) {
    throwIfAborted(context.signal);
    const location = store.location.text;
    const document = await readInfo(store, context);
    const redirect = redirectOf(document);
    const target = redirect === undefined || context.maxRedirects <= 0 ? undefined : context.openStore(redirect, store);
    if (target === undefined || target.location.text === location) {
      return { metadata: parseAt(location, document), store, redirectedFrom: visited };
    }
    visited.push(location);
    if (visited.includes(target.location.text)) {
      throw new InvalidMetadataError(
        `the redirects go in a circle: ${[...visited, target.location.text].join(" -> ")}`,
        { location },
      );
    }
    if (visited.length > context.maxRedirects) {
      throw new InvalidMetadataError(`too many redirects (more than ${context.maxRedirects})`, { location });
    }
    store = target;
  }
}

async function readInfo(store: Store, context: OpenContext): Promise<unknown> {
  const location = store.location.text;
  const text = await context.readText(store, "info", context);
  if (text === undefined) {
    throw new NotFoundError(`no info file here: ${location}`, {
      location,
      key: "info",
      hint: "check the path; a layer is the folder that holds the file named info",
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidMetadataError(
      `info is not valid JSON: ${(error as Error).message}`,
      { location, key: "info" },
      { cause: error },
    );
  }
}

function redirectOf(document: unknown): string | undefined {
  const redirect = (document as { redirect?: unknown } | null)?.redirect;
  return typeof redirect === "string" && redirect !== "" ? redirect : undefined;
}

function parseAt(location: string, document: unknown): ReturnType<typeof parseInfo> {
  try {
    return parseInfo(document);
  } catch (error) {
    throw withErrorFields(error, { location, key: "info" });
  }
}

/** As CloudVolume commits it: sorted keys, indented by 2. */
export function formatInfo(document: unknown): string {
  return JSON.stringify(sortKeys(document), null, 2);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sortKeys);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sortKeys(member)]));
}
