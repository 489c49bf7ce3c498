/**
 * `npm start`: builds, writes the sample, and opens it in real VS Code with the extension in it.
 *
 * The desktop `code` is taken where it is on the PATH; else VS Code's own server on a free loopback port, whose URL (with its token, good
 * for this run only) is printed. `--no-open` always takes the server and opens no browser; `--port N` asks for a port.
 */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { buildProduct, packExtension, writeSample } from "./build.mjs";
import { createProfile, installExtension, startCodeServer } from "./codeServer.mjs";
import { installVsCode, runProgram } from "./install.mjs";
import { outPath, repository } from "./paths.mjs";
import { exitOnSignals, runOrThrow } from "./processes.mjs";

const usage = `npm start [-- OPTIONS]
  --no-open   open no window: print the URL of a VS Code on this machine
  --port N    port of that VS Code; default: a free one
  --help`;

async function main() {
  const { values } = parseArgs({
    options: {
      "no-open": { type: "boolean", default: false },
      port: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error(`not a port: "${values.port}"`);
    return 2;
  }
  exitOnSignals();
  console.log("building …");
  await buildProduct();
  const sample = await writeSample(outPath("sample"));
  const desktop = values["no-open"] ? undefined : findOnPath("code");
  if (desktop !== undefined) {
    await runOrThrow(desktop, ["--new-window", `--extensionDevelopmentPath=${repository}`, sample]);
    console.log(`opened in VS Code: ${sample}`);
    return 0;
  }
  return serve(sample, { port, isOpening: !values["no-open"] });
}

/**
 * Serves VS Code with the packed extension until it is told to end.
 * @param {string} sample
 * @param {{ port: number, isOpening: boolean }} options
 */
async function serve(sample, { port, isOpening }) {
  const vscode = await installVsCode();
  const vsix = await packExtension(outPath("start/cloudvolume.vsix"));
  const profile = createProfile();
  process.once("exit", () => profile.remove());
  await installExtension(vscode, profile, vsix);
  const server = await startCodeServer({ vscode, profile, env: process.env, port });
  const url = server.url({ folder: sample });
  console.log(`CloudVolume is ready: ${url}`);
  console.log("The cube in the activity bar opens the Buckets view. Ctrl+C ends it.");
  if (isOpening) {
    openBrowser(url);
  }
  await server.ended;
  console.error("the VS Code server ended");
  return 1;
}

/** @param {string} url */
function openBrowser(url) {
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  const hasDisplay = process.platform === "darwin" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (hasDisplay && findOnPath(opener) !== undefined) {
    const child = spawn(opener, [url], { stdio: "ignore", detached: true });
    child.on("error", () => undefined);
    child.unref();
  }
}

/** @param {string} name */
function findOnPath(name) {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !folder.includes("node_modules"));
  return folders
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

await runProgram(main);
