/**
 * Takes a JPEG file apart: its markers, tables, scans, and quantised coefficients (ITU T.81, annexes B and F).
 *
 * Sequential Huffman coding of 8 bits; one component, or YCbCr. Any other file is `undefined`: it has no form in JPEG XL, or not in this one.
 */
import { zigzag } from "./jpegTables.ts";
import type { JpegComponent, JpegFile, JpegHuffmanTable, JpegQuantTable, JpegScan } from "./jxlJpeg.ts";
import { decodeJpegScan } from "./jxlJpegScan.ts";

const SOF0 = 0xc0;
const SOF1 = 0xc1;
const DHT = 0xc4;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const COM = 0xfe;

/** What is collected on the way; `JpegFile` when all is there. */
interface Collected extends JpegFile {
  width: number;
  height: number;
  readonly components: JpegComponent[];
  readonly markers: number[];
  readonly quantTables: JpegQuantTable[];
  readonly huffmanTables: JpegHuffmanTable[];
  readonly scans: JpegScan[];
  restartInterval: number | undefined;
  readonly applications: Uint8Array[];
  readonly comments: Uint8Array[];
}

/** The file, or undefined when it is of another kind, damaged, or larger than `mostCoefficients`. */
export function parseJpegFile(bytes: Uint8Array, mostCoefficients: number): JpegFile | undefined {
  const lists = { components: [], markers: [], quantTables: [], huffmanTables: [], scans: [] };
  const file: Collected = { width: 0, height: 0, ...lists, restartInterval: undefined, applications: [], comments: [] };
  for (let at = 2; bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0;
    file.markers.push(marker);
    if (marker === EOI) {
      const isWhole = at + 2 === bytes.byteLength && file.scans.length > 0;
      return isWhole && file.quantTables.length > 0 && file.huffmanTables.length > 0 ? file : undefined;
    }
    const sizeBytes = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    const segment = bytes.subarray(at + 1, at + 2 + sizeBytes);
    if (
      sizeBytes < 2 ||
      segment.byteLength !== sizeBytes + 1 ||
      !takeSegment(file, marker, segment, mostCoefficients)
    ) {
      return undefined;
    }
    at += 2 + sizeBytes;
    if (marker === SOS) {
      const end = takeScan(file, segment, bytes, at);
      if (end === undefined) {
        return undefined;
      }
      at = end;
    }
  }
  return undefined;
}

/** False for a segment of another kind than is known. `segment` starts with the marker. */
function takeSegment(file: Collected, marker: number, segment: Uint8Array, mostCoefficients: number): boolean {
  const content = segment.subarray(3);
  if (marker === SOF0 || marker === SOF1) {
    return takeFrame(file, content, mostCoefficients);
  }
  if (marker === DQT) {
    return takeQuantTables(file, content);
  }
  if (marker === DHT) {
    return takeHuffmanTables(file, content);
  }
  if (marker === DRI) {
    file.restartInterval = (content[0] ?? 0) * 256 + (content[1] ?? 0);
    return content.byteLength === 2 && file.markers.filter((other) => other === DRI).length === 1;
  }
  if (marker === COM) {
    file.comments.push(segment);
    return true;
  }
  if (marker >= 0xe0 && marker <= 0xef) {
    file.applications.push(segment);
    return !isAdobe(segment);
  }
  return marker === SOS;
}

/** Adobe's segment may say that three components are RGB. */
function isAdobe(segment: Uint8Array): boolean {
  return segment[0] === 0xee && String.fromCharCode(...segment.subarray(3, 8)) === "Adobe";
}

