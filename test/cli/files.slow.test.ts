/** The file commands, from outside. What they print and leave is CloudFiles' for the same folder, but where a title says otherwise. */
import { cpSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startS3Server } from "../fakes/cloud/s3Server.ts";
import { type FakeServer, startFakeServer } from "../fakes/httpServer.ts";
import { everything, lines, openBench } from "./fileCommands.ts";

let server: FakeServer;
beforeAll(async () => {
  server = await startFakeServer();
});
afterAll(() => server.close());

describe("ls", () => {
  it("lists one level, prefixes, patterns and expressions", async () => {
    const { run, at } = openBench();
    const flat = at("src/a.txt", "src/a1.dat", "src/a2.dat", "src/b.txt", "src/c.txt", "src/sub/");
    expect((await run("ls", "--flat", "src")).stdout).toBe(flat);
    expect((await run("ls", "src/*")).stdout).toBe(flat);
    expect((await run("ls", "src/a")).stdout).toBe(at("src/a.txt", "src/a1.dat", "src/a2.dat"));
    expect((await run("ls", "-e", "src/a[12].dat")).stdout).toBe(at("src/a1.dat", "src/a2.dat"));
  });

  it("tells sizes and times", async () => {
    const { folder, run } = openBench();
    utimesSync(path.join(folder, "src/a.txt"), 1e9, 1e9);
    const { stdout } = await run("ls", "--long", "--json", "src/a.txt");
    expect(JSON.parse(stdout)).toMatchObject({
      location: `file://${folder}/src/a.txt`,
      kind: "object",
      size_bytes: 5,
      modified: "2001-09-09T01:46:40.000Z",
    });
    expect((await run("ls", "-l", "src/a.txt")).stdout).toBe(
      `           5  2001-09-09T01:46:40.000Z  file://${folder}/src/a.txt\n`,
    );
  });

  it("fails where nothing is (CloudFiles prints nothing), but not for an empty folder or pattern", async () => {
    const { folder, run } = openBench();
    expect(await run("ls", "nothing")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("not_found: nothing is"),
    });
    mkdirSync(path.join(folder, "empty"));
    expect(await run("ls", "empty")).toMatchObject({ code: 0, stdout: "" });
    expect(await run("ls", "src/*.none")).toMatchObject({ code: 0, stdout: "" });
  });
});

describe("cat", () => {
  it.each([
    ["1-3", "el"],
    ["1-", "ello"],
    ["-2", "he"],
  ])("prints the bytes %s", async (range, expected) => {
    const { run } = openBench();
    expect(await run("cat", "-r", range, "src/a.txt")).toMatchObject({ code: 0, stdout: expected });
  });

  it("takes a range of one object only, also of compressed ones (CloudFiles fails)", async () => {
    const { run } = openBench();
    expect((await run("cat", "-r", "0-6", "src/c.txt")).stdout).toBe("zipped");
    expect(await run("cat", "-r", "0-2", "src/a.txt", "src/b.txt")).toMatchObject({ code: 5, stdout: "" });
    expect((await run("cat", "-r", "3-1", "src/a.txt")).code).toBe(2);
  });

  it("fails for what is not there, and says what to do", async () => {
    const { run } = openBench();
    expect(await run("cat", "src/missing")).toMatchObject({
      code: 3,
      stdout: "",
      stderr: 'not_found: there is no such object: src/missing; check the name with "cloudvolume ls"\n',
    });
  });

  it("reads web servers, in parts where an object is large", async () => {
    const { run } = openBench();
    const large = new Uint8Array(40 * 2 ** 20).fill(65);
    server.objects.set("large", { bytes: large });
    server.objects.set("zipped", { bytes: gzipSync("zipped text"), encoding: "gzip" });
    expect((await run("cat", `${server.origin}/zipped`)).stdout).toBe("zipped text");
    const { code, stdout } = await run("cat", `${server.origin}/large`);
    expect([code, stdout.length]).toEqual([0, large.byteLength]);
    const ranges = server.seen.map(({ headers }) => headers.range).filter((range) => range !== undefined);
    expect(ranges.sort()).toEqual([
      "bytes=0-8388607",
      "bytes=16777216-25165823",
      "bytes=25165824-33554431",
      "bytes=33554432-41943039",
      "bytes=8388608-16777215",
    ]);
  });
});

