import { afterEach, expect, it } from "vitest";
import type { ChunkJob, SourceSpec } from "../../../../server/src/workers/contract.ts";
import { createWorkerPool, type WorkerPool } from "../../../../server/src/workers/pool.ts";

const script = new URL("../../../fakes/poolWorker.mjs", import.meta.url);
// The fake thread looks at nothing of a source but that it is there.
const source = { id: 7 } as SourceSpec;
let pool: WorkerPool;

function createPool(): WorkerPool {
  pool = createWorkerPool({
    size: 1,
    script,
    idleMs: 60_000,
    watchMs: 20,
    kernelsOf: () => new Map(),
    stuckError: ({ id }, position) => new Error(`stuck: source ${id}, chunk ${position}`),
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
