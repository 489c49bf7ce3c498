/** What the reference tools make of one text: Python's gzip, bz2, lzma and zlib, brotli, zstandard, lz4 and numcodecs. */
import type { KnownStream } from "../../../../conformance/byteCodec.ts";

export const text: Uint8Array = Buffer.from("voxels ".repeat(1000));
/** A multiple of 64 bytes, so that all filters of Blosc apply. */
const bloscText: Uint8Array = text.subarray(0, 6976);

function stream(title: string, encoded: string, content = text): KnownStream {
  return { title, encoded: new Uint8Array(Buffer.from(encoded, "base64")), content };
}

export const knownStreams = {
  gzip: [stream("a member", "H4sIAAAAAAACA+3FsQkAMAgAsFf6nFvBQRDP9wI/SJZ0Tvx6LUmSJEmSJEmSJOluAT+d90lYGwAA")],
  zlib: [stream("a stream", "eJztxbEJADAIALBX+pxbwUEQz/cCP0iWdE78ei1JkiRJkiRJkiTpbgEqx8J/")],
  br: [stream("a stream", "G1cb+I1Utb9me7PDkyBlc3FbJHBhAiCPAQ==")],
  zstd: [
    stream("a frame", "KLUv/WBYGn0AADh2b3hlbHMgAQBOq74YAQ=="),
    stream("a frame without a size", "KLUv/QAYfQAAOHZveGVscyABAE6rvhgB"),
    stream(
      "a frame with a checksum between skippable ones",
      "UypNGAUAAABoZWxsbyi1L/1kWBp9AAA4dm94ZWxzIAEATqu+GAFWRWRHUypNGAUAAABoZWxsbw==",
    ),
  ],
  xz: [
    stream(
      "a stream with CRC-64",
      "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4BtXACxdADsby3bh/z6OyZYjBbpWhUh45tFp+/bfeR95w6zrAyb8wPWIhYXK54wsnlUAANPNEcUlnNtJAAFI2DYAAAA5z5tMscRn+wIAAAAABFla",
    ),
    stream(
      "a stream with CRC-32",
      "/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4BtXACxdADsby3bh/z6OyZYjBbpWhUh45tFp+/bfeR95w6zrAyb8wPWIhYXK54wsnlUAAD+d90kAAUTYNgAAAEIPWTs+MA2LAgAAAAABWVo=",
    ),
  ],
  bzip2: [stream("a stream", "QlpoOTFBWSZTWRPmbmEAC7eRgEAAAgSJQCAAUIYATVQNO1IMqQcqQZUg9Ug9UgypB8XckU4UJAT5m5hA")],
  lz4: [stream("a block", "WBsAAH92b3hlbHMgBwD///////////////////////////////////9UUHhlbHMg")],
  lz4frame: [
    stream(
      "a frame with all checksums, blocks linked, without a size",
      "BCJNGHRAvSwAAAB/dm94ZWxzIAcA////////////////////////////////////VFB4ZWxzIGavFZoAAAAAgvZ3mw==",
    ),
    stream(
      "a frame with a size",
      "BCJNGGhAWBsAAAAAAACfLAAAAH92b3hlbHMgBwD///////////////////////////////////9UUHhlbHMgAAAAAA==",
    ),
  ],
  lz4java: [
    stream(
      "blocks",
      "TFo0QmxvY2smLAAAAFgbAAAb2LUMf3ZveGVscyAHAP///////////////////////////////////1RQeGVscyBMWjRCbG9jaxYAAAAAAAAAAAAAAAA=",
    ),
  ],
  blosc: [
    stream("zstd, not shuffled", "AgGQCEAbAABAGwAAMQAAABQAAAAZAAAAKLUv/WBAGn0AADh2b3hlbHMgAQA2q74YAQ==", bloscText),
    stream(
      "blosclz",
      "AgEACEAbAABAGwAAxAAAABQAAAASAAAAJnZveGVscyDg////WAYCb3hlEgAAACZscyB2b3hl4P///1gGAnMgdhIAAAAmb3hlbHMgduD///9YBgJ4ZWwSAAAAJnMgdm94ZWzg////WAYCIHZvEgAAACZ4ZWxzIHZv4P///1gGAmVscxIAAAAmIHZveGVsc+D///9YBgJ2b3gSAAAAJmVscyB2b3jg////WAYCbHMgEgAAACZ2b3hlbHMg4P///1gGAm94ZQ==",
      bloscText,
    ),
    stream(
      "lz4, shuffled",
      "AgEhCEAbAABAGwAA1AAAABQAAAAUAAAAf3ZveGVscyAHAP///0xQIHZveGUUAAAAf294ZWxzIHYHAP///0xQdm94ZWwUAAAAf3hlbHMgdm8HAP///0xQb3hlbHMUAAAAf2VscyB2b3gHAP///0xQeGVscyAUAAAAf2xzIHZveGUHAP///0xQZWxzIHYUAAAAf3Mgdm94ZWwHAP///0xQbHMgdm8UAAAAfyB2b3hlbHMHAP///0xQcyB2b3gUAAAAf3ZveGVscyAHAP///0xQIHZveGU=",
      bloscText,
    ),
    stream(
      "zlib, shuffled",
      "AgFhCEAbAABAGwAA7AAAABQAAAAXAAAAeF4ry69IzSlWKBulRqlRinYUAJX3V04XAAAAeF7Lr0jNKVYoyx+lRqlRinYUAFs7V0QXAAAAeF6rSM0pVijLrxilRqlRinYUADhbV0gXAAAAeF5LzSlWKMuvSB2lRqlRinYUAPZsVvAXAAAAeF7LKVYoy69IzRmlRqlRinYUAPVVVwEXAAAAeF4rVijLr0jNKR6lRqlRinYUANxpVwQXAAAAeF5TKMuvSM0pVhilRqlRinYUAKuqVwkXAAAAeF4ry69IzSlWKBulRqlRinYUAJX3V04=",
      bloscText,
    ),
    stream(
      "zstd in blocks of 2 KiB, bits shuffled",
      "AgGUCEAbAAAACAAAawIAACAAAACzAAAARgEAANkBAACPAAAAKLUv/WAABy0EAIQFKpVKpVKpVKPRaDQajUabzWaz2Ww2FovFYrFYLFKpVP+/3+/3+/1+AFIa2bEq//sAqY1sWJX//QBURjYsSv9+ACqjmxal/78AldHNi1L/3wBKaGbFqf/vADqoIHipDsCDlBoDEfz/GEER8Ptv3oE1KjQkPUJA0vwikqYQwANkA7NaSQqPAAAAKLUv/WAABy0EAIQFUqlUKpVKpRqNRqPRaDTZbDabzWazsVgsFovFYpVKpf/7/X6/3+/3AJXRzYtS/98ASmhmxan/7wClNLNiVP/3AFIa2bEq//sAqY1sWJX//QBURjYsSv9+ADmoIHipDsCDlBoDEfz/GEER8Ptv/YE9KjQkhSwgaXARSVMI4AGygVmtJAWPAAAAKLUv/WAABy0EAIQFlUqlUqlUKtFoNBqNRqPNZrPZbDabi8VisVgsFqlUKv/f7/f7/X6/AKmNbFiV//0AVEY2LEr/fgAqo5sWpf+/AJXRzYtS/98ASmhmxan/7wClNLNiVP/3ADqoIHipDsCDlBoDEfz/GEER8Ptv3oE1KjQkPUJA0vwikqYQwANkA7NaSQqOAAAAKLUv/WBAAiUEAIQFqVQqlUqlUo1Go9FoNBpsNpvNZrPZWCwWi8VisVKpVP/9fr/f7/f7AFIa2bEq//sAqY1sWJX//QBURjYsSv9+ACqjmxal/78AldHNi1L/3wBKaGbFqf/vADmoIHipDsCDFFoDEWgERcDv//8bZZtHhYakkFVJg4tImkLoA2QDs1pJCg==",
      bloscText,
    ),
  ],
} as const satisfies Readonly<Record<string, readonly [KnownStream, ...KnownStream[]]>>;
