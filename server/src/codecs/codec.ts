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
   * The chunk as bytes, in memory of their own: the workspace may be used for the next chunk at once. `voxels` is dense, of exactly the
   * described size; may be shared memory. Throws InvalidArgumentError for what the encoding cannot hold.
   */
  encode?(voxels: Uint8Array, chunk: ChunkDescription, workspace: Workspace): Uint8Array;
  /** Bytes of the workspace's arena that `decode` takes at most, its input not counted; undefined = the decoded chunk's size and 1 MiB. */
  decodeScratchBytes?(chunk: ChunkDescription): number;
  /** Bytes of the workspace's arena that `encode` takes at most; undefined = no more than decoding the chunk. */
  encodeScratchBytes?(chunk: ChunkDescription): number;
  /**
   * For encodings whose planes can be decoded some at a time, from multiples of this number on, each go for its share of the chunk's time:
   * rows of such chunks are written plane by plane, so that each page of memory is met once.
   */
  planesAtOnce?(chunk: ChunkDescription): number;
  /**
   * For encodings where the bytes of some planes of a chunk are, by themselves, the chunk of these planes: the bytes of one. `undefined` where
   * that does not hold for such a chunk.
   */
  planeBytes?(chunk: ChunkDescription): number | undefined;
  /** Answers about labels that cost less than decoding the chunk; for encodings of segmentations. */
  readonly labels?: LabelQueries;
  /** Ways to other encodings, by their names, that lose nothing and do not go through voxels. */
  readonly bridges?: {
    readonly from?: Readonly<Record<string, Bridge>>;
    readonly to?: Readonly<Record<string, Bridge>>;
  };
}

/** The same chunk in another encoding; `undefined` when this one has no such form. Throws InvalidChunkError. */
export type Bridge = (encoded: Uint8Array) => Uint8Array | undefined;

/**
 * Questions about the labels of a chunk, answered from its encoded form as far as the encoding allows. Labels are unsigned 64-bit
 * integers; those of signed dtypes are their bits as `BigInt.asUintN` of the dtype's width gives them. Every method checks its input as
 * `decode` does and throws InvalidChunkError; scratch comes from the workspace's arena: at most 40
 * bytes a voxel and 20 MiB beyond what `decode` takes.
 */
export interface LabelQueries {
  /** The distinct labels of all channels that at least one voxel has, ascending. */
  unique(encoded: Uint8Array, chunk: ChunkDescription, workspace: Workspace): BigUint64Array;
  /** Does a voxel of any channel have this label? */
  contains(encoded: Uint8Array, chunk: ChunkDescription, label: bigint, workspace: Workspace): boolean;
  /** The labels at `position` (from the chunk's corner, inside its size), one for each channel. */
  voxel(encoded: Uint8Array, chunk: ChunkDescription, position: Vec3, workspace: Workspace): readonly bigint[];
  /** The same chunk with labels replaced, in the same encoding. Throws InvalidArgumentError for a value that the dtype cannot hold. */
  remap(encoded: Uint8Array, chunk: ChunkDescription, mapping: LabelMapping, workspace: Workspace): Uint8Array;
  /**
   * `decode` with labels replaced: the target has voxels of `voxelBytes` unsigned bytes each, and all its strides are of those. Serves binary
   * images (1 where the label is the one asked for, else 0) and renumbering to the smallest dtype.
   */
  decodeMapped(
    encoded: Uint8Array,
    chunk: ChunkDescription,
    mapping: LabelMapping & { readonly voxelBytes: 1 | 2 | 4 | 8 },
    target: DecodeTarget,
  ): void;
}

/** What labels become. */
export interface LabelMapping {
  /** One value for each of `labels`, which are distinct and in no order that means anything; called once for each table of labels. */
  valuesOf(labels: BigUint64Array): BigUint64Array;
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
  /** Parameters that the bytes cannot be read without: a chunk copied under other values of these would be another one. */
  readonly readingParameters?: readonly string[];
  /** For encodings whose chunks say what they hold, and serve as files: the ending of their names, and what such bytes say. */
  readonly file?: {
    readonly suffix: string;
    /** Size and type that the header states. Throws InvalidChunkError. */
    describe(bytes: Uint8Array): Pick<ChunkDescription, "size" | "dtype">;
  };
  /** Lossy codecs are refused for segmentations when writing. */
  readonly lossy?: boolean;
  /** Kernels (names of files in out/kernels) that the codec finds compiled in its workspaces; the pipeline always adds "scatter". */
  readonly kernels?: readonly string[];
  load(): Promise<ChunkCodec>;
}
