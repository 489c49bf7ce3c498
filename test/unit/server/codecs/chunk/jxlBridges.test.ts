/** jxl's ways from JPEG and back: the same file, byte by byte, of what other programs write; voxels as the JPEG has them. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { jpegCodec } from "../../../../../server/src/codecs/chunk/jpeg.ts";
import { jxlCodec } from "../../../../../server/src/codecs/chunk/jxl.ts";
import type { Bridge, ChunkCodec } from "../../../../../server/src/codecs/codec.ts";
import { describeWithShared } from "../../../../fakes/shared.ts";
import { createFakeWorkspace } from "../../../../fakes/workspace.ts";

/** 8 x 8 gray pixels, Huffman tables of their own; by Pillow. */
const grayJpeg = bytesOf(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUoKSj/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABv/EABkQAAEFAAAAAAAAAAAAAAAAAAAEByQxof/aAAgBAQAAPwAkhaio+H//2Q==",
);
/** The same by libjxl. */
const grayJxl = bytesOf(
  "AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCAAAAATanhscAAAAAD/CkFAUNwIAAAAPmpicmTBDSAILQMCAISACAAAACD/T0gCAAAA0Y8MM+j/AD8AAAALCIDgABBKRklGAAEBAAABAAEAAAMAAADJanhscIAAAAHgWwAQANgCDGwMbAxs/v8OAAAYAAgAAQAAAAAAgIAliVPE3bweUDbn8AMUCkNSUCAvdFjHxsYYHWPdGBxEghsNx4bREdGxsQzIOAhVDnB0VYQTQIyXGwQABXbTL4IxYVFAFJhN0ozg2/4eD+WwVnmnRgyVoIZk7utVxInQ2qKh31CvS/OSEDJ6GA8jCt/3Tb+j6IFJHxp9tzyGWALcHA+QXxhuCK4DWgUAAAAAAKAkkRqZtxCAOADvtxsjIAA=",
);
/** 8 x 8 pixels of three components, chroma halved, a comment, a restart interval. */
const colorJpeg = bytesOf(
  "/9j/4AAQSkZJRgABAQAAAQABAAD//gAGbm90Zf/bAEMAEAsMDgwKEA4NDhIREBMYKBoYFhYYMSMlHSg6Mz08OTM4N0BIXE5ARFdFNzhQbVFXX2JnaGc+TXF5cGR4XGVnY//bAEMBERISGBUYLxoaL2NCOEJjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY//AABEIAAgACAMBIgACEQEDEQH/xAAVAAEBAAAAAAAAAAAAAAAAAAAAA//EAB8QAAICAgEFAAAAAAAAAAAAAAEDAAIEESESIjEyYf/EABUBAQEAAAAAAAAAAAAAAAAAAAAB/8QAFhEBAQEAAAAAAAAAAAAAAAAAAQAR/90ABAAB/9oADAMBAAIRAxEAPwCaUrx8+9EqqV73XoVUgA867V2HHj2P2IiUiZf/2Q==",
);
const progressiveJpeg = bytesOf(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUoKSj/wgALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABf/aAAgBAQAAAAEj/8QAFhAAAwAAAAAAAAAAAAAAAAAAAAIF/9oACAEBAAEFAklH/8QAFRABAQAAAAAAAAAAAAAAAAAAADL/2gAIAQEABj8Cl//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAT8hb//aAAgBAQAAABD/AP/EABYQAAMAAAAAAAAAAAAAAAAAAAAxwf/aAAgBAQABPxBMH//Z",
);

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

let jxl: ChunkCodec;
let fromJpeg: Bridge;
let toJpeg: Bridge;
beforeAll(async () => {
  jxl = await jxlCodec.load();
  fromJpeg = jxl.bridges?.from?.jpeg ?? (() => undefined);
  toJpeg = jxl.bridges?.to?.jpeg ?? (() => undefined);
});

