/**
 * A pool of worker threads that runs typed jobs. Threads start at the first job and end after a while without one; they never keep the
 * process alive while idle. A thread that dies rejects its jobs, and the next job starts another.
 */
import { Worker } from "node:worker_threads";
import type { WireError } from "../../../schemas/errors.ts";
import type { Cancellable } from "../base/abort.ts";
import { CancelledError, fromWireError, InternalError } from "../errors.ts";
import type { JobName, SourceSpec, WorkerJobs } from "./contract.ts";

/** main -> worker */
export type ToWorker =
  | { readonly kind: "source"; readonly spec: SourceSpec }
  | { readonly kind: "forget"; readonly source: number }
  | { readonly kind: "job"; readonly id: number; readonly name: JobName; readonly params: unknown }
  | { readonly kind: "cancel"; readonly id: number };

/** worker -> main */
export type FromWorker =
  | { readonly kind: "done"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly error: WireError }
  | { readonly kind: "progress"; readonly id: number; readonly chunks: number; readonly storedBytes: number };

export interface JobOptions extends Cancellable {
  readonly source: SourceSpec;
  readonly onProgress?: ((chunks: number, storedBytes: number) => void) | undefined;
}

export interface WorkerPool {
  readonly size: number;
  /** Runs a job in thread `worker`, or in the one with the fewest jobs. */
  run<N extends JobName>(
    name: N,
    params: WorkerJobs[N]["params"],
    options: JobOptions,
    worker?: number,
  ): Promise<WorkerJobs[N]["result"]>;
  /** Tells the threads that a source will not be named again. */
  forget(source: number): void;
  /** Ends the threads; pending jobs are rejected. Idempotent; the pool may be used again. */
  close(): Promise<void>;
}

export interface WorkerPoolOptions {
  readonly size: number;
  /** Script of the threads. */
  readonly script: URL;
  /** Given to each thread as `workerData`. */
  readonly workerData: unknown;
  /** Time without a job after which the threads end. */
  readonly idleMs: number;
  /** Called when the threads have ended for lack of work. */
  readonly onIdle?: () => void;
}

interface PendingJob {
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly onProgress?: ((chunks: number, storedBytes: number) => void) | undefined;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, PendingJob>;
  readonly sources: Set<number>;
}

export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const threads: (Thread | undefined)[] = Array.from({ length: options.size }, () => undefined);
  let nextJob = 1;
  let idleTimer: NodeJS.Timeout | undefined;

  function start(index: number): Thread {
    const worker = new Worker(options.script, { workerData: options.workerData });
    const thread: Thread = { worker, jobs: new Map(), sources: new Set() };
    worker.unref();
    worker.on("message", (message: FromWorker) => receive(thread, message));
    worker.on("error", (error) => lose(index, thread, error));
    worker.on("exit", (code) => lose(index, thread, new Error(`worker thread ended with code ${code}`)));
    threads[index] = thread;
    return thread;
  }

  function lose(index: number, thread: Thread, cause: Error): void {
    if (threads[index] === thread) {
      threads[index] = undefined;
    }
    for (const job of thread.jobs.values()) {
      job.reject(new InternalError(`a worker thread failed: ${cause.message}`, {}, { cause }));
    }
    thread.jobs.clear();
  }

  function receive(thread: Thread, message: FromWorker): void {
    const job = thread.jobs.get(message.id);
    if (message.kind === "progress") {
      job?.onProgress?.(message.chunks, message.storedBytes);
      return;
    }
    thread.jobs.delete(message.id);
    if (message.kind === "done") {
      job?.resolve(message.result);
    } else {
      job?.reject(fromWireError(message.error));
    }
    if (thread.jobs.size === 0) {
      thread.worker.unref();
      watchIdle();
    }
  }

  function watchIdle(): void {
    clearTimeout(idleTimer);
    if (threads.some((thread) => thread !== undefined && thread.jobs.size > 0)) {
      return;
    }
    idleTimer = setTimeout(() => void close().then(options.onIdle), options.idleMs);
    idleTimer.unref();
  }

  function leastBusy(): number {
    const loads = threads.map((thread) => thread?.jobs.size ?? 0);
    return loads.indexOf(Math.min(...loads));
  }

  async function close(): Promise<void> {
    clearTimeout(idleTimer);
    const ending = threads.filter((thread) => thread !== undefined);
    threads.fill(undefined);
    for (const thread of ending) {
      for (const job of thread.jobs.values()) {
        job.reject(new CancelledError("the engine was closed"));
      }
      thread.jobs.clear();
    }
    await Promise.all(ending.map((thread) => thread.worker.terminate()));
  }

  return {
    size: options.size,
    async run(name, params, { source, signal, onProgress }, worker = leastBusy()) {
      const thread = threads[worker] ?? start(worker);
      const post = (message: ToWorker): void => thread.worker.postMessage(message);
      if (!thread.sources.has(source.id)) {
        thread.sources.add(source.id);
        post({ kind: "source", spec: source });
      }
      const id = nextJob++;
      clearTimeout(idleTimer);
      thread.worker.ref();
      const cancel = (): void => post({ kind: "cancel", id });
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        return await new Promise((resolve, reject) => {
          thread.jobs.set(id, { resolve: resolve as (result: unknown) => void, reject, onProgress });
          post({ kind: "job", id, name, params });
        });
      } finally {
        signal?.removeEventListener("abort", cancel);
      }
    },
    forget(source) {
      for (const thread of threads) {
        if (thread?.sources.delete(source)) {
          thread.worker.postMessage({ kind: "forget", source } satisfies ToWorker);
        }
      }
    },
    close,
  };
}
