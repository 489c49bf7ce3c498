import { describe, expect, it } from "vitest";
import { createRestartPolicy } from "../../../../client/src/server/restartPolicy.ts";

const minuteMs = 60_000;

describe("createRestartPolicy", () => {
  it("waits twice as long each time, and gives up at the sixth stop in three minutes", () => {
    const policy = createRestartPolicy();
    expect([0, 1, 2, 3, 4, 5].map((second) => policy.next(second * 1000, "stopped"))).toEqual([
      250,
      500,
      1000,
      2000,
      4000,
      undefined,
    ]);
  });

  it("forgets stops that are three minutes old", () => {
    const policy = createRestartPolicy();
    for (const minute of [0, 0.1, 0.2, 0.3, 0.4]) {
      policy.next(minute * minuteMs, "stopped");
    }
    expect(policy.next(3.25 * minuteMs, "stopped")).toBe(1000);
  });

  it("tries a server that does not start once more, and gives up", () => {
    const policy = createRestartPolicy();
    expect(policy.next(0, "notStarted")).toBe(1000);
    expect(policy.next(2000, "notStarted")).toBeUndefined();
  });

  it("begins anew after a reset", () => {
    const policy = createRestartPolicy();
    for (const second of [0, 1, 2, 3, 4, 5]) {
      policy.next(second * 1000, "stopped");
    }
    policy.reset();
    expect(policy.next(6000, "stopped")).toBe(250);
  });
});
