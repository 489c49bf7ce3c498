// compressed_segmentation (Neuroglancer): blocks of labels as short indices into tables of labels.
//
// Little-endian words of 32 bits. Word c (c < channels) is the offset of channel c in words; all other offsets count from there.
//   channel   two words for each block, blocks in raster order (x fastest) over ceil(size / block):
//             word 0: offset of its table (24 bits), bits of an index (8 bits: 0, 1, 2, 4, 8, 16 or 32); word 1: offset of its indices
//   indices   voxel (x, y, z) of a block: `bits` bits at bit  bits * (x + bx * (y + by * z)),  lowest bit first
//   table     labels of 4 or 8 bytes
//
// Decoding checks each offset and index against the end of the input before it reads there, whatever the padding of blocks that are
// clipped by the chunk. Encoding writes, as the reference does, for each block its indices and then its table, in ascending
// order, unless the channel holds that table already; padding has index 0. An index of 32 bits (more than 65,536 labels in a block) is written and
// read like the others; the offset of a table has 24 bits, and a chunk that needs more is refused.
//
// Speed. Decoding: most blocks of real labels have one label or two. The first are stored 16 bytes at a time; for the second each bit selects
// between two vectors, without a branch; longer tables are looked up eight indices at a time, and eight of one label are a store of it. No index is
// checked where all that the bits can express lie before the end. What is left is the target's memory: a cutout of
// 512 x 512 x 64 labels took 115 ms of CPU in new memory and 47 in memory used before. Rows of chunks that are decoded 8, 16, 32 planes at a time
// took 82, 88, 96 ms of one thread, chunk after chunk 101; the pipeline asks for 8.
// Encoding: a block or row of one label is seen by comparing 16 bytes at a time, and only where the label changes is the block's table of labels
// asked, whose slots are not cleared but stamped.

import { fillRow, heapSort, lowerBound, splatOf } from "./shared/labels";

const enum Status {
  ok = 0,
  badLength = -1,
  badChannelOffset = -2,
  badBits = -3,
  badTableOffset = -4,
  badIndicesOffset = -5,
  badIndex = -6,
  tableOffsetTooLarge = -7,
}

/** Writes the voxels [from, to) of all channels. Returns a Status. */
export function decode(
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
  fromX: u32,
  fromY: u32,
  fromZ: u32,
  toX: u32,
  toY: u32,
  toZ: u32,
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
  dstChannel: usize,
): i32 {
  if ((inputBytes & 3) != 0 || inputBytes / 4 < channels) return Status.badLength;
  const words: u64 = inputBytes / 4;
  const gridX = (sx - 1) / bx + 1;
  const gridY = (sy - 1) / by + 1;
  const gridZ = (sz - 1) / bz + 1;
  const headerWords: u64 = (<u64>gridX) * gridY * gridZ * 2;

  for (let c: u32 = 0; c < channels; c++) {
    const channelWord: u64 = load<u32>(input + (c << 2));
    if (channelWord + headerWords > words) return Status.badChannelOffset;
    const channel = input + <usize>(channelWord << 2);
    const channelWords = words - channelWord;
    for (let gz = fromZ / bz; gz <= (toZ - 1) / bz; gz++) {
      const z0 = max(fromZ, gz * bz);
      const z1 = min(toZ, (gz + 1) * bz);
      const sizeZ = min(bz, sz - gz * bz);
      for (let gy = fromY / by; gy <= (toY - 1) / by; gy++) {
        const y0 = max(fromY, gy * by);
        const y1 = min(toY, (gy + 1) * by);
        const lastRow = min(by, sy - gy * by) - 1 + by * (sizeZ - 1);
        const corner = dst + <usize>c * dstChannel + <usize>(z0 - fromZ) * dstPlane + <usize>(y0 - fromY) * dstRow;
        for (let gx = fromX / bx; gx <= (toX - 1) / bx; gx++) {
          const header = channel + ((gx + gridX * (gy + gridY * gz)) << 3);
          const lastVoxel = <u64>(min(bx, sx - gx * bx) - 1) + (<u64>bx) * lastRow;
          const x0 = max(fromX, gx * bx);
          const nx = min(toX, (gx + 1) * bx) - x0;
          const first = x0 - gx * bx + bx * (y0 - gy * by + by * (z0 - gz * bz));
          const to = corner + <usize>(x0 - fromX) * labelBytes;
          const status =
            labelBytes == 8
              ? decodeBlock<u64>(header, channel, channelWords, lastVoxel, first, bx, by, nx, y1 - y0, z1 - z0, to, dstRow, dstPlane)
              : decodeBlock<u32>(header, channel, channelWords, lastVoxel, first, bx, by, nx, y1 - y0, z1 - z0, to, dstRow, dstPlane);
          if (status != Status.ok) return status;
        }
      }
    }
  }
  return Status.ok;
}

