/** Waits for shared work: who gives up stops waiting, and the work goes on for the others. */
import { type Cancellable, throwIfAborted } from "../../base/abort.ts";
import { CancelledError } from "../../errors.ts";

/** The promise's result, or CancelledError as soon as the signal is aborted. */
export async function abortable<T>(promise: Promise<T>, { signal }: Cancellable): Promise<T> {
  if (signal === undefined) {
    return promise;
  }
  throwIfAborted(signal);
  let cancel = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    cancel = () => reject(new CancelledError("the operation was cancelled", {}, { cause: signal.reason }));
    signal.addEventListener("abort", cancel, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
