/**
 * Many small objects over http: 5,000 of 64 KiB, ours from one thread against CloudFiles with its 20 threads and plain undici, in turn.
 * `npm run bench -- gets [--url ORIGIN --data FOLDER] [--repeat N]`: ORIGIN is a server of FOLDER, in the place of our small one; nginx tells more about clients.
 */
import { spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { findOracle, startOracle } from "../parity/oracle.mjs";
import { outPath } from "../vscode/paths.mjs";
import { exitOnSignals } from "../vscode/processes.mjs";
import { printTable } from "./table.mjs";

/** @typedef {{ wallMs: number, cpuMs: number }} Run */

const here = path.dirname(fileURLToPath(import.meta.url));
const count = 5000;
const objectBytes = 64 * 1024;
const inFlight = 32;

/** @param {readonly string[]} args */
export async function benchGets(args) {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: { repeat: { type: "string", default: "5" }, url: { type: "string" }, data: { type: "string" } },
  });
  exitOnSignals();
  /** @type {typeof import("../../server/src/index.ts")} */
  const { createEngine } = await import(outPath("server/index.js"));
  const data = typeof values.data === "string" ? values.data : undefined;
  const folder = data ?? mkdtempSync(path.join(tmpdir(), "cloudvolume-bench-"));
  writeObjects(path.join(folder, "objects"));
  const server = typeof values.url === "string" ? { origin: values.url, stop: () => undefined } : await serve(folder);
  const engine = createEngine({ workers: 1 });
  const store = engine.openStore(`${server.origin}/objects`);
  const pool = new Pool(server.origin, { connections: 16 });
  const python = findOracle();
  const peers = python === undefined ? undefined : startOracle(python, path.join(here, "peer.py"));
  const names = Array.from({ length: count }, (_, i) => `o${i}`);
  try {
    /** @type {Record<string, () => Promise<Run>>} */
    const sides = {
      ours: () =>
        timed(() => eachInFlight(names, (name) => store.get(name).then((object) => object?.bytes.byteLength))),
      "undici, dispatched": () => timed(() => eachInFlight(names, (name) => dispatch(pool, `/objects/${name}`))),
      ...(peers && {
        CloudFiles: () => peers.ask("gets", { location: `${server.origin}/objects`, names }),
      }),
    };
    /** @type {Map<string, Run[]>} */
    const runs = new Map(Object.keys(sides).map((side) => [side, []]));
    console.log(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
    for (let round = -1; round < Math.max(1, Number(values.repeat)); round++) {
      for (const [side, run] of Object.entries(sides)) {
        const result = await run();
        if (round >= 0) {
          runs.get(side)?.push(result);
        }
      }
    }
    console.log(`\n${count} objects of ${objectBytes / 1024} KiB; medians of ${values.repeat} runs`);
    printTable(rowsOf(runs));
  } finally {
    peers?.stop();
    await pool.destroy();
    await engine.dispose();
    server.stop();
    if (data === undefined) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** @param {ReadonlyMap<string, Run[]>} runs */
function rowsOf(runs) {
  const theirs = medianOf(runs.get("CloudFiles"), "wallMs");
  return [...runs].map(([client, all]) => {
    const wall = medianOf(all, "wallMs") ?? Number.NaN;
    return {
      client,
      "requests/s": (count / (wall / 1000)).toFixed(0),
      "CPU ms each": ((medianOf(all, "cpuMs") ?? Number.NaN) / count).toFixed(3),
      ratio: theirs === undefined ? "" : (theirs / wall).toFixed(1),
    };
  });
}

/**
 * @param {Run[] | undefined} runs
 * @param {keyof Run} figure
 */
function medianOf(runs, figure) {
  const sorted = (runs ?? []).map((run) => run[figure]).sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** @param {string} folder */
function writeObjects(folder) {
  mkdirSync(folder, { recursive: true });
  const bytes = new Uint8Array(objectBytes);
  for (let i = 0; i < count; i++) {
    writeFileSync(path.join(folder, `o${i}`), randomFillSync(bytes));
  }
}

/**
 * Runs `read` for all names, some at once; each must give the size of an object.
 * @param {readonly string[]} names
 * @param {(name: string) => Promise<number | undefined>} read
 */
async function eachInFlight(names, read) {
  let next = 0;
  const lane = async () => {
    while (next < names.length) {
      const name = names[next++] ?? "";
      const size = await read(name);
      if (size !== objectBytes) {
        throw new Error(`${name} has ${size} bytes`);
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

/**
 * The least that a client of undici does for a body.
 * @param {Pool} pool
 * @param {string} name
 * @returns {Promise<number>}
 */
function dispatch(pool, name) {
  return new Promise((resolve, reject) => {
    const body = new Uint8Array(objectBytes);
    let at = 0;
    pool.dispatch(
      { method: "GET", path: name },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData(_controller, chunk) {
          body.set(chunk, at);
          at += chunk.byteLength;
        },
        onResponseEnd: () => resolve(at),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

/**
 * @param {() => Promise<void>} work
 * @returns {Promise<Run>}
 */
async function timed(work) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
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
