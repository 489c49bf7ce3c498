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
 *                1 bit; extra channels U32(0, 1, 4 bits + 2, 12 bits + 1), for each 1 bit: alpha of 8 bits, else more; 1 bit: XYB
 *                1 bit: colours default, else
 *                1 bit: ICC profile; colour space U32(0 = RGB, 1 = gray, 4 bits + 2, 6 bits + 18)
 *                without profile: white point, primaries but for gray, transfer function, intent
 *                with extra fields: 1 bit: tone mapping default; extensions U64, a bit for each
 *     transform  1 bit: default
 *     frames     jxlFrames.ts, from the next whole byte on
 */
import { InvalidChunkError } from "../../errors.ts";
import { BitReader } from "./jxlBits.ts";

/** What a codestream says of its image. */
export interface JxlHeader {
  readonly width: number;
  readonly height: number;
  /** Colour channels: 1 or 3. */
  readonly channels: 1 | 3;
  readonly bits: number;
  readonly isFloat: boolean;
  /** 0 or 1; of as many bits as the colours. */
  readonly alphaChannels: number;
  /** Depth and the like, more than one alpha, or a preview: no more is known then. */
  readonly hasOthers: boolean;
  readonly isAnimation: boolean;
}

/** A header and where its parts are in the codestream, in bits. */
export interface JxlLayout extends JxlHeader {
  readonly isXyb: boolean;
  readonly hasTimecodes: boolean;
  /** Of the bit that announces extra fields. */
  readonly extraFieldsAt: number;
  readonly hasExtraFields: boolean;
  /** The end of the colour encoding, where tone mapping follows if there are extra fields. */
  readonly colorEnd: number;
  /** Where the transform ends; frames start at the next whole byte. */
  readonly end: number;
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
  return readHead(openCodestream(codestreamOf(file, mostHeadBytes)));
}

/** The layout of a codestream. Throws InvalidChunkError also where its colours are described in ways that no chunk of a volume needs. */
export function readJxlLayout(codestream: Uint8Array): JxlLayout {
  const bits = openCodestream(codestream);
  const head = readHead(bits);
  if (head.hasOthers || head.alphaChannels > 0) {
    throw new InvalidChunkError("JPEG XL image has a preview or more than colours");
  }
  readColors(bits, head);
  const colorEnd = bits.position;
  if ((head.hasExtraFields && !bits.flag()) || bits.readLong() !== 0 || !bits.flag()) {
    throw new InvalidChunkError("JPEG XL image has tone mapping, extensions or a transform of its own");
  }
  return { ...head, colorEnd, end: bits.position };
}

/** The codestream of a file, or its first bytes; a view where it is in one piece. */
export function codestreamOf(file: Uint8Array, mostBytes = Number.POSITIVE_INFINITY): Uint8Array {
  if (!isContainer(file)) {
    return file;
  }
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (const { type, content } of readBoxes(file)) {
    if (type === "jxlc") {
      return content;
    }
    if (type === "jxlp") {
      parts.push(content.subarray(4));
      sizeBytes += content.byteLength - 4;
    }
    if (sizeBytes >= mostBytes) {
      break;
    }
  }
  const whole = new Uint8Array(Math.max(0, sizeBytes));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
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

function openCodestream(codestream: Uint8Array): BitReader {
  if (codestream[0] !== 0xff || codestream[1] !== 0x0a) {
    throw new InvalidChunkError("not a JPEG XL image: its first bytes are another format's");
  }
  const bits = new BitReader(codestream);
  bits.position = 16;
  return bits;
}

interface Head extends JxlHeader {
  readonly isXyb: boolean;
  readonly hasTimecodes: boolean;
  readonly extraFieldsAt: number;
  readonly hasExtraFields: boolean;
  /** Are the colours not described, for they are the default? */
  readonly isColorDefault: boolean;
  readonly hasProfile: boolean;
}

/** Up to the colour space. */
function readHead(bits: BitReader): Head {
  const size = readSize(bits);
  const isDefault = bits.flag();
  const extraFieldsAt = bits.position;
  if (isDefault) {
    const none = { isFloat: false, alphaChannels: 0, ...noExtraFields, hasExtraFields: false, hasProfile: false };
    return { ...size, ...none, channels: 3, bits: 8, isXyb: true, extraFieldsAt, isColorDefault: true };
  }
  const hasExtraFields = bits.flag();
  const extra = hasExtraFields ? readExtraFields(bits) : noExtraFields;
  const isFloat = bits.flag();
  const sampleBits = bits.choose([isFloat ? 32 : 8, 0], [isFloat ? 16 : 10, 0], [isFloat ? 24 : 12, 0], [1, 6]);
  bits.read(isFloat ? 4 : 0);
  bits.read(1);
  const extraChannels = bits.choose([0, 0], [1, 0], [2, 4], [1, 12]);
  const alphaChannels = extraChannels === 1 && bits.flag() ? 1 : 0;
  const hasOthers = extra.hasOthers || extraChannels !== alphaChannels;
  const isXyb = bits.flag();
  const isColorDefault = bits.flag();
  const hasProfile = !isColorDefault && bits.flag();
  const channels = !isColorDefault && readEnum(bits) === gray ? 1 : 3;
  const kind = { channels, bits: sampleBits, isFloat, alphaChannels, isXyb, isColorDefault, hasProfile } as const;
  return { ...size, ...extra, ...kind, hasOthers, extraFieldsAt, hasExtraFields };
}

const gray = 1;
const customValue = 2;
const noExtraFields = { hasOthers: false, isAnimation: false, hasTimecodes: false };

function readSize(bits: BitReader): { readonly width: number; readonly height: number } {
  const isSmall = bits.flag();
  const readSide = (): number => (isSmall ? (bits.read(5) + 1) * 8 : bits.choose([1, 9], [1, 13], [1, 18], [1, 30]));
  const height = readSide();
  const ratio = ratios[bits.read(3) - 1];
  const width = ratio === undefined ? readSide() : Math.floor((height * ratio[0]) / ratio[1]);
  return { width, height };
}

function readExtraFields(bits: BitReader): typeof noExtraFields {
  bits.read(3);
  if (bits.flag()) {
    readSize(bits);
  }
  if (bits.flag()) {
    return { ...noExtraFields, hasOthers: true };
  }
  if (!bits.flag()) {
    return noExtraFields;
  }
  bits.choose([100, 0], [1000, 0], [1, 10], [1, 30]);
  bits.choose([1, 0], [1001, 0], [1, 8], [1, 10]);
  bits.choose([0, 0], [0, 3], [0, 16], [0, 32]);
  return { hasOthers: false, isAnimation: true, hasTimecodes: bits.flag() };
}

function readEnum(bits: BitReader): number {
  return bits.choose([0, 0], [1, 0], [2, 4], [18, 6]);
}

/** White point, primaries, transfer function and intent, to get past them. */
function readColors(bits: BitReader, { isColorDefault, hasProfile, channels }: Head): void {
  if (isColorDefault) {
    return;
  }
  const hasCustomPoints =
    !hasProfile && (readEnum(bits) === customValue || (channels === 3 && readEnum(bits) === customValue));
  if (hasProfile || hasCustomPoints) {
    throw new InvalidChunkError("JPEG XL image has colours of its own making");
  }
  if (bits.flag()) {
    bits.read(24);
  } else {
    readEnum(bits);
  }
  readEnum(bits);
}
