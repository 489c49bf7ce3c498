/** The suite that every codec runs over the golden volumes of its encoding: whole volumes, cutouts, damaged chunks. */
import { createHash } from "node:crypto";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { voxelBytes } from "../../server/src/base/dtype.ts";
import { createLoader, createRegistry } from "../../server/src/base/registry.ts";
import type { Vec3 } from "../../server/src/base/vec3.ts";
import { brotliCodec } from "../../server/src/codecs/bytes/br.ts";
import type { ByteCodecDescriptor } from "../../server/src/codecs/bytes/byteCodec.ts";
import { bzip2Codec } from "../../server/src/codecs/bytes/bzip2.ts";
import { gzipCodec } from "../../server/src/codecs/bytes/gzip.ts";
import { xzCodec } from "../../server/src/codecs/bytes/xz.ts";
import { zstdCodec } from "../../server/src/codecs/bytes/zstd.ts";
import type { ChunkCodec, CodecDescriptor } from "../../server/src/codecs/codec.ts";
import { isVolumeError } from "../../server/src/errors.ts";
import {
  type BadVolume,
  type Box,
  boxBytes,
  type GoldenChunk,
  type GoldenScale,
  type GoldenVolume,
  readExpected,
  readManifest,
  readScale,
} from "../fakes/goldenVolumes.ts";
import { describeWithShared } from "../fakes/shared.ts";
import { createFakeWorkspace, type FakeWorkspace } from "../fakes/workspace.ts";

const resultBytes = 4 << 20;
const arenaBytes = 24 << 20;

const byteCodecs: readonly ByteCodecDescriptor[] = [gzipCodec, brotliCodec, zstdCodec, xzCodec, bzip2Codec];

/** Registers the tests of one codec over every unsharded golden volume and every bad one of its encoding. */
export function goldenCodecSuite(descriptor: CodecDescriptor): void {
  describeWithShared(`golden volumes of ${descriptor.name}`, ["golden"], (folder) => {
    const manifest = readManifest(folder);
    const load = createLoader(createRegistry("compression", byteCodecs));
    const workspace = createFakeWorkspace(resultBytes, arenaBytes);
    let codec: ChunkCodec;
    beforeAll(async () => {
      codec = await descriptor.load();
    });
    const decodeBox = async (scale: GoldenScale, box: Box): Promise<Uint8Array> => {
      workspace.view(workspace.resultPointer, workspace.resultBytes).fill(0xa5);
      for (const chunk of scale.chunks) {
        await decodeChunk({ codec, workspace, load }, scale, chunk, box);
      }
      return new Uint8Array(workspace.view(workspace.resultPointer, boxBytes(box, scale)));
    };

    describe.each(volumesOf(manifest.volumes, descriptor.name))("$name", (volume) => {
      const scale = readScale(path.join(folder, volume.path));
      it(`decodes: ${volume.covers}`, async () => {
        const voxels = await decodeBox(scale, scale.bounds);
        const expected = readExpected(folder, volume);
        if (expected === undefined) {
          expect(sha256(voxels)).toBe(volume.mips[0]?.sha256);
        } else {
          expectNear(voxels, expected, volume);
        }
      });
      it.each(exactCutouts(volume))("gives the cutout: $what", async ({ bbox, sha256: expected }) => {
        expect(sha256(await decodeBox(scale, bbox))).toBe(expected);
      });
    });

    it.each(badVolumesOf(manifest.bad, folder, descriptor.name))("refuses $name: $why", async (volume) => {
      const scale = readScale(path.join(folder, volume.path));
      expect([volume.expect, ...(volume.also_accept ?? [])]).toContain(await outcome(decodeBox(scale, scale.bounds)));
    });
  });
}

function volumesOf(volumes: readonly GoldenVolume[], encoding: string): readonly GoldenVolume[] {
  const isWanted = ({ info, path: folder }: GoldenVolume): boolean =>
    info.encoding === encoding && !info.sharded && !/\/(missing|pyramids|infos|redirects)\//.test(folder);
  return volumes.filter(isWanted);
}

