/**
 * Entry point of the tests in the extension host: runs every bundled suite with mocha and writes the results to the file that
 * `CLOUDVOLUME_TEST_RESULTS` names. Rejects when a test fails, which ends the host with exit code 1.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";

interface TestResult {
  readonly file: string;
  readonly title: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly durationMs?: number;
  readonly error?: string;
}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 30_000, color: false, ...grepOption() });
  const suites = path.join(__dirname, "suite");
  for (const name of readdirSync(suites)
    .filter((name) => name.endsWith(".test.cjs"))
    .sort()) {
    mocha.addFile(path.join(suites, name));
  }
  const { failures, results } = await runAll(mocha);
  const file = process.env.CLOUDVOLUME_TEST_RESULTS;
  if (file !== undefined) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(results, null, 1));
  }
  if (failures > 0 || results.length === 0) {
    throw new Error(results.length === 0 ? "no test ran" : `${failures} tests failed`);
  }
}

function grepOption(): { grep?: string } {
  const grep = process.env.CLOUDVOLUME_TEST_GREP;
  return grep === undefined || grep === "" ? {} : { grep };
}

function runAll(mocha: Mocha): Promise<{ failures: number; results: TestResult[] }> {
  const results: TestResult[] = [];
  const describe = (test: Mocha.Test): Pick<TestResult, "file" | "title" | "durationMs"> => ({
    file: path.basename(test.file ?? "", ".cjs"),
    title: test.fullTitle(),
    ...(test.duration === undefined ? {} : { durationMs: test.duration }),
  });
  return new Promise((resolve) => {
    const runner = mocha.run((failures) => resolve({ failures, results }));
    runner.on("pass", (test) => results.push({ ...describe(test), state: "passed" }));
    runner.on("pending", (test) => results.push({ ...describe(test), state: "skipped" }));
    runner.on("fail", (test, error) => {
      results.push({ ...describe(test), state: "failed", error: error?.stack ?? String(error) });
    });
  });
}
