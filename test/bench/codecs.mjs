/**
 * Single chunks, memory to memory, one thread: ours against the codecs that CloudVolume calls, in turn, on the same chunks.
 * `npm run bench -- codecs [--only TEXT] [--repeat N] [--data FOLDER]`; FOLDER/chunks holds chunks as .npy files (seg-*, img-*, aff-*); without it the
 * chunks are synthetic tissue. Run it on a machine that does nothing else.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import esbuild from "esbuild";
import { findOracle, startOracle } from "../parity/oracle.mjs";
import { outPath, repository } from "../vscode/paths.mjs";
import { exitOnSignals } from "../vscode/processes.mjs";
import { growTissue } from "./layers.mjs";
import { printTable } from "./table.mjs";

/** @typedef {{ name: string, kind: "seg" | "img" | "aff", dtype: string, shape: number[], voxels: Uint8Array }} Chunk */
/** @typedef {Awaited<ReturnType<typeof import("./codecTurns.ts").createTurns>>} Turns */

const here = path.dirname(fileURLToPath(import.meta.url));
const encodings = {
  seg: ["compressed_segmentation", "compresso", "crackle", "raw+gzip"],
  img: ["png", "jpeg", "jxl", "raw+gzip"],
  aff: ["fpzip", "kempressed", "zfpc", "raw+gzip"],
};
const warmUps = 2;

