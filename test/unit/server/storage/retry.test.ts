import { expect, test } from "vitest";
import { UnreachableError } from "../../../../server/src/errors.ts";
import { type Clock, systemClock, TransientFault, withRetries } from "../../../../server/src/storage/retry.ts";
import { tagOf } from "../../../conformance/store.ts";
import { createFakeClock } from "../../../fakes/clock.ts";

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

test("pauses lie between nothing and a limit that doubles", async () => {
  const longest = createFakeClock(1);
  expect(await withRetries(failing(9), { attempts: 10, deadlineMs: 1e9, clock: longest })).toBe("after 10");
  expect(longest.pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  const shortest = createFakeClock(0);
  await withRetries(failing(3), { attempts: 10, deadlineMs: 1e9, clock: shortest });
  expect(shortest.pauses).toEqual([0, 0, 0]);
});

test("where no server is reached, three attempts are enough", async () => {
  const task = (): Promise<never> => Promise.reject(new TransientFault("refused", {}, { isOffline: true }));
  const clock = createFakeClock(1);
  await expect(withRetries(task, { attempts: 7, deadlineMs: 1e9, clock })).rejects.toThrow("refused (tried 3 times)");
  expect(clock.pauses).toEqual([500, 1000]);
});

test("a store that closes ends the pause", async () => {
  const closing = new AbortController();
  const clock: Clock = {
    ...systemClock,
    random: () => 1,
    sleep: (ms, options) => {
      setImmediate(() => closing.abort());
      return systemClock.sleep(ms + 1e6, options);
    },
  };
  const signal = new AbortController().signal;
  expect(
    await tagOf(withRetries(failing(9), { attempts: 7, deadlineMs: 1e9, clock, signal, closing: closing.signal })),
  ).toBe("cancelled");
});

test("no attempt starts after the deadline", async () => {
  const clock = createFakeClock(1);
  await expect(withRetries(failing(99), { attempts: 99, deadlineMs: 5000, clock })).rejects.toThrow(
    "busy (tried 4 times)",
  );
  expect(clock.pauses).toEqual([500, 1000, 2000]);
});

test("an error that does not pass is not tried again", async () => {
  const clock = createFakeClock(1);
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
