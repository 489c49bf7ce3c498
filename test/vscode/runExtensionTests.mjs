/**
 * `npm run test:extension`: the suites of test/extension/suite/ in the extension host of a real VS Code, with the sample as its folder.
 *
 * A run whose webview never got its script is repeated once, and says so. `CLOUDVOLUME_TEST_GREP` picks tests.
 */
import { cpSync } from "node:fs";
import path from "node:path";
import util from "node:util";
import { buildExtensionTests, buildProduct, writeSample } from "./build.mjs";
import { createProfile, isolatedEnvironment, startCodeServer } from "./codeServer.mjs";
import { installChromium, installVsCode, runProgram } from "./install.mjs";
import { outPath, repository } from "./paths.mjs";
import { exitOnSignals, withTimeout } from "./processes.mjs";
import { printResults, readResults, summaryLine, totalsOf, writeResults } from "./results.mjs";
import { launchBrowser, openWorkbench, saveScreenshot } from "./workbench.mjs";

const resultsFile = outPath("test-results/extension.json");
const suiteTimeoutMs = 240_000;

/** @typedef {import("./results.mjs").TestResult} TestResult */

/** What a webview that lost its script looks like in the results: the product's own words for "the view never said ready". */
const webviewFlake = /webview (did not become|never became|was not) ready|no "ready" from the (view|webview)/i;

async function main() {
  exitOnSignals();
  const vscode = await installVsCode();
  const chromiumPath = await installChromium();
  if (!process.argv.includes("--no-build")) {
    await buildProduct();
  }
  await buildExtensionTests();
  const sample = await writeSample(outPath("sample"));
  let results = await runOnce({ vscode, chromiumPath, sample });
  const failures = results.filter((result) => result.state === "failed");
  if (failures.length > 0 && failures.every((result) => webviewFlake.test(result.error ?? ""))) {
    console.log("the failures look like VS Code's lost webview script: running once more");
    results = await runOnce({ vscode, chromiumPath, sample });
  }
  printResults(results);
  writeResults(resultsFile, results);
  const totals = totalsOf(results);
  console.log(summaryLine(totals));
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

/**
 * @param {{ vscode: import("./install.mjs").VsCode, chromiumPath: string, sample: string }} tools
 * @returns {Promise<TestResult[]>}
 */
async function runOnce({ vscode, chromiumPath, sample }) {
  const profile = createProfile();
  const workspace = path.join(profile.directory, "sample");
  cpSync(sample, workspace, { recursive: true });
  const written = path.join(profile.directory, "results.json");
  const env = isolatedEnvironment(profile, {
    CLOUDVOLUME_TEST_RESULTS: written,
    CLOUDVOLUME_TEST_GREP: process.env.CLOUDVOLUME_TEST_GREP ?? "",
    CLOUDVOLUME_TEST_REPOSITORY: repository,
  });
  /** @type {import("./codeServer.mjs").CodeServer | undefined} */
  let server;
  /** @type {import("./workbench.mjs").Browser | undefined} */
  let browser;
  try {
    const args = ["--enable-smoke-test-driver", "--disable-experiments"];
    server = await startCodeServer({ vscode, profile, env, args });
    browser = await launchBrowser({ chromiumPath });
    const exit = await runSuites(browser.page, server, workspace);
    const results = readResults(written);
    if (results === undefined) {
      throw new Error(`the extension host ended with ${exit} and left no results`);
    }
    if (exit !== 0 && totalsOf(results).failed === 0) {
      throw new Error(`every test passed, but the extension host ended with ${exit}`);
    }
    if (totalsOf(results).failed > 0) {
      await keepEvidence(browser, server);
    }
    return results;
  } catch (error) {
    await keepEvidence(browser, server);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [
      ...(readResults(written) ?? []),
      { file: "runExtensionTests", title: "the extension host runs the suites", state: "failed", error: text },
    ];
  } finally {
    await browser?.close().catch(() => undefined);
    await server?.stop();
    profile.remove();
  }
}

/**
 * Loads the workbench with the test payload and waits for its exit code.
 * @param {import("./workbench.mjs").Page} page
 * @param {import("./codeServer.mjs").CodeServer} server
 * @param {string} workspace
 */
async function runSuites(page, server, workspace) {
  /** @type {Promise<number>} */
  const exit = new Promise((resolve) => {
    void page.exposeFunction("codeAutomationExit", (/** @type {number} */ code) => resolve(code));
  });
  await page.exposeFunction("codeAutomationLog", (/** @type {string} */ type, /** @type {unknown[]} */ args) => {
    if (process.env.CLOUDVOLUME_TEST_VERBOSE) {
      console.log(`[${type}] ${util.format(...args).trimEnd()}`);
    }
  });
  /** @param {string} file */
  const remote = (file) => `vscode-remote://${new URL(server.origin).host}${file}`;
  const payload = [
    ["extensionDevelopmentPath", remote(repository)],
    ["extensionTestsPath", remote(outPath("test/extension/index.cjs"))],
    ["skipWelcome", "true"],
  ];
  await openWorkbench(page, server.url({ folder: workspace, payload: JSON.stringify(payload) }));
  return withTimeout(exit, suiteTimeoutMs, "tests in the extension host");
}

/**
 * @param {import("./workbench.mjs").Browser | undefined} browser
 * @param {import("./codeServer.mjs").CodeServer | undefined} server
 */
async function keepEvidence(browser, server) {
  const directory = outPath("test-results/extension");
  if (browser !== undefined) {
    const file = path.join(directory, "failure.png");
    await saveScreenshot(browser.page, file).then(
      () => console.log(`screenshot: ${file}`),
      () => console.log("no screenshot could be taken"),
    );
  }
  if (server !== undefined) {
    const logs = path.join(directory, "logs");
    cpSync(path.join(path.dirname(server.logFile), "user-data/logs"), logs, { recursive: true, force: true });
    cpSync(server.logFile, path.join(logs, "server.log"));
    console.log(`logs: ${logs}`);
  }
}

await runProgram(main);