// The part of one block of nx x ny x nz voxels that begins with its voxel `first`; `lastVoxel` is the last that the chunk has of it.
function decodeBlock<T>(
  header: usize,
  channel: usize,
  channelWords: u64,
  lastVoxel: u64,
  first: u32,
  bx: u32,
  by: u32,
  nx: u32,
  ny: u32,
  nz: u32,
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
): i32 {
  const word = load<u32>(header);
  const tableWord: u64 = word & 0xffffff;
  const bits = word >> 24;
  const indicesWord: u64 = load<u32>(header, 4);
  if (bits > 32 || (bits & (bits - 1)) != 0) return Status.badBits;
  if (tableWord >= channelWords) return Status.badTableOffset;
  const entries = <u32>((channelWords - tableWord) / (sizeof<T>() >> 2));
  if (entries == 0) return Status.badTableOffset;
  const table = channel + <usize>(tableWord << 2);
  if (bits == 0) {
    fillBlock<T>(load<T>(table), nx, ny, nz, dst, dstRow, dstPlane);
    return Status.ok;
  }
  if (indicesWord + (((lastVoxel + 1) * bits + 31) >> 5) > channelWords) return Status.badIndicesOffset;
  const indices = channel + <usize>(indicesWord << 2);
  // Where every index that the bits can express lies before the end, none needs a check; eight of them start at a byte.
  if (((first | nx | bx) & 7) == 0 && bits <= 8 && entries >= <u32>1 << bits) {
    if (bits == 1) decodeEights<T>(table, indices, 1, first, bx, by, nx, ny, nz, dst, dstRow, dstPlane);
    else if (bits == 2) decodeEights<T>(table, indices, 2, first, bx, by, nx, ny, nz, dst, dstRow, dstPlane);
    else if (bits == 4) decodeEights<T>(table, indices, 4, first, bx, by, nx, ny, nz, dst, dstRow, dstPlane);
    else decodeEights<T>(table, indices, 8, first, bx, by, nx, ny, nz, dst, dstRow, dstPlane);
    return Status.ok;
  }
  for (let z: u32 = 0; z < nz; z++) {
    for (let y: u32 = 0; y < ny; y++) {
      const at = dst + <usize>z * dstPlane + <usize>y * dstRow;
      if (!decodeVoxels<T>(table, entries, indices, bits, first + bx * (y + by * z), nx, at)) return Status.badIndex;
    }
  }
  return Status.ok;
}

function fillBlock<T>(label: T, nx: u32, ny: u32, nz: u32, dst: usize, dstRow: usize, dstPlane: usize): void {
  const splat = splatOf<T>(label);
  const bytes: usize = nx * sizeof<T>();
  for (let z: u32 = 0; z < nz; z++) {
    let row = dst + <usize>z * dstPlane;
    for (let y: u32 = 0; y < ny; y++) {
      if (bytes == 64) {
        v128.store(row, splat);
        v128.store(row, splat, 16);
        v128.store(row, splat, 32);
        v128.store(row, splat, 48);
      } else {
        fillRow<T>(row, bytes, label, splat);
      }
      row += dstRow;
    }
  }
}

