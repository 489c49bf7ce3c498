/** Cutouts of a layer by one thread, in a process of its own: `node oneThread.mjs LAYER`. A line on stdin starts a round of a second; it answers with ms per cutout. */
import { createInterface } from "node:readline";
import { outPath } from "../vscode/paths.mjs";

/** @type {typeof import("../../server/src/index.ts")} */
const { createEngine } = await import(outPath("server/index.js"));
const engine = createEngine({ workers: 1 });
const volume = await engine.openVolume(process.argv[2] ?? "");
for (let i = 0; i < 4; i++) {
  (await volume.download()).release();
}
console.log("ready");
for await (const _line of createInterface({ input: process.stdin })) {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < 1000) {
    (await volume.download()).release();
    count++;
  }
  console.log(((performance.now() - start) / count).toFixed(2));
}
await engine.dispose();
