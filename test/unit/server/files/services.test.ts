/** The same operations over services: S3 (signed, in this process), and web servers with index pages. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFileDriver } from "../../../../server/src/storage/file/file.ts";
import { createMemDriver } from "../../../../server/src/storage/mem/mem.ts";
import { createS3Driver } from "../../../../server/src/storage/s3/s3.ts";
import { type S3Server, startS3Server } from "../../../fakes/cloud/s3Server.ts";
import { openGsScene } from "../storage/gs/gsScene.ts";
import { type Bench, type BenchOptions, namesOf, noise, openBench, text, utf8, writeAll } from "./harness.ts";

const owner = { accessKeyId: "AKIDOWNER", secretAccessKey: "owner+secret/key" };

interface S3Bench extends Bench {
  readonly server: S3Server;
  /** `s3://http://127.0.0.1:port/` */
  readonly root: string;
  /** Methods and keys of the requests since the last call. */
  requests(): readonly string[];
}

async function openS3(options: BenchOptions = {}): Promise<S3Bench> {
  const server = await startS3Server({ credentials: [owner], buckets: { one: {}, two: {} } });
  const find = async () => ({
    credential: { kind: "aws" as const, ...owner },
    identity: { kind: "option" as const, name: "test-key" },
  });
  const drivers = [createFileDriver(), createMemDriver(), createS3Driver({ find, environment: {} })];
  const bench = openBench({ ...options, drivers });
  onTestFinished(() => server.close());
  let seen = 0;
  return {
    ...bench,
    server,
    root: `s3://${server.origin}`,
    requests() {
      const fresh = server.requests.slice(seen);
      seen = server.requests.length;
      return fresh.map(({ method, path }) => `${method} ${path.replace(/[?&]x-id=.*$/, "")}`);
    },
  };
}

describe("S3", () => {
  it("is written, read and listed", async () => {
    const { files, root } = await openS3();
    await files.write(`${root}/one/a b/info`, utf8("{}"), {
      contentType: "application/json",
      cacheControl: "no-cache",
      compress: "gzip",
    });
    expect(await files.stat(`${root}/one/a b/info`)).toMatchObject({
      encoding: "gzip",
      contentType: "application/json",
      cacheControl: "no-cache",
    });
    expect(text((await files.read(`${root}/one/a b/info`))?.bytes)).toBe("{}");
    await files.touch(`${root}/one/a b/done`);
    expect(await namesOf(files.list(`${root}/one/a b`))).toEqual(["done", "info"]);
    expect(await namesOf(files.list(`${root}/one/a*`))).toEqual(["a b/"]);
    expect(await files.isFolder(`${root}/one/a b`)).toBe(true);
    expect(await files.isFolder(`${root}/one/a`)).toBe(false);
  });

  it("copies in the service, and moves with one deletion", async () => {
    const { files, root, requests, server } = await openS3();
    for (const name of ["1", "2", "3"]) {
      server.seed("one", `layer/${name}`, utf8(name), { "cache-control": "no-cache", "content-type": "text/plain" });
    }
    await files.move([`${root}/one/layer`], `${root}/two/moved`);
    const sent = requests().filter((request) => !request.includes("list-type") && !request.startsWith("HEAD"));
    expect(sent.sort()).toEqual(["POST /one/?delete=", "PUT /two/moved/1", "PUT /two/moved/2", "PUT /two/moved/3"]);
    expect([...(server.buckets.get("two")?.objects.keys() ?? [])]).toEqual(["moved/1", "moved/2", "moved/3"]);
    expect(await files.stat(`${root}/two/moved/1`)).toMatchObject({
      cacheControl: "no-cache",
      contentType: "text/plain",
    });
    expect((await files.size(`${root}/one`)).count).toBe(0);
  });

  it("gets files with their compression, and gives them back", async () => {
    const { files, root, folder, tree } = await openS3();
    const zipped = gzipSync("zipped");
    writeAll(folder, { "src/z.gz": zipped, "src/plain": "plain" });
    await files.copy([`${folder}/src`], `${root}/one/up`, { recursive: true });
    expect(await files.stat(`${root}/one/up/z`)).toMatchObject({ encoding: "gzip", sizeBytes: zipped.byteLength });
    await files.copy([`${root}/one/up`], `${folder}/back`, { recursive: true });
    expect(tree("back")).toEqual(["plain", "z.gz"]);
    expect(readFileSync(`${folder}/back/z.gz`).equals(zipped)).toBe(true);
  });

  it("downloads a large object in parts, and goes on after a failure", async () => {
    let fails = 1;
    const { files, root, folder, server } = await openS3({
      limits: { partBytes: 100_000, partsAhead: 1 },
      wrap: (store) => ({
        ...store,
        async get(key, options) {
          if (options?.range?.start === 500_000 && fails-- > 0) {
            throw new Error("the network is gone");
          }
          return store.get(key, options);
        },
      }),
    });
    const bytes = noise(1_000_000);
    server.seed("one", "big", bytes);
    const copy = () => files.copy([`${root}/one/big`], `${folder}/`, { resumable: true });
    await expect(copy()).rejects.toThrow("the network is gone");
    await copy();
    const digest = (content: Uint8Array): string => createHash("md5").update(content).digest("hex");
    expect(digest(readFileSync(`${folder}/big`))).toBe(digest(bytes));
    const ranges = server.requests.filter(({ headers }) => headers.range !== undefined);
    expect(new Set(ranges.map(({ headers }) => headers.range)).size).toBe(10);
    expect(ranges).toHaveLength(10);
  });

  it("keeps what is not there apart from what is forbidden", async () => {
    const { files, root } = await openS3();
    expect(await files.exists(`${root}/one/missing`)).toBe(false);
    await expect(files.copy([`${root}/one/missing`], "mem://b/x")).rejects.toMatchObject({ tag: "not_found" });
    await files.write("mem://b/x", utf8(""));
    await expect(files.copy(["mem://b/x"], `${root}/none/x`)).rejects.toMatchObject({ tag: "not_found" });
  });
});

