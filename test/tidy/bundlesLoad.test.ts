/** The built bundles load where they have to: the server's in plain Node, the client's with nothing but `vscode`, the views' in a browser. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "./sources.ts";

const out = (...parts: string[]): string => path.join(repository, "out", ...parts);

function read(file: string): string {
  if (!existsSync(file)) {
    throw new Error(`not built: "${path.relative(repository, file)}"; run npm run build`);
  }
  return readFileSync(file, "utf8");
}

/** Runs Node until it ends or prints what is waited for. */
function runNode(
  args: readonly string[],
  { input = "", until }: { input?: string; until?: RegExp } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: repository, stdio: "pipe" });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => {
      stdout += data.toString();
      if (until?.test(stdout)) {
        child.kill("SIGKILL");
      }
    });
    child.stderr.on("data", (data: Buffer) => {
      stderr += data.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.on("error", () => undefined);
    child.stdin.write(input);
    if (until === undefined) {
      child.stdin.end();
    }
  });
}

const frame = (message: unknown): string => {
  const text = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};

describe("bundles of the server, in plain Node", () => {
  it("the language server answers `initialize` on stdio", async () => {
    const initialize = frame({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { processId: null, rootUri: null, capabilities: {} },
    });
    const { stdout, stderr } = await runNode([out("server/main.js"), "--stdio"], {
      input: initialize,
      until: /"capabilities"/,
    });
    expect(stdout, stderr).toContain('"textDocumentSync"');
  });

  it("the command line prints its help", async () => {
    const { code, stdout, stderr } = await runNode([out("server/cli.js"), "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("cutout");
  });

  it("the library exports CloudVolume and ends by itself", async () => {
    const program = `const m = await import(${JSON.stringify(`file://${out("server/index.js")}`)}); console.log(typeof m.CloudVolume.open);`;
    const { code, stdout, stderr } = await runNode(["--input-type=module", "-e", program]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "function\n", stderr: "" });
  });

  it("the worker parses as a module", async () => {
    const { code, stderr } = await runNode(["--check", out("server/worker.js")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("the bundle of the client", () => {
  it("asks for nothing but `vscode` and Node's own modules", () => {
    const required = [...read(out("client/extension.cjs")).matchAll(/\brequire\("([^"]+)"\)/g)].map(
      (match) => match[1] ?? "",
    );
    const known = new Set(["vscode", ...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
    expect(required).toContain("vscode");
    expect(required.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe("bundles of the views", () => {
  const views = readdirSync(path.join(repository, "webview/src")).filter((name) =>
    existsSync(path.join(repository, "webview/src", name, "main.ts")),
  );

  it("are found", () => {
    expect(views).toEqual(expect.arrayContaining(["slices", "metadata"]));
  });

  it.each(views)("%s needs no module loader and no evaluation of text", (view) => {
    const code = read(out("webview", `${view}.js`));
    expect(code).not.toMatch(/\brequire\(|\bimport\(|\beval\(|\bnew Function\(/);
  });
});
