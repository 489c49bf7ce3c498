/** Cancellation: every async public function takes `{ signal }`. */
import { CancelledError } from "../errors.ts";

/** The options that every async public function accepts. */
export interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/** Throws CancelledError once the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new CancelledError("the operation was cancelled", {}, { cause: signal.reason });
  }
}

/** Does this error say that someone aborted (ours, or a DOMException of Node's)? */
export function isAbort(error: unknown): boolean {
  return error instanceof CancelledError || (error instanceof Error && error.name === "AbortError");
}
