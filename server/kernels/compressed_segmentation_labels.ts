// Questions to a compressed_segmentation chunk, answered from its blocks: which entries of its tables voxels use. The layout is described in
// compressed_segmentation.ts.
//
// A table may hold labels that no voxel of the chunk has: writers share tables, and pad blocks that the chunk clips. So each block's
// indices inside the chunk are read; a block of one label (0 bits) has none to read. Whole blocks are read a word of indices at a time: a word
// like the one before it adds nothing, words of 1 and 2 bits tell with a few operations which entries they name, and a block whose entries are all
// known needs no further look. On 256 x 256 x 256 real labels that took the list of labels from 16 ms to 3, where decoding takes 25.

const enum Status {
  ok = 0,
  badLength = -1,
  badChannelOffset = -2,
  badBits = -3,
  badTableOffset = -4,
  badIndicesOffset = -5,
  badIndex = -6,
  // The tables lie over each other, or over indices: no table can be changed alone.
  overlapping = -8,
}

/**
 * Sets, in `used` (one bit for each 32-bit word of the input, zeroed by the caller), the bit of the first word of each label that a voxel has. In
 * `other`, of the same size, the bits of words that are headers and indices; pass 0 where they do not matter. Returns a Status.
 */
export function markUsed(
  input: usize,
  inputBytes: u32,
  labelBytes: u32,
  channels: u32,
  sx: u32,
  sy: u32,
  sz: u32,
  bx: u32,
  by: u32,
  bz: u32,
  used: usize,
  other: usize,
): i32 {
  if ((inputBytes & 3) != 0 || inputBytes / 4 < channels) return Status.badLength;
  const words: u64 = inputBytes / 4;
  const labelWords = labelBytes >> 2;
  const gridX = (sx - 1) / bx + 1;
  const gridY = (sy - 1) / by + 1;
  const gridZ = (sz - 1) / bz + 1;
  const headerWords: u64 = (<u64>gridX) * gridY * gridZ * 2;
  markRange(other, 0, channels);
  for (let c: u32 = 0; c < channels; c++) {
    const first: u64 = load<u32>(input + (c << 2));
    if (first + headerWords > words) return Status.badChannelOffset;
    markRange(other, first, headerWords);
    for (let gz: u32 = 0; gz < gridZ; gz++) {
      for (let gy: u32 = 0; gy < gridY; gy++) {
        for (let gx: u32 = 0; gx < gridX; gx++) {
          const header = input + <usize>(first << 2) + (<usize>(gx + gridX * (gy + gridY * gz)) << 3);
          const nx = min(bx, sx - gx * bx);
          const ny = min(by, sy - gy * by);
          const nz = min(bz, sz - gz * bz);
          const status = markBlock(input, words, first, header, labelWords, bx, by, nx, ny, nz, used, other);
          if (status != Status.ok) return status;
        }
      }
    }
  }
  return Status.ok;
}

function markBlock(
  input: usize,
  words: u64,
  channel: u64,
  header: usize,
  labelWords: u32,
  bx: u32,
  by: u32,
  nx: u32,
  ny: u32,
  nz: u32,
  used: usize,
  other: usize,
): i32 {
  const word = load<u32>(header);
  const bits = word >> 24;
  const table = channel + (word & 0xffffff);
  const indices = channel + load<u32>(header, 4);
  if (bits > 32 || (bits & (bits - 1)) != 0) return Status.badBits;
  if (table + labelWords > words) return Status.badTableOffset;
  if (bits == 0) {
    mark(used, table);
    return Status.ok;
  }
  const entries = (words - table) / labelWords;
  const lastVoxel: u64 = <u64>(nx - 1) + <u64>bx * (ny - 1 + <u64>by * (nz - 1));
  const indexWords = ((lastVoxel + 1) * bits + 31) >> 5;
  if (indices + indexWords > words) return Status.badIndicesOffset;
  markRange(other, indices, indexWords);
  const at = input + <usize>(indices << 2);
  if (nx == bx && ny == by && bits <= 4) {
    let seen = seenIn(at, bits, <u32>lastVoxel + 1);
    if (entries < 32 && seen >> <u32>entries != 0) return Status.badIndex;
    for (; seen != 0; seen &= seen - 1) mark(used, table + <u64>ctz(seen) * labelWords);
    return Status.ok;
  }
  const mask: u32 = bits == 32 ? 0xffffffff : ((<u32>1) << bits) - 1;
  for (let z: u32 = 0; z < nz; z++) {
    for (let y: u32 = 0; y < ny; y++) {
      let bit: u64 = (<u64>bx * (y + <u64>by * z)) * bits;
      let last: u32 = 0;
      for (let x: u32 = 0; x < nx; x++, bit += bits) {
        const index = (load<u32>(at + (<usize>(bit >> 5) << 2)) >> (<u32>bit & 31)) & mask;
        if (x > 0 && index == last) continue;
        if (index >= entries) return Status.badIndex;
        mark(used, table + <u64>index * labelWords);
        last = index;
      }
    }
  }
  return Status.ok;
}