describe("Google Cloud Storage", () => {
  it("is written, listed and read, copied inside, and emptied in one batch", async () => {
    const scene = await openGsScene({ buckets: { one: {}, two: {} } });
    const { files, folder, tree } = openBench({ drivers: [createFileDriver(), scene.driver()] });
    onTestFinished(() => scene.close());
    writeAll(folder, { "src/z.gz": gzipSync("zipped"), "src/sub/plain": "plain" });
    await files.copy([`${folder}/src`], "gs://one/layer", { recursive: true });
    expect(await namesOf(files.list("gs://one/layer"))).toEqual(["sub/plain", "z"]);
    expect(await namesOf(files.list("gs://one/layer/*"))).toEqual(["sub/", "z"]);
    expect(await files.stat("gs://one/layer/z")).toMatchObject({ encoding: "gzip" });
    expect(text((await files.read("gs://one/layer/z"))?.bytes)).toBe("zipped");

    const before = scene.server.requests.length;
    await files.move(["gs://one/layer"], "gs://two/moved");
    const sent = scene.server.requests.slice(before).map(({ method, path }) => `${method} ${path}`);
    expect(sent.filter((request) => request.includes("alt=media"))).toEqual([]);
    expect(sent.filter((request) => request.includes("/batch/"))).toHaveLength(1);
    expect(await namesOf(files.list("gs://two"))).toEqual(["moved/sub/plain", "moved/z"]);
    expect((await files.size("gs://one")).count).toBe(0);

    await files.copy(["gs://two/moved/**"], `${folder}/back`);
    expect(tree("back")).toEqual(["sub/plain", "z.gz"]);
  });
});

describe("a web server that shows one folder alone", () => {
  async function openWeb(): Promise<Bench & { readonly origin: string }> {
    const index = `<html>
<head><title>Index of /data/em/</title></head>
<body>
<h1>Index of /data/em/</h1><hr><pre><a href="../">../</a>
<a href="a%20b.txt">a b.txt</a>                                              21-Sep-2026 14:13                   5
<a href="info">info</a>                                               21-Sep-2026 14:13                   2
</pre><hr></body>
</html>`;
    const pages: Readonly<Record<string, readonly [string, string]>> = {
      "/data/em/": ["text/html", index],
      "/data/em/info": ["application/octet-stream", "{}"],
      "/data/em/a%20b.txt": ["text/plain", "hello"],
    };
    const server = createServer((request, response) => {
      const [type, body] = pages[request.url ?? ""] ?? [];
      response.writeHead(body === undefined ? 404 : 200, { "content-type": type ?? "text/plain", server: "nginx" });
      response.end(request.method === "HEAD" ? undefined : body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { ...openBench(), origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  it("lists it and copies it", async () => {
    const { files, folder, origin, tree } = await openWeb();
    const entries = [];
    for await (const { location } of files.list(`${origin}/data/em`)) {
      entries.push(location);
    }
    expect(entries).toEqual([`${origin}/data/em/a%20b.txt`, `${origin}/data/em/info`]);
    expect(await namesOf(files.list(`${origin}/data/em/*.txt`))).toEqual(["a b.txt"]);
    await files.copy([`${origin}/data/em`], `${folder}/em`, { recursive: true });
    expect(tree()).toEqual(["em/a b.txt", "em/info"]);
  });

  it("tells what is not there from what is not listed", async () => {
    const { files, folder, origin } = await openWeb();
    await expect(files.copy([`${origin}/data/missing`], `${folder}/`)).rejects.toMatchObject({ tag: "not_found" });
    await expect(files.copy([`${origin}/data/`], `${folder}/`, { recursive: true })).rejects.toMatchObject({
      tag: "unsupported",
    });
  });
});
