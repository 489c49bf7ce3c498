/** A bound on how many asynchronous tasks run at once. */
import { type Cancellable, throwIfAborted } from "./abort.ts";

export interface Limiter {
  /** Runs `task` when a place is free; a task whose signal is aborted while it waits never starts (CancelledError). */
  run<T>(task: () => Promise<T>, options?: Cancellable): Promise<T>;
}

/** At most `places` tasks at once, first come first served. */
export function createLimiter(places: number): Limiter {
  let free = places;
  const waiting: (() => void)[] = [];

  async function enter(signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal);
    if (free > 0) {
      free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const admit = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(admit), 1);
        reject(signal?.reason);
      };
      waiting.push(admit);
      signal?.addEventListener("abort", leave, { once: true });
    }).catch(() => throwIfAborted(signal));
  }

  function exit(): void {
    const next = waiting.shift();
    if (next === undefined) {
      free++;
    } else {
      next();
    }
  }

  return {
    async run(task, { signal } = {}) {
      await enter(signal);
      try {
        return await task();
      } finally {
        exit();
      }
    },
  };
}
