/** draco meshes: what the reference decoder (DracoPy 1.7.0) makes of them, and what is refused before the library sees it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { createDracoDecoder } from "../../../../server/src/codecs/draco.ts";
import { readDracoCounts } from "../../../../server/src/codecs/dracoHeader.ts";
import { describeWithShared } from "../../../fakes/shared.ts";

/** DracoPy 1.7.0: (0, 0, 0), (1, 0, 0), (0, 1, 0), one face. */
const triangle = new Uint8Array(
  Buffer.from(
    "RFJBQ08CAgEBAAAAAwEAAQAAAQf/AREB/wAAAQAJAwAAAgABAQADA1UVrSoDBHCBMRAAAAAA/wAAAAAAAAAAAAAAAAAAAAAAgD8I",
    "base64",
  ),
);
const header = [...Buffer.from("DRACO"), 2, 2, 1];

interface GoldenMesh {
  readonly id: string;
  readonly kind: string;
  readonly path: string;
  readonly expect: {
    readonly error?: string;
    readonly mesh: {
      readonly num_vertices: number;
      readonly num_faces: number;
      readonly vertices_sha256: string;
      readonly faces_sha256: string;
    };
    readonly position_type?: string;
  };
}

const arrays = { float32: Float32Array, uint32: Uint32Array, int32: Int32Array };

it("decodes a triangle", async () => {
  const { positions, indices } = await createDracoDecoder().decode(triangle);
  expect(positions).toEqual(Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0));
  expect(indices).toEqual(Uint32Array.of(0, 1, 2));
});

it("gives each caller memory of its own", async () => {
  const decoder = createDracoDecoder();
  const [first, second] = [await decoder.decode(triangle), await decoder.decode(triangle)];
  first.positions.fill(9);
  first.indices.fill(9);
  expect(second.positions).toEqual(Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0));
  expect((await decoder.decode(triangle)).indices).toEqual(Uint32Array.of(0, 1, 2));
});

it("decodes meshes at the same time, and after damage", async () => {
  const decoder = createDracoDecoder();
  const damaged = Uint8Array.from([...triangle.subarray(0, 40), ...new Uint8Array(35)]);
  const results = await Promise.allSettled([triangle, damaged, triangle, damaged].map((one) => decoder.decode(one)));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
  expect((await decoder.decode(triangle)).indices).toEqual(Uint32Array.of(0, 1, 2));
});

it.each([
  ["nothing", [], /without its header/],
  ["another magic number", [0, ...triangle.subarray(1)], /not a draco stream/],
  ["a point cloud", [...header.slice(0, 7), 0, ...triangle.subarray(8)], /not a draco mesh but points/],
  ["a newer version", [...header.slice(0, 6), 3, 1, ...triangle.subarray(8)], /version 2.3/],
  ["another method", [...header, 2, 0, 0, ...new Uint8Array(50)], /method 2/],
  ["what ends in its counts", [...header, 1, 0, 0, 0, 0x80], /cut off/],
  ["a count of more than 32 bits", [...header, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], /more than 32 bits/],
  ["endless metadata", [...header, 1, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1], /cut off/],
  ["metadata inside metadata without end", [...header, 1, 0, 0x80, 0, ...deep(40)], /too deeply/],
])("refuses %s", async (_, bytes, message) => {
  const decoding = createDracoDecoder().decode(Uint8Array.from(bytes));
  await expect(decoding).rejects.toMatchObject({ tag: "invalid_chunk", message: expect.stringMatching(message) });
});

// 61 bytes in all: 2^28 faces and points, sequential, by entropy coding; one symbol a face at least, with edgebreaker.
it.each([
  ["sequential", 0, [0x80, 0x80, 0x80, 0x80, 1, 0x80, 0x80, 0x80, 0x80, 1, 0]],
  ["sequential, plain indices", 0, [0x80, 0x01, 0x80, 0x01, 1]],
  ["edgebreaker", 1, [0, 0x80, 0x80, 0x80, 0x80, 1, 0x80, 0x80, 0x80, 0x80, 1]],
  ["edgebreaker, few points", 1, [0, 3, 0x80, 0x20]],
  ["edgebreaker by valence", 1, [2, 0x80, 0x80, 0x80, 0x80, 1, 0x80, 0x80, 0x80, 0x80, 1]],
])("refuses counts that the bytes cannot hold before it loads anything: %s", (_, method, counts) => {
  const bytes = new Uint8Array(61);
  bytes.set([...header, method, 0, 0, ...counts]);
  expect(() => readDracoCounts(bytes)).toThrow(/cut off or damaged: \d+ faces/);
});

it("refuses a mesh larger than the caller wants", async () => {
  const decoder = createDracoDecoder();
  await expect(decoder.decode(triangle, { maxBytes: 47 })).rejects.toMatchObject({ tag: "too_large" });
  expect((await decoder.decode(triangle, { maxBytes: 48 })).indices).toHaveLength(3);
});

function deep(levels: number): number[] {
  return Array.from({ length: levels }, () => [0, 1, 0]).flat();
}

describeWithShared("golden draco streams", ["golden", "objects.json"], (manifest) => {
  const entries = (JSON.parse(readFileSync(manifest, "utf8")) as { entries: readonly GoldenMesh[] }).entries;
  const decoder = createDracoDecoder();
  it.each(entries.filter(({ kind }) => kind === "draco").map((entry) => [entry.id, entry] as const))(
    "%s",
    async (id, { path: file, expect: expected }) => {
      const bytes = new Uint8Array(readFileSync(path.join(path.dirname(manifest), "objects", file)));
      if (expected.error !== undefined) {
        await expect(decoder.decode(bytes)).rejects.toMatchObject({ tag: "invalid_chunk" });
        return;
      }
      const { positions, indices } = await decoder.decode(bytes);
      // DracoPy turns signed integers into floats; their values are the same.
      const type = id === "draco/int32-negative" ? "int32" : (expected.position_type as keyof typeof arrays);
      expect(positions).toBeInstanceOf(arrays[type]);
      expect([positions.length / 3, indices.length / 3]).toEqual([expected.mesh.num_vertices, expected.mesh.num_faces]);
      expect(digest(Float32Array.from(positions))).toBe(expected.mesh.vertices_sha256);
      expect(digest(indices)).toBe(expected.mesh.faces_sha256);
      expect(readDracoCounts(bytes)).toEqual({ faces: indices.length / 3, points: positions.length / 3 });
    },
  );
});

function digest(array: Float32Array | Uint32Array): string {
  return createHash("sha256").update(new Uint8Array(array.buffer)).digest("hex");
}
