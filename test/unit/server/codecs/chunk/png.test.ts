/** png: the contract of codecs, files that other tools may write, and the golden volumes. */
import { pngCodec } from "../../../../../server/src/codecs/chunk/png.ts";
import { codecSuite, type KnownChunk } from "../../../../conformance/codec.ts";
import { goldenCodecSuite } from "../../../../conformance/goldenCodec.ts";

/** An image of 5 x 4 pixels; the voxels are what Pillow reads, channel by channel. */
function known(title: string, channels: number, base64: string, voxels: readonly number[]): KnownChunk {
  return {
    title,
    chunk: { size: [5, 2, 2], channels, dtype: "uint8", parameters: {} },
    encoded: new Uint8Array(Buffer.from(base64, "base64")),
    voxels: Uint8Array.from(voxels),
  };
}

codecSuite({
  descriptor: pngCodec,
  known: [
    known(
      "gray of 1 bits",
      1,
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEAQAAAABuSMjtAAAADklEQVR42mMIYFjBAMQABxgB8Vj1QOAAAAAASUVORK5CYII=",
      [0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255],
    ),
    known(
      "gray of 2 bits",
      1,
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEAgAAAAAp6LI9AAAAFElEQVR42mOwZGB4coBhcgODnwMAFJoDf9bpujoAAAAASUVORK5CYII=",
      [0, 255, 170, 85, 0, 255, 170, 85, 0, 255, 170, 85, 0, 255, 170, 85, 0, 255, 170, 85],
    ),
    known(
      "gray of 4 bits",
      1,
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEBAAAAACmqEedAAAAGElEQVR42mNgf3qAwUriA0OutwLDhLoAACr2BSWVBEZAAAAAAElFTkSuQmCC",
      [0, 119, 238, 85, 204, 51, 170, 17, 136, 255, 102, 221, 68, 187, 34, 153, 0, 119, 238, 85],
    ),
    known(
      "palette with alpha",
      4,
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAMAAABx7QVyAAAACVBMVEUKFB7IZDIAAAASdsZiAAAAAnRSTlP/gAgPs2oAAAAXSURBVHjaY2BgZGJiYGBgZISSYIqJCQAA9QAVUyDYjgAAAABJRU5ErkJggg==",
      [
        10, 200, 0, 0, 10, 10, 200, 200, 0, 10, 10, 200, 200, 0, 0, 10, 10, 200, 0, 0, 20, 100, 0, 0, 20, 20, 100, 100,
        0, 20, 20, 100, 100, 0, 0, 20, 20, 100, 0, 0, 30, 50, 0, 0, 30, 30, 50, 50, 0, 30, 30, 50, 50, 0, 0, 30, 30, 50,
        0, 0, 255, 128, 255, 255, 255, 255, 128, 128, 255, 255, 255, 128, 128, 255, 255, 255, 255, 128, 255, 255,
      ],
    ),
    known(
      "RGB with a transparent color",
      4,
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAIAAADJUWIXAAAABnRSTlMAAQACAP4KRyVUAAAAQElEQVR42mNgYPjPzveDT+YjK9cvHonPDMxsf7hEvjIy/eMQ+M4v94GBjecnr9QnFo7f3GJfmFj+MnAKfUPWAgCPRhURNr8pTgAAAABJRU5ErkJggg==",
      [
        0, 7, 14, 5, 12, 3, 10, 1, 8, 15, 6, 13, 4, 11, 2, 9, 0, 7, 14, 5, 0, 14, 28, 10, 24, 6, 20, 2, 16, 30, 12, 26,
        8, 22, 4, 18, 0, 14, 28, 10, 255, 248, 241, 250, 243, 252, 245, 254, 247, 240, 249, 242, 251, 244, 253, 246,
        255, 248, 241, 250, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255,
      ],
    ),
  ],
});
goldenCodecSuite(pngCodec);
