/** Handlers of the requests about many objects: progress told now and then, local folders tidied up. */
import { readdir, rmdir } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import type {
  CopyObjectsParams,
  DeleteObjectsParams,
  DownloadObjectsParams,
  MeasureObjectsParams,
  ObjectCount,
  ObjectFacts,
  ObjectsOutcome,
  ObjectsProgress,
  PlacedObjects,
  StatObjectParams,
  UploadFilesParams,
} from "../../../schemas/protocol/objects.ts";
import type { Cancellable } from "../base/abort.ts";
import { copyObjectsAt, moveObjectsAt } from "../volume/copyObjects.ts";
import { folderAt, type StoreHost } from "../volume/objectAt.ts";
import { deleteObjectsAt, measureObjectsAt, statObjectAt, type WorkOptions } from "../volume/placedObjects.ts";
import type { OnProgress } from "../volume/tally.ts";
import { downloadObjects } from "./downloads.ts";
import { uploadFiles } from "./uploads.ts";

export interface ObjectHandlerDeps extends StoreHost {
  /** Tells the client how far a job is. */
  progress(progress: ObjectsProgress): void;
}

export interface ObjectHandlers {
  stat(params: StatObjectParams, options: Cancellable): Promise<ObjectFacts>;
  measure(params: MeasureObjectsParams, options: Cancellable): Promise<ObjectCount>;
  delete(params: DeleteObjectsParams, options: Cancellable): Promise<ObjectsOutcome>;
  copy(params: CopyObjectsParams, options: Cancellable): Promise<ObjectsOutcome>;
  move(params: CopyObjectsParams, options: Cancellable): Promise<ObjectsOutcome>;
  download(params: DownloadObjectsParams, options: Cancellable): Promise<ObjectsOutcome>;
  upload(params: UploadFilesParams, options: Cancellable): Promise<ObjectsOutcome>;
}

/** Pause between two tellings of one job. */
const tellEveryMs = 100;

export function createObjectHandlers(deps: ObjectHandlerDeps): ObjectHandlers {
  const start = { baseDirectory: process.cwd(), homeDirectory: homedir() };
  const work = (job: number | undefined, { signal }: Cancellable): WorkOptions => ({
    signal,
    start,
    onProgress: job === undefined ? undefined : teller(job, deps.progress),
  });
  return {
    stat: ({ location }, options) => statObjectAt(deps, location, work(undefined, options)),
    measure: ({ places, job }, options) => measureObjectsAt(deps, places, work(job, options)),
    async delete({ places, job }, options) {
      const outcome = await deleteObjectsAt(deps, places, work(job, options));
      await removeEmptyFolders(deps, places, work(job, options));
      return outcome;
    },
    copy: ({ job, ...request }, options) => copyObjectsAt(deps, request, work(job, options)),
    async move({ job, ...request }, options) {
      const outcome = await moveObjectsAt(deps, request, work(job, options));
      await removeEmptyFolders(deps, [request.from], work(job, options));
      return outcome;
    },
    download: ({ job, ...request }, options) => downloadObjects(deps, request, work(job, options)),
    upload: ({ job, ...request }, options) => uploadFiles(deps, request, work(job, options)),
  };
}

function teller(job: number, tell: ObjectHandlerDeps["progress"]): OnProgress {
  let toldMs = Number.NEGATIVE_INFINITY;
  return (done) => {
    const nowMs = performance.now();
    if (nowMs - toldMs >= tellEveryMs) {
      toldMs = nowMs;
      tell({ job, ...done });
    }
  };
}

/** A local disk keeps the folders whose last object went. Only empty ones are removed, and no link is followed. */
async function removeEmptyFolders(
  host: StoreHost,
  places: readonly PlacedObjects[],
  { start }: WorkOptions,
): Promise<void> {
  for (const { location, kind } of places) {
    const folder = folderAt(host, location, start).location;
    if (kind === "folder" && folder.scheme === "file") {
      await removeIfEmpty(folder.path);
    }
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) {
        await removeIfEmpty(path.join(folder, entry.name));
      }
    }
    await rmdir(folder);
  } catch {
    // It is not empty, not ours or not there: it stays, and the listing shows it.
  }
}
