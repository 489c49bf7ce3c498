/** Entries of a folder: sub-folders with the layer in them, files with their size. What cannot be looked into is listed without. */
import type { FolderEntry, LayerSummary } from "../../../schemas/protocol/storage.ts";
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import { createLimiter } from "../base/limiter.ts";
import { describeError, InvalidMetadataError, isVolumeError, PermissionDeniedError, TooLargeError } from "../errors.ts";
import { joinLocation, type Location } from "../storage/location.ts";
import { resolveLocation } from "../storage/resolveLocation.ts";
import type { ListEntry, Store } from "../storage/store.ts";
import { describeInfoText } from "./describeLayer.ts";

/** What listing needs of an engine. */
export interface FolderHost {
  openStore(location: string): Store;
  readText(store: Store, key: string, options?: Cancellable): Promise<string | undefined>;
}

/** Sub-folders looked into at once. */
const probes = 16;

/** The entries of a page, with the layers in its folders and the sizes of its files; some at once. */
export async function describeEntries(
  host: FolderHost,
  store: Store,
  entries: readonly ListEntry[],
  signal: AbortSignal | undefined,
): Promise<readonly FolderEntry[]> {
  const limiter = createLimiter(probes);
  const described = entries.map((entry) =>
    limiter.run(
      () =>
        entry.kind === "folder" ? describeFolder(host, store, entry.name, signal) : describeFile(store, entry, signal),
      { signal },
    ),
  );
  return (await Promise.all(described)).filter((entry) => entry !== undefined);
}

/** The folder that an info names; `undefined` for a reference that leads where a document may not lead. */
export async function describeReference(
  host: FolderHost,
  store: Store,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<FolderEntry | undefined> {
  try {
    const location = resolveLocation(reference, store.location);
    const isInside = location.text.startsWith(`${store.location.text}/`);
    const layer = isInside ? await probeLayer(host, store, reference.replace(/^\.\/|\/+$/g, ""), signal) : undefined;
    return { name: reference, kind: "folder", location: location.text, ...(layer !== undefined && { layer }) };
  } catch (error) {
    throwIfAborted(signal);
    if (!isVolumeError(error)) {
      throw error;
    }
    return undefined;
  }
}

async function describeFolder(
  host: FolderHost,
  store: Store,
  name: string,
  signal: AbortSignal | undefined,
): Promise<FolderEntry | undefined> {
  const location = childLocation(store.location, name);
  if (location === undefined) {
    return undefined;
  }
  const layer = await probeLayer(host, store, name, signal);
  return { name, kind: "folder", location: location.text, ...(layer !== undefined && { layer }) };
}

/** A file with its size; `undefined` when it is absent. */
export async function describeFile(
  store: Store,
  { name, sizeBytes, modifiedMs }: ListEntry,
  signal: AbortSignal | undefined,
): Promise<FolderEntry | undefined> {
  const location = childLocation(store.location, name);
  if (location === undefined) {
    return undefined;
  }
  const size = sizeBytes ?? (await statOf(store, name, signal));
  if (size === "absent") {
    return undefined;
  }
  const text = name === "info" ? location.text.replace(/\/$/, "") : location.text;
  return {
    name,
    kind: "file",
    location: text,
    ...(size !== undefined && { sizeBytes: size }),
    ...(modifiedMs !== undefined && { modifiedMs }),
  };
}

/** A size that cannot be learned is left out. */
async function statOf(
  store: Store,
  name: string,
  signal: AbortSignal | undefined,
): Promise<number | "absent" | undefined> {
  try {
    const facts = await store.stat?.(name, { signal });
    return facts === undefined && store.stat !== undefined ? "absent" : facts?.sizeBytes;
  } catch {
    throwIfAborted(signal);
    return undefined;
  }
}

/** Names that no key can have (a hostile listing's `..`) have no location. */
function childLocation(location: Location, name: string): Location | undefined {
  try {
    return name === "" ? undefined : joinLocation(location, name);
  } catch {
    return undefined;
  }
}

/** The layer in a sub-folder, by its `info`; `undefined` when there is none or it cannot be read. */
async function probeLayer(
  host: FolderHost,
  store: Store,
  name: string,
  signal: AbortSignal | undefined,
): Promise<LayerSummary | undefined> {
  try {
    const text = await readInfoBelow(host, store, name, signal);
    return text === undefined ? undefined : describeInfoText(text);
  } catch (error) {
    throwIfAborted(signal);
    return isBadInfo(error) ? { kind: "unknown", problem: describeError(error) } : undefined;
  }
}

/** A folder that is a link out of this one is opened as a place of its own, as it is when a person opens it. */
async function readInfoBelow(
  host: FolderHost,
  store: Store,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return await host.readText(store, `${name}/info`, { signal });
  } catch (error) {
    if (!(error instanceof PermissionDeniedError) || store.location.scheme !== "file") {
      throw error;
    }
    return host.readText(host.openStore(joinLocation(store.location, name).text), "info", { signal });
  }
}

/** Is the info there, and no text that could be one? */
export function isBadInfo(error: unknown): boolean {
  return error instanceof InvalidMetadataError || error instanceof TooLargeError;
}
