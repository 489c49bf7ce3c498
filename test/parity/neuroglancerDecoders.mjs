/**
 * The decoders that Neuroglancer reads chunks with: the wasm of its npm package, called as its JavaScript calls it.
 *
 * The package is not a dependency, for one of its own comes from a git repository; its archive is fetched once into a cache folder,
 * checked against the hash below, and only the three programs are taken out of it.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { runOrThrow } from "../vscode/processes.mjs";

const version = "2.41.2";
const integrity = "9qzZw9IIbfyzAYP6pOwRZS7tYu6WZ9FlXGurmeDlgDShnIQ4wxyr4pRAcOo1mn1AJKHBRzXo7kNkQqs75DDF8Q==";
const programs = ["sliceview/compresso/compresso.wasm", "sliceview/png/libpng.wasm", "sliceview/jxl/jxl_decoder.wasm"];

/**
 * @typedef {object} Shape
 * @property {readonly [number, number, number]} size
 * @property {number} channels
 * @property {string} dtype
 */

/**
 * Voxels in Fortran order over (x, y, z, channel), as bytes. Throws what the program objects to.
 * @typedef {(bytes: Uint8Array, shape: Shape) => Uint8Array} Decoder
 */

/**
 * The decoders by encoding.
 * @returns {Promise<{ readonly compresso: Decoder, readonly png: Decoder, readonly jxl: Decoder }>}
 */
export async function loadNeuroglancerDecoders() {
  const folder = await fetchPrograms();
  const open = (/** @type {string} */ name) => start(path.join(folder, name));
  const [compresso, png, jxl] = [open("compresso.wasm"), open("libpng.wasm"), open("jxl_decoder.wasm")];
  return {
    compresso: (bytes, shape) => decodeCompresso(compresso, bytes, shape),
    png: (bytes, shape) => decodePng(png, bytes, shape),
    jxl: (bytes, shape) => decodeJxl(jxl, bytes, shape),
  };
}

