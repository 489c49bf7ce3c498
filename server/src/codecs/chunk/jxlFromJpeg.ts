/** A JPEG file as JPEG XL, from which the file can be made again, byte by byte: a container of what only JPEG has, and a codestream. */
import { concatenate, writeJpegBox } from "./jxlJpegBox.ts";
import { parseJpegFile } from "./jxlJpegFile.ts";
import { writeJpegCodestream } from "./jxlJpegFrame.ts";

/** Coefficients take two bytes each, and some more while they are coded. */
const mostCoefficients = 2 ** 27;

/** The container; undefined for JPEG files that it is not made of. */
export function convertJpeg(bytes: Uint8Array): Uint8Array | undefined {
  const file = bytes[0] === 0xff && bytes[1] === 0xd8 ? parseJpegFile(bytes, mostCoefficients) : undefined;
  return file && concatenate([...boxes, box("jbrd", writeJpegBox(file)), box("jxlc", writeJpegCodestream(file))]);
}

/** A signature, and what kind of file it is. */
const boxes: readonly Uint8Array[] = [
  box("JXL ", Uint8Array.of(0x0d, 0x0a, 0x87, 0x0a)),
  box(
    "ftyp",
    Uint8Array.from("jxl \0\0\0\0jxl ", (letter) => letter.charCodeAt(0)),
  ),
];

function box(type: string, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(8);
  new DataView(header.buffer).setUint32(0, 8 + content.byteLength);
  header.set(
    Array.from(type, (letter) => letter.charCodeAt(0)),
    4,
  );
  return concatenate([header, content]);
}
