/** Reads all of a layer: `node largeCutout.mjs LOCATION` prints `{ "cutoutBytes", "startBytes", "mostBytes" }`, the latter two of resident memory. */
import { outPath } from "../vscode/paths.mjs";

/** @type {typeof import("../../server/src/index.ts")} */
const { createEngine } = await import(outPath("server/index.js"));
const engine = createEngine({ workers: 2 });
const volume = await engine.openVolume(process.argv[2] ?? "");
const startBytes = process.memoryUsage().rss;
const cutout = await volume.download();
const mostBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ cutoutBytes: cutout.data.byteLength, startBytes, mostBytes }));
await engine.dispose();