// Rows of a multiple of 8 voxels whose indices start at a byte; `bits` is a constant, so that each width is a loop of its own.
// @ts-ignore: decorator
@inline
function decodeEights<T>(
  table: usize,
  indices: usize,
  bits: u32,
  first: u32,
  bx: u32,
  by: u32,
  nx: u32,
  ny: u32,
  nz: u32,
  dst: usize,
  dstRow: usize,
  dstPlane: usize,
): void {
  const zero = splatOf<T>(load<T>(table));
  const one = splatOf<T>(load<T>(table + sizeof<T>()));
  for (let z: u32 = 0; z < nz; z++) {
    for (let y: u32 = 0; y < ny; y++) {
      let from = indices + <usize>(((first + bx * (y + by * z)) >> 3) * bits);
      let to = dst + <usize>z * dstPlane + <usize>y * dstRow;
      const end = to + nx * sizeof<T>();
      while (to < end) {
        if (bits == 1) eightOfTwo<T>(load<u8>(from), zero, one, to);
        else if (bits == 2) eightOf<T>(table, load<u16>(from), 0x5555, 2, to);
        else if (bits == 4) eightOf<T>(table, load<u32>(from), 0x11111111, 4, to);
        else eightOf<T>(table, load<u64>(from), 0x0101010101010101, 8, to);
        from += bits;
        to += 8 * sizeof<T>();
      }
    }
  }
}

// Eight voxels of two labels: each bit selects, without a branch.
// @ts-ignore: decorator
@inline
function eightOfTwo<T>(group: u32, zero: v128, one: v128, to: usize): void {
  const all = sizeof<T>() == 8 ? i64x2.splat(group) : i32x4.splat(group);
  if (sizeof<T>() == 8) {
    const a = i64x2(1, 2);
    const b = i64x2(4, 8);
    const c = i64x2(16, 32);
    const d = i64x2(64, 128);
    v128.store(to, v128.bitselect(one, zero, i64x2.eq(v128.and(all, a), a)));
    v128.store(to, v128.bitselect(one, zero, i64x2.eq(v128.and(all, b), b)), 16);
    v128.store(to, v128.bitselect(one, zero, i64x2.eq(v128.and(all, c), c)), 32);
    v128.store(to, v128.bitselect(one, zero, i64x2.eq(v128.and(all, d), d)), 48);
  } else {
    const a = i32x4(1, 2, 4, 8);
    const b = i32x4(16, 32, 64, 128);
    v128.store(to, v128.bitselect(one, zero, i32x4.eq(v128.and(all, a), a)));
    v128.store(to, v128.bitselect(one, zero, i32x4.eq(v128.and(all, b), b)), 16);
  }
}

// Eight voxels of a longer table; most groups are of one label.
// @ts-ignore: decorator
@inline
function eightOf<T>(table: usize, group: u64, ones: u64, bits: u32, to: usize): void {
  const mask = ((<u64>1) << bits) - 1;
  const first = group & mask;
  if (group == first * ones) {
    const splat = splatOf<T>(load<T>(table + <usize>first * sizeof<T>()));
    v128.store(to, splat);
    v128.store(to, splat, 16);
    if (sizeof<T>() == 8) {
      v128.store(to, splat, 32);
      v128.store(to, splat, 48);
    }
    return;
  }
  for (let i: u32 = 0; i < 8; i += 2) {
    const a = table + <usize>((group >> (i * bits)) & mask) * sizeof<T>();
    const b = table + <usize>((group >> ((i + 1) * bits)) & mask) * sizeof<T>();
    if (sizeof<T>() == 8) {
      v128.store(to, v128.load64_lane(b, v128.load64_zero(a), 1));
    } else {
      store<T>(to, load<T>(a));
      store<T>(to, load<T>(b), 4);
    }
    to += 2 * sizeof<T>();
  }
}

// Any number of voxels at any index, each checked. An index never crosses a word, for its bits divide 32.
function decodeVoxels<T>(
  table: usize,
  entries: u32,
  indices: usize,
  bits: u32,
  first: u32,
  count: u32,
  dst: usize,
): bool {
  const mask: u32 = bits == 32 ? 0xffffffff : ((<u32>1) << bits) - 1;
  let bit: u64 = (<u64>first) * bits;
  for (let i: u32 = 0; i < count; i++) {
    const index = (load<u32>(indices + ((<usize>(bit >> 5)) << 2)) >> (<u32>bit & 31)) & mask;
    if (index >= entries) return false;
    store<T>(dst, load<T>(table + <usize>index * sizeof<T>()));
    dst += sizeof<T>();
    bit += bits;
  }
  return true;
}

