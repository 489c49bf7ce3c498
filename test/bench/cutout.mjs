/**
 * Cutouts of 512 x 512 x 64 voxels: ours with two workers, CloudVolume with one process, tensorstore with two threads, in one run on the same data,
 * one after the other in turn. `node test/bench/cutout.mjs [--only TEXT] [--repeat N] [--data FOLDER]`. The peers are there after
 * `node test/parity/run.mjs` has installed them, or at $CLOUDVOLUME_ORACLE_PYTHON. Run it on a machine that does nothing else.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findOracle, startOracle } from "../parity/oracle.mjs";
import { outPath } from "../vscode/paths.mjs";
import { exitOnSignals, runOrThrow } from "../vscode/processes.mjs";
import { boxSize, layerFolder, layerKinds, writeLayers } from "./layers.mjs";
import { printTable } from "./table.mjs";

/** @import { CloudVolume, Engine } from "../../server/src/index.ts" */
/** @import { LayerKind } from "./layers.mjs" */
/** @typedef {{ wallMs: number, cpuMs: number }} Run */
/** @typedef {{ name: string, repeat: () => Promise<Run> }} Side */

const here = path.dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    repeat: { type: "string", default: "7" },
    data: { type: "string" },
    cutouts: { type: "string", default: "200" },
  },
});
const repetitions = Math.max(1, Number(values.repeat));
const warmUps = 2;

async function main() {
  exitOnSignals();
  /** @type {typeof import("../../server/src/index.ts")} */
  const { createEngine } = await import(outPath("server/index.js"));
  const engine = createEngine({ workers: 2 });
  const folder = values.data ?? mkdtempSync(path.join(tmpdir(), "cloudvolume-bench-"));
  const kinds = layerKinds.filter((kind) => !existsSync(path.join(layerFolder(folder, kind), "info")));
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}; writing ${kinds.length} layers …`,
  );
  await writeLayers(engine, folder, kinds);
  const server = await serve(folder);
  const python = findOracle();
  const peers = python === undefined ? undefined : startOracle(python, path.join(here, "peer.py"));
  if (peers === undefined) {
    console.log("no peers: CloudVolume is not installed (node test/parity/run.mjs installs it)");
  }
  try {
    await compare(engine, peers, folder, server.origin);
    await measureMemory(folder);
  } finally {
    peers?.stop();
    server.stop();
    await engine.dispose();
    if (values.data === undefined) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/**
 * @param {Engine} engine
 * @param {ReturnType<typeof startOracle> | undefined} peers
 * @param {string} folder
 * @param {string} origin
 */
async function compare(engine, peers, folder, origin) {
  const rows = [];
  for (const store of ["file", "http"]) {
    for (const kind of layerKinds) {
      const layer = layerFolder(folder, kind);
      const location = store === "file" ? `file://${layer}` : `${origin}/${path.basename(layer)}`;
      if (`${store} ${kind.name}`.includes(values.only)) {
        rows.push(await compareLayer(engine, peers, { kind, store, location }));
      }
    }
  }
  console.log(
    `\nbox ${boxSize.join("x")} of 64x64x64 chunks; ms: median (CPU), ${repetitions} repetitions; ratio: CloudVolume's time / ours`,
  );
  printTable(rows);
}

/**
 * @param {Engine} engine
 * @param {ReturnType<typeof startOracle> | undefined} peers
 * @param {{ kind: LayerKind, store: string, location: string }} subject
 */
