/** nginx and Apache of the system, serving a folder with index pages on a loopback port; each is ended by its process id. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { it } from "vitest";

export interface WebServer {
  readonly origin: string;
  /** What the server serves. */
  readonly folder: string;
  close(): Promise<void>;
}

/** The shapes of index pages. */
export type IndexShape = "nginx" | "nginx json" | "apache plain" | "apache fancy" | "apache table";

/** Is the program of this server installed? Where it is not, says so and leaves the tests out; with CI set, they run, and fail. */
export function canUseWebServer(shape: IndexShape): boolean {
  try {
    execFileSync(shape.startsWith("nginx") ? "nginx" : "apache2", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    if (process.env.CI === undefined) {
      console.warn(`SKIPPED "${shape}": the server is not installed (nginx-light, apache2)`);
      it.skip("needs the server", () => undefined);
    }
    return process.env.CI !== undefined;
  }
}

/** Starts a server, and waits until it answers. */
export async function startWebServer(shape: IndexShape): Promise<WebServer> {
  const work = mkdtempSync(path.join(tmpdir(), "cloudvolume-web-"));
  chmodSync(work, 0o777); // root's servers give their rights away
  const folder = path.join(work, "www");
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  const port = await freePort();
  const child = shape.startsWith("nginx")
    ? startNginx(work, folder, port, shape)
    : startApache(work, folder, port, shape);
  const closed = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    await untilOpen(port, child);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    folder,
    async close() {
      child.kill("SIGTERM");
      await closed;
      rmSync(work, { recursive: true, force: true });
    },
  };
}

function startNginx(work: string, folder: string, port: number, shape: IndexShape): ChildProcess {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const config = `daemon off; master_process off; pid ${work}/pid; error_log stderr crit;
events { worker_connections 64; }
http { access_log off; default_type application/octet-stream;
  ${temporary.map((name) => `${name}_temp_path ${work}/${name};`).join(" ")}
  server { listen 127.0.0.1:${port}; root ${folder}; autoindex on; ${shape === "nginx json" ? "autoindex_format json;" : ""} } }`;
  writeFileSync(path.join(work, "nginx.conf"), config);
  return spawn("nginx", ["-e", "stderr", "-p", work, "-c", path.join(work, "nginx.conf")], { stdio: "ignore" });
}

const apacheOptions: Readonly<Record<string, string>> = {
  "apache plain": "None",
  "apache fancy": "FancyIndexing NameWidth=* Charset=UTF-8",
  "apache table": "FancyIndexing HTMLTable NameWidth=* Charset=UTF-8",
};

function startApache(work: string, folder: string, port: number, shape: IndexShape): ChildProcess {
  const isRoot = process.getuid?.() === 0;
  const modules = ["mpm_event", "authz_core", "dir", "mime", "autoindex"];
  const config = `ServerRoot ${work}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${work}/pid
ErrorLog ${work}/error.log
Mutex file:${work} default
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
TypesConfig /etc/mime.types
${isRoot ? "User nobody\nGroup nogroup" : ""}
DocumentRoot ${folder}
<Directory ${folder}>
  Options Indexes
  IndexIgnore .??*
  IndexOptions ${apacheOptions[shape]}
  Require all granted
</Directory>
`;
  writeFileSync(path.join(work, "httpd.conf"), config);
  return spawn("apache2", ["-f", path.join(work, "httpd.conf"), "-D", "FOREGROUND"], { stdio: "ignore" });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when the child itself listens: a stranger on the port would go on after the child's end. */
async function untilOpen(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) {
      throw new Error(`the server ended with ${child.exitCode}`);
    }
    if (await isOpen(port)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("the server does not listen");
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