/**
 * Encodes dense labels (x fastest, then y, z, channel). `out` has room for the worst case (see the TypeScript side), `scratch` for
 *   slots of `blockSlots` (a power of two, at least twice the voxels of a block): label (8), stamp (4), index (4)
 *   labels of a block (8 each), their ranks (4 each), indices of its voxels (4 each), keys of a sort (8 each): of each as many as the
 *   chunk's largest block has voxels
 *   slots of `tableSlots` (a power of two, at least twice the blocks of a channel): hash (4), entries (4), offset (4), stamp (4)
 * with all stamps zero. Returns the bytes written, or a Status.
 */
export function encode(
  voxels: usize,
  labelBytes: u32,
  channels: u32,
  sx: u32,
  sy: u32,
  sz: u32,
  bx: u32,
  by: u32,
  bz: u32,
  out: usize,
  scratch: usize,
  blockSlots: u32,
  tableSlots: u32,
): i32 {
  return labelBytes == 8
    ? encodeAll<u64>(voxels, channels, sx, sy, sz, bx, by, bz, out, scratch, blockSlots, tableSlots)
    : encodeAll<u32>(voxels, channels, sx, sy, sz, bx, by, bz, out, scratch, blockSlots, tableSlots);
}

function encodeAll<T>(
  voxels: usize,
  channels: u32,
  sx: u32,
  sy: u32,
  sz: u32,
  bx: u32,
  by: u32,
  bz: u32,
  out: usize,
  scratch: usize,
  blockSlots: u32,
  tableSlots: u32,
): i32 {
  const volume = bx * by * bz;
  const most = min(bx, sx) * min(by, sy) * min(bz, sz);
  const labels = scratch + blockSlots * 16;
  const ranks = labels + most * 8;
  const indices = ranks + most * 4;
  const keys = indices + most * 4;
  const tables = keys + most * 8;
  const rowBytes: usize = sx * sizeof<T>();
  const planeBytes = rowBytes * sy;
  const blocks = ((sx - 1) / bx + 1) * ((sy - 1) / by + 1) * ((sz - 1) / bz + 1);
  let next = out + channels * 4;
  let stamp: u32 = 0;

  for (let c: u32 = 0; c < channels; c++) {
    const channel = next;
    store<u32>(out + c * 4, <u32>(channel - out) >> 2);
    let header = channel;
    next = channel + blocks * 8;
    for (let z: u32 = 0; z < sz; z += bz) {
      for (let y: u32 = 0; y < sy; y += by) {
        for (let x: u32 = 0; x < sx; x += bx) {
          const corner = voxels + <usize>(c * sz + z) * planeBytes + <usize>y * rowBytes + <usize>x * sizeof<T>();
          const nx = min(bx, sx - x);
          const ny = min(by, sy - y);
          const nz = min(bz, sz - z);
          stamp++;
          const count = isUniform<T>(corner, rowBytes, planeBytes, nx, ny, nz)
            ? oneLabel<T>(corner, labels)
            : collect<T>(corner, rowBytes, planeBytes, nx, ny, nz, scratch, blockSlots, stamp, labels, indices);
          const bits = bitsFor(count);
          const indicesWord = <u32>(next - channel) >> 2;
          if (bits != 0) {
            rankLabels(labels, ranks, keys, count);
            next = packIndices(next, bits, ranks, indices, bx, by, nx, ny, nz, volume);
          }
          const tableWord = placeTable<T>(labels, count, tables, tableSlots, c + 1, channel, next);
          if (tableWord == <u32>(next - channel) >> 2) next += count * sizeof<T>();
          if (tableWord >= 0x1000000) return Status.tableOffsetTooLarge;
          store<u32>(header, tableWord | (bits << 24));
          store<u32>(header, indicesWord, 4);
          header += 8;
        }
      }
    }
  }
  return <i32>(next - out);
}

// @ts-ignore: decorator
@inline
function bitsFor(count: u32): u32 {
  if (count <= 1) return 0;
  if (count <= 2) return 1;
  if (count <= 4) return 2;
  if (count <= 16) return 4;
  if (count <= 256) return 8;
  return count <= 65536 ? 16 : 32;
}

