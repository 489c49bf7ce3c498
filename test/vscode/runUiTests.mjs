/**
 * `npm run test:ui`: the journeys of test/vscode/ui/ in the workbench of a real VS Code that has the packed extension installed.
 *
 * `--vsix FILE` takes a packed extension as it is; a name picks journeys. Pictures go to out/screenshots/.
 */
import { cpSync, readdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { buildProduct, packExtension, writeSample } from "./build.mjs";
import { createProfile, installExtension, isolatedEnvironment, startCodeServer } from "./codeServer.mjs";
import { installChromium, installVsCode, runProgram } from "./install.mjs";
import { outPath, repository } from "./paths.mjs";
import { exitOnSignals, withTimeout } from "./processes.mjs";
import { printResults, summaryLine, totalsOf, writeResults } from "./results.mjs";
import { launchBrowser, openWorkbench, saveScreenshot } from "./workbench.mjs";

/** @typedef {import("./results.mjs").TestResult} TestResult */

/**
 * @typedef {object} Session What a step of a journey has at hand.
 * @property {import("./workbench.mjs").Page} page
 * @property {string} workspace The opened folder: a copy of the sample that the journey may change.
 * @property {string} directory A folder for the journey's own files.
 * @property {number} serverPid
 * @property {ReadonlySet<string>} outsideHosts
 * @property {(name: string) => Promise<string>} screenshot
 */

/**
 * @typedef {object} Journey One file of test/vscode/ui/: steps that a user takes one after the other.
 * @property {string} title
 * @property {Readonly<Record<string, unknown>>} [settings]
 * @property {string} [leftOut] Why its steps cannot be taken here.
 * @property {readonly (readonly [string, (session: Session) => Promise<void>])[]} steps
 */

const stepTimeoutMs = 90_000;

async function main() {
  exitOnSignals();
  const { values, positionals } = parseArgs({ options: { vsix: { type: "string" } }, allowPositionals: true });
  const vscode = await installVsCode();
  const chromiumPath = await installChromium();
  let vsix = values.vsix;
  if (vsix === undefined) {
    await buildProduct();
    vsix = await packExtension(outPath("ui/cloudvolume.vsix"));
  }
  const sample = await writeSample(outPath("sample"));
  const folder = path.join(repository, "test/vscode/ui");
  const names = readdirSync(folder).filter(
    (name) => name.endsWith(".ui.mjs") && positionals.every((word) => name.includes(word)),
  );
  /** @type {TestResult[]} */
  const results = [];
  for (const name of names) {
    const { journey } = await import(path.join(folder, name));
    const tools = { vscode, chromiumPath, vsix, sample };
    if (journey.leftOut !== undefined) {
      results.push(...leaveOut(name, journey));
      continue;
    }
    let taken = await takeJourney(name, journey, tools);
    if (taken.some(isLostWebview)) {
      console.log(`"${journey.title}" met VS Code's lost webview script: running it once more`);
      taken = await takeJourney(name, journey, tools);
    }
    printResults(taken);
    results.push(...taken);
  }
  writeResults(outPath("test-results/ui.json"), results);
  const totals = totalsOf(results);
  console.log(summaryLine(totals));
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

/**
 * Steps that cannot be taken are skipped aloud; where CI is set, they count as failed, so that no gate passes without them.
 * @param {string} file
 * @param {Journey} journey
 * @returns {TestResult[]}
 */
function leaveOut(file, { title, leftOut, steps }) {
  console.log(`LEFT OUT "${title}": ${leftOut}`);
  const state = process.env.CI ? "failed" : "skipped";
  return steps.map(([step]) => ({ file, title: `${title}: ${step}`, state, error: leftOut ?? "" }));
}

/**
 * A webview whose frame is there and stays empty; the helper that looks for a selector says so in these words.
 * @param {TestResult} result
 */
function isLostWebview(result) {
  return result.state === "failed" && /there is an empty webview/.test(result.error ?? "");
}

/**
 * Takes the steps in order; after one that fails the rest are not reached, and count as failed.
 * @param {string} file
 * @param {Journey} journey
 * @param {{ vscode: import("./install.mjs").VsCode, chromiumPath: string, vsix: string, sample: string }} tools
 * @returns {Promise<TestResult[]>}
 */
async function takeJourney(file, journey, { vscode, chromiumPath, vsix, sample }) {
  const profile = createProfile(journey.settings);
  /** @type {TestResult[]} */
  const results = [];
  /** @type {import("./codeServer.mjs").CodeServer | undefined} */
  let server;
  /** @type {import("./workbench.mjs").Browser | undefined} */
  let browser;
  try {
    const workspace = path.join(profile.directory, "sample");
    cpSync(sample, workspace, { recursive: true });
    await installExtension(vscode, profile, vsix);
    server = await startCodeServer({
      vscode,
      profile,
      env: isolatedEnvironment(profile),
      args: ["--disable-experiments"],
    });
    browser = await launchBrowser({ chromiumPath });
    await openWorkbench(browser.page, server.url({ folder: workspace }));
    const { page, outsideHosts } = browser;
    /** @param {string} name */
    const screenshot = (name) =>
      saveScreenshot(page, outPath("screenshots", `${file.replace(".ui.mjs", "")}-${name}.png`));
    const session = { page, workspace, directory: profile.directory, serverPid: server.pid, outsideHosts, screenshot };
    for (const [title, step] of journey.steps) {
      results.push(await takeStep(file, `${journey.title}: ${title}`, () => step(session), results));
      if (results.at(-1)?.state === "failed" && results.at(-2)?.state !== "failed") {
        console.log(`screenshot: ${await screenshot("failure")}`);
      }
    }
  } catch (error) {
    results.push({ file, title: `${journey.title}: starts`, state: "failed", error: textOf(error) });
  } finally {
    await browser?.close().catch(() => undefined);
    await server?.stop();
    profile.remove();
  }
  return results;
}

/**
 * @param {string} file
 * @param {string} title
 * @param {() => Promise<void>} step
 * @param {readonly TestResult[]} before
 * @returns {Promise<TestResult>}
 */
async function takeStep(file, title, step, before) {
  if (before.at(-1)?.state === "failed") {
    return { file, title, state: "failed", error: "not reached" };
  }
  const start = performance.now();
  try {
    await withTimeout(step(), stepTimeoutMs, title);
    return { file, title, state: "passed", durationMs: performance.now() - start };
  } catch (error) {
    return { file, title, state: "failed", durationMs: performance.now() - start, error: textOf(error) };
  }
}

/** @param {unknown} error */
function textOf(error) {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

await runProgram(main);
