/** Handlers of the storage requests: folders, small texts, the sample. */
import { homedir } from "node:os";
import type {
  ListFolderParams,
  ListFolderResult,
  ReadTextParams,
  ReadTextResult,
  WriteSampleParams,
  WriteSampleResult,
} from "../../../schemas/protocol/storage.ts";
import type { Cancellable } from "../base/abort.ts";
import type { FolderHost } from "../volume/folderEntries.ts";
import { listFolder } from "../volume/folders.ts";
import { readTextAt } from "../volume/textAt.ts";

export interface StorageHandlerDeps extends FolderHost {
  /** Writes the sample below a folder. */
  writeSample(directory: string, options: Cancellable): Promise<WriteSampleResult>;
}

export interface StorageHandlers {
  listFolder(params: ListFolderParams, options: Cancellable): Promise<ListFolderResult>;
  readText(params: ReadTextParams, options: Cancellable): Promise<ReadTextResult>;
  writeSample(params: WriteSampleParams, options: Cancellable): Promise<WriteSampleResult>;
}

export function createStorageHandlers(deps: StorageHandlerDeps): StorageHandlers {
  const start = { baseDirectory: process.cwd(), homeDirectory: homedir() };
  return {
    listFolder: (params, options) => listFolder(deps, params, options),
    readText: async ({ location }, options) => ({ text: await readTextAt(deps, location, { ...options, start }) }),
    writeSample: ({ directory }, options) => deps.writeSample(directory, options),
  };
}
