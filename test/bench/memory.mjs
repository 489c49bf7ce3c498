/**
 * The most memory that a process takes for many cutouts of a layer whose results it drops: `node memory.mjs LOCATION COUNT` prints
 * `{ "cutouts", "mostBytes" }`. Far beyond what is allowed it stops, so that a leak does not take the machine's memory.
 */
import { outPath } from "../vscode/paths.mjs";

const [, , location = "", count = "200"] = process.argv;
const stopBytes = 4e9;
/** @type {typeof import("../../server/src/index.ts")} */
const { createEngine } = await import(outPath("server/index.js"));
const engine = createEngine({ workers: 2 });
const volume = await engine.openVolume(location);
let mostBytes = 0;
let cutouts = 0;
while (cutouts < Number(count) && mostBytes < stopBytes) {
  await volume.download();
  cutouts++;
  mostBytes = Math.max(mostBytes, process.memoryUsage().rss);
}
await engine.dispose();
console.log(JSON.stringify({ cutouts, mostBytes }));
