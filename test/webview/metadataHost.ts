/** The extension host's end of the info editor, played in Node over a page in Chromium; edits go through the product's own planner. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { EditRefusedError, planFieldEdits } from "../../client/src/editors/jsonEdits.ts";
import { applyChange } from "../../client/src/editors/textChanges.ts";
import { shellHtml } from "../../client/src/panels/shellHtml.ts";
import type { InfoEditorHostVoice, InfoEditorWebviewVoice, Problem } from "../../schemas/messages/infoEditor.ts";
import { createPort, type Port } from "../../schemas/messages/port.ts";
import { themeCss } from "./themes.ts";

const repository = path.resolve(import.meta.dirname, "../..");

export interface MetadataSite {
  readonly browser: Browser;
  readonly origin: string;
  close(): Promise<void>;
}

/** Bundles the page, serves it on loopback and starts a browser. */
export async function openMetadataSite(): Promise<MetadataSite> {
  const files = await bundle();
  const server = createServer((request, response) => {
    const [file = ""] = (request.url ?? "").split("?");
    const body = file === "/favicon.ico" ? "" : files.get(file);
    response.writeHead(body === undefined ? 404 : 200, { "content-type": typeOf(file) });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  files.set("/", shellOf(origin));
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments });
  return {
    browser,
    origin,
    close: async () => {
      await browser.close();
      await closeServer(server);
    },
  };
}

export interface MetadataHost {
  readonly page: Page;
  text: string;
  version: number;
  problems: readonly Problem[];
  /** Names of the requests that came, with their params. */
  readonly requests: { readonly name: string; readonly params: unknown }[];
  /** Console errors, exceptions and breaches of the policy. */
  readonly complaints: string[];
  /** Sends the text as the user typed it elsewhere. */
  setText(text: string): void;
  setProblems(problems: readonly Problem[]): void;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly text: string;
  readonly problems?: readonly Problem[];
  readonly isReadOnly?: boolean;
  readonly theme?: string;
  readonly width?: number;
  readonly height?: number;
}

/** Opens the page on a document. */
export async function openMetadataHost(site: MetadataSite, options: HostOptions): Promise<MetadataHost> {
  const { width = 1280, height = 760, theme = "vscode-dark", isReadOnly = false } = options;
  const context = await site.browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  const port: Port<InfoEditorHostVoice, InfoEditorWebviewVoice> = createPort({
    post: (message) => void page.evaluate((data) => window.postMessage(data, "*"), message).catch(() => undefined),
  });
  const send = (): void =>
    port.send("documentChanged", { text: host.text, version: host.version, isReadOnly, location });
  const host: MetadataHost = {
    page,
    text: options.text,
    version: 1,
    problems: options.problems ?? [],
    requests: [],
    complaints: [],
    setText(text) {
      host.text = text;
      host.version++;
      send();
    },
    setProblems(problems) {
      host.problems = problems;
      port.send("problemsChanged", { problems });
    },
    close: async () => {
      port.dispose();
      await context.close();
    },
  };
  answer(host, port, send);
  watch(host);
  await page.exposeFunction("postToHost", (message: unknown) => port.receive(message));
  await page.addInitScript(playVsCode, theme);
  await page.goto(`${site.origin}/`);
  await page.locator(".page").waitFor();
  await page.waitForFunction(() => document.querySelector("h1")?.textContent !== "");
  return host;
}

const location = "/data/sample/segmentation";

function answer(host: MetadataHost, port: Port<InfoEditorHostVoice, InfoEditorWebviewVoice>, send: () => void): void {
  const keep = (name: string, params: unknown): Record<string, never> => {
    host.requests.push({ name, params });
    return {};
  };
  port.onEvent("ready", () => {
    send();
    port.send("problemsChanged", { problems: host.problems });
  });
  port.onRequest("edit", (params) => {
    keep("edit", params);
    if (params.version !== host.version) {
      throw new EditRefusedError({ tag: "conflict", message: "the text changed in the meantime; try again" });
    }
    const changes = planFieldEdits(host.text, params.edits);
    host.setText([...changes].reverse().reduce(applyChange, host.text));
    return { version: host.version };
  });
  port.onRequest("applyFix", (params) => keep("applyFix", params));
  port.onRequest("revealJson", (params) => keep("revealJson", params));
  port.onRequest("previewSlices", (params) => keep("previewSlices", params));
}

function watch(host: MetadataHost): void {
  host.page.on("pageerror", (error) => host.complaints.push(String(error)));
  host.page.on("console", (message) => {
    if (message.type() === "error" || /content security policy/i.test(message.text())) {
      host.complaints.push(message.text());
    }
  });
}

/** Runs in the page before its script: what VS Code gives a webview, and its state kept over a reload. */
function playVsCode(theme: string): void {
  const shared = window as unknown as Record<string, unknown>;
  const post = shared.postToHost as (message: unknown) => void;
  shared.acquireVsCodeApi = () => ({
    postMessage: (message: unknown) => post(message),
    getState: () => JSON.parse(sessionStorage.getItem("state") ?? "null"),
    setState: (state: unknown) => sessionStorage.setItem("state", JSON.stringify(state)),
  });
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    console.error(`policy: ${violatedDirective} ${blockedURI}`);
  });
  document.addEventListener("DOMContentLoaded", () => document.body.classList.add(theme));
}

async function bundle(): Promise<Map<string, string | Buffer>> {
  const { outputFiles } = await build({
    absWorkingDir: repository,
    entryPoints: ["webview/src/metadata/main.ts"],
    bundle: true,
    format: "iife",
    target: "es2022",
    outdir: "out/webview",
    write: false,
  });
  const codicons = path.join(repository, "node_modules/@vscode/codicons/dist");
  const files = new Map<string, string | Buffer>();
  for (const { path: file, text } of outputFiles) {
    const isStyle = file.endsWith(".css");
    files.set(isStyle ? "/metadata.css" : "/metadata.js", isStyle ? themeCss + text : text);
  }
  files.set("/codicon.css", readFileSync(path.join(codicons, "codicon.css")));
  files.set("/codicon.ttf", readFileSync(path.join(codicons, "codicon.ttf")));
  return files;
}

function shellOf(origin: string): string {
  return shellHtml({
    nonce: "dGVzdA",
    cspSource: origin,
    scriptUri: `${origin}/metadata.js`,
    styleUri: `${origin}/metadata.css`,
    codiconUri: `${origin}/codicon.css`,
    title: "Volume info",
    language: "en",
  });
}

const chromiumArguments = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function findChromium(): string {
  const candidates = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = candidates.find((candidate) => candidate !== undefined && existsSync(candidate));
  if (found === undefined) {
    throw new Error("no Chromium found: install the package chromium, or set CHROMIUM to its path");
  }
  return found;
}

function typeOf(url: string): string {
  const types: Readonly<Record<string, string>> = { js: "text/javascript", css: "text/css", ttf: "font/ttf" };
  return types[url.split(".").at(-1) ?? ""] ?? "text/html";
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
