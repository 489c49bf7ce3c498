/** Bits of JPEG XL, lowest bit of each byte first, and the numbers that its headers are made of (ISO/IEC 18181-1, annex B). */
import { InvalidChunkError } from "../../errors.ts";

/** What a selector of two bits stands for: an addend and as many bits. */
export type Choice = readonly [addend: number, bits: number];
export type Choices = readonly [Choice, Choice, Choice, Choice];

/** Reads bits; running off the end is an InvalidChunkError. */
export class BitReader {
  /** In bits from the start of the bytes. */
  position = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Up to 32 bits. */
  read(count: number): number {
    let value = 0;
    for (let done = 0; done < count; ) {
      const byte = this.bytes[this.position >> 3];
      if (byte === undefined) {
        throw new InvalidChunkError("JPEG XL image is cut off: it ends within a header");
      }
      const shift = this.position & 7;
      const taken = Math.min(8 - shift, count - done);
      value += ((byte >> shift) & ((1 << taken) - 1)) * 2 ** done;
      done += taken;
      this.position += taken;
    }
    return value;
  }

  flag(): boolean {
    return this.read(1) === 1;
  }

  /** U32: a selector, then the bits of its choice. */
  choose(...choices: Choices): number {
    const [addend, bits] = choices[this.read(2) as 0 | 1 | 2 | 3];
    return addend + this.read(bits);
  }

  /** U64, as far as it is a safe integer: 0; 4 bits + 1; 8 bits + 17; or 12 bits and groups of 8, each announced by a bit. */
  readLong(): number {
    const selector = this.read(2);
    if (selector < 3) {
      return selector === 0 ? 0 : selector === 1 ? 1 + this.read(4) : 17 + this.read(8);
    }
    let value = this.read(12);
    for (let shift = 12; this.flag(); shift += 8) {
      if (shift === 60) {
        return value + this.read(4) * 2 ** 60;
      }
      value += this.read(8) * 2 ** shift;
    }
    return value;
  }

  /** Goes to the next whole byte. */
  align(): void {
    this.position = Math.ceil(this.position / 8) * 8;
  }
}

/** Collects bits into bytes. */
export class BitWriter {
  private bytes = new Uint8Array(1024);
  private bits = 0;

  /** Up to 32 bits. */
  write(value: number, count: number): void {
    this.reserve(count);
    for (let done = 0; done < count; ) {
      const shift = this.bits & 7;
      const taken = Math.min(8 - shift, count - done);
      const part = Math.floor(value / 2 ** done) & ((1 << taken) - 1);
      const at = this.bits >> 3;
      this.bytes[at] = (this.bytes[at] ?? 0) | (part << shift);
      done += taken;
      this.bits += taken;
    }
  }

  /** U32 by the first of the choices that holds the value. */
  choose(value: number, ...choices: Choices): void {
    const selector = choices.findIndex(([addend, bits]) => value >= addend && value - addend < 2 ** bits);
    const [addend, bits] = choices[selector as 0 | 1 | 2 | 3];
    this.write(selector, 2);
    this.write(value - addend, bits);
  }

  /** The bits [from, to) of other bytes. */
  copy(bytes: Uint8Array, from: number, to: number): void {
    const reader = new BitReader(bytes);
    reader.position = from;
    while (reader.position < to) {
      const count = Math.min(32, to - reader.position);
      this.write(reader.read(count), count);
    }
  }

  /** Zeros up to the next whole byte. */
  align(): void {
    this.bits = Math.ceil(this.bits / 8) * 8;
  }

  get position(): number {
    return this.bits;
  }

  /** All bits so far, the last byte filled with zeros; a view until the next write. */
  toBytes(): Uint8Array {
    return this.bytes.subarray(0, Math.ceil(this.bits / 8));
  }

  private reserve(count: number): void {
    const needed = Math.ceil((this.bits + count) / 8) + 1;
    if (needed > this.bytes.byteLength) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.bytes);
      this.bytes = larger;
    }
  }
}
