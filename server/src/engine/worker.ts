/** Entry point of the worker threads: rebuilds readers from plain specs and runs the jobs that the pool posts. */
import { parentPort, workerData } from "node:worker_threads";
import { InternalError, toWireError } from "../errors.ts";
import type { ChunkReader } from "../volume/chunkReader.ts";
import type { ChunkJob, CutoutJob } from "../workers/contract.ts";
import type { FromWorker, ToWorker, WorkerData } from "../workers/pool.ts";
import { createPulse } from "../workers/pulse.ts";
import { createReaderFactory } from "./readers.ts";
import { createJobContext, type JobCall, runChunk, runCutout } from "./workerJobs.ts";

const port = parentPort;
if (port === null) {
  throw new InternalError("this script runs in a worker thread only");
}
// The pool that started this thread is the only one to set it.
const pulse = createPulse((workerData as WorkerData).pulse);
const kernels = new Map<string, WebAssembly.Module>();
const readers = new Map<number, Promise<ChunkReader>>();
const running = new Map<number, AbortController>();
const readerOf = createReaderFactory(pulse);
const context = createJobContext(kernels, (source) => {
  const reader = readers.get(source);
  return reader ?? Promise.reject(new InternalError(`unknown source: ${source}`));
});

port.on("message", (message: ToWorker) => {
  switch (message.kind) {
    case "source": {
      for (const [name, module] of message.kernels) {
        kernels.set(name, module);
      }
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
