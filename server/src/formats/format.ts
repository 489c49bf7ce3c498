/**
 * The contract of volume formats: from a store to metadata and chunks, and back.
 *
 * Metadata is plain, frozen data after open, so that a worker thread can rebuild the same image source from it without I/O.
 */

import type { Cancellable } from "../base/abort.ts";
import type { Bbox } from "../base/bbox.ts";
import type { DataType } from "../base/dtype.ts";
import type { Registry } from "../base/registry.ts";
import type { Vec3 } from "../base/vec3.ts";
import type { ChunkDescription, CodecDescriptor } from "../codecs/codec.ts";
import type { ContentEncoding, Store } from "../storage/store.ts";

/** One resolution level. */
export interface Scale {
  readonly key: string;
  /** Size of a voxel in nm. */
  readonly resolutionNm: Vec3;
  /** Voxels that exist, in the coordinates of this scale. */
  readonly bounds: Bbox;
  readonly chunkSize: Vec3;
  /** Name of the chunk codec. */
  readonly encoding: string;
  /** Settings of the codec, as in the metadata. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Is the scale stored in shards? */
  readonly isSharded: boolean;
  /** Write lock, as CloudVolume keeps it in the info. */
  readonly isLocked: boolean;
}

/** What every volume format can say of a volume. */
export interface VolumeMetadata {
  readonly format: string;
  readonly layerType: "image" | "segmentation";
  readonly dtype: DataType;
  readonly channels: number;
  readonly scales: readonly Scale[];
  /** Where data is, in voxels of mip 0, when the metadata says so: a box that touches none of them is background. */
  readonly regions?: readonly Bbox[];
  /** The metadata document as it was read, for the format's own use and for `vol.info`. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** A volume that a format has opened. */
export interface OpenedVolume {
  readonly metadata: VolumeMetadata;
  /** The store of the layer, after redirects. */
  readonly store: Store;
  /** Locations that redirected here, first to last; a redirected volume is read-only. */
  readonly redirectedFrom: readonly string[];
}

export interface OpenContext extends Cancellable {
  readonly codecs: Registry<CodecDescriptor>;
  /** Reads a small text object, decompressed and bounded; `undefined` when it is absent. */
  readText(store: Store, key: string, options?: Cancellable): Promise<string | undefined>;
  /** The store of another location, for redirects; `location` may be relative to `from`. */
  openStore(location: string, from: Store): Store;
  readonly maxRedirects: number;
}

export interface VolumeFormat {
  readonly name: string;
  /** Is there a volume of this format at the store's root? Reads at most one small object. */
  probe(store: Store, context: OpenContext): Promise<boolean>;
  /** Reads and validates the metadata. Throws NotFoundError, InvalidMetadataError, UnsupportedError. */
  open(store: Store, context: OpenContext): Promise<OpenedVolume>;
  /** Where the chunks of a scale are and what they hold; no I/O. */
  chunkSource(metadata: VolumeMetadata, mip: number): ChunkSource;
  /** Validates a metadata document (and a provenance) and gives the objects that make a new layer of it: key -> text, in the order to write. */
  create?(
    document: unknown,
    context: Pick<OpenContext, "codecs"> & { readonly provenance?: Readonly<Record<string, unknown>> | undefined },
  ): { readonly metadata: VolumeMetadata; readonly objects: ReadonlyMap<string, string> };
  /** The provenance document, or its empty form when there is none. */
  readProvenance?(store: Store, context: OpenContext): Promise<Provenance>;
}

export interface Provenance {
  readonly description: string;
  readonly owners: readonly string[];
  readonly sources: readonly string[];
  readonly processing: readonly Readonly<Record<string, unknown>>[];
}

/** The chunks of one scale. Grid positions count chunks from the corner of the bounds. */
export interface ChunkSource {
  readonly bounds: Bbox;
  readonly chunkSize: Vec3;
  /** Chunks along each axis. */
  readonly gridSize: Vec3;
  /** Box of a chunk, clipped by the bounds. */
  boxOf(position: Vec3): Bbox;
  /** Name for messages and the object's key. */
  keyOf(position: Vec3): string;
  describe(position: Vec3): ChunkDescription;
  readonly codec: string;
}

/** Bytes of one chunk as stored. */
export interface StoredChunk {
  readonly bytes: Uint8Array;
  readonly encoding?: ContentEncoding;
}