describe("jxl to jpeg", () => {
  it("makes the file again that libjxl transcoded", () => {
    expect(toJpeg(grayJxl)).toEqual(grayJpeg);
  });

  it("is nothing for an image that was not made of a JPEG file", () => {
    expect(toJpeg(bytesOf("/wooAAaAoLgRCAQBAJwASxiLFVJc122s9QyDaDSkhhMURUlwebcvaFZKvWNV/zK0u3LaqggB"))).toBeUndefined();
  });

  it("is nothing for a damaged container", () => {
    for (const at of [60, 100, 150, 200, grayJxl.byteLength - 1]) {
      let result: unknown;
      try {
        result = toJpeg(grayJxl.subarray(0, at));
      } catch (error) {
        result = (error as { readonly tag?: string }).tag;
      }
      expect([undefined, "invalid_chunk"], `${at} bytes`).toContain(result);
    }
  });
});

describe("jpeg to jxl", () => {
  it.each([
    ["gray, with tables of its own", grayJpeg],
    ["colour, with halved chroma, a comment and restarts", colorJpeg],
  ])("keeps the file: %s", (_, file) => {
    const container = fromJpeg(file);
    expect(container).toBeDefined();
    expect(toJpeg(container ?? file)).toEqual(file);
  });

  it("is no larger than libjxl's by more than 2 %", () => {
    expect(fromJpeg(grayJpeg)?.byteLength).toBeLessThanOrEqual(1.02 * grayJxl.byteLength);
  });

  it("is nothing for a progressive file, for half of one, for bytes behind the end, and for none", () => {
    const longer = Uint8Array.from([...grayJpeg, 0]);
    for (const file of [progressiveJpeg, grayJpeg.subarray(0, 100), longer, new Uint8Array(0), grayJxl]) {
      expect(fromJpeg(file)).toBeUndefined();
    }
  });

  it("is nothing for a file whose padding is of zeros, for it would be another afterwards", () => {
    const at = grayJpeg.byteLength - 3;
    const padded = Uint8Array.from(grayJpeg, (byte, i) => (i === at ? byte & 0xfe : byte));
    const container = fromJpeg(padded);
    expect(container === undefined || Buffer.compare(toJpeg(container) ?? padded, padded) === 0).toBe(true);
  });

  it("is read as the voxels of the JPEG file", async () => {
    const jpeg = await jpegCodec.load();
    const workspace = createFakeWorkspace(4096, 1 << 20);
    const chunk = { size: [8, 4, 2], channels: 1, dtype: "uint8", parameters: {} } as const;
    const decode = (codec: ChunkCodec, encoded: Uint8Array): Uint8Array => {
      const strides = { rowBytes: 8, planeBytes: 32, channelBytes: 64 };
      workspace.arena.reset();
      const target = {
        workspace,
        pointer: workspace.resultPointer,
        ...strides,
        from: [0, 0, 0],
        to: [8, 4, 2],
      } as const;
      codec.decode(encoded, chunk, target);
      return workspace.view(workspace.resultPointer, 64).slice();
    };
    const [ours, theirs] = [decode(jxl, fromJpeg(grayJpeg) ?? grayJpeg), decode(jpeg, grayJpeg)];
    expect(Math.max(...ours.map((value, i) => Math.abs(value - (theirs[i] ?? 0))))).toBeLessThanOrEqual(1);
  });
});

describeWithShared("golden chunks of jpeg", ["golden"], (folder) => {
  const volumes = path.join(folder, "volumes/jpeg");
  const names = readdirSync(volumes).filter((name) => !name.endsWith(".gz"));
  it.each(names)("%s: every file is kept, or is nothing if it is progressive", (name) => {
    const chunks = path.join(volumes, name, "4_4_40");
    for (const file of readdirSync(chunks)) {
      const bytes = new Uint8Array(readFileSync(path.join(chunks, file)));
      const container = fromJpeg(bytes);
      expect(container && toJpeg(container), file).toEqual(name.includes("progressive") ? undefined : bytes);
    }
  });
});
