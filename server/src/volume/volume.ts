/** What a user holds: an open volume. Reading and writing boxes of it, and its metadata. */
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import type { Bbox } from "../base/bbox.ts";
import * as bbox from "../base/bbox.ts";
import { type DataType, dataTypeOf, type VoxelArray, voxelBytes } from "../base/dtype.ts";
import type { Vec3 } from "../base/vec3.ts";
import * as vec3 from "../base/vec3.ts";
import { voxelPattern } from "../codecs/target.ts";
import { InvalidArgumentError, OutOfBoundsError, ReadOnlyError, withErrorFields } from "../errors.ts";
import type { ChunkSource, OpenedVolume, Provenance, Scale, VolumeMetadata } from "../formats/format.ts";
import type { ContentEncoding } from "../storage/store.ts";
import type { CutoutRequest, ReadExecutor, ReadProgress, SourceSpec } from "../workers/contract.ts";
import { type Cutout, createCutout } from "./cutout.ts";
import { layoutOf } from "./cutoutPlan.ts";
import { type ChunkWriter, writeChunks } from "./write.ts";

/** How missing voxels and boxes are treated; set when a volume is opened, or for one call. */
export interface ReadPolicy {
  /** A missing chunk is background instead of an error. Default false. */
  readonly fillMissing?: boolean | undefined;
  /** Value of voxels that are not stored. Default 0. */
  readonly background?: number | bigint | undefined;
  /** A box beyond the bounds is an error; if false, voxels outside are background. Default true. */
  readonly bounded?: boolean | undefined;
}

