/** Our side of the codec benchmark: one chunk, decoded and encoded again and again; each turn gives its milliseconds. */
import { voxelBytes } from "../../server/src/base/dtype.ts";
import { product } from "../../server/src/base/vec3.ts";
import type { ByteCodec } from "../../server/src/codecs/bytes/byteCodec.ts";
import type { ChunkDescription, DecodeTarget } from "../../server/src/codecs/codec.ts";
import { createWorkspace, type Workspace } from "../../server/src/codecs/workspace.ts";
import { createKernelModules } from "../../server/src/engine/assets.ts";
import { byteCodecs, chunkCodecs } from "../../server/src/engine/builtins.ts";

export interface Subject {
  /** An encoding, or one with a second stage: "raw+gzip". */
  readonly encoding: string;
  readonly chunk: ChunkDescription;
  readonly voxels: Uint8Array;
  /** The reference's bytes, decoded where they are there. */
  readonly encoded: Uint8Array | undefined;
}

export interface Turns {
  readonly encodedBytes: number;
  /** Into memory that is kept. */
  decode(): number;
  /** With a copy into new plain memory, as the library gives single chunks. */
  decodeNew(): number;
  encode(): Promise<number>;
}

const pageBytes = 65_536;
const kernels = createKernelModules();

export async function createTurns({ encoding, chunk, voxels, encoded }: Subject): Promise<Turns> {
  const [first, second] = encoding.split("+");
  const codec = await find(chunkCodecs, first).load();
  const bytes = second === undefined ? undefined : await find(byteCodecs, second).load();
  const totalBytes = product(chunk.size) * chunk.channels * voxelBytes(chunk.dtype);
  const arenaBytes =
    6 * totalBytes + Math.max(codec.decodeScratchBytes?.(chunk) ?? 0, codec.encodeScratchBytes?.(chunk) ?? 0) + 2 ** 26;
  const kept = createBench(totalBytes, arenaBytes);

  async function encode(): Promise<Uint8Array> {
    kept.workspace.arena.reset();
    const own = codec.encode?.(voxels, chunk, kept.workspace);
    if (own === undefined) {
      throw new Error(`nothing encodes ${encoding}`);
    }
    return bytes?.compress === undefined ? own : bytes.compress(own);
  }
  const own = await encode();
  const subject = encoded ?? own;

  function decodeTo({ workspace, target }: Bench): number {
    const start = performance.now();
    workspace.arena.reset();
    const first = bytes === undefined ? subject : inflate(bytes, subject, totalBytes, workspace);
    codec.decode(first, chunk, target(chunk));
    return performance.now() - start;
  }

  return {
    encodedBytes: own.byteLength,
    decode: () => decodeTo(kept),
    decodeNew() {
      const decodeMs = decodeTo(kept);
      const start = performance.now();
      new Uint8Array(totalBytes).set(kept.workspace.view(pageBytes, totalBytes));
      return decodeMs + performance.now() - start;
    },
    async encode() {
      const start = performance.now();
      await encode();
      return performance.now() - start;
    },
  };
}

interface Bench {
  readonly workspace: Workspace;
  target(chunk: ChunkDescription): DecodeTarget;
}

function createBench(resultBytes: number, arenaBytes: number): Bench {
  const arenaStart = pageBytes * (1 + Math.ceil(resultBytes / pageBytes));
  const pages = Math.ceil((arenaStart + arenaBytes) / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const workspace = createWorkspace(memory, kernels, arenaStart, pages * pageBytes);
  return {
    workspace,
    target({ size, dtype }) {
      const rowBytes = size[0] * voxelBytes(dtype);
      const planeBytes = size[1] * rowBytes;
      const channelBytes = size[2] * planeBytes;
      return { workspace, pointer: pageBytes, rowBytes, planeBytes, channelBytes, from: [0, 0, 0], to: size };
    },
  };
}

function inflate(codec: ByteCodec, bytes: Uint8Array, maxBytes: number, workspace: Workspace): Uint8Array {
  return codec.decompressInto?.(bytes, maxBytes, workspace) ?? codec.decompress(bytes, maxBytes);
}

function find<T extends { readonly name: string }>(list: readonly T[], name: string | undefined): T {
  const found = list.find((one) => one.name === name);
  if (found === undefined) {
    throw new Error(`not a codec: ${name}`);
  }
  return found;
}
