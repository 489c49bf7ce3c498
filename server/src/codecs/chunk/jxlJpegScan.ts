/** The entropy-coded data of a sequential scan of a JPEG file, as coefficients (ITU T.81, annex F). */
import { zigzag } from "./jpegTables.ts";
import type { JpegFile, JpegHuffmanTable, JpegScan } from "./jxlJpeg.ts";

/** Fills in the coefficients of the scan's components. Gives where its data ends, at a marker; undefined when it is damaged. */
export function decodeJpegScan(file: JpegFile, scan: JpegScan, bytes: Uint8Array, start: number): number | undefined {
  const parts = scan.components.map(({ index, dc, ac }) => ({
    component: file.components[index],
    dc: lookupOf(file.huffmanTables.findLast((table) => !table.isAc && table.id === dc)),
    ac: lookupOf(file.huffmanTables.findLast((table) => table.isAc && table.id === ac)),
    previous: 0,
  }));
  const reader = new ScanReader(bytes, start);
  const isAlone = parts.length === 1;
  const [unitsWide, unitsHigh] = unitsOf(file, scan);
  for (let unit = 0; unit < unitsWide * unitsHigh; unit++) {
    if (file.restartInterval && unit > 0 && unit % file.restartInterval === 0) {
      if (!reader.restart((unit / file.restartInterval - 1) % 8)) {
        return undefined;
      }
      for (const part of parts) {
        part.previous = 0;
      }
    }
    const [unitX, unitY] = [unit % unitsWide, Math.floor(unit / unitsWide)];
    for (const part of parts) {
      const { component, dc, ac } = part;
      if (component === undefined || dc === undefined || ac === undefined) {
        return undefined;
      }
      const [wide, high] = isAlone ? [1, 1] : [component.horizontal, component.vertical];
      for (let i = 0; i < wide * high; i++) {
        const block = (unitY * high + Math.floor(i / wide)) * component.blocksWide + unitX * wide + (i % wide);
        const value = reader.readBlock(
          component.coefficients.subarray(64 * block, 64 * block + 64),
          dc,
          ac,
          part.previous,
        );
        if (value === undefined) {
          return undefined;
        }
        part.previous = value;
      }
    }
  }
  return reader.end();
}

/** Units of the scan: MCUs, or the blocks of its only component that hold pixels. */
function unitsOf({ width, height, components }: JpegFile, scan: JpegScan): readonly [number, number] {
  const wide = Math.max(...components.map((component) => component.horizontal));
  const tall = Math.max(...components.map((component) => component.vertical));
  const [only] = scan.components;
  const component = scan.components.length === 1 && only !== undefined ? components[only.index] : undefined;
  const [horizontal, vertical] = component === undefined ? [1, 1] : [component.horizontal, component.vertical];
  return [Math.ceil((width * horizontal) / (8 * wide)), Math.ceil((height * vertical) / (8 * tall))];
}

/** For the next 16 bits: the bits of the code that they start with << 8 | its symbol; 0 = no code. */
function lookupOf(table: JpegHuffmanTable | undefined): Uint16Array | undefined {
  if (table === undefined) {
    return undefined;
  }
  const lookup = new Uint16Array(1 << 16);
  let code = 0;
  let next = 0;
  for (let bits = 1; bits <= 16; bits++) {
    for (let i = table.counts[bits] ?? 0; i > 0; i--, code++) {
      const first = code << (16 - bits);
      lookup.fill((bits << 8) | (table.symbols[next++] ?? 0), first, first + (1 << (16 - bits)));
    }
    code <<= 1;
  }
  return lookup;
}

/** Bits of entropy-coded data, highest first; beyond its end there are ones. */
class ScanReader {
  private readonly bytes: Uint8Array;
  private at: number;
  private bits = 0;
  private count = 0;
  /** Bits that were read but are not there. */
  private missing = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** The block's DC coefficient; undefined when a code is not one of the table's. */
  readBlock(block: Int16Array, dc: Uint16Array, ac: Uint16Array, previous: number): number | undefined {
    const size = this.symbol(dc);
    if (size < 0 || size > 11) {
      return undefined;
    }
    const value = previous + this.value(size);
    block[0] = value;
    for (let k = 1; k < 64; k++) {
      const symbol = this.symbol(ac);
      if (symbol < 0) {
        return undefined;
      }
      const bits = symbol & 15;
      k += symbol >> 4;
      if (bits === 0) {
        if (symbol === 0) {
          break;
        }
        if (symbol !== 0xf0) {
          return undefined;
        }
        continue;
      }
      if (k > 63) {
        return undefined;
      }
      block[zigzag[k] ?? 0] = this.value(bits);
    }
    return this.missing > this.count ? undefined : value;
  }

  /** Goes behind the restart marker of that number. */
  restart(number: number): boolean {
    const at = this.end();
    const isThere = at !== undefined && this.bytes[at] === 0xff && this.bytes[at + 1] === 0xd0 + number;
    this.at = (at ?? 0) + 2;
    this.bits = 0;
    this.count = 0;
    this.missing = 0;
    return isThere;
  }

  /** Where the data ends; undefined when whole bytes of it are left, or it was read beyond its end. */
  end(): number | undefined {
    const left = this.count - this.missing;
    return left >= 0 && left < 8 && this.bytes[this.at] === 0xff ? this.at : undefined;
  }

  private symbol(lookup: Uint16Array): number {
    this.fill(16);
    const entry = lookup[(this.bits >>> (this.count - 16)) & 0xffff] ?? 0;
    if (entry === 0) {
      return -1;
    }
    this.count -= entry >> 8;
    return entry & 255;
  }

  /** So many bits as a difference: below half of their range they are negative. */
  private value(bits: number): number {
    if (bits === 0) {
      return 0;
    }
    this.fill(bits);
    this.count -= bits;
    const value = (this.bits >>> this.count) & ((1 << bits) - 1);
    return value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value;
  }

  private fill(count: number): void {
    while (this.count < count) {
      const byte = this.bytes[this.at];
      let next = 0xff;
      if (byte === undefined || (byte === 0xff && this.bytes[this.at + 1] !== 0)) {
        this.missing += 8;
      } else {
        next = byte;
        this.at += byte === 0xff ? 2 : 1;
      }
      this.bits = ((this.bits & 0xffffff) << 8) | next;
      this.count += 8;
    }
  }
}
