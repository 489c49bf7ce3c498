import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatNpyHeader } from "../../server/src/base/npy.ts";

const script = path.resolve(import.meta.dirname, "../../out/server/cli.js");
let folder: string;
let nextLayer = 0;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function start(args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Run> } {
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (data: Buffer) => out.push(data));
  child.stderr.on("data", (data: Buffer) => errors.push(data));
  const ended = new Promise<Run>((resolve) =>
    child.on("close", (code) =>
      resolve({ code, stdout: Buffer.concat(out), stderr: Buffer.concat(errors).toString() }),
    ),
  );
  return { child, ended };
}
const run = (...args: string[]): Promise<Run> => start(args).ended;

const info = {
  type: "image",
  data_type: "uint16",
  num_channels: 1,
  scales: [
    {
      key: "4_4_40",
      size: [4, 3, 2],
      voxel_offset: [1, 0, 0],
      resolution: [4, 4, 40],
      chunk_sizes: [[4, 3, 1]],
      encoding: "raw",
    },
  ],
};

/** A layer whose chunks are written by hand: voxel i has the value i. */
function layer(changes: object = {}): string {
  const root = path.join(folder, `layer${nextLayer++}`);
  mkdirSync(path.join(root, "4_4_40"), { recursive: true });
  writeFileSync(path.join(root, "info"), JSON.stringify({ ...info, ...changes }));
  const voxels = Uint16Array.from({ length: 24 }, (_, i) => i);
  writeFileSync(path.join(root, "4_4_40", "1-5_0-3_0-1"), voxels.subarray(0, 12));
  writeFileSync(path.join(root, "4_4_40", "1-5_0-3_1-2"), voxels.subarray(12));
  return root;
}

describe("cutout", () => {
  it("writes a .npy file in Fortran order", async () => {
    const file = path.join(folder, "box.npy");
    expect(await run("cutout", layer(), "--bbox", "2-4_0-2_1-2", "-o", file)).toMatchObject({ code: 0, stderr: "" });
    const bytes = readFileSync(file);
    expect(bytes.subarray(0, 128).toString("latin1")).toContain(
      "{'descr': '<u2', 'fortran_order': True, 'shape': (2, 2, 1, 1), }",
    );
    expect([...new Uint16Array(bytes.buffer.slice(bytes.byteOffset + 128, bytes.byteOffset + bytes.length))]).toEqual([
      13, 14, 17, 18,
    ]);
  });

  it("writes raw voxels to stdout and to a .raw file", async () => {
    const root = layer();
    const expected = Buffer.from(Uint16Array.from({ length: 24 }, (_, i) => i).buffer);
    expect((await run("cutout", root, "-o", "-")).stdout.equals(expected)).toBe(true);
    await run("cutout", root, "-o", "whole.raw");
    expect(readFileSync(path.join(folder, "whole.raw")).equals(expected)).toBe(true);
  });

  it("takes the background for missing chunks when told so", async () => {
    const root = layer();
    rmSync(path.join(root, "4_4_40", "1-5_0-3_1-2"));
    const { code, stderr } = await run("cutout", root, "-o", "-");
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/^not_found: chunk is missing: 4_4_40\/1-5_0-3_1-2.*--fill-missing/),
    ]);
    const filled = await run(
      "cutout",
      root,
      "--fill-missing",
      "--background",
      "515",
      "--bbox",
      "1-2_0-1_0-2",
      "-o",
      "-",
    );
    expect([...filled.stdout]).toEqual([0, 0, 3, 2]);
  });

  it("leaves an old file whole when it fails", async () => {
    const root = layer();
    writeFileSync(path.join(root, "4_4_40", "1-5_0-3_1-2"), "short");
    writeFileSync(path.join(folder, "kept.npy"), "old");
    const { code, stderr } = await run("cutout", root, "-o", "kept.npy");
    expect([code, stderr]).toEqual([5, expect.stringContaining("invalid_chunk: ")]);
    expect(readFileSync(path.join(folder, "kept.npy"), "utf8")).toBe("old");
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});

