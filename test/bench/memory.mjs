/** The most memory that a process takes for many cutouts of a layer whose results it drops: `node memory.mjs LOCATION COUNT`, in bytes. */
import { outPath } from "../vscode/paths.mjs";

const [, , location = "", count = "200"] = process.argv;
/** @type {typeof import("../../server/src/index.ts")} */
const { createEngine } = await import(outPath("server/index.js"));
const engine = createEngine({ workers: 2 });
const volume = await engine.openVolume(location);
let most = 0;
for (let i = 0; i < Number(count); i++) {
  await volume.download();
  most = Math.max(most, process.memoryUsage().rss);
}
await engine.dispose();
console.log(most);