describe("cp", () => {
  it("changes compressions", async () => {
    const { folder, run, tree } = openBench();
    await run("cp", "-c", "br", "src/c.txt", "dst/c");
    expect(brotliDecompressSync(readFileSync(path.join(folder, "dst/c.br"))).toString()).toBe("zipped text");
    await run("cp", "-c", "none", "src/c.txt", "dst/c");
    expect(readFileSync(path.join(folder, "dst/c"), "utf8")).toBe("zipped text");
    expect(tree("dst")).toEqual(["c", "old"]);
    await run("cp", "-c", "gzip", "src/a.txt", "dst");
    expect(gunzipSync(readFileSync(path.join(folder, "dst/a.txt.gz"))).toString()).toBe("hello");
    expect((await run("cp", "-c", "rot13", "src/a.txt", "dst")).code).toBe(2);
  });

  it("prints to stdout, and takes names or content from stdin", async () => {
    const { folder, runWith, run, tree } = openBench();
    expect((await run("cp", "src/a.txt", "src/c.txt", "-")).stdout).toBe("hellozipped text");
    expect((await run("cp", "src/*.txt", "-")).stdout).toBe("helloworldzipped text");
    await runWith({ input: lines("src/a.txt", "src/sub/d.txt") }, "cp", "-", "dst");
    expect(tree("dst")).toEqual(["a.txt", "old", "sub/d.txt"]);
    await runWith({ input: "content" }, "cp", "--stdin", "-c", "gzip", "dst/made");
    expect(gunzipSync(readFileSync(path.join(folder, "dst/made.gz"))).toString()).toBe("content");
    expect(existsSync(path.join(folder, "-"))).toBe(false);
  });

  it("takes the place of nothing, if told so", async () => {
    const { folder, run } = openBench();
    expect(await run("cp", "--no-overwrite", "src/a.txt", "dst/old")).toMatchObject({ code: 5 });
    expect(readFileSync(path.join(folder, "dst/old"), "utf8")).toBe("old");
    expect(await run("cp", "src/a.txt", "dst/old")).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(path.join(folder, "dst/old"), "utf8")).toBe("hello");
  });

  it("downloads with the compression of the server, and leaves the old file when it is broken off", async () => {
    const { folder, runWith, run, tree } = openBench();
    server.objects.set("zipped", { bytes: gzipSync("zipped text"), encoding: "gzip" });
    await run("cp", `${server.origin}/zipped`, "dst/");
    expect(gunzipSync(readFileSync(path.join(folder, "dst/zipped.gz"))).toString()).toBe("zipped text");
    server.fail("zipped", [{ kind: "stall" }]);
    const signalAfter = server.nextRequest();
    expect(await runWith({ signalAfter }, "cp", `${server.origin}/zipped`, "dst/old")).toMatchObject({ code: 130 });
    expect(tree("dst")).toEqual(["old", "zipped.gz"]);
    expect(readFileSync(path.join(folder, "dst/old"), "utf8")).toBe("old");
  });

  it("goes on with a large download that was broken off", async () => {
    const { folder, run, tree } = openBench();
    const bytes = new Uint8Array(40 * 2 ** 20).map((_, i) => i % 251);
    const location = `${server.origin}/big.bin`;
    server.objects.set("big.bin", { bytes });
    const [{ etag }] = JSON.parse((await run("head", "--json", location)).stdout) as [{ etag: string }];
    const note = { location, etag, sizeBytes: bytes.byteLength, nextOffset: 2 ** 24 };
    writeFileSync(path.join(folder, "dst/big.bin.part"), bytes.subarray(0, 2 ** 24));
    writeFileSync(path.join(folder, "dst/big.bin.part.json"), JSON.stringify(note));
    expect(await run("cp", "--resumable", location, "dst")).toEqual({ code: 0, stdout: "", stderr: "" });
    const ranges = server.seen.filter(({ url, headers }) => url === "/big.bin" && headers.range !== undefined);
    expect(ranges.map(({ headers }) => headers.range).sort()).toEqual([
      "bytes=16777216-25165823",
      "bytes=25165824-33554431",
      "bytes=33554432-41943039",
    ]);
    expect(readFileSync(path.join(folder, "dst/big.bin")).equals(bytes)).toBe(true);
    expect(tree("dst")).toEqual(["big.bin", "old"]);
  });
});

describe("mv", () => {
  it("cannot move away from a web server", async () => {
    const { run, tree } = openBench();
    server.objects.set("fixed", { bytes: new Uint8Array(1) });
    expect(await run("mv", `${server.origin}/fixed`, "dst/")).toMatchObject({ code: 4 });
    expect(tree("dst")).toEqual(["old"]);
  });
});

describe("rm", () => {
  it("deletes folders only with -r, and nothing in a dry run", async () => {
    const { folder, run, tree, at } = openBench();
    expect(await run("rm", "src")).toMatchObject({ code: 5, stdout: "", stderr: expect.stringContaining("with -r") });
    expect((await run("rm", "-r", "--dry-run", "src/sub")).stdout).toBe(
      `${at("src/sub/d.txt", "src/sub/deep/e.bin", "src/sub/f.txt")}would delete 3 objects\n`,
    );
    expect(tree("src")).toEqual(everything);
    expect(JSON.parse((await run("rm", "-r", "--json", "src")).stdout)).toEqual({
      count: 8,
      dry_run: false,
      failures: [],
    });
    expect(existsSync(path.join(folder, "src"))).toBe(false);
  });
});