describe("put", () => {
  it("writes what cutout then reads, at an offset", async () => {
    const root = layer();
    const voxels = Uint16Array.from({ length: 12 }, (_, i) => 1000 + i);
    writeFileSync(
      path.join(folder, "in.npy"),
      Buffer.concat([formatNpyHeader("uint16", [4, 3, 1]), Buffer.from(voxels.buffer)]),
    );
    expect(await run("put", root, "in.npy", "--offset", "1_0_1", "--compress", "none")).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(readFileSync(path.join(root, "4_4_40", "1-5_0-3_1-2")).equals(Buffer.from(voxels.buffer))).toBe(true);
    const { stdout } = await run("cutout", root, "--bbox", "1-2_0-1_0-2", "-o", "-");
    expect([...new Uint16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + 4))]).toEqual([0, 1000]);
  });

  it("refuses unaligned boxes and other types, and says what to do", async () => {
    const root = layer();
    writeFileSync(
      path.join(folder, "small.npy"),
      Buffer.concat([formatNpyHeader("uint16", [2, 3, 1]), Buffer.alloc(12)]),
    );
    writeFileSync(
      path.join(folder, "bytes.npy"),
      Buffer.concat([formatNpyHeader("uint8", [4, 3, 1]), Buffer.alloc(12)]),
    );
    expect(await run("put", root, "small.npy")).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^unaligned_write: .*1-5_0-3_0-1/),
    });
    expect(await run("put", root, "bytes.npy")).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("invalid_argument: the volume holds uint16"),
    });
  });
});

describe("info", () => {
  it("prints a table, or JSON", async () => {
    const root = layer();
    const { stdout } = await run("info", root);
    expect(stdout.toString()).toContain("image, uint16, 1 channel, 1 scale");
    expect(stdout.toString()).toMatch(/0\s+4_4_40\s+4 × 3 × 2\s+1-5_0-3_0-2\s+4 × 4 × 40\s+4 × 3 × 1\s+raw\s+2\n/);
    const json = JSON.parse((await run("info", root, "--json")).stdout.toString());
    expect(json).toMatchObject({ data_type: "uint16", scales: [{ mip: 0, chunks: 2, resolution_nm: [4, 4, 40] }] });
  });

  it("lets no text of a layer steer the terminal", async () => {
    const root = layer();
    writeFileSync(path.join(root, "provenance"), JSON.stringify({ description: "\u001b[31mred\u0007" }));
    expect((await run("info", root)).stdout.toString()).toContain("provenance: \ufffd[31mred\ufffd");
  });
});

describe("lint", () => {
  it("prints findings with their place and exits with 5 on errors", async () => {
    const root = layer({ num_channels: undefined });
    const { code, stdout } = await run("lint", root);
    expect(code).toBe(5);
    expect(stdout.toString()).toMatch(new RegExp(`^${root}/info:1:1: error PCV002 `));
    const json = JSON.parse((await run("lint", root, "--format", "json")).stdout.toString());
    expect(JSON.stringify(json)).toContain("PCV002");
  });

  it("is silent and content with a sound layer, and obeys --rule", async () => {
    expect(await run("lint", layer())).toMatchObject({ code: 0, stderr: "" });
    expect(await run("lint", layer({ num_channels: undefined }), "--rule", "PCV002=off")).toMatchObject({ code: 0 });
  });

  it("says when there is nothing to check", async () => {
    expect(await run("lint", "nothing-here")).toMatchObject({ code: 3, stderr: expect.stringMatching(/^not_found: /) });
  });
});

describe("exit codes", () => {
  it.each([
    ["no layer", ["info", "nowhere"], 3, /^not_found: .*info/],
    ["a box outside", ["cutout", "LAYER", "--bbox", "0-9_0-1_0-1", "-o", "-"], 5, /^out_of_bounds: .*1-5_0-3_0-2/],
    ["a mip that is not there", ["cutout", "LAYER", "--mip", "7", "-o", "-"], 5, /^out_of_bounds: mip 7/],
    ["a location of no kind", ["info", "gopher://x/y"], 5, /^invalid_location: /],
    ["a store of later versions", ["info", "ngauth+https://127.0.0.1/bucket/layer"], 6, /^unsupported: /],
    ["a server that is not there", ["info", "http://127.0.0.1:1/layer"], 7, /^unreachable: /],
    ["an output of no kind", ["cutout", "LAYER", "-o", "x.tiff"], 5, /^invalid_argument: /],
    ["a missing option", ["cutout", "LAYER"], 2, /--output/],
    ["a malformed box", ["cutout", "LAYER", "--bbox", "1-2", "-o", "-"], 2, /x0-x1_y0-y1_z0-z1/],
    ["an unknown verb", ["fly"], 2, /unknown command/],
  ])("%s", async (_, args, code, message) => {
    const root = layer();
    const result = await run(...args.map((arg) => (arg === "LAYER" ? root : arg)));
    expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(message)]);
  });

  it("130 after Ctrl+C, and the reads stop", async () => {
    let asked = (): void => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    let left = (): void => undefined;
    const wasLeft = new Promise<void>((resolve) => (left = resolve));
    const server = http.createServer((request, response) => {
      if (request.url === "/layer/info") {
        response.end(JSON.stringify(info));
        return;
      }
      response.on("close", left);
      asked();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/layer`;
    const { child, ended } = start(["cutout", location, "-o", "never.npy"]);
    await wasAsked;
    child.kill("SIGINT");
    await wasLeft;
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/^cancelled: /) });
    server.close();
  });
});
