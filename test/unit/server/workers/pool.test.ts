import { afterEach, expect, it } from "vitest";
import type { ChunkJob, SourceSpec } from "../../../../server/src/workers/contract.ts";
import { createWorkerPool, type WorkerPool, type WorkerPoolOptions } from "../../../../server/src/workers/pool.ts";

const script = new URL("../../../fakes/poolWorker.mjs", import.meta.url);
// The fake thread looks at nothing of a source but that it is there.
const source = { id: 7 } as SourceSpec;
let pool: WorkerPool;

function createPool(options: Partial<WorkerPoolOptions> = {}): WorkerPool {
  pool = createWorkerPool({
    size: 1,
    script,
    idleMs: 60_000,
    watchMs: 20,
    kernelsOf: () => new Map(),
    stuckError: ({ id }, position) => new Error(`stuck: source ${id}, chunk ${position}`),
    ...options,
  });
  return pool;
}
afterEach(() => pool.close());

/** The fake thread's jobs, in the place of a chunk's. */
function run(task: object): Promise<unknown> {
  return pool.run("chunk", task as unknown as ChunkJob, { source });
}

it("runs a job", async () => {
  createPool();
  expect(await run({ task: "echo", value: 5 })).toBe(5);
});

it("replaces a thread whose decoder does not end: its jobs fail with the chunk's name, the next one runs", async () => {
  createPool();
  const stuck = run({ task: "spin", allowedMs: 50, position: [1, 2, 3] });
  const waiting = run({ task: "echo", value: 5 });
  await expect(stuck).rejects.toThrow("stuck: source 7, chunk 1,2,3");
  await expect(waiting).rejects.toThrow("stuck: source 7");
  expect(await run({ task: "echo", value: 6 })).toBe(6);
});

it("replaces a thread that dies", async () => {
  createPool();
  await expect(run({ task: "die" })).rejects.toThrow("a worker thread failed: the thread fails");
  expect(await run({ task: "echo", value: 6 })).toBe(6);
});

it.each([
  ["a stuck thread was", { task: "spin", allowedMs: 50, position: [1, 2, 3] }],
  ["a dead thread was", { task: "die" }],
])("says that it is idle when %s its last work", async (_, task) => {
  const isIdle = new Promise<void>((resolve) => createPool({ idleMs: 1, onIdle: resolve }));
  await expect(run(task)).rejects.toThrow();
  await isIdle;
});

it("closes while a thread is stuck: its job is rejected", async () => {
  createPool({ watchMs: 60_000 });
  const stuck = run({ task: "spin", allowedMs: 50, position: [1, 2, 3] });
  const refused = expect(stuck).rejects.toMatchObject({ tag: "cancelled" });
  await pool.close();
  await refused;
});

it("a source whose kernels could not be compiled is tried again", async () => {
  let attempts = 0;
  createPool({
    kernelsOf: () => {
      if (attempts++ === 0) {
        throw new Error("no kernel");
      }
      return new Map();
    },
  });
  await expect(run({ task: "echo", value: 5 })).rejects.toThrow("no kernel");
  expect(await run({ task: "echo", value: 5 })).toBe(5);
  expect(attempts).toBe(2);
});

it("a job that was cancelled before does not begin", async () => {
  createPool();
  const params = { task: "echo", value: 5 } as unknown as ChunkJob;
  const cancelled = pool.run("chunk", params, { source, signal: AbortSignal.abort() });
  await expect(cancelled).rejects.toMatchObject({ tag: "cancelled" });
});