function isUniform<T>(corner: usize, rowBytes: usize, planeBytes: usize, nx: u32, ny: u32, nz: u32): bool {
  const label = load<T>(corner);
  const splat = sizeof<T>() == 8 ? i64x2.splat(<i64>label) : i32x4.splat(<i32>label);
  const bytes: usize = nx * sizeof<T>();
  for (let z: u32 = 0; z < nz; z++) {
    for (let y: u32 = 0; y < ny; y++) {
      if (!isRowOf<T>(corner + <usize>z * planeBytes + <usize>y * rowBytes, bytes, label, splat)) return false;
    }
  }
  return true;
}

// @ts-ignore: decorator
@inline
function isRowOf<T>(row: usize, bytes: usize, label: T, splat: v128): bool {
  const end = row + bytes;
  if (bytes < 16) {
    while (row < end) {
      if (load<T>(row) != label) return false;
      row += sizeof<T>();
    }
    return true;
  }
  let differences = v128.xor(v128.load(end - 16), splat);
  while (row + 16 <= end) {
    differences = v128.or(differences, v128.xor(v128.load(row), splat));
    row += 16;
  }
  return !v128.any_true(differences);
}

// @ts-ignore: decorator
@inline
function oneLabel<T>(corner: usize, labels: usize): u32 {
  store<u64>(labels, <u64>load<T>(corner));
  return 1;
}

// Numbers the labels of a block in order of appearance; the index of voxel i (in its unpadded block) goes to indices[i].
function collect<T>(
  corner: usize,
  rowBytes: usize,
  planeBytes: usize,
  nx: u32,
  ny: u32,
  nz: u32,
  slots: usize,
  slotCount: u32,
  stamp: u32,
  labels: usize,
  indices: usize,
): u32 {
  const slotMask = slotCount - 1;
  let count: u32 = 0;
  let previous: T = load<T>(corner);
  let index = 0xffffffff;
  const lineBytes: usize = nx * sizeof<T>();
  for (let z: u32 = 0; z < nz; z++) {
    for (let y: u32 = 0; y < ny; y++) {
      const row = corner + <usize>z * planeBytes + <usize>y * rowBytes;
      const splat = sizeof<T>() == 8 ? i64x2.splat(<i64>previous) : i32x4.splat(<i32>previous);
      if (index != 0xffffffff && isRowOf<T>(row, lineBytes, previous, splat)) {
        for (let x: u32 = 0; x < nx; x++) store<u32>(indices + (x << 2), index);
      } else {
        for (let x: u32 = 0; x < nx; x++) {
          const label = load<T>(row + x * sizeof<T>());
          if (label != previous || index == 0xffffffff) {
            previous = label;
            index = find(<u64>label, slots, slotMask, stamp, count);
            if (index == count) {
              store<u64>(labels + (<usize>count << 3), <u64>label);
              count++;
            }
          }
          store<u32>(indices + (x << 2), index);
        }
      }
      indices += nx << 2;
    }
  }
  return count;
}

// The number of a label of this block; a label that is new gets the number `count`. Slots of earlier blocks have another stamp.
// @ts-ignore: decorator
@inline
function find(label: u64, slots: usize, mask: u32, stamp: u32, count: u32): u32 {
  let at = <u32>((label * 0x9e3779b97f4a7c15) >> 40) & mask;
  while (true) {
    const slot = slots + (<usize>at << 4);
    if (load<u32>(slot, 8) != stamp) {
      store<u64>(slot, label);
      store<u32>(slot, stamp, 8);
      store<u32>(slot, count, 12);
      return count;
    }
    if (load<u64>(slot) == label) return load<u32>(slot, 12);
    at = (at + 1) & mask;
  }
}

