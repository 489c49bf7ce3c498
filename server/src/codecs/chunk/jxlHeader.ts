/**
 * The head of a JPEG XL file: whose pixels, how many, of which kind. Read before the library sees the file, so that it never allocates what only
 * the bytes claim.
 *
 * A file is a bare codestream, `ff 0a …`, or a container of boxes: `0000000c 4a584c20 0d0a870a`, then boxes of a big-endian size (1 = a
 * 64-bit size follows the type, 0 = to the end), four letters of type, and content. The codestream is the content of "jxlc", or of
 * the "jxlp" boxes in turn, each after a 4-byte index.
 *
 * The codestream is read bit by bit, lowest bit of each byte first (ISO/IEC 18181-1, annexes B and D). `U32(a, b, c, d)` is a
 * selector of two bits and what it selects: a constant, or so many bits and an addend.
 *
 *     size       1 bit: sides in eighths; height: 5 bits + 1, times 8, or U32 of 9, 13, 18, 30 bits + 1; 3 bits of ratio; width likewise if
 *                the ratio is 0, else height times 1/1, 12/10, 4/3, 3/2, 16/9, 5/4, 2/1
 *     metadata   1 bit: all default (8 bits, three channels), else
 *                1 bit: extra fields: 3 bits orientation, 1 bit intrinsic size and a size, 1 bit preview, 1 bit animation and its header
 *                1 bit: floats; bits per sample U32(8, 10, 12, 6 bits + 1)
 *                1 bit; extra channels U32(0, 1, 4 bits + 2, 12 bits + 1); 1 bit: XYB
 *                1 bit: colours default; 1 bit: ICC profile; colour space U32(0 = RGB, 1 = gray, 4 bits + 2, 6 bits + 18)
 */
import { InvalidChunkError } from "../../errors.ts";

/** What a codestream says of its image. */
export interface JxlHeader {
  readonly width: number;
  readonly height: number;
  /** Colour channels: 1 or 3. */
  readonly channels: 1 | 3;
  readonly bits: number;
  readonly isFloat: boolean;
  /** Alpha, depth and the like. */
  readonly extraChannels: number;
  readonly hasPreview: boolean;
  readonly isAnimation: boolean;
}

/** A box of a container. */
export interface JxlBox {
  readonly type: string;
  readonly content: Uint8Array;
}

/** Longest head before the colour space: four sizes and an animation header stay far below. */
const mostHeadBytes = 64;
const ratios: readonly (readonly [number, number])[] = [
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
];

/** The header of a file, bare or in a container. Throws InvalidChunkError for what is no JPEG XL, and for what ends before its header does. */
export function readJxlHeader(file: Uint8Array): JxlHeader {
  const codestream = isContainer(file) ? headOfCodestream(file) : file.subarray(0, mostHeadBytes);
  if (codestream[0] !== 0xff || codestream[1] !== 0x0a) {
    throw new InvalidChunkError("not a JPEG XL image: its first bytes are another format's");
  }
  const bits = new BitReader(codestream.subarray(2));
  const { width, height } = readSize(bits);
  return { width, height, ...readMetadata(bits) };
}

/** Does the file start as a container of boxes does? */
export function isContainer(file: Uint8Array): boolean {
  return signature.every((byte, i) => file[i] === byte);
}
const signature: readonly number[] = [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20, 0x0d, 0x0a, 0x87, 0x0a];

/** The boxes of a container, in order; content is a view. Throws InvalidChunkError when a box does not lie in the file. */
export function* readBoxes(file: Uint8Array): Generator<JxlBox> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at < file.byteLength; ) {
    let header = 8;
    let sizeBytes = at + 8 <= file.byteLength ? view.getUint32(at) : -1;
    if (sizeBytes === 1 && at + 16 <= file.byteLength) {
      header = 16;
      sizeBytes = Number(view.getBigUint64(at + 8));
    } else if (sizeBytes === 0) {
      sizeBytes = file.byteLength - at;
    }
    if (sizeBytes < header || sizeBytes > file.byteLength - at) {
      throw new InvalidChunkError("JPEG XL image is damaged: a box ends beyond the file");
    }
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    yield { type, content: file.subarray(at + header, at + sizeBytes) };
    at += sizeBytes;
  }
}

