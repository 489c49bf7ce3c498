/**
 * Blosc's filters on a block of elements of equal size:
 *
 *   bytes   the first bytes of all elements, then their second bytes, …; what is left over stays at the end
 *   bits    the lowest bits of all elements, eight to a byte, lowest first, then the next bits, …; only where the block is a multiple of
 *           eight elements, else nothing
 */

/** The byte filter. */
export function shuffleBytes(block: Uint8Array, elementBytes: number): Uint8Array<ArrayBuffer> {
  const shuffled = new Uint8Array(block);
  const count = Math.floor(block.byteLength / elementBytes);
  for (let byte = 0; byte < elementBytes; byte++) {
    const row = byte * count;
    for (let i = 0, from = byte; i < count; i++, from += elementBytes) {
      shuffled[row + i] = block[from] ?? 0;
    }
  }
  return shuffled;
}

/** Reverses the byte filter. */
export function unshuffleBytes(block: Uint8Array, elementBytes: number): Uint8Array<ArrayBuffer> {
  const plain = new Uint8Array(block);
  const count = Math.floor(block.byteLength / elementBytes);
  for (let byte = 0; byte < elementBytes; byte++) {
    const row = byte * count;
    for (let i = 0, to = byte; i < count; i++, to += elementBytes) {
      plain[to] = block[row + i] ?? 0;
    }
  }
  return plain;
}

/** The bit filter. */
export function shuffleBits(block: Uint8Array, elementBytes: number): Uint8Array<ArrayBuffer> {
  return transposeBits(block, elementBytes, true);
}

/** Reverses the bit filter. */
export function unshuffleBits(block: Uint8Array, elementBytes: number): Uint8Array<ArrayBuffer> {
  return transposeBits(block, elementBytes, false);
}

/** Eight elements at a time: a byte of each is a square of 8 x 8 bits, which lies transposed in eight rows. */
function transposeBits(block: Uint8Array, elementBytes: number, isForward: boolean): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(block);
  const count = Math.floor(block.byteLength / elementBytes);
  if (count % 8 !== 0) {
    return result;
  }
  const rowBytes = count / 8;
  for (let byte = 0; byte < elementBytes; byte++) {
    for (let group = 0; group < rowBytes; group++) {
      const inElements = group * 8 * elementBytes + byte;
      const inRows = byte * 8 * rowBytes + group;
      if (isForward) {
        transposeSquare(block, inElements, elementBytes, result, inRows, rowBytes);
      } else {
        transposeSquare(block, inRows, rowBytes, result, inElements, elementBytes);
      }
    }
  }
  return result;
}

/** Eight bytes `step` apart become eight bytes `outStep` apart; the swaps of 1, 2 and 4 bits are Hacker's Delight's, section 7-3. */
function transposeSquare(
  block: Uint8Array,
  from: number,
  step: number,
  out: Uint8Array,
  to: number,
  outStep: number,
): void {
  const four = (at: number): number =>
    (block[at] ?? 0) |
    ((block[at + step] ?? 0) << 8) |
    ((block[at + 2 * step] ?? 0) << 16) |
    ((block[at + 3 * step] ?? 0) << 24);
  const low = swapWithin(four(from));
  const high = swapWithin(four(from + 4 * step));
  const swap = (low ^ ((low >>> 28) | (high << 4))) & 0xf0f0f0f0;
  const first = low ^ swap;
  const second = high ^ (swap >>> 4);
  for (let i = 0; i < 4; i++) {
    out[to + i * outStep] = first >>> (8 * i);
    out[to + (i + 4) * outStep] = second >>> (8 * i);
  }
}

function swapWithin(word: number): number {
  const ones = (word ^ (word >>> 7)) & 0x00aa00aa;
  const once = word ^ ones ^ (ones << 7);
  const twos = (once ^ (once >>> 14)) & 0x0000cccc;
  return once ^ twos ^ (twos << 14);
}