describe("du", () => {
  it.each([
    [["src/sub", "src/a.txt"], lines("3\td.txt", "4\tdeep/e.bin", "15\tf.txt", "5\tsrc/a.txt")],
    [
      ["-c", "-N", "src/sub", "src/a.txt"],
      lines("3\td.txt", "4\tdeep/e.bin", "15\tf.txt", "5\tsrc/a.txt", "27\tbytes total", "4\tfiles total"),
    ],
    [["-s", "src/sub"], lines("22\tsrc/sub")],
    [["-sh", "src/sub"], lines("22 bytes\tsrc/sub")],
    [["-sh", "zeros"], lines("2.86 MiB\tzeros")],
  ])("%j", async (args, expected) => {
    const { folder, run } = openBench();
    cpSync(path.join(folder, "src/a.txt"), path.join(folder, "copy"));
    writeFileSync(path.join(folder, "zeros"), new Uint8Array(3_000_000));
    expect(await run("du", ...args)).toEqual({ code: 0, stdout: expected, stderr: "" });
  });
});

describe("exists and touch", () => {
  it("say and make what is there", async () => {
    const { folder, run } = openBench();
    expect(await run("exists", "src/a.txt", "src/c.txt", "src/")).toMatchObject({ code: 0 });
    expect(await run("exists", "src/new", "src/a.txt")).toEqual({
      code: 1,
      stdout: "absent\tsrc/new\nthere\tsrc/a.txt\n",
      stderr: "",
    });
    expect(await run("touch", "src/new", "src/a.txt", "q/z")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(JSON.parse((await run("exists", "--json", "src/new", "q/z")).stdout)).toEqual({
      "src/new": true,
      "q/z": true,
    });
    expect(readFileSync(path.join(folder, "src/a.txt"), "utf8")).toBe("hello");
  });
});

describe("alias", () => {
  it("names a store, in CloudFiles' file, for all commands", async () => {
    const { folder, runWith, at } = openBench();
    const cloud = await startS3Server({
      credentials: [{ accessKeyId: "AKIDOWNER", secretAccessKey: "owner+secret/key" }],
      buckets: { one: {} },
    });
    onTestFinished(() => cloud.close());
    cloud.seed("one", "layer/info", new TextEncoder().encode("{}"));
    const env = {
      HOME: folder,
      CLOUD_FILES_DIR: path.join(folder, "cloudfiles"),
      CLOUD_VOLUME_DIR: path.join(folder, "cloudvolume"),
      AWS_EC2_METADATA_DISABLED: "true",
    };
    const run = (...args: string[]) => runWith({ env }, ...args);
    expect(await run("alias", "add", "example", `s3://${cloud.origin}/`)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(JSON.parse(readFileSync(path.join(folder, "cloudfiles/aliases.json"), "utf8"))).toEqual({
      example: { host: `s3://${cloud.origin}/` },
    });
    expect((await run("alias", "ls")).stdout).toBe(
      `example://      -> s3://${cloud.origin}/\nmatrix://       -> s3://https://s3-hpcrc.rc.princeton.edu/ (official)\ntigerdata://    -> s3://https://td.princeton.edu/ (official)\nnokura://       -> s3://https://c10s.pni.princeton.edu/ (official)\n`,
    );
    mkdirSync(path.join(folder, "cloudvolume/secrets"), { recursive: true });
    const secret = { AWS_ACCESS_KEY_ID: "AKIDOWNER", AWS_SECRET_ACCESS_KEY: "owner+secret/key" };
    writeFileSync(path.join(folder, "cloudvolume/secrets/example-secret.json"), JSON.stringify(secret));
    expect(await run("ls", "example://one/layer")).toEqual({
      code: 0,
      stdout: `s3://${cloud.origin}/one/layer/info\n`,
      stderr: "",
    });
    await run("cp", "src/a.txt", "example://one/layer/");
    expect((await run("cat", "example://one/layer/a.txt")).stdout).toBe("hello");
    expect(await run("alias", "rm", "example")).toMatchObject({ code: 0 });
    expect(await run("alias", "rm", "example")).toMatchObject({ code: 3 });
    expect(await run("alias", "rm", "matrix")).toMatchObject({ code: 3 });
    expect(await run("alias", "add", "gs", "s3://https://host/")).toMatchObject({ code: 5 });
    expect(await run("ls", "example://one/layer")).toMatchObject({ code: 5, stdout: "" });
    expect((await run("ls", "src/a.txt")).stdout).toBe(at("src/a.txt"));
  });
});
