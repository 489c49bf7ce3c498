/** A worker thread for tests of the pool: answers "echo", never ends "spin", and dies at "die". */
import { parentPort, workerData } from "node:worker_threads";

/** As of workers/pulse.ts: turn (odd while a chunk is decoded), milliseconds allowed, x, y, z. */
const pulse = new Int32Array(workerData.pulse);

parentPort?.on("message", ({ kind, id, params }) => {
  if (kind !== "job") {
    return;
  }
  if (params.task === "spin") {
    pulse.set([params.allowedMs, ...params.position], 1);
    Atomics.add(pulse, 0, 1);
    for (;;) {}
  }
  if (params.task === "die") {
    throw new Error("the thread fails");
  }
  parentPort?.postMessage({ kind: "done", id, result: params.value });
});
