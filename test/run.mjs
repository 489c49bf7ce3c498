/**
 * `npm test`: everything that a contributor must see pass, one step after the other, the suites in real VS Code included.
 * `npm test -- STEP …` runs some of the steps. The last line is `N passed, N failed`, over all steps; each check counts as one.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { installChromium } from "./vscode/install.mjs";
import { outPath, repository } from "./vscode/paths.mjs";
import { exitOnSignals, run } from "./vscode/processes.mjs";
import { readResults, summaryLine } from "./vscode/results.mjs";

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {readonly string[]} skipped Titles of what was left out.
 */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<Outcome>} run
 */

/** @type {readonly Step[]} */
const steps = [
  { name: "build", run: () => check("node", ["build.mjs"]) },
  { name: "typecheck", run: () => check("tsc", ["-b"]) },
  { name: "lint", run: () => check("biome", ["check", "."]) },
  { name: "fast", run: () => vitest("fast", 600_000) },
  { name: "slow", run: () => vitest("slow", 900_000) },
  { name: "browser", run: () => vitest("browser", 600_000) },
  { name: "extension", run: () => vscodeSuite("runExtensionTests.mjs", "extension", ["--no-build"]) },
  { name: "package", run: () => check("npm", ["run", "--silent", "package"]) },
  { name: "ui", run: () => vscodeSuite("runUiTests.mjs", "ui", ["--vsix", outPath("cloudvolume.vsix")]) },
];

async function main() {
  exitOnSignals();
  const chosen = process.argv.slice(2);
  const unknown = chosen.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`unknown step: "${unknown.join('", "')}" (known: ${steps.map((step) => step.name).join(", ")})`);
    return 2;
  }
  /** @type {Outcome[]} */
  const outcomes = [];
  for (const step of steps.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
    const start = performance.now();
    console.log(`\n==> ${step.name}`);
    const outcome = await step.run().catch((error) => {
      console.error(error instanceof Error ? error.message : error);
      return failed;
    });
    outcomes.push(outcome);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`<== ${step.name}: ${summaryLine({ ...outcome, skipped: 0 })} in ${seconds} s`);
  }
  sayWhatWasLeftOut(outcomes.flatMap((outcome) => outcome.skipped));
  /** @param {"passed" | "failed"} key */
  const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  console.log(summaryLine({ passed: sum("passed"), failed: sum("failed"), skipped: 0 }));
  return sum("failed") === 0 ? 0 : 1;
}

/** @type {Outcome} */
const failed = { passed: 0, failed: 1, skipped: [] };

/** Programs of the project's own dependencies come first. */
const environment = {
  ...process.env,
  PATH: `${path.join(repository, "node_modules/.bin")}${path.delimiter}${process.env.PATH}`,
};

/**
 * A program that either succeeds or not.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<Outcome>}
 */
async function check(program, args) {
  const { code } = await run(program, args, { cwd: repository, env: environment });
  return code === 0 ? { passed: 1, failed: 0, skipped: [] } : failed;
}

/**
 * A project of the vitest configuration.
 * @param {string} project
 * @param {number} timeoutMs
 * @returns {Promise<Outcome>}
 */
async function vitest(project, timeoutMs) {
  const report = outPath(`test-results/${project}.json`);
  rmSync(report, { force: true });
  const env = project === "browser" ? { ...environment, CHROMIUM: await installChromium() } : environment;
  const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { code } = await run("vitest", args, { cwd: repository, env, timeoutMs });
  return withExitCode(readVitestReport(report), code);
}

/**
 * @param {string} report
 * @returns {Outcome}
 */
function readVitestReport(report) {
  /** @type {{ testResults: { name: string, status: string, assertionResults: { status: string, fullName: string }[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  const tests = testResults.flatMap((file) => file.assertionResults);
  /** @param {string} status */
  const count = (status) => tests.filter((test) => test.status === status).length;
  const brokenFiles = testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: count("passed"),
    failed: count("failed") + brokenFiles.length,
    skipped: testResults.flatMap((file) =>
      file.assertionResults
        .filter((test) => !["passed", "failed"].includes(test.status))
        .map((test) => `${path.relative(repository, file.name)}: ${test.fullName}`),
    ),
  };
}

/**
 * A runner of test/vscode/ that leaves results in out/test-results/.
 * @param {string} script
 * @param {string} name
 * @param {readonly string[]} args
 * @returns {Promise<Outcome>}
 */
async function vscodeSuite(script, name, args) {
  const file = outPath(`test-results/${name}.json`);
  rmSync(file, { force: true });
  const program = path.join(repository, "test/vscode", script);
  const { code } = await run(process.execPath, [program, ...args], { cwd: repository, timeoutMs: 900_000 });
  const results = readResults(file);
  if (results === undefined) {
    return failed;
  }
  /** @param {string} state */
  const titles = (state) => results.filter((result) => result.state === state).map(({ title }) => `${name}: ${title}`);
  const outcome = { passed: titles("passed").length, failed: titles("failed").length, skipped: titles("skipped") };
  return withExitCode(outcome, code);
}

/**
 * A runner that fails without a failed test (an unhandled error, no test at all) is a failure all the same.
 * @param {Outcome} outcome
 * @param {number | null} code
 * @returns {Outcome}
 */
function withExitCode(outcome, code) {
  return code !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
}

/** @param {readonly string[]} skipped */
function sayWhatWasLeftOut(skipped) {
  console.log("");
  if (!existsSync(path.join(repository, "../shared"))) {
    console.log("LEFT OUT: every test against reference data, because ../shared is not there");
  }
  if (skipped.length > 0) {
    console.log(`LEFT OUT: ${skipped.length} tests`);
    for (const title of skipped.slice(0, 40)) {
      console.log(`  ${title}`);
    }
    if (skipped.length > 40) {
      console.log(`  … and ${skipped.length - 40} more`);
    }
  }
}

process.exitCode = await main();
