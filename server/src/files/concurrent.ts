/** Many tasks with a bound on how many run at once, taken from a sequence as places become free. */
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import { createLimiter } from "../base/limiter.ts";

type Items<T> = Iterable<T> | AsyncIterable<T>;

/**
 * The results of the tasks in the order of the items, at most `places` at once and ahead of the consumer. When the consumer stops, or a task
 * fails, the signal that the other tasks got is aborted; the first error in the items' order is thrown.
 */
export async function* mapInOrder<T, R>(
  items: Items<T>,
  places: number,
  task: (item: T, signal: AbortSignal) => Promise<R>,
  { signal }: Cancellable = {},
): AsyncGenerator<R, void> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      throwIfAborted(signal);
      const result = task(item, both);
      result.catch(() => undefined); // thrown when its turn comes
      running.push(result);
      if (running.length >= places) {
        yield (await running.shift()) as R; // there is one: it was pushed just now
      }
    }
    for (let next = running.shift(); next !== undefined; next = running.shift()) {
      yield await next;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(running);
  }
}

/**
 * Runs the task for every item, at most `places` at once, in the order in which places become free. After the first failure no task starts, the
 * signal of the others is aborted, and the failure is thrown when all have ended.
 */
export async function forEachBounded<T>(
  items: Items<T>,
  places: number,
  task: (item: T, signal: AbortSignal) => Promise<void>,
  { signal }: Cancellable = {},
): Promise<void> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const limiter = createLimiter(places);
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const run = async (item: T): Promise<void> => {
    try {
      await task(item, both);
    } catch (error) {
      failure ??= { error };
      stop.abort();
    }
  };
  try {
    for await (const item of items) {
      throwIfAborted(signal);
      if (failure !== undefined) {
        break;
      }
      await limiter.run(async () => undefined); // a place is free
      const ended = limiter.run(() => (failure === undefined ? run(item) : Promise.resolve()));
      running.add(ended);
      void ended.finally(() => running.delete(ended));
    }
  } catch (error) {
    failure ??= { error };
    stop.abort();
  }
  await Promise.all(running);
  throwIfAborted(signal);
  if (failure !== undefined) {
    throw failure.error;
  }
}