function takeFrame(file: Collected, content: Uint8Array, mostCoefficients: number): boolean {
  const [precision, h0 = 0, h1 = 0, w0 = 0, w1 = 0, count = 0] = content;
  const specs = Array.from({ length: count }, (_, i) => content.subarray(6 + 3 * i, 9 + 3 * i));
  const kinds = specs.map(([id = 0, factors = 0, table = 0]) => [id, factors >> 4, factors & 15, table] as const);
  const isKnown = count === 1 ? kinds[0]?.[1] === 1 && kinds[0][2] === 1 : count === 3 && isYcbcr(kinds);
  const [height, width] = [h0 * 256 + h1, w0 * 256 + w1];
  if (!isKnown || precision !== 8 || width * height === 0 || file.width > 0 || content.byteLength !== 6 + 3 * count) {
    return false;
  }
  const [tall, wide] = [Math.max(...kinds.map((kind) => kind[2])), Math.max(...kinds.map((kind) => kind[1]))];
  const [unitsWide, unitsHigh] = [Math.ceil(width / (8 * wide)), Math.ceil(height / (8 * tall))];
  if (unitsWide * unitsHigh * 64 * kinds.reduce((sum, kind) => sum + kind[1] * kind[2], 0) > mostCoefficients) {
    return false;
  }
  Object.assign(file, { width, height });
  for (const [id, horizontal, vertical, quantTable] of kinds) {
    const [blocksWide, blocksHigh] = [unitsWide * horizontal, unitsHigh * vertical];
    const coefficients = new Int16Array(64 * blocksWide * blocksHigh);
    file.components.push({ id, horizontal, vertical, quantTable, blocksWide, blocksHigh, coefficients });
  }
  return true;
}

/** Three components as the JFIF numbers them, with sampling that JPEG XL has too. */
function isYcbcr(kinds: readonly (readonly number[])[]): boolean {
  const factors = kinds.flatMap(([, horizontal, vertical]) => [horizontal, vertical]);
  return kinds.every(([id], i) => id === i + 1) && factors.every((factor) => factor === 1 || factor === 2);
}

function takeQuantTables(file: Collected, content: Uint8Array): boolean {
  for (let at = 0; at < content.byteLength; ) {
    const [precision, id] = [(content[at] ?? 0) >> 4, (content[at] ?? 0) & 15];
    const end = at + 1 + 64 * (precision + 1);
    if (precision > 1 || id > 3 || end > content.byteLength) {
      return false;
    }
    const steps: number[] = new Array(64).fill(1);
    for (const [k, natural] of zigzag.entries()) {
      const place = at + 1 + k * (precision + 1);
      steps[natural] =
        precision === 0 ? (content[place] ?? 0) : (content[place] ?? 0) * 256 + (content[place + 1] ?? 0);
    }
    if (steps.includes(0)) {
      return false;
    }
    file.quantTables.push({ is16Bit: precision === 1, id, isLast: end === content.byteLength, steps });
    at = end;
  }
  return file.quantTables.length <= 4;
}

function takeHuffmanTables(file: Collected, content: Uint8Array): boolean {
  for (let at = 0; at < content.byteLength; ) {
    const [kind, id] = [(content[at] ?? 0) >> 4, (content[at] ?? 0) & 15];
    const counts = [0, ...content.subarray(at + 1, at + 17)];
    const total = counts.reduce((sum, count) => sum + count, 0);
    const end = at + 17 + total;
    if (kind > 1 || id > 3 || total === 0 || total > 255 || counts.length !== 17 || end > content.byteLength) {
      return false;
    }
    const symbols = [...content.subarray(at + 17, end)];
    file.huffmanTables.push({ isAc: kind === 1, id, isLast: end === content.byteLength, counts, symbols });
    at = end;
  }
  return true;
}

/** Where the entropy-coded data ends. */
function takeScan(file: Collected, segment: Uint8Array, bytes: Uint8Array, at: number): number | undefined {
  const count = segment[3] ?? 0;
  const components = Array.from({ length: count }, (_, i) => {
    const [id, tables = 0] = segment.subarray(4 + 2 * i, 6 + 2 * i);
    return { index: file.components.findIndex((component) => component.id === id), dc: tables >> 4, ac: tables & 15 };
  });
  const [first, last, bits] = segment.subarray(4 + 2 * count);
  const isSequential = first === 0 && last === 63 && bits === 0 && segment.byteLength === 7 + 2 * count;
  if (!isSequential || count === 0 || components.some(({ index, dc, ac }) => index < 0 || dc > 3 || ac > 3)) {
    return undefined;
  }
  const scan = { components };
  file.scans.push(scan);
  return decodeJpegScan(file, scan, bytes, at);
}