// Sorts the labels; ranks[number] becomes the place of the label with this number.
function rankLabels(labels: usize, ranks: usize, keys: usize, count: u32): void {
  if (count > 32) {
    memory.copy(keys, labels, <usize>count << 3);
    heapSort(labels, count);
    for (let i: u32 = 0; i < count; i++) {
      store<u32>(ranks + (<usize>i << 2), lowerBound(labels, count, load<u64>(keys + (<usize>i << 3))));
    }
    return;
  }
  for (let i: u32 = 0; i < count; i++) {
    const label = load<u64>(labels + (i << 3));
    let rank: u32 = 0;
    for (let j: u32 = 0; j < count; j++) rank += <u32>(load<u64>(labels + (j << 3)) < label);
    store<u32>(ranks + (i << 2), rank);
    store<u64>(keys + (rank << 3), label);
  }
  memory.copy(labels, keys, <usize>count << 3);
}

// Writes the indices of a block, padding included; returns the address after them.
function packIndices(
  out: usize,
  bits: u32,
  ranks: usize,
  indices: usize,
  bx: u32,
  by: u32,
  nx: u32,
  ny: u32,
  nz: u32,
  volume: u32,
): usize {
  const bytes = (<usize>(((<u64>volume) * bits + 31) >> 5)) << 2;
  if (nx == bx && ((bx * bits) & 7) == 0 && bits <= 8) {
    return packWholeRows(out, bits, ranks, indices, by, nx, ny, nz, bytes);
  }
  memory.fill(out, 0, bytes);
  for (let z: u32 = 0; z < nz; z++) {
    for (let y: u32 = 0; y < ny; y++) {
      let bit: u64 = (<u64>bits) * bx * (y + by * z);
      for (let x: u32 = 0; x < nx; x++) {
        const word = out + ((<usize>(bit >> 5)) << 2);
        const rank = load<u32>(ranks + (<usize>load<u32>(indices) << 2));
        store<u32>(word, load<u32>(word) | (rank << (<u32>bit & 31)));
        indices += 4;
        bit += bits;
      }
    }
  }
  return out + bytes;
}

// Rows that are whole bytes: no word is read again.
function packWholeRows(
  out: usize,
  bits: u32,
  ranks: usize,
  indices: usize,
  by: u32,
  nx: u32,
  ny: u32,
  nz: u32,
  bytes: usize,
): usize {
  const rowBytes: usize = (nx * bits) >> 3;
  if (ny != by || rowBytes * by * nz != bytes) memory.fill(out, 0, bytes);
  const perByte: u32 = 8 / bits;
  for (let z: u32 = 0; z < nz; z++) {
    let to = out + <usize>(z * by) * rowBytes;
    for (let y: u32 = 0; y < ny; y++) {
      const end = to + rowBytes;
      while (to < end) {
        let packed: u32 = 0;
        for (let i: u32 = 0; i < perByte; i++) {
          packed |= load<u32>(ranks + (<usize>load<u32>(indices) << 2)) << (i * bits);
          indices += 4;
        }
        store<u8>(to, <u8>packed);
        to++;
      }
    }
  }
  return out + bytes;
}

// Offset in words of the table with these labels: one that the channel has, else one written at `next`.
function placeTable<T>(
  labels: usize,
  count: u32,
  tables: usize,
  tableSlots: u32,
  stamp: u32,
  channel: usize,
  next: usize,
): u32 {
  let hash: u64 = count;
  for (let i: u32 = 0; i < count; i++) {
    hash = (hash ^ load<u64>(labels + (<usize>i << 3))) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  }
  const key = <u32>hash;
  const mask = tableSlots - 1;
  let at = key & mask;
  while (true) {
    const slot = tables + (<usize>at << 4);
    if (load<u32>(slot, 12) != stamp) {
      const word = <u32>(next - channel) >> 2;
      for (let i: u32 = 0; i < count; i++) {
        store<T>(next + i * sizeof<T>(), <T>load<u64>(labels + (<usize>i << 3)));
      }
      store<u32>(slot, key);
      store<u32>(slot, count, 4);
      store<u32>(slot, word, 8);
      store<u32>(slot, stamp, 12);
      return word;
    }
    const word = load<u32>(slot, 8);
    if (load<u32>(slot) == key && load<u32>(slot, 4) == count && isTable<T>(channel + (<usize>word << 2), labels, count)) {
      return word;
    }
    at = (at + 1) & mask;
  }
}

function isTable<T>(table: usize, labels: usize, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (<u64>load<T>(table + i * sizeof<T>()) != load<u64>(labels + (<usize>i << 3))) return false;
  }
  return true;
}
