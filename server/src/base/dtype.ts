/** Voxel types, their widths, and the typed arrays that hold them; all little endian. */

export const dataTypes = [
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "int8",
  "int16",
  "int32",
  "int64",
  "float32",
  "float64",
] as const;

export type DataType = (typeof dataTypes)[number];

const constructors = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** Typed arrays by dtype; over plain or shared memory. */
interface VoxelArrays {
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  float32: Float32Array;
  float64: Float64Array;
}

/** The typed array of voxels of `T`: uint64 is a BigUint64Array, never numbers. */
export type VoxelArrayOf<T extends DataType> = VoxelArrays[T];
/** A typed array of voxels of any type. */
export type VoxelArray = VoxelArrayOf<DataType>;

/** Bytes of one voxel of one channel. */
export function voxelBytes(dtype: DataType): 1 | 2 | 4 | 8 {
  return constructors[dtype].BYTES_PER_ELEMENT as 1 | 2 | 4 | 8;
}

export function isDataType(value: unknown): value is DataType {
  return dataTypes.includes(value as DataType);
}

/** Are voxels of this type bigint at the API? */
export function isBigDataType(dtype: DataType): boolean {
  return dtype === "uint64" || dtype === "int64";
}

/** A view of `length` voxels at `byteOffset` of `buffer` (the whole buffer by default); no copy. */
export function voxelView(dtype: DataType, buffer: ArrayBufferLike, byteOffset = 0, length?: number): VoxelArray {
  return new constructors[dtype](buffer as ArrayBuffer, byteOffset, length) as VoxelArray;
}

/** The dtype whose arrays are of this class, if any. */
export function dataTypeOf(array: ArrayBufferView): DataType | undefined {
  return dataTypes.find((dtype) => array instanceof constructors[dtype]);
}