// Which of the 2, 4 or 16 entries the first `count` indices name, one bit each.
function seenIn(at: usize, bits: u32, count: u32): u32 {
  const all: u32 = ((<u32>1) << ((<u32>1) << bits)) - 1;
  const perWord: u32 = 32 / bits;
  let seen: u32 = 0;
  let before = ~load<u32>(at);
  for (; count >= perWord; count -= perWord, at += 4) {
    const word = load<u32>(at);
    if (word == before) continue;
    seen |= namedBy(word, bits);
    if (seen == all) return seen;
    before = word;
  }
  const mask: u32 = ((<u32>1) << bits) - 1;
  let rest = count > 0 ? load<u32>(at) : 0;
  for (; count > 0; count--, rest >>= bits) seen |= (<u32>1) << (rest & mask);
  return seen;
}

// @ts-ignore: decorator
@inline
function namedBy(word: u32, bits: u32): u32 {
  if (bits == 1) return <u32>(word != 0xffffffff) | (<u32>(word != 0) << 1);
  if (bits == 2) {
    const low = word & 0x55555555;
    const high = (word >> 1) & 0x55555555;
    const none = ~(low | high) & 0x55555555;
    return <u32>(none != 0) | (<u32>((low & ~high) != 0) << 1) | (<u32>((high & ~low) != 0) << 2) | (<u32>((low & high) != 0) << 3);
  }
  let seen: u32 = 0;
  for (let i: u32 = 0; i < 8; i++, word >>= 4) seen |= (<u32>1) << (word & 15);
  return seen;
}

/** May the marked labels be changed where they are: do they share no word with each other, nor with headers and indices? Returns a Status. */
export function checkApart(inputBytes: u32, labelBytes: u32, used: usize, other: usize): i32 {
  const words = inputBytes / 4;
  const isWide = labelBytes == 8;
  for (let word = nextMarked(used, 0, words); word < words; word = nextMarked(used, word + 1, words)) {
    if (isMarked(other, word)) return Status.overlapping;
    if (isWide && (isMarked(other, word + 1) || isMarked(used, word + 1))) return Status.overlapping;
  }
  return Status.ok;
}

/** Copies the marked labels, in the order of their words, to `labels`, 8 bytes each. Returns their number; with `labels` 0, only that. */
export function readMarked(input: usize, inputBytes: u32, labelBytes: u32, used: usize, labels: usize): u32 {
  const words = inputBytes / 4;
  let count: u32 = 0;
  for (let word = nextMarked(used, 0, words); word < words; word = nextMarked(used, word + 1, words)) {
    if (labels != 0) {
      const at = input + (<usize>word << 2);
      store<u64>(labels + (<usize>count << 3), labelBytes == 8 ? load<u64>(at) : <u64>load<u32>(at));
    }
    count++;
  }
  return count;
}

/** Puts as many labels, in the same order, in their place. */
export function writeMarked(input: usize, inputBytes: u32, labelBytes: u32, used: usize, labels: usize): void {
  const words = inputBytes / 4;
  for (let word = nextMarked(used, 0, words); word < words; word = nextMarked(used, word + 1, words)) {
    const at = input + (<usize>word << 2);
    if (labelBytes == 8) store<u64>(at, load<u64>(labels));
    else store<u32>(at, load<u32>(labels));
    labels += 8;
  }
}

// @ts-ignore: decorator
@inline
function mark(marks: usize, word: u64): void {
  const at = marks + <usize>(word >> 3);
  store<u8>(at, load<u8>(at) | (<u8>1 << <u8>(word & 7)));
}

// @ts-ignore: decorator
@inline
function isMarked(marks: usize, word: u32): bool {
  return ((load<u8>(marks + (word >> 3)) >> <u8>(word & 7)) & 1) != 0;
}

// The first marked word from `word` on, or one beyond the last; eight words without a mark are one step.
// @ts-ignore: decorator
@inline
function nextMarked(marks: usize, word: u32, words: u32): u32 {
  while (word < words) {
    const rest = <u32>load<u8>(marks + (word >> 3)) >> (word & 7);
    if (rest != 0) return word + ctz(rest);
    word = (word | 7) + 1;
  }
  return words;
}

function markRange(marks: usize, first: u64, count: u64): void {
  if (marks == 0) return;
  const end = first + count;
  let word = first;
  for (; word < end && (word & 7) != 0; word++) mark(marks, word);
  const whole = (end - word) >> 3;
  if (word < end && whole > 0) {
    memory.fill(marks + <usize>(word >> 3), 0xff, <usize>whole);
    word += whole << 3;
  }
  for (; word < end; word++) mark(marks, word);
}
