/** The reference implementation: a Python environment of exact versions, made once in a cache folder, and a process of it that answers. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { run, runOrThrow } from "../vscode/processes.mjs";

const folder = path.dirname(fileURLToPath(import.meta.url));
const requirements = path.join(folder, "requirements.txt");
const answerTimeoutMs = 120_000;

/**
 * A Python that has CloudVolume: `$CLOUDVOLUME_ORACLE_PYTHON`, else one made in the user's cache, named by the versions it has.
 * @returns {Promise<string>}
 */
export async function installOracle() {
  const chosen = process.env.CLOUDVOLUME_ORACLE_PYTHON;
  if (chosen) {
    return chosen;
  }
  const { environment, python } = oraclePaths();
  const isComplete = path.join(environment, "complete");
  if (existsSync(isComplete)) {
    return python;
  }
  console.log(`installing CloudVolume into ${environment} …`);
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(path.dirname(environment), { recursive: true });
  await makeEnvironment(environment);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefer-binary", "-r", requirements];
  await runOrThrow(python, pip, { isQuiet: true });
  writeFileSync(isComplete, "");
  return python;
}

/** The Python with CloudVolume if it is there already; nothing is installed. */
export function findOracle() {
  const { environment, python } = oraclePaths();
  return process.env.CLOUDVOLUME_ORACLE_PYTHON || (existsSync(path.join(environment, "complete")) ? python : undefined);
}

function oraclePaths() {
  const caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  const versions = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const environment = path.join(caches, "cloudvolume", `oracle-${versions}`);
  return { environment, python: path.join(environment, "bin/python") };
}

/**
 * An empty environment; where Python or its venv module is absent and we are root on Debian, apt installs them.
 * @param {string} environment
 */
async function makeEnvironment(environment) {
  const make = () =>
    run("python3", ["-m", "venv", environment], { isQuiet: true }).catch(() => ({ code: 1, output: "" }));
  const { code, output } = await make();
  if (code === 0) {
    return;
  }
  if (process.getuid?.() !== 0 || !isExecutable("/usr/bin/apt-get")) {
    throw new Error(`no Python 3 with venv: install python3-venv, or set CLOUDVOLUME_ORACLE_PYTHON\n${output}`);
  }
  console.log("installing python3 by apt …");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-q"], { env, isQuiet: true });
  const packages = ["python3", "python3-venv", "python3-pip"];
  await runOrThrow("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...packages], { env, isQuiet: true });
  rmSync(environment, { recursive: true, force: true });
  await runOrThrow("python3", ["-m", "venv", environment], { isQuiet: true });
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

/** An exception of the reference: the name of its class, and its text. */
export class OracleError extends Error {
  /**
   * @param {string} kind
   * @param {string} message
   */
  constructor(kind, message) {
    super(`${kind}: ${message}`);
    this.kind = kind;
  }
}

/**
 * A running process of the reference. It answers one request after the other; one that takes too long ends it, and the next starts a new one.
 * @param {string} python
 * @param {string} [script] A Python program that answers lines of JSON.
 * @param {Readonly<Record<string, string>>} [environment] Added to this process's.
 */
export function startOracle(python, script = path.join(folder, "oracle.py"), environment = {}) {
  /** @type {{ child: import("node:child_process").ChildProcess, lines: AsyncIterator<string>, errors: string[] } | undefined} */
  let running;

  function start() {
    const env = {
      ...process.env,
      ...environment,
      OMP_NUM_THREADS: "1",
      OPENBLAS_NUM_THREADS: "1",
      PYTHONDONTWRITEBYTECODE: "1",
    };
    const child = spawn(python, ["-u", script], { env, stdio: ["pipe", "pipe", "pipe"] });
    /** @type {string[]} */
    const errors = [];
    child.stderr.on("data", (data) => {
      errors.push(String(data));
      errors.splice(0, errors.length - 20);
    });
    child.stdin.on("error", () => undefined);
    child.on("error", (error) => errors.push(error.message));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, lines, errors };
  }

  /**
   * @param {string} command
   * @param {Record<string, unknown>} [request]
   * @returns {Promise<any>} What the handler of that name in oracle.py returns; throws OracleError for its exceptions.
   */
  async function ask(command, request = {}) {
    running ??= start();
    const { child, lines, errors } = running;
    child.stdin?.write(`${JSON.stringify({ command, ...request })}\n`);
    const timer = setTimeout(() => child.kill("SIGKILL"), answerTimeoutMs);
    const { value, done } = await lines.next();
    clearTimeout(timer);
    if (done) {
      running = undefined;
      throw new Error(`the reference ended while it answered "${command}":\n${errors.join("").slice(-2000)}`);
    }
    const reply = JSON.parse(value);
    if (reply.error !== undefined) {
      throw new OracleError(reply.error, reply.message);
    }
    return reply.result;
  }

  return {
    ask,
    stop() {
      running?.child.stdin?.end();
      running?.child.kill();
      running = undefined;
    },
  };
}

/** @typedef {ReturnType<typeof startOracle>} Oracle */
