/** Bounded work over a stream of items. */
import { type Cancellable, throwIfAborted } from "./abort.ts";

export interface EachOptions extends Cancellable {
  /** Tasks that run at once, at most; no more items are taken meanwhile. */
  readonly atOnce: number;
}

/** Runs `task` for every item. After the first failure no item is taken any more; it rejects with that failure once all that runs has ended. */
export async function eachAtOnce<T>(
  items: AsyncIterable<T> | Iterable<T>,
  { atOnce, signal }: EachOptions,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const item of items) {
      throwIfAborted(signal);
      const run: Promise<void> = task(item)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(run));
      running.add(run);
      if (running.size >= atOnce) {
        await Promise.race(running);
      }
      if (failures.length > 0) {
        break;
      }
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}
