/** Child processes: run one to its end, or keep one in a process group of its own that can be ended as a whole. */
import { spawn } from "node:child_process";

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [isQuiet] Keep the output for the error message in place of showing it.
 * @property {number} [timeoutMs]
 */

/**
 * Runs a command to its end and resolves to its exit code (null when a signal ended it) and, if quiet, its output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number | null, output: string }>}
 */
export function run(command, args, { cwd, env, isQuiet = false, timeoutMs = 600_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: isQuiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
      detached: true,
    });
    const untrack = endWithUs(child);
    const timer = setTimeout(() => {
      console.error(`${command} ${args[0] ?? ""} was ended: no result in ${timeoutMs / 1000} s`);
      endGroup(child, "SIGKILL");
    }, timeoutMs);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (data) => {
        output += data;
      });
    }
    child.on("error", (error) => {
      clearTimeout(timer);
      untrack();
      reject(error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      untrack();
      resolve({ code, output });
    });
  });
}

/**
 * Like `run`, but anything other than exit code 0 is an error that carries the end of the output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export async function runOrThrow(command, args, options) {
  const { code, output } = await run(command, args, options);
  if (code !== 0) {
    const detail = output === "" ? "" : `:\n${output.slice(-3000)}`;
    throw new Error(`${command} ${args.join(" ").slice(0, 200)} exited with ${code}${detail}`);
  }
  return output;
}

/**
 * Ends a child started with `detached`, and all its descendants in the group.
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
export function endGroup(child, signal) {
  if (child.pid === undefined) {
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

/**
 * Ends the child's group when this process ends; gives back the function that stops watching.
 * @param {import("node:child_process").ChildProcess} child
 */
export function endWithUs(child) {
  const end = () => endGroup(child, "SIGKILL");
  process.on("exit", end);
  return () => {
    process.off("exit", end);
  };
}

/** Turns Ctrl+C and its kin into an ordinary exit, so that `exit` listeners run. Call once per program. */
export function exitOnSignals() {
  /** @type {[NodeJS.Signals, number][]} */
  const codes = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ];
  for (const [signal, code] of codes) {
    process.on(signal, () => process.exit(code));
  }
}

/**
 * The promise's result, or an error when it does not come in time.
 * @template T
 * @param {Promise<T>} promise
 * @param {number} timeoutMs
 * @param {string} what
 * @returns {Promise<T>}
 */
export async function withTimeout(promise, timeoutMs, what) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: no result in ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return await /** @type {Promise<T>} */ (Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}
