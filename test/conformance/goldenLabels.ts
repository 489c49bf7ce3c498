/** The suite that codecs with label queries run over the golden volumes of their encoding: the answers of the reference. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { voxelBytes } from "../../server/src/base/dtype.ts";
import { product, type Vec3 } from "../../server/src/base/vec3.ts";
import type { ChunkCodec, CodecDescriptor, LabelMapping, LabelQueries } from "../../server/src/codecs/codec.ts";
import { type Box, type GoldenChunk, type GoldenScale, readScale } from "../fakes/goldenVolumes.ts";
import { describeWithShared } from "../fakes/shared.ts";
import { createFakeWorkspace } from "../fakes/workspace.ts";

/** What volumes.json says of a volume's labels; all numbers of labels are decimal strings. */
interface GoldenLabels {
  readonly unique: { readonly bbox: Box; readonly values: readonly string[] };
  readonly points: { readonly values: readonly { readonly point: Vec3; readonly value: string }[] };
  readonly renumber: {
    readonly bbox: Box;
    readonly dtype: "uint8" | "uint16";
    readonly sha256: string;
    readonly mapping: Readonly<Record<string, number>>;
  };
  readonly segids: { readonly bbox: Box; readonly segids: readonly string[]; readonly sha256: string };
  readonly label_mask: { readonly bbox: Box; readonly label: string; readonly count: number; readonly sha256: string };
}

interface Volume {
  readonly name: string;
  readonly path: string;
  readonly info: { readonly encoding: string; readonly sharded: boolean; readonly second_stage: readonly string[] };
  readonly labels?: GoldenLabels;
}

type Width = 1 | 2 | 4 | 8;
type Replace = (label: bigint) => bigint;

const resultBytes = 4 << 20;
const workspace = createFakeWorkspace(resultBytes, 32 << 20);

/** Registers the tests of one codec. */
export function goldenLabelsSuite(descriptor: CodecDescriptor): void {
  describeWithShared(`golden labels of ${descriptor.name}`, ["golden"], (folder) => {
    const volumes: readonly Volume[] = JSON.parse(readFileSync(path.join(folder, "volumes.json"), "utf8")).volumes;
    let codec: ChunkCodec;
    let queries: LabelQueries;
    beforeAll(async () => {
      codec = await descriptor.load();
      queries = codec.labels as LabelQueries;
    });

    describe.each(volumes.filter((volume) => isWanted(volume, descriptor)))("$name", (volume) => {
      const scale = readScale(path.join(folder, volume.path));
      it("lists the labels of each chunk, and finds one of them", () => {
        for (const chunk of scale.chunks) {
          const expected = distinct(decoded(codec, chunk));
          expect([...queries.unique(bytesOf(chunk), chunk.description, fresh())], chunk.name).toEqual(expected);
          const last = expected.at(-1) ?? 0n;
          expect(queries.contains(bytesOf(chunk), chunk.description, last, fresh()), chunk.name).toBe(true);
        }
      });
      if (volume.labels !== undefined) {
        answersOf(() => queries, scale, volume.labels);
      }
    });
  });
}

function isWanted({ info, path: folder }: Volume, { name, dtypes }: CodecDescriptor): boolean {
  const isLabels = dtypes.some((dtype) => /int/.test(dtype)) && !/\/(missing|pyramids|infos|redirects)\//.test(folder);
  const isPlain = info.second_stage.every((stage) => stage === "none" || stage === "gzip");
  return isLabels && isPlain && info.encoding === name && !info.sharded;
}

