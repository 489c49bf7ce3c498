/** Serves the benchmark's layers over http, as object stores do: gzipped chunks by their own name, with Content-Encoding. A process of its own. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";

const folder = process.argv[2] ?? "";
/** @type {Map<string, { body: Buffer, headers: Record<string, string | number> } | undefined>} */
const objects = new Map();

/** @param {string} key */
function load(key) {
  const file = path.join(folder, key);
  const isGzipped = existsSync(`${file}.gz`);
  if (key.includes("..") || !(isGzipped || existsSync(file))) {
    return undefined;
  }
  const body = readFileSync(isGzipped ? `${file}.gz` : file);
  const encoding = isGzipped ? { "content-encoding": "gzip" } : {};
  return { body, headers: { "content-length": body.byteLength, ...encoding } };
}

const server = createServer((request, response) => {
  const key = decodeURIComponent((request.url ?? "").split("?")[0] ?? "").slice(1);
  if (!objects.has(key)) {
    objects.set(key, load(key));
  }
  const object = objects.get(key);
  if (object === undefined) {
    response.writeHead(404, { "content-length": 0 }).end();
  } else {
    response.writeHead(200, object.headers).end(request.method === "HEAD" ? undefined : object.body);
  }
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" ? address?.port : "");
});
process.stdin.resume().on("end", () => process.exit());
