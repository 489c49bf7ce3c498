/** When a server that stopped is started again: after a growing pause, and not for ever. */

/** Restarts within `windowMs` before a person is asked. */
export const maxRestarts = 5;
export const windowMs = 3 * 60_000;
/** Pause before the first restart; each further one within the window doubles it. */
const firstDelayMs = 250;

/** What a start that failed counts for: its cause seldom goes away by itself. */
const failedStartWeight = 3;

export interface RestartPolicy {
  /**
   * Notes at `nowMs` (any steady clock) that the server stopped, or did not even start. The pause before the next start, or undefined
   * when it is time to give up.
   */
  next(nowMs: number, event: "stopped" | "notStarted"): number | undefined;
  /** Forgets what was: a person asked for the next start. */
  reset(): void;
}

export function createRestartPolicy(): RestartPolicy {
  let stops: number[] = [];
  return {
    next(nowMs, event) {
      stops = stops.filter((stop) => nowMs - stop < windowMs);
      const weight = event === "notStarted" ? failedStartWeight : 1;
      if (stops.length + weight > maxRestarts) {
        return undefined;
      }
      stops.push(...Array<number>(weight).fill(nowMs));
      return firstDelayMs * 2 ** (stops.length - 1);
    },
    reset() {
      stops = [];
    },
  };
}
