/** A clock that goes on only when someone sleeps. */
import type { Clock } from "../../server/src/storage/retry.ts";

/** `pauses` are those that were asked for, in ms; `random` is what every draw gives. */
export function createFakeClock(random = 1): Clock & { readonly pauses: number[] } {
  const pauses: number[] = [];
  let time = 0;
  return {
    pauses,
    now: () => time,
    random: () => random,
    async sleep(ms) {
      pauses.push(ms);
      time += ms;
    },
  };
}