/** @param {readonly string[]} args */
export async function benchCodecs(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      repeat: { type: "string", default: "9" },
      data: { type: "string" },
    },
  });
  exitOnSignals();
  const python = findOracle();
  const peer = python === undefined ? undefined : startOracle(python, path.join(here, "peer.py"));
  if (peer === undefined) {
    console.log("no peer: CloudVolume is not installed (node test/parity/run.mjs installs it)");
  }
  const folder = mkdtempSync(path.join(tmpdir(), "cloudvolume-bench-"));
  const { createTurns } = await loadTurns();
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
  try {
    const rows = [];
    for (const chunk of values.data === undefined ? syntheticChunks() : storedChunks(values.data)) {
      for (const encoding of encodings[chunk.kind]) {
        const title = `${encoding} ${chunk.name}`;
        if (title.includes(values.only)) {
          rows.push(
            ...(await compare({ peer, createTurns, folder, title, repeat: Number(values.repeat) }, chunk, encoding)),
          );
        }
      }
    }
    console.log(
      "\nMB/s of decoded bytes, median. Ours decodes into memory that is kept, as workers do; new: copied to new memory, as the reference has it; bytes: encoded, ours / reference's",
    );
    printTable(rows);
  } finally {
    peer?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {{ peer: ReturnType<typeof startOracle> | undefined, createTurns: typeof import("./codecTurns.ts").createTurns, folder: string, title: string, repeat: number }} means
 * @param {Chunk} chunk
 * @param {string} encoding
 */
async function compare({ peer, createTurns, folder, title, repeat }, chunk, encoding) {
  const [voxelFile, encodedFile] = [path.join(folder, "voxels"), path.join(folder, "encoded")];
  writeFileSync(voxelFile, chunk.voxels);
  const request = { voxels: voxelFile, encoded: encodedFile, shape: chunk.shape, dtype: chunk.dtype, encoding };
  const reference = await peer?.ask("open_chunk", request);
  const ours = await createTurns({
    encoding,
    chunk: {
      size: /** @type {[number, number, number]} */ (chunk.shape.slice(0, 3)),
      channels: chunk.shape[3] ?? 1,
      dtype: /** @type {never} */ (chunk.dtype),
      parameters: {},
    },
    voxels: chunk.voxels,
    encoded: reference === undefined ? undefined : readFileSync(encodedFile),
  });
  const rows = [];
  for (const direction of /** @type {const} */ (["decode", "encode"])) {
    const times = await takeTurns(
      {
        ours: async () => (direction === "decode" ? ours.decode() : ours.encode()),
        copied: async () => (direction === "decode" ? ours.decodeNew() : undefined),
        reference: async () => (await peer?.ask("repeat_chunk", { direction }))?.ms,
      },
      repeat,
    );
    /** @param {number | undefined} ms */
    const speed = (ms) => (ms === undefined ? "" : (chunk.voxels.byteLength / 1000 / ms).toFixed(0));
    /** @param {number | undefined} ms */
    const ratio = (ms) => (ms === undefined || times.reference === undefined ? "" : (times.reference / ms).toFixed(2));
    const size = reference === undefined ? "" : (ours.encodedBytes / reference.bytes).toFixed(3);
    const row = {
      chunk: `${direction} ${title}`,
      MBps: speed(times.ours),
      reference: speed(times.reference),
      ratio: ratio(times.ours),
      "new MBps": speed(times.copied),
      "new ratio": ratio(times.copied),
      bytes: direction === "encode" ? size : "",
    };
    console.log(Object.values(row).join("  "));
    rows.push(row);
  }
  return rows;
}

/**
 * Medians in ms of sides that run one after the other; a side that gives undefined has none.
 * @template {string} K
 * @param {Record<K, () => Promise<number | undefined>>} sides
 * @param {number} repeat
 * @returns {Promise<Partial<Record<K, number>>>}
 */
async function takeTurns(sides, repeat) {
  const names = /** @type {K[]} */ (Object.keys(sides));
  /** @type {Map<K, number[]>} */
  const times = new Map(names.map((name) => [name, []]));
  for (let round = -warmUps; round < repeat; round++) {
    for (const name of names) {
      const ms = await sides[name]();
      if (round >= 0 && ms !== undefined) {
        times.get(name)?.push(ms);
      }
    }
  }
  /** @type {Partial<Record<K, number>>} */
  const medians = {};
  for (const [name, all] of times) {
    if (all.length > 0) {
      medians[name] = all.sort((a, b) => a - b)[all.length >> 1];
    }
  }
  return medians;
}

/**
 * The chunks of a folder of .npy files in Fortran order.
 * @param {string} data
 * @returns {Generator<Chunk>}
 */
function* storedChunks(data) {
  const folder = path.join(data, "chunks");
  if (!existsSync(folder)) {
    throw new Error(`no chunks in ${data}: expected ${folder}/seg-64x64x64.npy and others`);
  }
  for (const file of readdirSync(folder).filter((name) => /^(seg|img|aff)-.*\.npy$/.test(name))) {
    const bytes = readFileSync(path.join(folder, file));
    const header = bytes.subarray(10, 10 + bytes.readUInt16LE(8)).toString("latin1");
    const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1]?.split(",").map(Number) ?? [];
    const code = /'descr': '[<|]([^']+)'/.exec(header)?.[1] ?? "";
    const dtype = { u1: "uint8", u8: "uint64", f4: "float32" }[code];
    if (
      dtype === undefined ||
      (!header.includes("'fortran_order': True") && shape.filter((side) => side > 1).length > 1)
    ) {
      throw new Error(`not an array of this benchmark: ${file}`);
    }
    const kind = /** @type {Chunk["kind"]} */ (file.slice(0, 3));
    yield { name: file.slice(0, -4), kind, dtype, shape, voxels: bytes.subarray(10 + bytes.readUInt16LE(8)) };
  }
}

/** @returns {Generator<Chunk>} */
function* syntheticChunks() {
  const { labels, image } = growTissue();
  const bytesOf = (/** @type {ArrayBufferView} */ { buffer, byteOffset, byteLength }) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  const shape = [512, 512, 16, 1];
  const count = shape.reduce((a, b) => a * b, 1);
  const floats = Float32Array.from(image.subarray(0, count), (value) => value / 255);
  yield { name: "seg-512x512x16", kind: "seg", dtype: "uint64", shape, voxels: bytesOf(labels.subarray(0, count)) };
  yield { name: "img-512x512x16", kind: "img", dtype: "uint8", shape, voxels: bytesOf(image.subarray(0, count)) };
  yield { name: "aff-512x512x16", kind: "aff", dtype: "float32", shape, voxels: bytesOf(floats) };
}

/** Our side, bundled from the sources. */
async function loadTurns() {
  const file = outPath("bench/codecTurns.js");
  await esbuild.build({
    absWorkingDir: repository,
    entryPoints: [path.join(here, "codecTurns.ts")],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
    banner: {
      js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);',
    },
  });
  return /** @type {Promise<typeof import("./codecTurns.ts")>} */ (import(pathToFileURL(file).href));
}
