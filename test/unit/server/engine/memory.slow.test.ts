import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createEngine, type Engine } from "../../../../server/src/index.ts";

let engine: Engine;
let folder: string;
beforeAll(() => {
  engine = createEngine({ workers: 2 });
  folder = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-memory-"));
});
afterAll(async () => {
  await engine.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const resultBytes = 512 * 512 * 64 * 8;

it("gives the memory of results back that nobody holds, in every thread", async () => {
  const vol = await engine.createVolume(path.join(folder, "labels"), {
    type: "segmentation",
    data_type: "uint64",
    num_channels: 1,
    scales: [{ key: "s", size: [512, 512, 64], resolution: [8, 8, 40], chunk_sizes: [[64, 64, 64]], encoding: "raw" }],
  });
  const before = process.memoryUsage().rss;
  let most = 0;
  for (let i = 0; i < 40; i++) {
    await vol.download(undefined, { fillMissing: true, background: i + 1 });
    most = Math.max(most, process.memoryUsage().rss - before);
  }
  // Without collecting in the workers: 40 results, 5.4 GB.
  expect(most).toBeLessThan(12 * resultBytes);
});
