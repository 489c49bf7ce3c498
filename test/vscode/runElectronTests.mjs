/** `npm run test:electron`: the same suites in desktop VS Code, where it can be downloaded (or `VSCODE_EXECUTABLE` names one). */
import { cpSync } from "node:fs";
import path from "node:path";
import { runTests } from "@vscode/test-electron";
import { buildExtensionTests, buildProduct, writeSample } from "./build.mjs";
import { createProfile } from "./codeServer.mjs";
import { MissingToolError, runProgram } from "./install.mjs";
import { outPath, repository } from "./paths.mjs";
import { printResults, readResults, summaryLine, totalsOf, writeResults } from "./results.mjs";

const resultsFile = outPath("test-results/electron.json");

async function main() {
  await buildProduct();
  await buildExtensionTests();
  const profile = createProfile();
  const workspace = path.join(profile.directory, "sample");
  cpSync(await writeSample(outPath("sample")), workspace, { recursive: true });
  const written = path.join(profile.directory, "results.json");
  const executable = process.env.VSCODE_EXECUTABLE;
  try {
    await runTests({
      ...(executable === undefined ? {} : { vscodeExecutablePath: executable }),
      extensionDevelopmentPath: repository,
      extensionTestsPath: outPath("test/extension/index.cjs"),
      extensionTestsEnv: { CLOUDVOLUME_TEST_RESULTS: written, CLOUDVOLUME_TEST_REPOSITORY: repository },
      launchArgs: [
        workspace,
        "--user-data-dir",
        profile.userData,
        "--extensions-dir",
        profile.extensions,
        "--no-sandbox",
      ],
    });
  } catch (error) {
    if (readResults(written) === undefined) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new MissingToolError(
        `desktop VS Code could not be downloaded or started, "npm run test:extension" needs neither: ${reason}`,
      );
    }
  } finally {
    process.once("exit", () => profile.remove());
  }
  const results = readResults(written) ?? [];
  printResults(results);
  writeResults(resultsFile, results);
  const totals = totalsOf(results);
  console.log(summaryLine(totals));
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

await runProgram(main);
