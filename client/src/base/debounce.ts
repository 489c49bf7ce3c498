/** Calls that come in bursts, made once. */
import type { Disposable } from "./disposable.ts";

/** A function that waits for a pause before it runs; `dispose` forgets a pending run. */
export interface Debounced extends Disposable {
  (): void;
}

/** Runs `action` once no call has come for `delayMs`. */
export function debounce(action: () => void, delayMs: number): Debounced {
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    clearTimeout(timer);
    timer = setTimeout(action, delayMs);
  };
  return Object.assign(run, { dispose: () => clearTimeout(timer) });
}