async function compareLayer(engine, peers, { kind, store, location }) {
  const volume = await engine.openVolume(location);
  const reads = await countReads(volume);
  /** @type {Side[]} */
  const sides = [
    { name: "ours", repeat: () => timeOurs(volume) },
    { name: "ours, kept memory", repeat: () => timeOursInKeptMemory(volume) },
  ];
  for (const peer of peers === undefined ? [] : ["cloudvolume", "tensorstore"]) {
    // tensorstore looks for no .gz names of files.
    if (peer === "cloudvolume" || store === "http" || kind.compress === false) {
      const opened = await peers?.ask("open", {
        peer,
        location: peer === "cloudvolume" ? `precomputed://${location}` : location,
      });
      if (kind.encoding !== "jpeg" && opened.sha256 !== reads.sha256) {
        throw new Error(`${peer} reads other voxels of ${kind.name}`);
      }
      sides.push({
        name: peer,
        repeat: () => /** @type {NonNullable<typeof peers>} */ (peers).ask("repeat", { peer }),
      });
    }
  }
  const runs = await interleave(sides);
  const ours = medianOf(runs.get("ours"), "wallMs") ?? 0;
  const theirs = medianOf(runs.get("cloudvolume"), "wallMs");
  /** @param {string} side */
  const show = (side) => {
    const wall = medianOf(runs.get(side), "wallMs");
    return wall === undefined ? "" : `${wall.toFixed(1)} (${medianOf(runs.get(side), "cpuMs")?.toFixed(0)})`;
  };
  return {
    layer: `${store} ${kind.name}`,
    ours: show("ours"),
    "kept memory": show("ours, kept memory"),
    CloudVolume: show("cloudvolume"),
    tensorstore: show("tensorstore"),
    ratio: theirs === undefined ? "" : (theirs / ours).toFixed(2),
    reads: String(reads.chunks),
    MB: (reads.storedBytes / 1e6).toFixed(1),
  };
}

/**
 * Chunk reads and stored bytes of the box, and its hash.
 * @param {CloudVolume} volume
 */
async function countReads(volume) {
  let progress = { chunksDone: 0, storedBytes: 0 };
  const cutout = await volume.download(undefined, {
    onProgress: (latest) => {
      progress = latest;
    },
  });
  const { data } = cutout;
  const sha256 = createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");
  return { chunks: progress.chunksDone, storedBytes: progress.storedBytes, sha256 };
}

/**
 * A cutout in memory of its own, which is left to the collector.
 * @param {CloudVolume} volume
 * @returns {Promise<Run>}
 */
async function timeOurs(volume) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await volume.download();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

/**
 * A cutout in the memory of one before it. It is not released itself, so that whatever comes next finds no used memory.
 * @param {CloudVolume} volume
 */
async function timeOursInKeptMemory(volume) {
  (await volume.download()).release();
  return timeOurs(volume);
}

/**
 * Each side in turn, never two at the same time.
 * @param {readonly Side[]} sides
 */
async function interleave(sides) {
  /** @type {Map<string, Run[]>} */
  const runs = new Map(sides.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < repetitions; round++) {
    for (const { name, repeat } of sides) {
      const run = await repeat();
      if (round >= 0) {
        runs.get(name)?.push(run);
      }
    }
  }
  return runs;
}

/**
 * @param {readonly Run[] | undefined} runs
 * @param {keyof Run} figure
 */
function medianOf(runs, figure) {
  return runs?.map((run) => run[figure]).sort((a, b) => a - b)[runs.length >> 1];
}

/** @param {string} folder */
async function measureMemory(folder) {
  const kind = layerKinds.find(({ name }) => name === "labels cseg+gzip");
  if (kind !== undefined && values.only === "" && Number(values.cutouts) > 0) {
    const program = [path.join(here, "memory.mjs"), layerFolder(folder, kind), values.cutouts];
    const { cutouts, mostBytes } = JSON.parse(await runOrThrow(process.execPath, program, { isQuiet: true }));
    const stopped = cutouts < Number(values.cutouts) ? ", stopped there" : "";
    console.log(
      `memory of ${cutouts} such cutouts, results dropped: ${(mostBytes / 1e9).toFixed(2)} GB at most${stopped}`,
    );
  }
}

/**
 * @param {string} folder
 * @returns {Promise<{ origin: string, stop: () => void }>}
 */
async function serve(folder) {
  const child = spawn(process.execPath, [path.join(here, "fileServer.mjs"), folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    return { origin: `http://127.0.0.1:${line}`, stop: () => child.stdin.end() };
  }
  throw new Error("the file server did not start");
}

await main();
