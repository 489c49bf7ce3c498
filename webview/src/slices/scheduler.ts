/**
 * Asks for tiles: a few at a time, most urgent first. A new wanted set replaces the last one: what is no longer in it is cancelled, what
 * is in both goes on. A tile that failed is asked for again only on demand. Knows no clock, no DOM and no messages.
 */
import type { WireError } from "../../../schemas/errors.ts";

export interface ScheduledItem<A> {
  readonly key: string;
  readonly address: A;
  readonly isPrefetch: boolean;
}

export interface SchedulerOptions<A, T> {
  /** Requests under way at once; default 8. */
  readonly maxInFlight?: number;
  /** Reads one item; rejects when `signal` aborts. */
  readonly read: (address: A, signal: AbortSignal) => Promise<T>;
  /** Takes over a result. What it throws makes the item fail. */
  readonly loaded: (key: string, address: A, result: T) => void;
  readonly toWireError: (error: unknown) => WireError;
  /** Something was loaded or has failed. */
  readonly changed: () => void;
}

export interface Scheduler<A> {
  /** Replaces the wanted set; most urgent first, without what is already there. */
  setWanted(items: readonly ScheduledItem<A>[]): void;
  /** Why an item failed, if it did. */
  failure(key: string): WireError | undefined;
  /** Forgets failures, so that wanted items are asked for again. */
  retry(matches?: (key: string) => boolean): void;
  /** The other side lost what it was doing: asks again for what was under way or had failed. */
  restart(): void;
  /** Wanted items that are neither there nor failed, prefetches not counted. */
  countPending(): number;
  /** Cancels everything; idempotent. */
  dispose(): void;
}

export function createScheduler<A, T>(options: SchedulerOptions<A, T>): Scheduler<A> {
  const maxInFlight = options.maxInFlight ?? 8;
  const inFlight = new Map<string, AbortController>();
  const failures = new Map<string, WireError>();
  let wanted = new Map<string, ScheduledItem<A>>();
  let isDisposed = false;

  async function start(item: ScheduledItem<A>): Promise<void> {
    const controller = new AbortController();
    inFlight.set(item.key, controller);
    try {
      const result = await options.read(item.address, controller.signal);
      if (!controller.signal.aborted) {
        options.loaded(item.key, item.address, result);
        wanted.delete(item.key);
      }
    } catch (error) {
      if (!controller.signal.aborted) {
        failures.set(item.key, options.toWireError(error));
      }
    }
    if (!controller.signal.aborted) {
      inFlight.delete(item.key);
      pump();
      options.changed();
    }
  }

  function pump(): void {
    for (const item of wanted.values()) {
      if (isDisposed || inFlight.size >= maxInFlight) {
        return;
      }
      if (!inFlight.has(item.key) && !failures.has(item.key)) {
        void start(item);
      }
    }
  }

  function cancel(matches: (key: string) => boolean): void {
    for (const [key, controller] of [...inFlight]) {
      if (matches(key)) {
        inFlight.delete(key);
        controller.abort();
      }
    }
  }

  return {
    setWanted(items) {
      wanted = new Map();
      for (const item of items) {
        if (!wanted.has(item.key)) {
          wanted.set(item.key, item);
        }
      }
      cancel((key) => !wanted.has(key));
      pump();
    },
    failure: (key) => failures.get(key),
    retry(matches = () => true) {
      for (const key of [...failures.keys()].filter(matches)) {
        failures.delete(key);
      }
      pump();
    },
    restart() {
      cancel(() => true);
      failures.clear();
      pump();
    },
    countPending: () => [...wanted.values()].filter((item) => !item.isPrefetch && !failures.has(item.key)).length,
    dispose() {
      isDisposed = true;
      wanted = new Map();
      cancel(() => true);
    },
  };
}
