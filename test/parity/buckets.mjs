/** Volumes in buckets of real servers: what CloudVolume writes to S3 and Google Cloud Storage we read, and the other way round; tensorstore reads ours. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { outPath } from "../vscode/paths.mjs";
import { infoOf } from "./layers.mjs";
import { installOracle, startOracle } from "./oracle.mjs";
import { s3Key, startGcsServer, startS3Server } from "./servers.mjs";
import { labels, sha256, sizeOf } from "./voxels.mjs";

/** @import { Case, Context } from "./run.mjs" */
/** @import { Engine } from "../../server/src/index.ts" */
/** @import { Oracle } from "./oracle.mjs" */

const bucket = "parity";

/**
 * Both sides, with the rights that they need, and how each names a layer.
 * @typedef {object} Sides
 * @property {Engine} engine
 * @property {Oracle} oracle
 * @property {(layer: string) => string} ours
 * @property {(layer: string) => string} theirs
 * @property {(layer: string) => Record<string, unknown>} kvstore tensorstore's name.
 */

/**
 * @param {(sides: Sides, context: Context) => Promise<void>} body
 * @param {Context} context
 */
async function withS3(body, context) {
  const python = await installOracle();
  const server = await startS3Server(python);
  const home = mkdtempSync(path.join(os.tmpdir(), "cloudvolume-home-"));
  const secret = { AWS_ACCESS_KEY_ID: s3Key.accessKeyId, AWS_SECRET_ACCESS_KEY: s3Key.secretAccessKey };
  mkdirSync(path.join(home, ".cloudvolume/secrets"), { recursive: true });
  mkdirSync(path.join(home, ".cloudfiles"));
  writeFileSync(path.join(home, ".cloudvolume/secrets/parity-secret.json"), JSON.stringify(secret));
  writeFileSync(
    path.join(home, ".cloudfiles/aliases.json"),
    JSON.stringify({ parity: { host: `s3://${server.origin}/` } }),
  );
  const oracle = startOracle(python, undefined, { HOME: home, ...secret, AWS_DEFAULT_REGION: "us-east-1" });
  const { createEngine } = await library();
  const credential = /** @type {const} */ ({ kind: "aws", ...s3Key, region: "us-east-1" });
  /** @type {import("../../server/src/index.ts").HeldCredential[]} */
  const held = [{ origin: server.origin, credential, identity: { kind: "option" } }];
  const engine = createEngine({ workers: 2, storeOptions: { credentials: { held } } });
  try {
    await oracle.ask("make_s3_bucket", { endpoint: server.origin, bucket });
    const sides = {
      engine,
      oracle,
      ours: (/** @type {string} */ layer) => `s3://${server.origin}/${bucket}/${layer}`,
      theirs: (/** @type {string} */ layer) => `parity://${bucket}/${layer}`,
      kvstore: (/** @type {string} */ layer) => ({
        driver: "s3",
        bucket,
        path: `${layer}/`,
        endpoint: server.origin,
        aws_region: "us-east-1",
        aws_credentials: { type: "environment" },
      }),
    };
    await body(sides, context);
  } finally {
    oracle.stop();
    await engine.dispose();
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/**
 * @param {(sides: Sides, context: Context) => Promise<void>} body
 * @param {Context} context
 */
async function withGcs(body, context) {
  const python = await installOracle();
  const server = await startGcsServer(python);
  const emulator = { STORAGE_EMULATOR_HOST: server.origin, TENSORSTORE_GCS_HTTP_URL: server.origin };
  const oracle = startOracle(python, undefined, { ...emulator, GOOGLE_CLOUD_PROJECT: "test" });
  const before = process.env.STORAGE_EMULATOR_HOST;
  process.env.STORAGE_EMULATOR_HOST = server.origin;
  const { createEngine } = await library();
  // The workers start with this environment.
  const engine = createEngine({ workers: 2 });
  try {
    await fetch(`${server.origin}/storage/v1/b?project=test`, {
      method: "POST",
      body: JSON.stringify({ name: bucket }),
    });
    const sides = {
      engine,
      oracle,
      ours: (/** @type {string} */ layer) => `gs://${bucket}/${layer}`,
      theirs: (/** @type {string} */ layer) => `gs://${bucket}/${layer}`,
      kvstore: (/** @type {string} */ layer) => ({ driver: "gcs", bucket, path: `${layer}/` }),
    };
    await body(sides, context);
  } finally {
    oracle.stop();
    await engine.dispose();
    await server.stop();
    if (before === undefined) {
      delete process.env.STORAGE_EMULATOR_HOST;
    } else {
      process.env.STORAGE_EMULATOR_HOST = before;
    }
  }
}

/** @returns {Promise<typeof import("../../server/src/index.ts")>} */
async function library() {
  return import(outPath("server/index.js"));
}

const layers = /** @type {const} */ ([
  { name: "raw", encoding: "raw", compress: "gzip" },
  { name: "labels", encoding: "compressed_segmentation", compress: "br" },
  { name: "plain", encoding: "raw", compress: false },
]);

/** @type {(sides: Sides, context: Context) => Promise<void>} */
async function bothWays({ engine, oracle, ours, theirs, kvstore }, context) {
  for (const { name, encoding, compress } of layers) {
    const info = infoOf({ dtype: "uint64", encoding });
    const [source] = await oracle.ask("write", {
      layer: theirs(`theirs-${name}`),
      info,
      contents: "labels",
      seed: context.seed,
      file: context.newFile(),
      compress: compress === false ? false : compress,
    });
    const volume = await engine.openVolume(ours(`theirs-${name}`));
    const cutout = await volume.download();
    assert.equal(sha256(cutout.data), source.sha256, `their ${name}`);
    cutout.release();

    const mine = await engine.createVolume(ours(`ours-${name}`), info);
    const bounds = mine.bounds();
    const shape = [...sizeOf(bounds), 1];
    const data = labels(context.random, "uint64", shape, 60);
    await mine.upload(bounds, { data, shape }, { compress });
    const found = await oracle.ask("read", { layer: theirs(`ours-${name}`) });
    assert.deepEqual(found, { sha256: sha256(data), shape, dtype: "uint64" }, `our ${name}`);
    const judged = await oracle.ask("read_conformant", { kvstore: kvstore(`ours-${name}`) }).catch((error) => {
      // tensorstore knows gzip only by its header, and no brotli.
      if (compress === "br") {
        return found;
      }
      throw error;
    });
    assert.equal(judged.sha256, sha256(data), `our ${name}, by tensorstore`);
  }
  const names = [];
  for await (const { name, kind } of engine.openStore(ours("ours-raw")).list?.() ?? []) {
    names.push(kind === "folder" ? `${name}/` : name);
  }
  assert.deepEqual(names, [...(await oracle.ask("list_names", { layer: theirs("ours-raw") }))].sort());
}

/** @type {Case[]} */
export const bucketCases = [
  { title: "a volume in a bucket of S3, both ways", run: (context) => withS3(bothWays, context) },
  { title: "a volume in a bucket of Google Cloud Storage, both ways", run: (context) => withGcs(bothWays, context) },
];
