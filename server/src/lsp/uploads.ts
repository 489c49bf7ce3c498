/** Local files to objects: a single file as it is, the files of a folder as CloudVolume reads them, their suffix as content encoding. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { ObjectsOutcome, UploadFilesParams } from "../../../schemas/protocol/objects.ts";
import { throwIfAborted } from "../base/abort.ts";
import { eachAtOnce } from "../base/eachAtOnce.ts";
import { ConflictError, InvalidArgumentError, NotFoundError, ReadOnlyError, TooLargeError } from "../errors.ts";
import { contentTypeOf } from "../volume/contentTypes.ts";
import { folderAt, type StoreHost } from "../volume/objectAt.ts";
import type { WorkOptions } from "../volume/placedObjects.ts";
import { createTally, type Tally } from "../volume/tally.ts";

type Store = ReturnType<StoreHost["openStore"]>;

const atOnce = 4;
/** An object is sent from memory. */
const maxFileBytes = 2 ** 30;

/** Uploads files and folders below a location. What fails is counted; throws ReadOnlyError where nothing can be written. */
export async function uploadFiles(
  host: StoreHost,
  { paths, location, existing }: UploadFilesParams,
  options: WorkOptions,
): Promise<ObjectsOutcome> {
  const target = folderAt(host, location, options.start).store;
  if (target.put === undefined || !target.capabilities.write) {
    throw new ReadOnlyError(`nothing can be written here: ${target.location.text}`, { location: target.location.text });
  }
  const tally = createTally(options.onProgress);
  const { signal } = options;
  await eachAtOnce(filesOf(host, paths, options), { atOnce, signal }, async (file) => {
    try {
      await upload(file, { store: target, replaces: existing === "replace" }, tally, signal);
    } catch (error) {
      throwIfAborted(signal);
      tally.failAt(file.shown, error);
    }
  });
  return tally.outcome();
}

type Content = NonNullable<Awaited<ReturnType<Store["get"]>>>;

/** A file to upload, and the key that it gets. */
interface LocalFile {
  readonly key: string;
  readonly shown: string;
  read(): Promise<Content | undefined>;
}

async function* filesOf(host: StoreHost, paths: readonly string[], { signal }: WorkOptions): AsyncGenerator<LocalFile> {
  for (const given of paths) {
    if (!path.isAbsolute(given)) {
      throw new InvalidArgumentError(`a file to upload is a full path: "${given}"`);
    }
    const name = path.basename(given);
    if (!(await stat(given)).isDirectory()) {
      yield { key: name, shown: given, read: () => readWhole(given, signal) };
      continue;
    }
    const { store } = folderAt(host, `file://${given}`);
    for await (const entry of store.list?.({ delimiter: false, signal }) ?? []) {
      yield {
        key: `${name}/${entry.name}`,
        shown: path.join(given, entry.name),
        read: () => store.get(entry.name, { signal }),
      };
    }
  }
}

async function readWhole(file: string, signal: AbortSignal | undefined): Promise<Content> {
  const { size } = await stat(file);
  if (size > maxFileBytes) {
    throw new TooLargeError(`a file of ${size} bytes, at most ${maxFileBytes} are uploaded`, {
      hint: "use the service's own tool",
    });
  }
  return { bytes: await readFile(file, { ...(signal && { signal }) }) };
}

async function upload(
  { key, shown, read }: LocalFile,
  target: { readonly store: Store; readonly replaces: boolean },
  tally: Tally,
  signal: AbortSignal | undefined,
): Promise<void> {
  const object = await read();
  if (object === undefined) {
    throw new NotFoundError(`the file is gone: ${shown}`);
  }
  try {
    await target.store.put?.(key, object.bytes, {
      signal,
      contentType: contentTypeOf(key),
      ...(object.encoding !== undefined && { encoding: object.encoding }),
      ...(target.replaces ? {} : { onlyIf: "absent" as const }),
    });
    tally.add(object.bytes.length);
  } catch (error) {
    if (!(error instanceof ConflictError)) {
      throw error;
    }
    tally.exists();
  }
}
