import { expect, it } from "vitest";
import { createLimiter } from "../../../../server/src/base/limiter.ts";

it("runs at most its number of tasks, in order", async () => {
  const limiter = createLimiter(2);
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const task = (id: number) => () => {
    started.push(id);
    return new Promise<void>((resolve) => finish.push(resolve));
  };
  const all = [1, 2, 3].map((id) => limiter.run(task(id)));
  await Promise.resolve();
  expect(started).toEqual([1, 2]);
  finish[0]?.();
  await all[0];
  await new Promise((resolve) => setImmediate(resolve));
  expect(started).toEqual([1, 2, 3]);
  for (const end of finish) end();
  await Promise.all(all);
});

it("never starts a task that was cancelled while it waited, and passes its place on", async () => {
  const limiter = createLimiter(1);
  let finish = (): void => undefined;
  const first = limiter.run(() => new Promise<void>((resolve) => (finish = resolve)));
  const cancel = new AbortController();
  const second = limiter.run(async () => "ran", { signal: cancel.signal });
  const third = limiter.run(async () => "third");
  cancel.abort();
  await expect(second).rejects.toMatchObject({ tag: "cancelled" });
  finish();
  await first;
  expect(await third).toBe("third");
});

it("gives the place back after a failure", async () => {
  const limiter = createLimiter(1);
  await expect(limiter.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await limiter.run(async () => 1)).toBe(1);
});