/** Hashes of cutouts of lossy volumes hold for the reference decoder only. */
function exactCutouts(volume: GoldenVolume): NonNullable<GoldenVolume["cutouts"]> {
  return (volume.lossy?.max_abs_error ?? 0) > 0 ? [] : (volume.cutouts ?? []).filter(({ mip }) => mip === 0);
}

/** Damage of chunks; what concerns the info or absent objects is not a codec's. */
function badVolumesOf(volumes: readonly BadVolume[], folder: string, encoding: string): readonly BadVolume[] {
  return volumes.filter(({ name, path: volume, expect: tag, request }) => {
    if (tag !== "invalid_chunk" || request !== undefined || /^(info|shard|minishard)/.test(name)) {
      return false;
    }
    return readScale(path.join(folder, volume)).chunks[0]?.description.parameters.encoding === encoding;
  });
}

interface Means {
  readonly codec: ChunkCodec;
  readonly workspace: FakeWorkspace;
  readonly load: ReturnType<typeof createLoader<Awaited<ReturnType<ByteCodecDescriptor["load"]>>>>;
}

/** Decodes the part of the chunk that lies in `box` into the dense result of that box. */
async function decodeChunk(means: Means, scale: GoldenScale, chunk: GoldenChunk, box: Box): Promise<void> {
  const { workspace } = means;
  const low = [0, 1, 2].map((axis) => Math.max(at(chunk.box, axis), at(box, axis))) as unknown as Vec3;
  const high = [3, 4, 5].map((axis) => Math.min(at(chunk.box, axis), at(box, axis))) as unknown as Vec3;
  if (high.some((end, axis) => end <= at(low, axis))) {
    return;
  }
  const bytes = voxelBytes(scale.dtype);
  const rowBytes = (box[3] - box[0]) * bytes;
  const planeBytes = (box[4] - box[1]) * rowBytes;
  const offset = (low[2] - box[2]) * planeBytes + (low[1] - box[1]) * rowBytes + (low[0] - box[0]) * bytes;
  workspace.arena.reset();
  const maxBytes = 4 * boxBytes(chunk.box, scale) + 4096;
  const encoded =
    chunk.compression === undefined
      ? chunk.bytes
      : (await means.load(chunk.compression)).decompress(chunk.bytes, maxBytes);
  means.codec.decode(encoded, chunk.description, {
    workspace,
    pointer: workspace.resultPointer + offset,
    rowBytes,
    planeBytes,
    channelBytes: (box[5] - box[2]) * planeBytes,
    from: low.map((value, axis) => value - at(chunk.box, axis)) as unknown as Vec3,
    to: high.map((value, axis) => value - at(chunk.box, axis)) as unknown as Vec3,
  });
}

function at(values: readonly number[], axis: number): number {
  return values[axis] ?? 0;
}

/** "ok", or the tag of the error. A stream that expands too far is the pipeline's to call an invalid chunk. */
async function outcome(decoding: Promise<unknown>): Promise<string> {
  try {
    await decoding;
    return "ok";
  } catch (error) {
    if (!isVolumeError(error)) {
      throw error;
    }
    return error.tag === "too_large" ? "invalid_chunk" : error.tag;
  }
}

function expectNear(voxels: Uint8Array, expected: Uint8Array, volume: GoldenVolume): void {
  expect(voxels.byteLength).toBe(expected.byteLength);
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < expected.byteLength; i++) {
    const difference = Math.abs((voxels[i] ?? 0) - (expected[i] ?? 0));
    largest = Math.max(largest, difference);
    sum += difference;
  }
  expect(largest).toBeLessThanOrEqual(volume.lossy?.max_abs_error ?? 0);
  expect(sum / expected.byteLength).toBeLessThanOrEqual(volume.lossy?.mean_abs_error ?? Number.POSITIVE_INFINITY);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
