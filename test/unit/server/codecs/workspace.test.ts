import { expect, it } from "vitest";
import { createArena } from "../../../../server/src/codecs/workspace.ts";

it("gives aligned addresses that do not overlap, and starts again after a reset", () => {
  const arena = createArena(100, 200);
  const [first, second] = [arena.allocate(5), arena.allocate(17)];
  expect([first, second, arena.freeBytes]).toEqual([112, 128, 40]);
  arena.reset(second);
  expect(arena.allocate(1)).toBe(second);
  arena.reset();
  expect(arena.allocate(1)).toBe(first);
});

it("works beyond 2 GiB, where 32-bit arithmetic would wrap", () => {
  const start = 3 * 2 ** 30 + 1;
  expect(createArena(start, start + 100).allocate(10)).toBe(3 * 2 ** 30 + 16);
});

it("refuses more than it has, and nonsense", () => {
  const arena = createArena(0, 64);
  expect(() => arena.allocate(65)).toThrow(/scratch memory/);
  expect(() => arena.allocate(-1)).toThrow(/scratch memory/);
  expect(() => arena.allocate(Number.NaN)).toThrow(/scratch memory/);
});