/** Compares with what the reference answers; `queriesOf` is called in tests only. */
function answersOf(queriesOf: () => LabelQueries, scale: GoldenScale, labels: GoldenLabels): void {
  const { unique, points, renumber, segids, label_mask: mask } = labels;
  const own = voxelBytes(scale.dtype);
  const map = (box: Box, width: Width, replace: Replace): Uint8Array =>
    decodeMapped(queriesOf(), scale, box, { voxelBytes: width, valuesOf: (all) => all.map(replace) });

  it("a box has the labels that it should", () => {
    expect(
      distinct(
        asLabels(
          map(unique.bbox, 8, (label) => label),
          8,
        ),
      ),
    ).toEqual(unique.values.map(BigInt));
  });

  it("points have the labels that they should", () => {
    for (const { point, value } of points.values) {
      const chunk = scale.chunks.find(({ box }) => point.every((p, i) => p >= at(box, i) && p < at(box, i + 3)));
      const position = point.map((p, axis) => p - at(chunk?.box ?? [], axis)) as unknown as Vec3;
      const found = chunk && queriesOf().voxel(bytesOf(chunk), chunk.description, position, fresh());
      expect(found, `${point}`).toEqual([BigInt(value)]);
    }
  });

  it("renumbers to fewer bytes", () => {
    const numbers = map(renumber.bbox, renumber.dtype === "uint8" ? 1 : 2, (label) =>
      BigInt(renumber.mapping[`${label}`] ?? 0),
    );
    expect(sha256(numbers)).toBe(renumber.sha256);
  });

  it("leaves some labels, and puts 0 for the others", () => {
    const kept = new Set(segids.segids.map(BigInt));
    expect(sha256(map(segids.bbox, own, (label) => (kept.has(label) ? label : 0n)))).toBe(segids.sha256);
  });

  it("gives the binary image of a label", () => {
    const image = map(mask.bbox, 1, (label) => (label === BigInt(mask.label) ? 1n : 0n));
    expect(image.reduce((sum, voxel) => sum + voxel, 0)).toBe(mask.count);
    expect(sha256(image)).toBe(mask.sha256);
  });
}

function fresh(): typeof workspace {
  workspace.arena.reset();
  return workspace;
}

function bytesOf({ bytes, compression }: GoldenChunk): Uint8Array {
  return compression === "gzip" ? new Uint8Array(gunzipSync(bytes)) : bytes;
}

function decoded(codec: ChunkCodec, chunk: GoldenChunk): readonly bigint[] {
  const { size, channels, dtype } = chunk.description;
  const bytes = voxelBytes(dtype);
  const rowBytes = size[0] * bytes;
  const planeBytes = size[1] * rowBytes;
  const target = { pointer: workspace.resultPointer, rowBytes, planeBytes, channelBytes: size[2] * planeBytes };
  codec.decode(bytesOf(chunk), chunk.description, { workspace: fresh(), ...target, from: [0, 0, 0], to: size });
  return asLabels(workspace.view(workspace.resultPointer, product(size) * channels * bytes).slice(), bytes);
}

/** The dense voxels of a box, of one channel, with labels replaced chunk by chunk. */
function decodeMapped(
  queries: LabelQueries,
  scale: GoldenScale,
  box: Box,
  mapping: LabelMapping & { readonly voxelBytes: Width },
): Uint8Array {
  const rowBytes = (box[3] - box[0]) * mapping.voxelBytes;
  const planeBytes = (box[4] - box[1]) * rowBytes;
  const channelBytes = (box[5] - box[2]) * planeBytes;
  workspace.view(workspace.resultPointer, channelBytes).fill(0xa5);
  for (const chunk of scale.chunks) {
    const low = [0, 1, 2].map((axis) => Math.max(at(chunk.box, axis), at(box, axis)));
    const high = [3, 4, 5].map((axis) => Math.min(at(chunk.box, axis), at(box, axis)));
    if (high.some((end, axis) => end <= at(low, axis))) {
      continue;
    }
    const [x, y, z] = low.map((start, axis) => start - at(box, axis)) as unknown as Vec3;
    queries.decodeMapped(bytesOf(chunk), chunk.description, mapping, {
      workspace: fresh(),
      pointer: workspace.resultPointer + z * planeBytes + y * rowBytes + x * mapping.voxelBytes,
      rowBytes,
      planeBytes,
      channelBytes,
      from: low.map((start, axis) => start - at(chunk.box, axis)) as unknown as Vec3,
      to: high.map((end, axis) => end - at(chunk.box, axis)) as unknown as Vec3,
    });
  }
  return workspace.view(workspace.resultPointer, channelBytes).slice();
}

function asLabels(voxels: Uint8Array, width: Width): readonly bigint[] {
  const classes = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;
  const buffer = new Uint8Array(voxels).buffer;
  return width === 8 ? [...new BigUint64Array(buffer)] : Array.from(new classes[width](buffer), BigInt);
}

function distinct(labels: readonly bigint[]): readonly bigint[] {
  return [...new Set(labels)].sort((a, b) => (a < b ? -1 : 1));
}

function at(values: readonly number[], axis: number): number {
  return values[axis] ?? 0;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