/** The cache folder with the programs. */
async function fetchPrograms() {
  const caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  const folder = path.join(caches, "cloudvolume", `neuroglancer-${version}`);
  if (existsSync(folder)) {
    return folder;
  }
  mkdirSync(path.dirname(folder), { recursive: true });
  const work = mkdtempSync(path.join(path.dirname(folder), "fetching-"));
  try {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await runOrThrow(npm, ["pack", `neuroglancer@${version}`, "--silent", "--pack-destination", work], {
      isQuiet: true,
    });
    const archive = path.join(work, `neuroglancer-${version}.tgz`);
    const hash = createHash("sha512").update(readFileSync(archive)).digest("base64");
    if (hash !== integrity) {
      throw new Error(`neuroglancer ${version} is another package than the one that is known: sha512-${hash}`);
    }
    const taken = programs.map((name) => `package/lib/${name}`);
    await runOrThrow("tar", ["-xzf", archive, "-C", work, "--strip-components=4", ...taken], { isQuiet: true });
    rmSync(archive);
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/**
 * @typedef {object} Program
 * @property {WebAssembly.Memory} memory
 * @property {(sizeBytes: number) => number} malloc
 * @property {(pointer: number, sizeBytes?: number) => void} free
 * @property {() => void} [_initialize]
 * @property {(source: number, sourceBytes: number, target: number) => number} compresso_decompress
 * @property {(source: number, sourceBytes: number, target: number, targetBytes: number, toGray: boolean) => number} png_decompress
 * @property {(source: number, sourceBytes: number, targetBytes: number) => number} width
 * @property {(source: number, sourceBytes: number, targetBytes: number) => number} height
 * @property {(source: number, sourceBytes: number, targetBytes: number) => number} decode
 */

/**
 * @param {string} file
 * @returns {Program}
 */
function start(file) {
  const env = {
    emscripten_notify_memory_growth: () => undefined,
    proc_exit(/** @type {number} */ code) {
      throw new Error(`the program exits: ${code}`);
    },
  };
  const module = new WebAssembly.Module(readFileSync(file));
  const { exports } = new WebAssembly.Instance(module, { env, wasi_snapshot_preview1: env });
  const program = /** @type {Program} */ (/** @type {unknown} */ (exports));
  program._initialize?.();
  return program;
}

/**
 * Calls `decode` with the bytes in the program's memory and gives the result that it points at.
 * @param {Program} program
 * @param {Uint8Array} bytes
 * @param {number} resultBytes
 * @param {(source: number) => number} decode
 */
function call(program, bytes, resultBytes, decode) {
  const source = program.malloc(bytes.byteLength);
  new Uint8Array(program.memory.buffer).set(bytes, source);
  const result = decode(source);
  const voxels = new Uint8Array(program.memory.buffer, result, resultBytes).slice();
  program.free(source, bytes.byteLength);
  program.free(result, resultBytes);
  return voxels;
}

/**
 * @param {Program} program
 * @param {Uint8Array} bytes
 * @param {Shape} shape
 */
function decodeCompresso(program, bytes, shape) {
  const [x, y, z] = shape.size;
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = [header.getUint16(6, true), header.getUint16(8, true), header.getUint16(10, true), bytes[5]];
  expect("size and voxel bytes", found.join(), [x, y, z, voxelBytes(shape)].join());
  const resultBytes = product(shape) * voxelBytes(shape);
  const target = program.malloc(resultBytes);
  return call(program, bytes, resultBytes, (source) => {
    expect("status", program.compresso_decompress(source, bytes.byteLength, target), 0);
    return target;
  });
}

/**
 * @param {Program} program
 * @param {Uint8Array} bytes
 * @param {Shape} shape
 */
function decodePng(program, bytes, shape) {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const channels = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 }[bytes[25] ?? 0];
  expect("pixels", header.getUint32(16) * header.getUint32(20), product(shape));
  expect("channels", channels, shape.channels);
  expect("bytes per sample", (bytes[24] ?? 0) <= 8 ? 1 : 2, voxelBytes(shape));
  const resultBytes = product(shape) * shape.channels * voxelBytes(shape);
  const target = program.malloc(resultBytes);
  const pixels = call(program, bytes, resultBytes, (source) => {
    expect("status", program.png_decompress(source, bytes.byteLength, target, resultBytes, false), 0);
    return target;
  });
  return planarize(pixels, shape);
}

/**
 * @param {Program} program
 * @param {Uint8Array} bytes
 * @param {Shape} shape
 */
function decodeJxl(program, bytes, shape) {
  const resultBytes = product(shape) * shape.channels;
  return call(program, bytes, resultBytes, (source) => {
    const [width, height] = [
      program.width(source, bytes.byteLength, resultBytes),
      program.height(source, bytes.byteLength, resultBytes),
    ];
    expect("pixels", width * height, product(shape));
    const result = program.decode(source, bytes.byteLength, resultBytes);
    expect("success", result !== 0, true);
    return result;
  });
}

/**
 * Channels one after the other, from interleaved pixels. Neuroglancer does so byte by byte, which scrambles samples of two bytes; here
 * whole samples move.
 * @param {Uint8Array} pixels
 * @param {Shape} shape
 */
function planarize(pixels, shape) {
  const [count, bytes] = [product(shape), voxelBytes(shape)];
  const voxels = new Uint8Array(pixels.byteLength);
  for (let i = 0; i < count * shape.channels; i++) {
    const [pixel, channel] = [Math.floor(i / shape.channels), i % shape.channels];
    voxels.set(pixels.subarray(i * bytes, (i + 1) * bytes), (channel * count + pixel) * bytes);
  }
  return voxels;
}

/**
 * @param {string} what
 * @param {unknown} found
 * @param {unknown} expected
 */
function expect(what, found, expected) {
  if (found !== expected) {
    throw new Error(`Neuroglancer's decoder: ${what}: ${found}, expected ${expected}`);
  }
}

/** @param {Shape} shape */
function product({ size: [x, y, z] }) {
  return x * y * z;
}

/** @param {Shape} shape */
function voxelBytes({ dtype }) {
  return Number(/\d+/.exec(dtype)?.[0] ?? 8) / 8;
}
