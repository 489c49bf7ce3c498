/** Entry point of the worker threads: rebuilds readers from plain specs and runs the jobs that the pool posts. */
import { parentPort, workerData } from "node:worker_threads";
import type { KernelModules } from "../codecs/workspace.ts";
import { InternalError, toWireError } from "../errors.ts";
import type { ChunkReader } from "../volume/chunkReader.ts";
import type { ChunkJob, CutoutJob } from "../workers/contract.ts";
import type { FromWorker, ToWorker } from "../workers/pool.ts";
import { createReaderFactory } from "./readers.ts";
import { createJobContext, type JobCall, runChunk, runCutout } from "./workerJobs.ts";

/** What the pool gives each thread when it starts. */
export interface WorkerData {
  readonly kernels: KernelModules;
}

const port = parentPort;
if (port === null) {
  throw new InternalError("this script runs in a worker thread only");
}
const { kernels } = workerData as WorkerData;
const readers = new Map<number, Promise<ChunkReader>>();
const running = new Map<number, AbortController>();
const readerOf = createReaderFactory();
const context = createJobContext(kernels, (source) => {
  const reader = readers.get(source);
  return reader ?? Promise.reject(new InternalError(`unknown source: ${source}`));
});

port.on("message", (message: ToWorker) => {
  switch (message.kind) {
    case "source": {
      const reader = readerOf(message.spec);
      // The job that needs it reports the failure.
      reader.catch(() => undefined);
      readers.set(message.spec.id, reader);
      break;
    }
    case "forget":
      readers.delete(message.source);
      break;
    case "cancel":
      running.get(message.id)?.abort();
      break;
    case "job":
      void run(message.id, message.name, message.params);
      break;
  }
});

async function run(id: number, name: string, params: unknown): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port?.postMessage(message, transfer);
  const call: JobCall = {
    signal: controller.signal,
    progress: (chunks, storedBytes) => post({ kind: "progress", id, chunks, storedBytes }),
  };
  try {
    if (name === "cutout") {
      post({ kind: "done", id, result: await runCutout(context, params as CutoutJob, call) });
    } else {
      const voxels = await runChunk(context, params as ChunkJob, call);
      post({ kind: "done", id, result: voxels }, voxels === undefined ? [] : [voxels]);
    }
  } catch (error) {
    post({ kind: "failed", id, error: toWireError(error) });
  } finally {
    running.delete(id);
  }
}
