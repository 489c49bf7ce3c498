/**
 * NumPy's .npy files: header <-> dtype, order and shape. Pure.
 *
 * Layout: `\x93NUMPY`, u8 major, u8 minor, header length (u16 LE in version 1, u32 LE from 2 on), header: a Python dictionary
 * `{'descr': '<u2', 'fortran_order': True, 'shape': (3, 4, 5), }` padded with blanks and ended by a newline so that the voxels
 * begin at a multiple of 64. Source: numpy.lib.format.
 */

import { InvalidArgumentError, UnsupportedError } from "../errors.ts";
import { type DataType, voxelBytes } from "./dtype.ts";

export interface NpyHeader {
  readonly dtype: DataType;
  /** "F": x fastest. "C": the last axis fastest. */
  readonly order: "F" | "C";
  readonly shape: readonly number[];
  /** Where the voxels begin. */
  readonly dataOffset: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const codes: Readonly<Record<DataType, string>> = {
  uint8: "|u1",
  uint16: "<u2",
  uint32: "<u4",
  uint64: "<u8",
  int8: "|i1",
  int16: "<i2",
  int32: "<i4",
  int64: "<i8",
  float32: "<f4",
  float64: "<f8",
};
const alignment = 64;
const maxHeaderBytes = 65_536;

/** The header of a Fortran-order array. */
export function formatNpyHeader(dtype: DataType, shape: readonly number[]): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${codes[dtype]}', 'fortran_order': True, 'shape': (${axes}), }`;
  const prefixBytes = magic.length + 4;
  const length = Math.ceil((prefixBytes + dictionary.length + 1) / alignment) * alignment - prefixBytes;
  const header = new Uint8Array(prefixBytes + length).fill(0x20);
  header.set(magic);
  header.set([1, 0, length & 0xff, length >> 8], magic.length);
  header.set(new TextEncoder().encode(dictionary), prefixBytes);
  header[header.length - 1] = 0x0a;
  return header;
}

/** Reads the header at the start of a file. Throws InvalidArgumentError, UnsupportedError for types that no volume has. */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
  if (!magic.every((byte, i) => bytes[i] === byte)) {
    throw new InvalidArgumentError("not a .npy file: it does not begin with \\x93NUMPY");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isVersion1 = bytes[6] === 1;
  const start = isVersion1 ? 10 : 12;
  const length = bytes.byteLength < start ? Number.NaN : isVersion1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (!(length <= maxHeaderBytes) || start + length > bytes.byteLength) {
    throw new InvalidArgumentError("the .npy header is cut off");
  }
  const text = new TextDecoder().decode(bytes.subarray(start, start + length));
  return { ...parseDictionary(text), dataOffset: start + length };
}

function parseDictionary(text: string): Omit<NpyHeader, "dataOffset"> {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const axes = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || axes === undefined) {
    throw new InvalidArgumentError(`the .npy header cannot be read: "${text.trim().slice(0, 80)}"`);
  }
  const shape = axes
    .split(",")
    .filter((axis) => axis.trim() !== "")
    .map(Number);
  return { dtype: dtypeOf(descr), order: order === "True" ? "F" : "C", shape };
}

function dtypeOf(descr: string): DataType {
  const found = Object.entries(codes).find(([, code]) => code.slice(1) === descr.slice(1));
  if (found === undefined || (descr.startsWith(">") && voxelBytes(found[0] as DataType) > 1)) {
    throw new UnsupportedError(`a volume cannot hold this type: "${descr}"`, {
      hint: "convert it to a little-endian integer or float type first",
    });
  }
  return found[0] as DataType;
}

/** The same array with x fastest; `source` is dense with the last axis fastest. */
export function toFortranOrder(source: Uint8Array, shape: readonly number[], itemBytes: number): Uint8Array {
  const result = new Uint8Array(source.byteLength);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const index = shape.map(() => 0);
  for (let to = 0; to < result.byteLength; to += itemBytes) {
    const from = itemBytes * index.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0);
    for (let byte = 0; byte < itemBytes; byte++) {
      result[to + byte] = source[from + byte] as number;
    }
    for (let axis = 0; axis < shape.length; axis++) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) {
        break;
      }
      index[axis] = 0;
    }
  }
  return result;
}
