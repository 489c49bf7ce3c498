/**
 * How cutouts use the machine: two worker threads against one, beside what two processes of one thread each reach together, which is what the
 * machine allows (they share its memory and its caches); and the memory of a cutout of 2 GB. `npm run bench -- scaling [--data FOLDER]`, where
 * FOLDER holds layers as those of the cutouts. Run it on a machine that does nothing else: two threads need two free cores.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { outPath } from "../vscode/paths.mjs";
import { exitOnSignals, runOrThrow } from "../vscode/processes.mjs";
import { layerKinds, writeLayers } from "./layers.mjs";
import { printTable } from "./table.mjs";

/** @import { CloudVolume, Engine } from "../../server/src/index.ts" */

const here = path.dirname(fileURLToPath(import.meta.url));
const warmUps = 2;

/** @param {readonly string[]} args */
export async function benchScaling(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      repeat: { type: "string", default: "9" },
      data: { type: "string" },
    },
  });
  exitOnSignals();
  /** @type {typeof import("../../server/src/index.ts")} */
  const { createEngine } = await import(outPath("server/index.js"));
  const engines = { one: createEngine({ workers: 1 }), two: createEngine({ workers: 2 }) };
  const folder = values.data ?? mkdtempSync(path.join(tmpdir(), "cloudvolume-bench-"));
  try {
    if (values.data === undefined) {
      await writeLayers(engines.two, folder, layerKinds);
    }
    console.log(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
    const rows = [];
    const layers = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, "info")));
    for (const name of layers.filter((layer) => layer.includes(values.only))) {
      const location = path.join(folder, name);
      const [one, two] = await Promise.all([engines.one.openVolume(location), engines.two.openVolume(location)]);
      const times = await compare(one, two, Number(values.repeat));
      rows.push({ layer: name, ...times, "two processes": (await speedupOfProcesses(location)) ?? "" });
      console.log(Object.values(rows.at(-1) ?? {}).join("  "));
    }
    console.log(
      "\nms of one thread and of two, median, results released; the box is the layer; two processes: their speedup over one",
    );
    printTable(rows);
    console.log(await measureLargeCutout(engines.two));
  } finally {
    await Promise.all([engines.one.dispose(), engines.two.dispose()]);
    if (values.data === undefined) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/**
 * @param {CloudVolume} one
 * @param {CloudVolume} two
 * @param {number} repeat
 */
async function compare(one, two, repeat) {
  /** @type {[number[], number[]]} */
  const times = [[], []];
  for (let round = -warmUps; round < repeat; round++) {
    for (const [index, volume] of [one, two].entries()) {
      const start = performance.now();
      (await volume.download()).release();
      if (round >= 0) {
        times[index]?.push(performance.now() - start);
      }
    }
  }
  const [single = 0, double = 0] = times.map((all) => all.sort((a, b) => a - b)[all.length >> 1]);
  return { one: single.toFixed(1), two: double.toFixed(1), speedup: (single / double).toFixed(2) };
}

/**
 * How much more two processes of one thread each do than one alone.
 * @param {string} location
 */
async function speedupOfProcesses(location) {
  const children = [0, 1].map(() =>
    spawn(process.execPath, [path.join(here, "oneThread.mjs"), location], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  const lines = children.map((child) => createInterface({ input: child.stdout })[Symbol.asyncIterator]());
  try {
    await Promise.all(lines.map((line) => line.next()));
    /** @param {number[]} which */
    const round = async (which) => {
      for (const index of which) {
        children[index]?.stdin.write("go\n");
      }
      return Promise.all(which.map(async (index) => Number((await lines[index]?.next())?.value)));
    };
    const ratios = [];
    for (let i = 0; i < 3; i++) {
      const [alone = 0] = await round([0]);
      const together = await round([0, 1]);
      ratios.push(together.reduce((sum, each) => sum + alone / each, 0));
    }
    return ratios.sort((a, b) => a - b)[1]?.toFixed(2);
  } finally {
    for (const child of children) {
      child.stdin.end();
    }
  }
}

const largeSize = /** @type {const} */ ([1024, 1024, 256]);
const largeChunk = /** @type {const} */ ([128, 128, 64]);

/**
 * In a process of its own, whose most memory is the cutout and what reading it takes.
 * @param {Engine} engine
 */
async function measureLargeCutout(engine) {
  const folder = mkdtempSync(path.join(tmpdir(), "cloudvolume-bench-"));
  try {
    await writeLargeLayer(engine, folder);
    const output = await runOrThrow(process.execPath, [path.join(here, "largeCutout.mjs"), folder], { isQuiet: true });
    const { cutoutBytes, mostBytes, startBytes } = JSON.parse(output);
    const megabytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1e6)} MB`;
    return `a cutout of ${megabytes(cutoutBytes)}: at most ${megabytes(mostBytes)} resident, ${megabytes(mostBytes - cutoutBytes)} beyond it (${megabytes(startBytes)} before it began)`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Engine} engine
 * @param {string} folder
 */
async function writeLargeLayer(engine, folder) {
  const [width, height, depth] = largeSize;
  const volume = await engine.createVolume(folder, {
    type: "segmentation",
    data_type: "uint64",
    num_channels: 1,
    scales: [
      {
        key: "8_8_40",
        size: largeSize,
        voxel_offset: [0, 0, 0],
        resolution: [8, 8, 40],
        chunk_sizes: [largeChunk],
        encoding: "compressed_segmentation",
        compressed_segmentation_block_size: [8, 8, 8],
      },
    ],
  });
  const thickness = largeChunk[2];
  const data = new BigUint64Array(width * height * thickness).map((_, i) => BigInt((i >> 5) % 977) + 2n ** 60n);
  for (let z = 0; z < depth; z += thickness) {
    await volume.upload({ min: [0, 0, z], max: [width, height, z + thickness] }, { data });
  }
}
