import { expect, test } from "vitest";
import { UnreachableError } from "../../../../server/src/errors.ts";
import { type Clock, systemClock, TransientFault, withRetries } from "../../../../server/src/storage/retry.ts";
import { tagOf } from "../../../conformance/store.ts";

function fakeClock(random: number): Clock & { readonly pauses: number[] } {
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
const failing = (count: number): (() => Promise<string>) => {
  let calls = 0;
  return async () => {
    calls++;
    if (calls <= count) {
      throw new TransientFault("busy", {});
    }
    return `after ${calls}`;
  };
};

test("pauses double up to a limit, with jitter between a half and the whole", async () => {
  const longest = fakeClock(1);
  expect(await withRetries(failing(9), { attempts: 10, deadlineMs: 1e9, clock: longest })).toBe("after 10");
  expect(longest.pauses).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 8000, 8000]);
  const shortest = fakeClock(0);
  await withRetries(failing(3), { attempts: 10, deadlineMs: 1e9, clock: shortest });
  expect(shortest.pauses).toEqual([50, 100, 200]);
});

test("no attempt starts after the deadline", async () => {
  const clock = fakeClock(1);
  await expect(withRetries(failing(99), { attempts: 99, deadlineMs: 1000, clock })).rejects.toThrow(
    "busy (tried 4 times)",
  );
  expect(clock.pauses).toEqual([100, 200, 400]);
});

test("an error that does not pass is not tried again", async () => {
  const clock = fakeClock(1);
  const task = (): Promise<never> => Promise.reject(new UnreachableError("for good"));
  await expect(withRetries(task, { attempts: 5, deadlineMs: 1e9, clock })).rejects.toThrow(/^for good$/);
  expect(clock.pauses).toEqual([]);
});

test("a real pause ends with the abort", async () => {
  const abort = new AbortController();
  const asleep = tagOf(systemClock.sleep(600_000, { signal: abort.signal }));
  abort.abort();
  expect(await asleep).toBe("cancelled");
  expect(await tagOf(systemClock.sleep(600_000, { signal: abort.signal }))).toBe("cancelled");
});
