/**
 * A pool of worker threads that runs typed jobs. Threads start at the first job and end after a while without one; they never keep the
 * process alive while idle. A thread that dies rejects its jobs, and the next job starts another.
 */
import { Worker } from "node:worker_threads";
import type { WireError } from "../../../schemas/errors.ts";
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import type { Vec3 } from "../base/vec3.ts";
import { CancelledError, fromWireError, InternalError } from "../errors.ts";
import type { JobName, SourceSpec, WorkerJobs } from "./contract.ts";
import { createPulseMemory, createPulseWatch, type PulseWatch } from "./pulse.ts";

/** main -> worker */
export type ToWorker =
  | {
      readonly kind: "source";
      readonly spec: SourceSpec;
      /** Compiled kernels that its codec and its compressors want, by name. */
      readonly kernels: ReadonlyMap<string, WebAssembly.Module>;
    }
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
  /** Compiled kernels that the chunks of a source want. */
  kernelsOf(source: SourceSpec): ReadonlyMap<string, WebAssembly.Module>;
  /** What a job failed of whose decoder of the chunk at `position` did not end. */
  stuckError(source: SourceSpec, position: Vec3): Error;
  /** Time without a job after which the threads end. */
  readonly idleMs: number;
  /** How often running decoders are looked at. Default: every second. */
  readonly watchMs?: number;
  /** Called when the threads have ended for lack of work. */
  readonly onIdle?: () => void;
}

/** What the pool gives each thread as `workerData`. */
export interface WorkerData {
  readonly pulse: SharedArrayBuffer;
}

interface PendingJob {
  readonly source: SourceSpec;
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly onProgress?: ((chunks: number, storedBytes: number) => void) | undefined;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, PendingJob>;
  readonly sources: Set<number>;
  readonly watch: PulseWatch;
}

export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const threads: (Thread | undefined)[] = Array.from({ length: options.size }, () => undefined);
  /** Threads that were replaced and have not ended yet. */
  const ending = new Set<Promise<number>>();
  let nextJob = 1;
  let idleTimer: NodeJS.Timeout | undefined;
  let watchTimer: NodeJS.Timeout | undefined;

  function start(index: number): Thread {
    const pulse = createPulseMemory();
    const worker = new Worker(options.script, { workerData: { pulse } satisfies WorkerData });
    const thread: Thread = { worker, jobs: new Map(), sources: new Set(), watch: createPulseWatch(pulse) };
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
    if (thread.jobs.size > 0) {
      thread.jobs.clear();
      watchIdle();
    }
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

  /** Looks after decoders that do not end, as long as there are jobs. */
  function watchDecoders(): void {
    watchTimer ??= setInterval(() => {
      for (const [index, thread] of threads.entries()) {
        const position = thread?.watch.overdue(performance.now());
        if (thread !== undefined && position !== undefined) {
          void replaceStuck(index, thread, position);
        }
      }
      if (!threads.some((thread) => thread !== undefined && thread.jobs.size > 0)) {
        clearInterval(watchTimer);
        watchTimer = undefined;
      }
    }, options.watchMs ?? 1000).unref();
  }

  /** Its jobs fail when it has ended: until then it may write to their memory. */
  async function replaceStuck(index: number, thread: Thread, position: Vec3): Promise<void> {
    threads[index] = undefined;
    const jobs = [...thread.jobs.values()];
    thread.jobs.clear();
    const ended = thread.worker.terminate();
    ending.add(ended);
    await ended;
    ending.delete(ended);
    for (const job of jobs) {
      job.reject(options.stuckError(job.source, position));
    }
    watchIdle();
  }

  function leastBusy(): number {
    const loads = threads.map((thread) => thread?.jobs.size ?? 0);
    return loads.indexOf(Math.min(...loads));
  }

  async function close(): Promise<void> {
    clearTimeout(idleTimer);
    clearInterval(watchTimer);
    watchTimer = undefined;
    const last = threads.filter((thread) => thread !== undefined);
    threads.fill(undefined);
    for (const thread of last) {
      for (const job of thread.jobs.values()) {
        job.reject(new CancelledError("the engine was closed"));
      }
      thread.jobs.clear();
    }
    await Promise.all([...ending, ...last.map((thread) => thread.worker.terminate())]);
  }

  return {
    size: options.size,
    async run(name, params, { source, signal, onProgress }, worker = leastBusy()) {
      throwIfAborted(signal);
      const thread = threads[worker] ?? start(worker);
      const post = (message: ToWorker): void => thread.worker.postMessage(message);
      if (!thread.sources.has(source.id)) {
        post({ kind: "source", spec: source, kernels: options.kernelsOf(source) });
        thread.sources.add(source.id);
      }
      const id = nextJob++;
      clearTimeout(idleTimer);
      thread.worker.ref();
      watchDecoders();
      const cancel = (): void => post({ kind: "cancel", id });
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        return await new Promise((resolve, reject) => {
          thread.jobs.set(id, { source, resolve: resolve as (result: unknown) => void, reject, onProgress });
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
