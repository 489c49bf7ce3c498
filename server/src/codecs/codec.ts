/**
 * The contract of chunk codecs: the bytes of one chunk <-> its voxels.
 *
 * Voxels are in Fortran order over (x, y, z, channel), x fastest, little endian. A codec is a pure function of (bytes, chunk
 * description) into memory that the caller owns: it knows no store, no key and no volume, and the pipeline adds those to its errors.
 */
import type { DataType } from "../base/dtype.ts";
import type { Vec3 } from "../base/vec3.ts";
import type { Workspace } from "./workspace.ts";

/** What the metadata promises of one chunk. A chunk clipped by the bounds has its clipped size here. */
export interface ChunkDescription {
  readonly size: Vec3;
  readonly channels: number;
  readonly dtype: DataType;
  /** Settings of the encoding from the metadata (compressed_segmentation_block_size, jpeg_quality, png_level), unchecked. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Where the voxels of a part of the chunk go: strided memory of the caller. Strides in bytes; voxels of a row are contiguous. */
export interface DecodeTarget {
  readonly workspace: Workspace;
  /** Address, in the workspace's memory, of the voxel `from` of channel 0. */
  readonly pointer: number;
  readonly rowBytes: number;
  readonly planeBytes: number;
  readonly channelBytes: number;
  /** The part of the chunk that is wanted, in voxels from the chunk's corner, half open; all channels. */
  readonly from: Vec3;
  readonly to: Vec3;
}

export interface ChunkCodec {
  /**
   * Writes the wanted part of the chunk into the target, all of it or none that a caller may use: throws InvalidChunkError when the
   * bytes do not hold exactly what the description promises. Never reads outside `encoded`, never writes outside the target, and
   * allocates nothing whose size only the bytes claim.
   */
  decode(encoded: Uint8Array, chunk: ChunkDescription, target: DecodeTarget): void;
  /**
   * The chunk as bytes. `voxels` is dense, of exactly the described size; may be shared memory. Throws InvalidArgumentError for what the
   * encoding cannot hold.
   */
  encode?(voxels: Uint8Array, chunk: ChunkDescription, workspace: Workspace): Uint8Array;
  /** Bytes of the workspace's arena that `encode` takes at most; undefined = no more than decoding the chunk. */
  encodeScratchBytes?(chunk: ChunkDescription): number;
}

/** One entry of the codec list in engine/builtins.ts. */
export interface CodecDescriptor {
  /** Its id in the metadata: "raw", "jpeg", "compressed_segmentation" … */
  readonly name: string;
  readonly dtypes: readonly DataType[];
  /** Channel counts that it can hold; undefined = any. */
  readonly channels?: readonly number[];
  /** MIME type of its chunks. */
  readonly contentType: string;
  /** Second-stage compression when the writer does not choose one. */
  readonly defaultCompression?: "gzip";
  /** Lossy codecs are refused for segmentations when writing. */
  readonly lossy?: boolean;
  /** Kernels (names of files in out/kernels) that `load` needs compiled in the workspace. */
  readonly kernels?: readonly string[];
  load(): Promise<ChunkCodec>;
}