function headOfCodestream(file: Uint8Array): Uint8Array {
  const head: number[] = [];
  for (const { type, content } of readBoxes(file)) {
    if (type === "jxlc" || type === "jxlp") {
      const start = type === "jxlp" ? 4 : 0;
      head.push(...content.subarray(start, start + mostHeadBytes - head.length));
    }
    if (head.length === mostHeadBytes || type === "jxlc") {
      break;
    }
  }
  return Uint8Array.from(head);
}

function readSize(bits: BitReader): { readonly width: number; readonly height: number } {
  const isSmall = bits.read(1) === 1;
  const readSide = (): number => (isSmall ? (bits.read(5) + 1) * 8 : bits.choose([1, 9], [1, 13], [1, 18], [1, 30]));
  const height = readSide();
  const ratio = ratios[bits.read(3) - 1];
  const width = ratio === undefined ? readSide() : Math.floor((height * ratio[0]) / ratio[1]);
  return { width, height };
}

function readMetadata(bits: BitReader): Omit<JxlHeader, "width" | "height"> {
  if (bits.read(1) === 1) {
    return { channels: 3, bits: 8, isFloat: false, extraChannels: 0, hasPreview: false, isAnimation: false };
  }
  const { hasPreview, isAnimation } = bits.read(1) === 1 ? readExtraFields(bits) : noExtraFields;
  const isFloat = bits.read(1) === 1;
  const sampleBits = bits.choose([isFloat ? 32 : 8, 0], [isFloat ? 16 : 10, 0], [isFloat ? 24 : 12, 0], [1, 6]);
  bits.read(isFloat ? 4 : 0);
  bits.read(1);
  const extraChannels = bits.choose([0, 0], [1, 0], [2, 4], [1, 12]);
  // What follows is only reached where it is read: an image with extra channels or a preview is refused before its colours matter.
  const channels = hasPreview || extraChannels > 0 ? 3 : readColorChannels(bits);
  return { channels, bits: sampleBits, isFloat, extraChannels, hasPreview, isAnimation };
}

const noExtraFields = { hasPreview: false, isAnimation: false };

function readExtraFields(bits: BitReader): { readonly hasPreview: boolean; readonly isAnimation: boolean } {
  bits.read(3);
  if (bits.read(1) === 1) {
    readSize(bits);
  }
  if (bits.read(1) === 1) {
    return { hasPreview: true, isAnimation: false };
  }
  const isAnimation = bits.read(1) === 1;
  if (isAnimation) {
    bits.choose([100, 0], [1000, 0], [1, 10], [1, 30]);
    bits.choose([1, 0], [1001, 0], [1, 8], [1, 10]);
    bits.choose([0, 0], [0, 3], [0, 16], [0, 32]);
    bits.read(1);
  }
  return { hasPreview: false, isAnimation };
}

function readColorChannels(bits: BitReader): 1 | 3 {
  bits.read(1);
  const isDefault = bits.read(1) === 1;
  if (isDefault) {
    return 3;
  }
  bits.read(1);
  return bits.choose([0, 0], [1, 0], [2, 4], [18, 6]) === 1 ? 1 : 3;
}

/** Bits of bytes, lowest first. */
class BitReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.at++) {
      const byte = this.bytes[this.at >> 3];
      if (byte === undefined) {
        throw new InvalidChunkError("JPEG XL image is cut off: it ends within its header");
      }
      value += ((byte >> (this.at & 7)) & 1) * 2 ** i;
    }
    return value;
  }

  /** U32: the selected addend and as many bits as go with it. */
  choose(...choices: readonly [Choice, Choice, Choice, Choice]): number {
    const [addend, count] = choices[this.read(2) as 0 | 1 | 2 | 3];
    return addend + this.read(count);
  }
}

type Choice = readonly [addend: number, bits: number];
