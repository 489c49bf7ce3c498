/** The typical tables of JPEG (ITU T.81, annex K) and the headers of a baseline file that uses them. */

/** Steps for quality 50, natural order (K.1). */
const luminanceSteps = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const chrominanceSteps = [
  17,
  18,
  24,
  47,
  99,
  99,
  99,
  99,
  18,
  21,
  26,
  66,
  99,
  99,
  99,
  99,
  24,
  26,
  56,
  99,
  99,
  99,
  99,
  99,
  47,
  66,
  ...Array.from({ length: 38 }, () => 99),
];

/** Natural position of each coefficient in zigzag order (figure A.6). */
export const zigzag: readonly number[] = makeZigzag();

interface HuffmanTable {
  /** How many codes have 1, 2 … 16 bits. */
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

const sizes = Array.from({ length: 12 }, (_, size) => size);
const dcTables: readonly HuffmanTable[] = [
  { counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], symbols: sizes },
  { counts: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], symbols: sizes },
];
/** The symbols (run, size) with codes shorter than 16 bits, as K.5 and K.6 list them; all others follow in order. */
const acTables: readonly HuffmanTable[] = [
  acTable(
    [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
    "01 02 03 00 04 11 05 12 21 31 41 06 13 51 61 07 22 71 14 32 81 91 a1 08 23 42 b1 c1 15 52 d1 f0 24 33 62 72 82",
  ),
  acTable(
    [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
    "00 01 02 03 11 04 05 21 31 06 12 41 51 07 61 71 13 22 32 81 08 14 42 91 a1 b1 c1 09 23 33 52 f0 15 62 72 d1 0a 16 24 34 e1 25 f1",
  ),
];

/** Quantization steps of one component class (0 gray and luminance, 1 chrominance) for quality 1 to 100, natural order. */
export function quantizationSteps(quality: number, componentClass: number): readonly number[] {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  const steps = componentClass === 0 ? luminanceSteps : chrominanceSteps;
  return steps.map((step) => Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100))));
}

/** The kernel's table of one component class: divisors, DC codes, AC codes. */
export function kernelTable(quality: number, componentClass: number): Uint8Array {
  const table = new Uint8Array(128 + 64 + 1024);
  const view = new DataView(table.buffer);
  for (const [i, step] of quantizationSteps(quality, componentClass).entries()) {
    view.setUint16(2 * i, 8 * step, true);
  }
  writeCodes(view, 128, dcTables[componentClass]);
  writeCodes(view, 128 + 64, acTables[componentClass]);
  return table;
}

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly quality: number;
}

/** Everything before the entropy-coded data: SOI, JFIF, DQT, SOF0, DHT, SOS. */
export function headerBytes({ width, height, components, quality }: JpegHeader): Uint8Array {
  const classes = components === 1 ? [0] : [0, 1];
  const ids = Array.from({ length: components }, (_, i) => i + 1);
  const classOf = (id: number): number => (id === 1 ? 0 : 1);
  const jfif = [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];
  const quantization = (c: number): readonly number[] => {
    const steps = quantizationSteps(quality, c);
    return [c, ...zigzag.map((natural) => steps[natural] ?? 1)];
  };
  const frame = [8, height >> 8, height & 255, width >> 8, width & 255, components];
  return Uint8Array.from([
    0xff,
    0xd8,
    ...segment(0xe0, jfif),
    ...classes.flatMap((c) => segment(0xdb, quantization(c))),
    ...segment(0xc0, [...frame, ...ids.flatMap((id) => [id, 0x11, classOf(id)])]),
    ...classes.flatMap((c) => [...huffmanSegment(c, dcTables[c]), ...huffmanSegment(0x10 | c, acTables[c])]),
    ...segment(0xda, [components, ...ids.flatMap((id) => [id, classOf(id) * 0x11]), 0, 63, 0]),
  ]);
}

function segment(marker: number, body: readonly number[]): readonly number[] {
  const length = body.length + 2;
  return [0xff, marker, length >> 8, length & 255, ...body];
}

function huffmanSegment(id: number, table: HuffmanTable | undefined): readonly number[] {
  return table === undefined ? [] : segment(0xc4, [id, ...table.counts, ...table.symbols]);
}

/** Canonical codes (annex C): in order of symbols, one more for each, doubled for each bit more. */
function writeCodes(view: DataView, offset: number, table: HuffmanTable | undefined): void {
  let code = 0;
  let next = 0;
  for (const [index, count] of (table?.counts ?? []).entries()) {
    for (let i = 0; i < count; i++) {
      view.setUint32(offset + 4 * (table?.symbols[next++] ?? 0), ((index + 1) << 16) | code++, true);
    }
    code <<= 1;
  }
}

function acTable(counts: readonly number[], shortSymbols: string): HuffmanTable {
  const short = shortSymbols.split(" ").map((symbol) => Number.parseInt(symbol, 16));
  const all = Array.from({ length: 16 }, (_, run) =>
    Array.from({ length: 10 }, (_unused, size) => (run << 4) | (size + 1)),
  );
  return { counts, symbols: [...short, ...all.flat().filter((symbol) => !short.includes(symbol))] };
}

function makeZigzag(): readonly number[] {
  const cells = Array.from({ length: 64 }, (_, i) => ({ x: i % 8, y: i >> 3 }));
  const diagonal = ({ x, y }: { x: number; y: number }): number => x + y;
  // Diagonals alternate: even ones run upwards, odd ones downwards.
  cells.sort((a, b) => diagonal(a) - diagonal(b) || (diagonal(a) % 2 === 0 ? b.y - a.y : a.y - b.y));
  return cells.map(({ x, y }) => y * 8 + x);
}
