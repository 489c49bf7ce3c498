/** Handlers of the storage requests: what a location means, folders, small texts, the sample. */
import { homedir } from "node:os";
import type {
  DescribePlaceParams,
  ListFolderParams,
  ListFolderResult,
  PlaceDescription,
  ReadIdentityParams,
  ReadIdentityResult,
  ReadTextParams,
  ReadTextResult,
  WriteSampleParams,
  WriteSampleResult,
  WriteTextParams,
  WriteTextResult,
} from "../../../schemas/protocol/storage.ts";
import type { Cancellable } from "../base/abort.ts";
import { describePlace } from "../volume/describePlace.ts";
import type { FolderHost } from "../volume/folderEntries.ts";
import { listFolder } from "../volume/folders.ts";
import { folderAt } from "../volume/objectAt.ts";
import { readTextAt, type TextHost, writeTextAt } from "../volume/textAt.ts";

export interface StorageHandlerDeps extends FolderHost, TextHost {
  /** Writes the sample below a folder. */
  writeSample(directory: string, options: Cancellable): Promise<WriteSampleResult>;
}

export interface StorageHandlers {
  listFolder(params: ListFolderParams, options: Cancellable): Promise<ListFolderResult>;
  readText(params: ReadTextParams, options: Cancellable): Promise<ReadTextResult>;
  writeText(params: WriteTextParams, options: Cancellable): Promise<WriteTextResult>;
  describePlace(params: DescribePlaceParams): PlaceDescription;
  readIdentity(params: ReadIdentityParams, options: Cancellable): Promise<ReadIdentityResult>;
  writeSample(params: WriteSampleParams, options: Cancellable): Promise<WriteSampleResult>;
}

export function createStorageHandlers(deps: StorageHandlerDeps): StorageHandlers {
  const start = { baseDirectory: process.cwd(), homeDirectory: homedir() };
  return {
    listFolder: (params, options) => listFolder(deps, params, options),
    readText: ({ location }, options) => readTextAt(deps, location, { ...options, start }),
    async writeText({ location, text, onlyIf }, options) {
      const etag = await writeTextAt(deps, location, text, { ...options, start, onlyIf });
      return etag === undefined ? {} : { etag };
    },
    describePlace: ({ text }) => describePlace(deps, text, { ...start, environment: process.env }),
    async readIdentity({ location }, options) {
      const identity = await folderAt(deps, location, start).store.identity?.(options);
      return identity === undefined ? {} : { identity };
    },
    writeSample: ({ directory }, options) => deps.writeSample(directory, options),
  };
}
