/** Voxels in files of the label encodings: what the libraries of these names write and read, through the command line. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatNpyHeader } from "../../server/src/base/npy.ts";

const script = path.resolve(import.meta.dirname, "../../out/server/cli.js");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-files-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [script, ...args], { cwd: folder }, (error, _, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stderr }),
    ),
  );
}
const write = (name: string, content: Uint8Array): void => writeFileSync(path.join(folder, name), content);
const read = (name: string): Buffer => readFileSync(path.join(folder, name));

/** Of 3 x 2 x 2 voxels, x fastest. */
const labels = BigUint64Array.of(7n, 0n, 7n, 7n, 300n, 2n ** 40n, 7n, 0n, 0n, 300n, 300n, 300n);
const npy = Buffer.concat([formatNpyHeader("uint64", [3, 2, 2, 1]), new Uint8Array(labels.buffer)]);
/** The same labels as compresso 3.3.3 and crackle-codec 0.55.0 write them. */
const reference: Readonly<Record<string, string>> = {
  cpso: "Y3BzbwEIAwACAAIABAQBAgAAAAAAAAACAAAACAAAAAAAAAAEAAAAAAABAAAsAQAAAAAAAAcANwAOAAAAAAAAAAcAAAAAAAAADgAAAAAAAAAOAAAAAAAAADMBAAAAAAAADgAAAAAAAAAHAAAAAAAAAAcAAAAAAAAAAgADAAEBAAU=",
  ckl: "Y3JrbAGfAAMAAAACAAAAAgAAAB8yAAAAAAAAAFMJAAAADQAAANozDNcEAAAAAAAAAAAAAAAAAAAABwAAAAAAAAAsAQAAAAAAAAAAAAAAAQAABQMBAAECAwEAAgQAAAABAQEAJQcAAAACAAECAQEBgiLWMxQNxMAq8gJnSA4=",
};

describe.each(Object.entries(reference))(".%s files", (kind, base64) => {
  it("of the reference become arrays", async () => {
    write(`theirs.${kind}`, Buffer.from(base64, "base64"));
    expect(await run("convert", `theirs.${kind}`, `theirs-${kind}.npy`)).toEqual({ code: 0, stderr: "" });
    expect(read(`theirs-${kind}.npy`).equals(npy)).toBe(true);
  });

  it("are written from arrays, and read again", async () => {
    write("in.npy", npy);
    expect(await run("convert", "in.npy", `ours.${kind}`)).toEqual({ code: 0, stderr: "" });
    expect(read(`ours.${kind}`).subarray(0, 4).toString()).toBe(kind === "ckl" ? "crkl" : "cpso");
    expect(await run("convert", `ours.${kind}`, `ours-${kind}.raw`)).toEqual({ code: 0, stderr: "" });
    expect(read(`ours-${kind}.raw`).equals(Buffer.from(labels.buffer))).toBe(true);
  });

  it("that are damaged are refused, and the output stays as it was", async () => {
    write(`cut.${kind}`, Buffer.from(base64, "base64").subarray(0, 30));
    write("kept.npy", Buffer.from("old"));
    const { code, stderr } = await run("convert", `cut.${kind}`, "kept.npy");
    expect(code).toBe(5);
    expect(stderr).toMatch(/^invalid_chunk: /);
    expect(read("kept.npy").toString()).toBe("old");
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("are written into a layer and cut out of it", async () => {
    const layer = `layer-${kind}`;
    const scale = {
      key: "1_1_1",
      size: [3, 2, 2],
      voxel_offset: [0, 0, 0],
      resolution: [1, 1, 1],
      chunk_sizes: [[3, 2, 2]],
      encoding: "raw",
    };
    const info = { type: "segmentation", data_type: "uint64", num_channels: 1, scales: [scale] };
    mkdirSync(path.join(folder, layer));
    write(path.join(layer, "info"), Buffer.from(JSON.stringify(info)));
    write(`put.${kind}`, Buffer.from(base64, "base64"));
    expect(await run("put", layer, `put.${kind}`)).toEqual({ code: 0, stderr: "" });
    expect(await run("cutout", layer, "-o", `cut-out.${kind}`)).toEqual({ code: 0, stderr: "" });
    expect(await run("convert", `cut-out.${kind}`, "again.npy")).toEqual({ code: 0, stderr: "" });
    expect(read("again.npy").equals(npy)).toBe(true);
  });
});

it("a file of no known kind is refused with the kinds", async () => {
  write("image.tiff", Buffer.from("II"));
  const { code, stderr } = await run("convert", "image.tiff", "x.npy");
  expect(code).toBe(5);
  expect(stderr).toMatch(/^invalid_argument: .*\.npy, \.ckl or \.cpso file: "image.tiff"/);
});

it("floats are no labels", async () => {
  write("floats.npy", Buffer.concat([formatNpyHeader("float32", [1, 1, 1, 1]), new Uint8Array(4)]));
  const { code, stderr } = await run("convert", "floats.npy", "floats.cpso");
  expect(code).toBe(5);
  expect(stderr).toMatch(/^invalid_argument: encoding "compresso" cannot hold float32/);
});

it("files that cannot be read are named", async () => {
  mkdirSync(path.join(folder, "folder.ckl"));
  expect(await run("convert", "folder.ckl", "x.npy")).toEqual({
    code: 5,
    stderr: 'invalid_argument: the input is a folder: "folder.ckl"\n',
  });
  // A hole: it takes no room on the disk.
  write("large.ckl", new Uint8Array(0));
  truncateSync(path.join(folder, "large.ckl"), 2 ** 31 + 1);
  expect(await run("convert", "large.ckl", "x.npy")).toEqual({
    code: 6,
    stderr: 'too_large: files of 2 GiB and more cannot be read: "large.ckl"\n',
  });
});
