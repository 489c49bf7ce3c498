import { expect, it } from "vitest";
import { createPulse, createPulseMemory, createPulseWatch } from "../../../../server/src/workers/pulse.ts";

function createPair() {
  const memory = createPulseMemory();
  return { pulse: createPulse(memory), watch: createPulseWatch(memory) };
}

it("a decoder is overdue when it has been seen for longer than it may", () => {
  const { pulse, watch } = createPair();
  pulse.begin([4, 5, 6], 100);
  expect(watch.overdue(1000)).toBeUndefined();
  expect(watch.overdue(1100)).toBeUndefined();
  expect(watch.overdue(1101)).toEqual([4, 5, 6]);
});

it("time without a look, as when the machine sleeps, hardly counts", () => {
  const { pulse, watch } = createPair();
  pulse.begin([0, 0, 0], 15_000);
  expect(watch.overdue(0)).toBeUndefined();
  expect(watch.overdue(3_600_000)).toBeUndefined();
  const looks = Array.from({ length: 12 }, (_, second) => watch.overdue(3_601_000 + 1000 * second));
  expect(looks.indexOf(looks.find((position) => position !== undefined))).toBe(10);
});

it("a thread that decodes nothing is never overdue", () => {
  const { pulse, watch } = createPair();
  expect(watch.overdue(10_000)).toBeUndefined();
  pulse.begin([0, 0, 0], 100);
  pulse.end();
  expect([watch.overdue(20_000), watch.overdue(40_000)]).toEqual([undefined, undefined]);
});

it("the next chunk has its own time", () => {
  const { pulse, watch } = createPair();
  pulse.begin([0, 0, 0], 100);
  expect(watch.overdue(0)).toBeUndefined();
  pulse.end();
  pulse.begin([1, 0, 0], 100);
  expect(watch.overdue(150)).toBeUndefined();
  expect(watch.overdue(251)).toEqual([1, 0, 0]);
});
