/** Repeats what failed for a passing reason: exponential waits with jitter, bounded in number and in time. */
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import { CancelledError, type ErrorFields, UnreachableError } from "../errors.ts";

/** A failure that may pass: worth another attempt. */
export class TransientFault extends UnreachableError {
  /** The server asked for this pause. */
  readonly retryAfterMs: number | undefined;
  /** No server was reached: whoever is offline should learn it soon. */
  readonly isOffline: boolean;

  constructor(
    message: string,
    fields: ErrorFields,
    options: ErrorOptions & { readonly retryAfterMs?: number | undefined; readonly isOffline?: boolean } = {},
  ) {
    super(message, fields, options);
    this.retryAfterMs = options.retryAfterMs;
    this.isOffline = options.isOffline ?? false;
  }
}

/** Time and chance, so that tests need neither. */
export interface Clock {
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  /** Rejects with CancelledError as soon as the signal is aborted. */
  sleep(ms: number, options: Cancellable): Promise<void>;
}

export const systemClock: Clock = { now: () => Date.now(), random: () => Math.random(), sleep };

export interface RetryOptions extends Cancellable {
  /** In all, the first included. */
  readonly attempts: number;
  /** No attempt starts later than this after the first. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** Ends a pause too: the store closes. */
  readonly closing?: AbortSignal;
}

/** Full jitter, as CloudFiles waits: between nothing and a limit that doubles. */
const firstPauseMs = 500;
const longestPauseMs = 60_000;
/** A server that asks for a longer pause is not waited for. */
const longestRetryAfterMs = 60_000;
/** Attempts, at most, where no server is reached. */
const offlineAttempts = 3;

/** The result of the first attempt that does not fail with TransientFault; else the last failure, as UnreachableError. */
export async function withRetries<T>(task: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, deadlineMs, clock, signal, closing } = options;
  const started = clock.now();
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof TransientFault)) {
        throw error;
      }
      const pauseMs = error.retryAfterMs ?? pauseAfter(attempt, clock);
      const isLate = pauseMs > longestRetryAfterMs || clock.now() - started + pauseMs > deadlineMs;
      const allowed = error.isOffline ? Math.min(attempts, offlineAttempts) : attempts;
      if (attempt >= allowed || isLate) {
        throw finalFailure(error, attempt);
      }
      await clock.sleep(pauseMs, { signal: anyOf(signal, closing) });
      throwIfAborted(closing);
    }
  }
}

function anyOf(signal: AbortSignal | undefined, closing: AbortSignal | undefined): AbortSignal | undefined {
  return signal !== undefined && closing !== undefined ? AbortSignal.any([signal, closing]) : (signal ?? closing);
}

function pauseAfter(attempt: number, clock: Clock): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)) * clock.random();
}

function finalFailure(error: TransientFault, attempt: number): UnreachableError {
  const times = attempt === 1 ? "" : ` (tried ${attempt} times)`;
  return new UnreachableError(`${error.message}${times}`, error.fields, { cause: error.cause });
}

async function sleep(ms: number, { signal }: Cancellable): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve, reject) => {
    const wake = (): void => {
      signal?.removeEventListener("abort", cancel);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    const cancel = (): void => {
      clearTimeout(timer);
      reject(new CancelledError("the operation was cancelled", {}, { cause: signal?.reason }));
    };
    signal?.addEventListener("abort", cancel, { once: true });
  });
}
