/**
 * A real VS Code server on a loopback port: a process group of its own, its own data folders, a random token that every page needs.
 *
 * code-server's wrapper is left out: its VS Code serves a workbench by itself, and the wrapper's service worker makes webviews flaky.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { endGroup, endWithUs, runOrThrow, withTimeout } from "./processes.mjs";

/** A calm start: no welcome, no trust question, no telemetry, no updates, nothing that asks another host; saving as on a desktop. */
export const calmSettings = {
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "workbench.startupEditor": "none",
  "workbench.enableExperiments": false,
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "security.workspace.trust.enabled": false,
  "chat.disableAIFeatures": true,
  "files.autoSave": "off",
  "git.openRepositoryInParentFolders": "never",
};

/**
 * @typedef {object} Profile Folders of one run: everything that VS Code writes.
 * @property {string} directory
 * @property {string} extensions
 * @property {string} userData
 * @property {() => void} remove
 */

/**
 * New, empty folders with the calm settings and `settings` on top.
 * @param {Readonly<Record<string, unknown>>} [settings]
 * @returns {Profile}
 */
export function createProfile(settings = {}) {
  const directory = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-vscode-"));
  const userData = path.join(directory, "user-data");
  for (const name of ["user-data/User", "extensions", "home", "server"]) {
    mkdirSync(path.join(directory, name), { recursive: true });
  }
  writeFileSync(path.join(userData, "User/settings.json"), JSON.stringify({ ...calmSettings, ...settings }, null, 2));
  return {
    directory,
    userData,
    extensions: path.join(directory, "extensions"),
    remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/**
 * The environment of a run that must not see the user's own files.
 * @param {Profile} profile
 * @param {Readonly<Record<string, string>>} [extra]
 */
export function isolatedEnvironment(profile, extra = {}) {
  const home = path.join(profile.directory, "home");
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: `${home}/.config`,
    XDG_DATA_HOME: `${home}/.local`,
    XDG_CACHE_HOME: `${home}/.cache`,
  };
  for (const name of ["PATH", "LANG", "TERM", "CI"]) {
    if (process.env[name] !== undefined) {
      env[name] = process.env[name];
    }
  }
  return { ...env, ...extra };
}

/** @param {Profile} profile */
function commonArguments(profile) {
  return [
    "--accept-server-license-terms",
    "--disable-telemetry",
    "--disable-workspace-trust",
    "--server-data-dir",
    path.join(profile.directory, "server"),
    "--user-data-dir",
    profile.userData,
    "--extensions-dir",
    profile.extensions,
  ];
}

/**
 * Installs a VSIX into the profile, as a user would.
 * @param {import("./install.mjs").VsCode} vscode
 * @param {Profile} profile
 * @param {string} vsix
 */
export async function installExtension(vscode, profile, vsix) {
  const args = [vscode.server, ...commonArguments(profile), "--install-extension", vsix];
  const env = withoutGallery(isolatedEnvironment(profile));
  const output = await runOrThrow(vscode.node, args, { env, isQuiet: true, timeoutMs: 180_000 });
  if (!/successfully installed/.test(output)) {
    throw new Error(`the extension was not installed:\n${output.slice(-2000)}`);
  }
}

/**
 * With an empty gallery no host outside this machine is asked for anything.
 * @param {NodeJS.ProcessEnv} env
 */
function withoutGallery(env) {
  return { ...env, EXTENSIONS_GALLERY: "{}" };
}

/**
 * @typedef {object} CodeServer
 * @property {string} origin `http://127.0.0.1:PORT`
 * @property {number} pid
 * @property {string} logFile
 * @property {Promise<void>} ended Resolves when the process is gone.
 * @property {(query: Readonly<Record<string, string>>) => string} url A page, with the token.
 * @property {() => Promise<void>} stop Ends the whole process group; idempotent.
 */

/**
 * @typedef {object} StartOptions
 * @property {import("./install.mjs").VsCode} vscode
 * @property {Profile} profile
 * @property {NodeJS.ProcessEnv} env
 * @property {number} [port] 0, the default, takes a free one.
 * @property {readonly string[]} [args]
 * @property {number} [timeoutMs]
 */

/**
 * Starts the server and waits until it listens.
 * @param {StartOptions} options
 * @returns {Promise<CodeServer>}
 */
export async function startCodeServer({ vscode, profile, env, port = 0, args = [], timeoutMs = 120_000 }) {
  const token = randomBytes(16).toString("hex");
  const serverArguments = ["--host", "127.0.0.1", "--port", String(port), "--connection-token", token];
  const child = spawn(vscode.node, [vscode.server, ...commonArguments(profile), ...serverArguments, ...args], {
    env: withoutGallery(env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const untrack = endWithUs(child);
  const logFile = path.join(profile.directory, "server.log");
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      child.on("close", () => {
        untrack();
        log.end(() => resolve());
      });
    })
  );
  const stop = () => stopGroup(child, ended);
  try {
    const bound = await withTimeout(readPort(child, logFile), timeoutMs, "start of the VS Code server");
    const origin = `http://127.0.0.1:${bound}`;
    return {
      origin,
      pid: child.pid ?? 0,
      logFile,
      ended,
      url: (query) => `${origin}/?${new URLSearchParams({ tkn: token, ...query })}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, import("node:stream").Readable>} child
 * @param {string} logFile
 * @returns {Promise<number>}
 */
function readPort(child, logFile) {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
      const match = /host agent listening on (\d+)/.exec(output);
      if (match) {
        resolve(Number(match[1]));
      }
    });
    child.on("error", reject);
    child.on("exit", (code) =>
      reject(new Error(`the VS Code server ended with ${code} before it listened, see ${logFile}`)),
    );
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {Promise<void>} ended
 */
async function stopGroup(child, ended) {
  endGroup(child, "SIGTERM");
  const graceful = await Promise.race([
    ended.then(() => true),
    new Promise((resolve) => setTimeout(resolve, 5000, false).unref()),
  ]);
  endGroup(child, "SIGKILL");
  if (!graceful) {
    await ended;
  }
}
