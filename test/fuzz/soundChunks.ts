/** Sound chunks for damage to begin with: what the reference tools wrote, where it is at hand, and what we write. */
import path from "node:path";
import { deflateSync } from "node:zlib";
import type { DataType } from "../../server/src/base/dtype.ts";
import { voxelBytes } from "../../server/src/base/dtype.ts";
import { formatNpyHeader } from "../../server/src/base/npy.ts";
import { createLoader, createRegistry } from "../../server/src/base/registry.ts";
import { product, type Vec3 } from "../../server/src/base/vec3.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../../server/src/codecs/codec.ts";
import type { Workspace } from "../../server/src/codecs/workspace.ts";
import { byteCodecs } from "../../server/src/engine/builtins.ts";
import { readManifest, readScale } from "../fakes/goldenVolumes.ts";
import { createRandom } from "../fakes/random.ts";
import { findShared } from "../fakes/shared.ts";

export interface SoundChunk {
  readonly title: string;
  readonly chunk: ChunkDescription;
  readonly encoded: Uint8Array;
  /** What it decodes to, where that is known exactly. */
  readonly voxels?: Uint8Array;
}

const mostChunkBytes = 1 << 18;
const sizes: readonly Vec3[] = [
  [16, 16, 8],
  [33, 9, 5],
  [1, 1, 1],
];

/** Writers of encodings that the engine only reads. */
const handmade: Readonly<Record<string, (voxels: Uint8Array, chunk: ChunkDescription) => Uint8Array>> = {
  npz: (voxels, { size, channels, dtype }) =>
    new Uint8Array(deflateSync(Buffer.concat([formatNpyHeader(dtype, [...size, channels]), voxels]))),
};

/** Small chunks of each dtype and channel count. */
export async function soundChunks(
  descriptor: CodecDescriptor,
  codec: ChunkCodec,
  workspace: Workspace,
): Promise<readonly SoundChunk[]> {
  return [...ownChunks(descriptor, codec, workspace), ...(await goldenChunks(descriptor.name))];
}

function ownChunks(
  { name, dtypes, channels, lossy }: CodecDescriptor,
  codec: ChunkCodec,
  workspace: Workspace,
): SoundChunk[] {
  const encode = codec.encode?.bind(codec) ?? handmade[name];
  if (encode === undefined) {
    return [];
  }
  return dtypes.flatMap((dtype) =>
    (channels ?? [1, 3]).flatMap((count) =>
      sizes.map((size) => {
        const chunk: ChunkDescription = { size, channels: count, dtype, parameters: {} };
        const voxels = blobs(chunk);
        workspace.arena.reset();
        const encoded = encode(voxels, chunk, workspace).slice();
        const title = `${dtype} c${count} ${size.join("x")}`;
        return { title, chunk, encoded, ...(lossy === true ? {} : { voxels }) };
      }),
    ),
  );
}

/** Smooth numbers for floats, clumps of a few labels for integers. */
function blobs({ size, channels, dtype }: ChunkDescription): Uint8Array {
  const voxels = new Uint8Array(product(size) * channels * voxelBytes(dtype));
  const random = createRandom(5);
  const palette = random.bytes(7 * 8);
  const view = new DataView(voxels.buffer);
  for (let i = 0; i < voxels.byteLength / voxelBytes(dtype); i++) {
    const [x, y, z] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1])];
    const which = ((x >> 2) + 3 * (y >> 2) + (z >> 1)) % 7;
    write(view, i, dtype, Math.sin(x / 5) + Math.cos(y / 4) + z / 9, palette.subarray(which * 8, which * 8 + 8));
  }
  return voxels;
}

function write(view: DataView, index: number, dtype: DataType, smooth: number, label: Uint8Array): void {
  const bytes = voxelBytes(dtype);
  if (dtype === "float32") {
    view.setFloat32(index * 4, smooth, true);
  } else if (dtype === "float64") {
    view.setFloat64(index * 8, smooth, true);
  } else {
    new Uint8Array(view.buffer).set(label.subarray(0, bytes), index * bytes);
  }
}

/** The first small chunks of each golden volume of an encoding. */
async function goldenChunks(encoding: string): Promise<SoundChunk[]> {
  const folder = findShared("golden");
  if (folder === undefined) {
    return [];
  }
  const load = createLoader(createRegistry("compression", byteCodecs));
  const chunks: SoundChunk[] = [];
  for (const { info, path: at, name, optional } of readManifest(folder).volumes) {
    if (info.encoding !== encoding || info.sharded || optional === true) {
      continue;
    }
    for (const { bytes, compression, description } of readScale(path.join(folder, at)).chunks.slice(0, 2)) {
      const decodedBytes = product(description.size) * description.channels * voxelBytes(description.dtype);
      const encoded =
        compression === undefined ? bytes : (await load(compression)).decompress(bytes, 4 * decodedBytes + 65_536);
      if (decodedBytes <= mostChunkBytes && encoded.byteLength > 0) {
        chunks.push({ title: `golden ${name}`, chunk: description, encoded: new Uint8Array(encoded) });
      }
    }
  }
  return chunks;
}
