/**
 * Cutouts of 512 x 512 x 64 voxels: ours with two workers, CloudVolume with one process, tensorstore with two threads, in one run on the same data,
 * one after the other in turn. `npm run bench -- cutouts [--only TEXT] [--repeat N] [--data FOLDER]`: FOLDER holds layers, or gets ours; `--url ORIGIN` names a server of that folder, in the place of our small one. The peers are there after
 * `node test/parity/run.mjs` has installed them, or at $CLOUDVOLUME_ORACLE_PYTHON. Run it on a machine that does nothing else.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findOracle, startOracle } from "../parity/oracle.mjs";
import { toVec3 } from "../parity/voxels.mjs";
import { outPath } from "../vscode/paths.mjs";
import { exitOnSignals, runOrThrow } from "../vscode/processes.mjs";
import { boxSize, layerKinds, writeLayers } from "./layers.mjs";
import { printTable } from "./table.mjs";

/** @import { Bbox, CloudVolume, Engine } from "../../server/src/index.ts" */
/** @typedef {{ wallMs: number, cpuMs: number }} Run */
/** @typedef {{ name: string, repeat: () => Promise<Run> }} Side */

const here = path.dirname(fileURLToPath(import.meta.url));
const warmUps = 2;

/** @typedef {{ only: string, repeat: string, data?: string | undefined, cutouts: string }} Options */

