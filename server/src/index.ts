/**
 * The library: open a volume, read and write boxes of it.
 *
 * ```ts
 * import { CloudVolume } from "cloudvolume";
 * const vol = await CloudVolume.open("file:///data/segmentation", { fillMissing: true });
 * const cutout = await vol.download({ min: [0, 0, 0], max: [512, 512, 64] }, { mip: 1 });
 * cutout.data; // BigUint64Array for uint64, Fortran order over cutout.shape
 * cutout.release(); // optional
 * ```
 */
import { type CreateOptions, createEngine, type Engine, type OpenOptions } from "./engine/createEngine.ts";
import type { CloudVolume as Volume } from "./volume/volume.ts";

export type { ErrorTag, WireError } from "../../schemas/errors.ts";
export { errorCodes } from "../../schemas/errors.ts";
export type { Bbox } from "./base/bbox.ts";
export type { DataType, VoxelArray } from "./base/dtype.ts";
export { voxelView } from "./base/dtype.ts";
export type { Vec3 } from "./base/vec3.ts";
export type { CreateOptions, Engine, EngineOptions, OpenOptions } from "./engine/createEngine.ts";
export { createEngine } from "./engine/createEngine.ts";
export { describeError, isVolumeError, toWireError, VolumeError } from "./errors.ts";
export type { FileContent, ReadFileOptions, WriteFileOptions } from "./files/content.ts";
export type {
  CopyFilesOptions,
  FilePair,
  Files,
  FilesSize,
  ListFilesOptions,
  RemovalResult,
  RemoveFilesOptions,
} from "./files/files.ts";
export type { FileEntry } from "./files/listing.ts";
export type { SkippedSource } from "./files/planCopy.ts";
export type { Recompression } from "./files/recompress.ts";
export type { RemovalFailure } from "./files/remove.ts";
export type { FilesProgress, TransferResult } from "./files/transfer.ts";
export type { Provenance, Scale, VolumeMetadata } from "./formats/format.ts";
export type { Aliases } from "./storage/aliases.ts";
export { officialAliases } from "./storage/aliases.ts";
export type { Credential, CredentialSources, HeldCredential, Identity } from "./storage/credential.ts";
export {
  addPersistentAlias,
  readPersistentAliases,
  removePersistentAlias,
} from "./storage/credentials/aliasFile.ts";
export type { ByteRange, ContentEncoding, ObjectStat } from "./storage/store.ts";
export type { ChunkForm } from "./volume/chunkForm.ts";
export type { ChunkQueries } from "./volume/chunkQueries.ts";
export type { ChunkTools, TranscodeOptions } from "./volume/chunkTools.ts";
export type { Cutout } from "./volume/cutout.ts";
export type { DownloadOptions, ReadPolicy, UploadOptions, VoxelBlock } from "./volume/volume.ts";
export type { ReadProgress } from "./workers/contract.ts";

/** An open volume. */
export type CloudVolume = Volume;

// The one module-level state: an engine made at the first call that names none, whose idle threads do not keep the process alive.
let shared: Engine | undefined;
function sharedEngine(): Engine {
  shared ??= createEngine();
  return shared;
}

/** Opens and makes volumes with an engine that the process shares, or with one of your own. */
export const CloudVolume = {
  /** Opens a volume. Throws InvalidLocationError, NotFoundError, InvalidMetadataError, PermissionDeniedError, UnreachableError, UnsupportedError. */
  open(location: string, { engine, ...options }: OpenOptions & { readonly engine?: Engine } = {}): Promise<Volume> {
    return (engine ?? sharedEngine()).openVolume(location, options);
  },
  /** Writes the `info` of a new layer and opens it. Throws ConflictError where a layer is already, InvalidMetadataError. */
  create(
    location: string,
    info: unknown,
    { engine, ...options }: CreateOptions & { readonly engine?: Engine } = {},
  ): Promise<Volume> {
    return (engine ?? sharedEngine()).createVolume(location, info, options);
  },
};
