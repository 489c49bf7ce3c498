/** Bounds what is under way at once through a store: requests, and the bytes that they may bring. */
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { createLimiter, type Limiter } from "../../base/limiter.ts";
import { CancelledError } from "../../errors.ts";
import type { GetOptions, Store } from "../store.ts";
import { bindStore } from "./bindStore.ts";

/** Shared by the stores that are to stay within it together. */
export interface Budget {
  readonly requests: Limiter;
  readonly bytes: ByteLimiter;
  /** What a read may bring when it does not say how much it takes. */
  readonly unknownBytes: number;
}

export interface BudgetOptions {
  readonly maxRequests: number;
  readonly maxBytes: number;
  /** Default 4 MiB: a large chunk. */
  readonly unknownBytes?: number;
}

export function createBudget({ maxRequests, maxBytes, unknownBytes = 4 * 2 ** 20 }: BudgetOptions): Budget {
  return { requests: createLimiter(maxRequests), bytes: createByteLimiter(maxBytes), unknownBytes };
}

/** A store whose reads and writes wait until the budget has room for them. `readInto` and `openLocal` wait for nothing and are left out. */
export function withBudget(store: Store, budget: Budget): Store {
  const { readInto: _readInto, openLocal: _openLocal, ...calls } = bindStore(store);
  const { put, delete: remove, stat } = calls;
  const spend = <T>(sizeBytes: number, options: Cancellable | undefined, task: () => Promise<T>): Promise<T> =>
    budget.bytes.run(sizeBytes, () => budget.requests.run(task, options), options);
  return {
    ...calls,
    get: (key, options) => spend(expectedBytes(options, budget), options, () => store.get(key, options)),
    ...(stat && { stat: (key, options) => spend(0, options, () => stat(key, options)) }),
    ...(put && { put: (key, bytes, options) => spend(bytes.byteLength, options, () => put(key, bytes, options)) }),
    ...(remove && { delete: (key, options) => spend(0, options, () => remove(key, options)) }),
  };
}

function expectedBytes({ range, maxBytes }: GetOptions = {}, { unknownBytes }: Budget): number {
  const ofRange =
    range?.end === undefined ? (range && range.start < 0 ? -range.start : undefined) : range.end - range.start;
  return Math.min(ofRange ?? unknownBytes, maxBytes ?? Number.POSITIVE_INFINITY);
}

export interface ByteLimiter {
  /** Runs `task` when `sizeBytes` are free, first come first served; a task larger than the whole runs alone. */
  run<T>(sizeBytes: number, task: () => Promise<T>, options?: Cancellable): Promise<T>;
}

export function createByteLimiter(maxBytes: number): ByteLimiter {
  let free = maxBytes;
  const waiting: { readonly sizeBytes: number; readonly admit: () => void }[] = [];

  function admitWaiting(): void {
    for (let next = waiting[0]; next !== undefined && next.sizeBytes <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.sizeBytes;
      next.admit();
    }
  }
  const enter = (sizeBytes: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const admit = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const waiter = { sizeBytes, admit };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(new CancelledError("the operation was cancelled", {}, { cause: signal?.reason }));
        admitWaiting();
      };
      waiting.push(waiter);
      signal?.addEventListener("abort", leave, { once: true });
      admitWaiting();
    });

  return {
    async run(sizeBytes, task, { signal } = {}) {
      throwIfAborted(signal);
      const held = Math.min(sizeBytes, maxBytes);
      await enter(held, signal);
      try {
        return await task();
      } finally {
        free += held;
        admitWaiting();
      }
    },
  };
}