export interface DownloadOptions extends ReadPolicy, Cancellable {
  /** Index into the scales; negative counts from the coarsest. Default: the volume's. */
  readonly mip?: number | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

export interface UploadOptions extends Cancellable {
  readonly mip?: number | undefined;
  /** Second-stage compression: `false` = none, `true` = gzip; absent = what CloudVolume does for the encoding. */
  readonly compress?: boolean | ContentEncoding | undefined;
  readonly compressLevel?: number | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** Voxels to write: dense, Fortran order, [x, y, z, channel]; a Cutout is one. */
export interface VoxelBlock {
  readonly data: VoxelArray;
  /** Checked against the box where it is there; [x, y, z] means one channel. */
  readonly shape?: readonly number[] | undefined;
}

/** What a volume needs of the engine that opened it. */
export interface VolumeHost {
  readonly executor: ReadExecutor;
  sourceOf(opened: OpenedVolume, mip: number): SourceSpec;
  gridOf(opened: OpenedVolume, mip: number): ChunkSource;
  writerOf(opened: OpenedVolume, mip: number): Promise<ChunkWriter>;
  readProvenance(opened: OpenedVolume, options: Cancellable): Promise<Provenance>;
  closed(opened: OpenedVolume): void;
}

export interface CloudVolume {
  /** Canonical location, after redirects; safe to show. */
  readonly location: string;
  /** Locations that redirected here. A redirected volume is read-only. */
  readonly redirectedFrom: readonly string[];
  readonly isReadOnly: boolean;
  /** The metadata document as it was read: frozen. */
  readonly info: Readonly<Record<string, unknown>>;
  readonly metadata: VolumeMetadata;
  readonly scales: readonly Scale[];
  readonly layerType: "image" | "segmentation";
  readonly dtype: DataType;
  readonly channels: number;
  /** The mip that calls without one use. */
  readonly mip: number;
  /** Voxels that exist at a mip, half open. Throws OutOfBoundsError for a mip that is not there; so do the next two. */
  bounds(mip?: number): Bbox;
  /** Size of a voxel in nm. */
  resolution(mip?: number): Vec3;
  chunkSize(mip?: number): Vec3;
  /**
   * Reads a box (default: all of the mip) into memory: Fortran order, shape [x, y, z, channel]. Throws OutOfBoundsError, NotFoundError for a missing
   * chunk unless `fillMissing`, InvalidChunkError, UnreachableError, PermissionDeniedError, TooLargeError beyond 3.9 GiB, CancelledError.
   */
  download(box?: Bbox, options?: DownloadOptions): Promise<Cutout>;
  /**
   * Writes a box of whole chunks. Each chunk is replaced as a whole; a failed or cancelled write leaves chunks written before. Throws UnalignedWriteError,
   * OutOfBoundsError, InvalidArgumentError for another dtype or shape, ReadOnlyError.
   */
  upload(box: Bbox, voxels: VoxelBlock, options?: UploadOptions): Promise<void>;
  provenance(options?: Cancellable): Promise<Provenance>;
  /** What tiles and probes read chunks from; for hosts of the engine. */
  source(mip: number): SourceSpec;
  /** Where the chunks of a mip are and what they hold. */
  grid(mip: number): ChunkSource;
  /** Lets go of what the engine keeps for this volume. Idempotent. */
  close(): void;
}

/** A volume over what a format has opened. Throws OutOfBoundsError for a default mip that is not there. */
export function createVolume(
  host: VolumeHost,
  opened: OpenedVolume,
  defaults: ReadPolicy & { readonly mip?: number | undefined },
): CloudVolume {
  const { metadata } = opened;
  const location = opened.store.location.text;
  const toMip = (mip: number | undefined): number => resolveMip(metadata, mip ?? defaults.mip ?? 0, location);
  const scaleOf = (mip: number | undefined): Scale => metadata.scales[toMip(mip)] as Scale;
  const isReadOnly = opened.redirectedFrom.length > 0 || !opened.store.capabilities.write;
  toMip(undefined);

  async function download(box: Bbox | undefined, options: DownloadOptions): Promise<Cutout> {
    throwIfAborted(options.signal);
    const mip = toMip(options.mip);
    const { bounds } = scaleOf(mip);
    const resultBox = box ?? bounds;
    const policy = policyOf(options, defaults);
    checkBox(resultBox, bounds, policy.bounded, { location, mip });
    const source = host.sourceOf(opened, mip);
    const request: CutoutRequest = {
      source,
      box: (hasData(metadata, mip, resultBox) && bbox.intersection(resultBox, bounds)) || {
        min: bounds.min,
        max: bounds.min,
      },
      resultBox,
      fill: { missing: policy.fillMissing, pattern: voxelPattern(metadata.dtype, policy.background) },
      signal: options.signal,
      onProgress: options.onProgress,
    };
    try {
      const memory = await host.executor.readCutout(request);
      return createCutout(memory, layoutOf(resultBox, metadata.channels, metadata.dtype), metadata.dtype, mip);
    } catch (error) {
      throw withErrorFields(error, { location, mip });
    }
  }

  async function upload(box: Bbox, voxels: VoxelBlock, options: UploadOptions): Promise<void> {
    throwIfAborted(options.signal);
    const mip = toMip(options.mip);
    const scale = scaleOf(mip);
    if (isReadOnly || scale.isLocked) {
      const why = scale.isLocked ? `mip ${mip} is locked in the info` : "this volume can only be read";
      throw new ReadOnlyError(why, { location, mip });
    }
    checkBox(box, scale.bounds, true, { location, mip });
    const layout = layoutOf(box, metadata.channels, metadata.dtype);
    checkVoxels(voxels, metadata.dtype, layout.shape, layout.totalBytes);
    const writer = await host.writerOf(opened, mip);
    const { data } = voxels;
    try {
      await writeChunks(writer, new Uint8Array(data.buffer, data.byteOffset, data.byteLength), layout, {
        signal: options.signal,
        compression: compressionOf(options.compress, writer.descriptor.defaultCompression),
        compressLevel: options.compressLevel,
        onProgress: options.onProgress,
      });
    } finally {
      writer.release();
    }
  }

  return {
    location,
    redirectedFrom: opened.redirectedFrom,
    isReadOnly,
    info: metadata.document,
    metadata,
    scales: metadata.scales,
    layerType: metadata.layerType,
    dtype: metadata.dtype,
    channels: metadata.channels,
    mip: toMip(undefined),
    bounds: (mip) => scaleOf(mip).bounds,
    resolution: (mip) => scaleOf(mip).resolutionNm,
    chunkSize: (mip) => scaleOf(mip).chunkSize,
    download: (box, options = {}) => download(box, options),
    upload: (box, voxels, options = {}) =>
      upload(box, voxels, options).catch((error: unknown) => {
        throw withErrorFields(error, { location });
      }),
    provenance: (options = {}) => host.readProvenance(opened, options),
    grid: (mip) => host.gridOf(opened, toMip(mip)),
    source: (mip) => host.sourceOf(opened, toMip(mip)),
    close: () => host.closed(opened),
  };
}

/** Does the box touch a region that the metadata names, where it names any? */
function hasData({ regions, scales }: VolumeMetadata, mip: number, box: Bbox): boolean {
  if (regions === undefined) {
    return true;
  }
  const factor = vec3.divide((scales[mip] as Scale).resolutionNm, (scales[0] as Scale).resolutionNm);
  const atMip0 = bbox.scaleBy(box, factor);
  return regions.some((region) => bbox.touches(region, atMip0));
}

function resolveMip({ scales }: VolumeMetadata, mip: number, location: string): number {
  const index = mip < 0 ? scales.length + mip : mip;
  if (!Number.isInteger(mip) || index < 0 || index >= scales.length) {
    throw new OutOfBoundsError(`mip ${mip} is not there: the volume has ${scales.length}`, {
      location,
      mip,
      hint: `choose a mip from 0 to ${scales.length - 1}`,
    });
  }
  return index;
}

function checkBox(box: Bbox, bounds: Bbox, isBounded: boolean, fields: { location: string; mip: number }): void {
  if (![...box.min, ...box.max].every(Number.isSafeInteger)) {
    throw new InvalidArgumentError(`a box has integer corners: ${bbox.toFilename(box)}`, fields);
  }
  if (bbox.isEmpty(box)) {
    throw new InvalidArgumentError(`the box holds no voxel: ${bbox.toFilename(box)}`, fields);
  }
  if (isBounded && !bbox.contains(bounds, box)) {
    throw new OutOfBoundsError(`the box leaves the volume: ${bbox.toFilename(box)}`, {
      ...fields,
      hint: `the bounds of mip ${fields.mip} are ${bbox.toFilename(bounds)}`,
    });
  }
}

function checkVoxels(
  { data, shape }: VoxelBlock,
  dtype: DataType,
  expected: readonly number[],
  totalBytes: number,
): void {
  const found = dataTypeOf(data);
  if (found !== dtype) {
    throw new InvalidArgumentError(`the volume holds ${dtype}, the voxels are ${found ?? "of no known type"}`);
  }
  if (data.byteLength !== totalBytes) {
    throw new InvalidArgumentError(
      `the box needs ${totalBytes / voxelBytes(dtype)} voxels (${expected.join("x")}), there are ${data.length}`,
    );
  }
  const full = shape?.length === 3 ? [...shape, 1] : shape;
  if (full !== undefined && full.join() !== expected.join()) {
    throw new InvalidArgumentError(`the box has the shape ${expected.join("x")}, the voxels ${full.join("x")}`);
  }
}

function compressionOf(
  choice: UploadOptions["compress"],
  byDefault: ContentEncoding | undefined,
): ContentEncoding | undefined {
  if (typeof choice === "string") {
    return choice;
  }
  return choice === undefined ? byDefault : choice ? "gzip" : undefined;
}

/** The one place where the defaults of reading are set: the call's, else the volume's, else these. */
function policyOf(
  call: ReadPolicy,
  volume: ReadPolicy,
): { fillMissing: boolean; background: number | bigint; bounded: boolean } {
  return {
    fillMissing: call.fillMissing ?? volume.fillMissing ?? false,
    background: call.background ?? volume.background ?? 0,
    bounded: call.bounded ?? volume.bounded ?? true,
  };
}