/** @param {readonly string[]} args */
export async function benchCutouts(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      repeat: { type: "string", default: "7" },
      data: { type: "string" },
      url: { type: "string" },
      cutouts: { type: "string", default: "200" },
    },
  });
  exitOnSignals();
  /** @type {typeof import("../../server/src/index.ts")} */
  const { createEngine } = await import(outPath("server/index.js"));
  const engine = createEngine({ workers: 2 });
  const folder = values.data ?? mkdtempSync(path.join(tmpdir(), "cloudvolume-bench-"));
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
  if (findLayers(folder).length === 0) {
    console.log(`writing ${layerKinds.length} layers …`);
    await writeLayers(engine, folder, layerKinds);
  }
  const server = values.url === undefined ? await serve(folder) : { origin: values.url, stop: () => undefined };
  const python = findOracle();
  const peers = python === undefined ? undefined : startOracle(python, path.join(here, "peer.py"));
  if (peers === undefined) {
    console.log("no peers: CloudVolume is not installed (node test/parity/run.mjs installs it)");
  }
  const repetitions = Math.max(1, Number(values.repeat));
  try {
    const rows = [];
    for (const store of ["file", "http"]) {
      for (const name of findLayers(folder).filter((layer) => `${store} ${layer}`.includes(values.only))) {
        rows.push(await compareLayer({ engine, peers, repetitions }, { folder, store, name, origin: server.origin }));
      }
    }
    console.log(
      `\nbox ${boxSize.join("x")} where the layer has it; ms: median (CPU of the process), ${repetitions} repetitions; ratio, CPU: CloudVolume's / ours in new memory; kept: wall ratio with released memory`,
    );
    printTable(rows);
    if (values.only === "" && Number(values.cutouts) > 0) {
      await measureMemory(folder, values.cutouts);
    }
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
 * Names of the layers in a folder.
 * @param {string} folder
 */
function findLayers(folder) {
  return readdirSync(folder).filter((name) => existsSync(path.join(folder, name, "info")));
}

/**
 * @param {{ engine: Engine, peers: ReturnType<typeof startOracle> | undefined, repetitions: number }} means
 * @param {{ folder: string, store: string, name: string, origin: string }} subject
 */
async function compareLayer({ engine, peers, repetitions }, { folder, store, name, origin }) {
  const location = store === "file" ? `file://${path.join(folder, name)}` : `${origin}/${name}`;
  const volume = await engine.openVolume(location);
  const { min, max } = volume.bounds();
  const size = max.map((end, axis) => Math.min(end - (min[axis] ?? 0), boxSize[axis] ?? 0));
  const box = { min, max: toVec3(min.map((start, axis) => start + (size[axis] ?? 0))) };
  const reads = await countReads(volume, box);
  /** @type {Side[]} */
  const sides = [
    { name: "ours", repeat: () => timeOurs(volume, box) },
    { name: "ours, kept memory", repeat: () => timeOursInKeptMemory(volume, box) },
  ];
  const { encoding = "", key = "" } = volume.scales[0] ?? {};
  const isGzipped = readdirSync(path.join(folder, name, key)).some((file) => file.endsWith(".gz"));
  const isKnownToTensorstore = ["raw", "jpeg", "png", "compressed_segmentation"].includes(encoding);
  // tensorstore looks for no .gz names of files.
  const isReadByTensorstore = isKnownToTensorstore && (store === "http" || !isGzipped);
  for (const peer of peers === undefined ? [] : ["cloudvolume", ...(isReadByTensorstore ? ["tensorstore"] : [])]) {
    const url = peer === "cloudvolume" ? `precomputed://${location}` : location;
    const opened = await peers?.ask("open", { peer, location: url, size });
    if (!["jpeg", "jxl"].includes(encoding) && opened.sha256 !== reads.sha256) {
      throw new Error(`${peer} reads other voxels of ${name}`);
    }
    sides.push({ name: peer, repeat: () => /** @type {NonNullable<typeof peers>} */ (peers).ask("repeat", { peer }) });
  }
  const runs = await interleave(sides, repetitions);
  volume.close();
  return rowOf(`${store} ${name}`, runs, reads);
}

/**
 * @param {string} layer
 * @param {ReadonlyMap<string, Run[]>} runs
 * @param {{ chunks: number, storedBytes: number }} reads
 */
function rowOf(layer, runs, reads) {
  /** @param {string} side */
  const show = (side) => {
    const wall = medianOf(runs.get(side), "wallMs");
    return wall === undefined ? "" : `${wall.toFixed(1)} (${medianOf(runs.get(side), "cpuMs")?.toFixed(0)})`;
  };
  /**
   * @param {string} side
   * @param {keyof Run} figure
   */
  const ratio = (side, figure) => {
    const theirs = medianOf(runs.get("cloudvolume"), figure);
    return theirs === undefined ? "" : (theirs / (medianOf(runs.get(side), figure) ?? 0)).toFixed(2);
  };
  const row = {
    layer,
    ours: show("ours"),
    "kept memory": show("ours, kept memory"),
    CloudVolume: show("cloudvolume"),
    tensorstore: show("tensorstore"),
    ratio: ratio("ours", "wallMs"),
    CPU: ratio("ours", "cpuMs"),
    kept: ratio("ours, kept memory", "wallMs"),
    reads: String(reads.chunks),
    MB: (reads.storedBytes / 1e6).toFixed(1),
  };
  console.log(Object.values(row).join("  "));
  return row;
}

/**
 * Chunk reads and stored bytes of the box, and its hash.
 * @param {CloudVolume} volume
 * @param {Bbox} box
 */
async function countReads(volume, box) {
  let progress = { chunksDone: 0, storedBytes: 0 };
  const cutout = await volume.download(box, {
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
 * @param {Bbox} box
 * @returns {Promise<Run>}
 */
async function timeOurs(volume, box) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await volume.download(box);
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

/**
 * A cutout in the memory of one before it. It is not released itself, so that whatever comes next finds no used memory.
 * @param {CloudVolume} volume
 * @param {Bbox} box
 */
async function timeOursInKeptMemory(volume, box) {
  (await volume.download(box)).release();
  return timeOurs(volume, box);
}

/**
 * Each side in turn, never two at the same time.
 * @param {readonly Side[]} sides
 * @param {number} repetitions
 */
async function interleave(sides, repetitions) {
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

/**
 * @param {string} folder
 * @param {string} count
 */
async function measureMemory(folder, count) {
  const layer = findLayers(folder).find((name) => /cseg|compressed_segmentation/.test(name));
  if (layer === undefined) {
    return;
  }
  const program = [path.join(here, "memory.mjs"), path.join(folder, layer), count];
  const { cutouts, mostBytes } = JSON.parse(await runOrThrow(process.execPath, program, { isQuiet: true }));
  const stopped = cutouts < Number(count) ? ", stopped there" : "";
  console.log(
    `memory of ${cutouts} such cutouts, results dropped: ${(mostBytes / 1e9).toFixed(2)} GB at most${stopped}`,
  );
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
