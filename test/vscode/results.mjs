/** Results of a test run, in one shape for every runner: a JSON file and the line `N passed, N failed`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * @typedef {object} TestResult
 * @property {string} file
 * @property {string} title
 * @property {"passed" | "failed" | "skipped"} state
 * @property {number} [durationMs]
 * @property {string} [error]
 */

/** @typedef {{ passed: number, failed: number, skipped: number }} Totals */

/**
 * @param {readonly TestResult[]} results
 * @returns {Totals}
 */
export function totalsOf(results) {
  /** @param {TestResult["state"]} state */
  const count = (state) => results.filter((result) => result.state === state).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

/**
 * @param {string} file
 * @param {readonly TestResult[]} results
 */
export function writeResults(file, results) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(results, null, 1));
}

/**
 * What a run left behind; undefined when it left nothing readable.
 * @param {string} file
 * @returns {TestResult[] | undefined}
 */
export function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * One line a test, errors below.
 * @param {readonly TestResult[]} results
 */
export function printResults(results) {
  for (const { state, title, durationMs, error } of results) {
    const sign = { passed: "ok  ", failed: "FAIL", skipped: "skip" }[state];
    console.log(`${sign} ${title}${durationMs === undefined ? "" : ` (${Math.round(durationMs)} ms)`}`);
    if (error !== undefined) {
      console.log(error.replace(/^/gm, "       "));
    }
  }
}

/** @param {Totals} totals */
export function summaryLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}
