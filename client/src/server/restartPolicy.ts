/** When a server that stopped is started again: after a growing pause, and not for ever. */

/** Restarts within `windowMs` before a person is asked. */
export const maxRestarts = 5;
export const windowMs = 3 * 60_000;
/** Pause before the first restart; each further one within the window doubles it. */
const firstDelayMs = 250;

export interface RestartPolicy {
  /** Notes a stop at `nowMs` (any steady clock). The pause before the next start, or undefined when it is time to give up. */
  next(nowMs: number): number | undefined;
  /** Forgets what was: a person asked for the next start. */
  reset(): void;
}

export function createRestartPolicy(): RestartPolicy {
  let stops: number[] = [];
  return {
    next(nowMs) {
      stops = stops.filter((stop) => nowMs - stop < windowMs);
      if (stops.length >= maxRestarts) {
        return undefined;
      }
      stops.push(nowMs);
      return firstDelayMs * 2 ** (stops.length - 1);
    },
    reset() {
      stops = [];
    },
  };
}
