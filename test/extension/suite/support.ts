/** What the suites share: the extension's API, rows by their look, waiting for what will be, a web server over a folder. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import * as vscode from "vscode";
import type { ExplorerRow, ExtensionApi } from "../../../client/src/api.ts";

/** Activates the extension. */
export async function activate(): Promise<ExtensionApi> {
  const extension = vscode.extensions.getExtension<ExtensionApi>("cloudvolume.cloudvolume");
  if (extension === undefined) {
    throw new Error("the extension is not installed");
  }
  return extension.activate();
}

/** The value of `look` as soon as it is one; fails with `what` and the last value seen after the time. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 20_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`not in ${timeoutMs} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The folder that is open: a copy of the sample. */
export function sampleFolder(): string {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder === undefined) {
    throw new Error("no folder is open");
  }
  return folder.uri.fsPath;
}

/** The row of the sample's folder. */
export async function sampleRow(api: ExtensionApi): Promise<ExplorerRow> {
  const row = (await api.explorer.readRows()).find(({ contextValue }) => !/\bremovable\b/.test(contextValue));
  if (row === undefined) {
    throw new Error("the sample's folder is not shown");
  }
  return row;
}

/** The first layer of the sample whose description begins with `kind`, and its location. */
export async function sampleLayer(
  api: ExtensionApi,
  kind: "image" | "segmentation",
): Promise<ExplorerRow & { location: string }> {
  const rows = await api.explorer.readRows(await sampleRow(api));
  const row = rows.find(({ description }) => description.startsWith(kind));
  if (row === undefined) {
    throw new Error(
      `the sample has no ${kind}: ${rows.map(({ label, description }) => `${label} (${description})`).join(", ")}`,
    );
  }
  return { ...row, location: path.join(sampleFolder(), row.label) };
}

/** Rows of the location that was added last. */
export async function addedRow(api: ExtensionApi, label: string): Promise<ExplorerRow> {
  return until(`a row "${label}"`, async () => (await api.explorer.readRows()).find((row) => row.label === label));
}

/** Closes every editor and panel. */
export async function closeEverything(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

/** Tabs of slice panels. */
export function sliceTabs(): readonly vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith("cloudvolume.slices"));
}

export interface WebFolder {
  readonly url: string;
  /** Requests that have not been answered and whose client still waits. */
  readonly waiting: ReadonlySet<ServerResponse>;
  /** While true, chunks are not answered. */
  holdsChunks: boolean;
  close(): void;
}

/** Serves the files of a folder on the loopback, without listings. Chunk files can be held back. */
export async function serveFolder(folder: string): Promise<WebFolder> {
  const waiting = new Set<ServerResponse>();
  const web = { holdsChunks: false };
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
    const file = path.join(folder, path.normalize(name));
    if (web.holdsChunks && /\/\d+-\d+_\d+-\d+_\d+-\d+(\.\w+)?$/.test(name)) {
      waiting.add(response);
      response.once("close", () => waiting.delete(response));
      return;
    }
    stat(file).then(
      (found) => {
        if (!found.isFile()) {
          response.writeHead(404).end();
        } else if (request.method === "HEAD") {
          response.writeHead(200, { "Content-Length": found.size }).end();
        } else {
          response.writeHead(200, { "Content-Length": found.size });
          createReadStream(file).pipe(response);
        }
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(web, {
    url: `http://127.0.0.1:${port}`,
    waiting,
    close() {
      server.close();
      server.closeAllConnections();
    },
  });
}
