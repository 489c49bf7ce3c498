/**
 * Parity with the real CloudVolume: what we write it reads, what it writes we read, and both refuse alike, voxel for voxel.
 * `node test/parity/run.mjs [--seed N] [--only TEXT]`; the last line is `N passed, N failed`. Needs a build (`npm run build`).
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { outPath } from "../vscode/paths.mjs";
import { exitOnSignals } from "../vscode/processes.mjs";
import { summaryLine } from "../vscode/results.mjs";
import { bucketCases } from "./buckets.mjs";
import { codecCases } from "./codecs.mjs";
import { errorCases } from "./errors.mjs";
import { neuroglancerCases } from "./neuroglancer.mjs";
import { installOracle, startOracle } from "./oracle.mjs";
import { readCases } from "./read.mjs";
import { transcodeCases } from "./transcode.mjs";
import { createRandom } from "./voxels.mjs";
import { writtenCases } from "./written.mjs";

/**
 * @typedef {object} Context
 * @property {import("./oracle.mjs").Oracle} oracle The reference.
 * @property {import("../../server/src/index.ts").Engine} engine Ours, as it is built.
 * @property {import("./voxels.mjs").Random} random
 * @property {number} seed
 * @property {() => string} newFolder A path below the run's own folder; nothing is there yet.
 * @property {() => string} newFile A prefix for files of voxels.
 * @property {(suffix: string) => string} lastFile The file that the last prefix and `suffix` make.
 */

/**
 * @typedef {object} Case
 * @property {string} title
 * @property {(context: Context) => Promise<void>} run Fails by throwing.
 */

const { values } = parseArgs({
  options: { seed: { type: "string" }, only: { type: "string", default: "" } },
});

async function main() {
  exitOnSignals();
  const library = outPath("server/index.js");
  if (!existsSync(library)) {
    console.error("nothing is built; run `npm run build`");
    console.log(summaryLine({ passed: 0, failed: 1, skipped: 0 }));
    return 1;
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const oracle = startOracle(await installOracle());
  const folder = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-parity-"));
  /** @type {typeof import("../../server/src/index.ts")} */
  const { createEngine } = await import(library);
  const engine = createEngine({ workers: 2 });
  console.log(`seed ${seed} (the same cases again: --seed ${seed})`);
  try {
    const totals = { passed: 0, failed: 0, skipped: 0 };
    const all = [
      ...writtenCases,
      ...readCases,
      ...errorCases,
      ...codecCases,
      ...neuroglancerCases,
      ...transcodeCases,
      ...bucketCases,
    ];
    const cases = all.filter(({ title }) => title.includes(values.only));
    for (const [index, { title, run }] of cases.entries()) {
      const isPassed = await attempt(title, () => run(createContext({ oracle, engine, folder, seed, index })));
      totals[isPassed ? "passed" : "failed"]++;
    }
    console.log(summaryLine(totals));
    return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
  } finally {
    oracle.stop();
    await engine.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Pick<Context, "oracle" | "engine" | "seed"> & { folder: string, index: number }} means
 * @returns {Context}
 */
function createContext({ oracle, engine, folder, seed, index }) {
  let count = 0;
  let prefix = "";
  const next = () => path.join(folder, `${index}-${count++}`);
  return {
    oracle,
    engine,
    // Each case has numbers of its own, so that one alone repeats as it was.
    random: createRandom(seed + index),
    seed: (seed + index) % 2 ** 31,
    newFolder: next,
    newFile: () => {
      prefix = `${next()}-voxels-`;
      return prefix;
    },
    lastFile: (suffix) => prefix + suffix,
  };
}

/**
 * @param {string} title
 * @param {() => Promise<void>} run
 */
async function attempt(title, run) {
  try {
    await run();
    console.log(`ok   ${title}`);
    return true;
  } catch (error) {
    console.log(`FAIL ${title}`);
    console.log(String(error instanceof Error ? (error.stack ?? error) : error).replace(/^/gm, "       "));
    return false;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log(summaryLine({ passed: 0, failed: 1, skipped: 0 }));
  process.exitCode = 1;
}
