/** compresso: the contract of codecs over streams of the reference writer (compresso 3.3.3), and the golden volumes. */
import { type DataType, voxelView } from "../../../../../server/src/base/dtype.ts";
import { compressoCodec } from "../../../../../server/src/codecs/chunk/compresso.ts";
import { codecSuite, type KnownChunk } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

const size = [11, 7, 3] as const;

/** The volume that was compressed: blocks of 3 x 4 x 1, numbered modulo `count`, times `factor`. */
function voxelsOf(dtype: DataType, count: number, factor: bigint): Uint8Array {
  const voxels = voxelView(dtype, new ArrayBuffer(size[0] * size[1] * size[2] * 8), 0, size[0] * size[1] * size[2]);
  for (let i = 0; i < voxels.length; i++) {
    const [x, y, z] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / size[0] / size[1])];
    const value = BigInt((Math.floor(x / 3) * 5 + Math.floor(y / 4) * 3 + z) % count) * factor;
    voxels[i] = voxels instanceof BigUint64Array ? value : Number(value);
  }
  return new Uint8Array(voxels.buffer, 0, voxels.byteLength);
}

function known(title: string, dtype: DataType, voxels: Uint8Array, base64: string): KnownChunk {
  const encoded = new Uint8Array(Buffer.from(base64, "base64"));
  return { title, chunk: { size, dtype, channels: 1, parameters: {} }, encoded, voxels };
}

codecSuite({
  descriptor: compressoCodec,
  known: [
    known(
      "uint8, steps 4 4 1, with z index",
      "uint8",
      voxelsOf("uint8", 5, 1n),
      "Y3BzbwEBCwAHAAMABAQBBgAAAAAAAAADAAAAAAAAAAAAAAAEAAMBBAIAAAAAcADwBAAEAAIABwAEAAQAAgAHAAQABAACAAcAAgICAAAA",
    ),
    known(
      "uint16, steps 8 8 1, without z index",
      "uint16",
      voxelsOf("uint16", 7, 1n),
      "Y3BzbwACCwAHAAMACAgBGAAAAAAAAAACAAAACQAAAAAAAAAEAAAFAAMAAQADAAEABgAEAAEABgAEAAIABAACAAAABQACAAAABQADAAUAAwABAAYA" +
        "AQEBBwEBAQAkJCT/JCQkAAcADAAKAAgADQALAAkABwAMAAIAAAAAAAAAAwAAAAAAAAACAAAAAAAAAAMAAAAAAAAAAgAAAAAAAAADAAAAAAAAAA==",
    ),
    known(
      "uint64 above 2^53, steps 4 4 1, with z index",
      "uint64",
      voxelsOf("uint64", 6, 2n ** 61n + 12345n).slice(),
      "Y3BzbwEICwAHAAMABAQBGAAAAAAAAAAGAAAACQAAAAAAAAAEAAAAAAAAAAAd8QAAAAAAoOTAAAAAAACAq5AAAAAAAGCrkAAAAAAAYHJgAAAAAABA" +
        "OTAAAAAAACAAAAAAAAAAADkwAAAAAAAgAAAAAAAAAAAd8QAAAAAAoOTAAAAAAACA5MAAAAAAAICrkAAAAAAAYHJgAAAAAABAOTAAAAAAACByYAAA" +
        "AAAAQDkwAAAAAAAgAAAAAAAAAAAd8QAAAAAAoB3xAAAAAACg5MAAAAAAAICrkAAAAAAAYHJgAAAAAABAEQEiAkQEEXEi8kT0BwAAAAAAAAAk8QAA" +
        "AAAAoOvAAAAAAACAQDAAAAAAACAHAAAAAAAAACTxAAAAAACgeWAAAAAAAEBAMAAAAAAAIAcAAAAAAAAACgAIAAYABAACAAMACgAIAAYABAACAAMA" +
        "CgAIAAYABAACAAMACAgIAAMD",
    ),
  ],
});
goldenCodecSuite(compressoCodec);
