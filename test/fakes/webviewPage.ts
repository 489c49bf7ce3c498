/** Serves a built webview on the loopback interface under the policy that VS Code pages ship with, with a fake host in the page. */
import { existsSync, readFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { build } from "esbuild";

const repository = path.resolve(import.meta.dirname, "../..");
const nonce = "bm9uY2Utb2YtYS10ZXN0";

export interface WebviewServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface WebviewServerOptions {
  /** Name of the bundle in out/webview. */
  readonly view: string;
  /** Source of the fake host, from the root of the repository. */
  readonly hostSource: string;
}

/** Starts the server; throws when the view was not built. */
export async function serveWebview({ view, hostSource }: WebviewServerOptions): Promise<WebviewServer> {
  const hostScript = await bundleForPage(hostSource);
  const server = http.createServer((request, response) => {
    const name = new URL(request.url ?? "/", "http://localhost").pathname.slice(1);
    if (name === "") {
      const { port } = server.address() as AddressInfo;
      reply(response, "text/html", pageOf(view, `http://127.0.0.1:${port}`));
    } else if (name === "host.js") {
      reply(response, "text/javascript", hostScript);
    } else {
      replyWithFile(response, name);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A script of one file for a page, from TypeScript of this repository. */
export async function bundleForPage(source: string): Promise<string> {
  const result = await build({
    entryPoints: [path.join(repository, source)],
    bundle: true,
    format: "iife",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (file === undefined) {
    throw new Error(`nothing was built from ${source}`);
  }
  return file.text;
}

function pageOf(view: string, origin: string): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}' ${origin}`,
    `font-src ${origin}`,
    "img-src blob: data:",
    "worker-src blob:",
    "connect-src 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="icon" href="data:,">
<title>${view}</title>
<link rel="stylesheet" id="vscode-codicon-stylesheet" nonce="${nonce}" href="${origin}/codicon.css">
<link rel="stylesheet" nonce="${nonce}" href="${origin}/${view}.css">
</head>
<body>
<div id="root"></div>
<script nonce="${nonce}" src="${origin}/host.js"></script>
<script nonce="${nonce}" src="${origin}/${view}.js"></script>
</body>
</html>`;
}

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".ttf": "font/ttf",
  ".map": "application/json",
};

function replyWithFile(response: http.ServerResponse, name: string): void {
  const file = path.join(repository, "out/webview", path.basename(name));
  const type = types[path.extname(name)];
  if (type === undefined || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  reply(response, type, readFileSync(file));
}

function reply(response: http.ServerResponse, type: string, body: string | Buffer): void {
  response.writeHead(200, { "content-type": type, "access-control-allow-origin": "*" }).end(body);
}
