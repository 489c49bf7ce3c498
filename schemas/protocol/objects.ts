/** Requests about many objects at once, and facts of one. Bytes go between stores and local files inside the server, never over the wire. */
import { defineNotification, defineRequest } from "./rpc.ts";

/** An object, or everything below a folder. Where both have one name, `kind` tells them apart. */
export interface PlacedObjects {
  readonly location: string;
  readonly kind: "file" | "folder";
}

export interface StatObjectParams {
  readonly location: string;
}
export interface ObjectFacts {
  /** As stored, before any decompression. */
  readonly sizeBytes?: number;
  readonly encoding?: string;
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly storageClass?: string;
  readonly etag?: string;
  /** Google's generation, S3's version. */
  readonly version?: string;
  readonly modifiedMs?: number;
}
/** Facts of an object without its content; `not_found` when it is absent. */
export const statObject = defineRequest<StatObjectParams, ObjectFacts>("cloudvolume/objects/stat");

/** Names a long request in its progress notifications; chosen by the client. */
interface Job {
  readonly job?: number;
}

export interface ObjectsProgress {
  readonly job: number;
  readonly objects: number;
  readonly bytes: number;
}
/** What a long request has done so far, ten times a second at most. */
export const objectsProgress = defineNotification<ObjectsProgress>("cloudvolume/objects/progress");

export interface MeasureObjectsParams extends Job {
  readonly places: readonly PlacedObjects[];
}
export interface ObjectCount {
  readonly objects: number;
  readonly bytes: number;
  /** There were more than are counted. */
  readonly isLowerBound: boolean;
}
/** Counts objects and bytes, changing nothing: what a deletion or download would take. */
export const measureObjects = defineRequest<MeasureObjectsParams, ObjectCount>("cloudvolume/objects/measure");

/** What a request about many objects did. What failed is counted, and the first of it described. */
export interface ObjectsOutcome {
  readonly objects: number;
  readonly bytes: number;
  readonly failed: number;
  readonly failures: readonly ObjectFailure[];
  /** Objects or files that were there already and stay as they were. */
  readonly existing: number;
}
export interface ObjectFailure {
  readonly location: string;
  readonly message: string;
}

export interface DeleteObjectsParams extends Job {
  readonly places: readonly PlacedObjects[];
}
/** Deletes objects. What is absent is no failure. */
export const deleteObjects = defineRequest<DeleteObjectsParams, ObjectsOutcome>("cloudvolume/objects/delete");

export interface CopyObjectsParams extends Job {
  readonly from: PlacedObjects;
  /** Full location that the object or folder gets. */
  readonly to: string;
  /** Objects that are there already: kept (counted as `existing`) or replaced. */
  readonly existing: "keep" | "replace";
}
/** Copies an object or folder, inside the service where it can. */
export const copyObjects = defineRequest<CopyObjectsParams, ObjectsOutcome>("cloudvolume/objects/copy");
/** Copies, and deletes the originals once every one of them has arrived; with a failure or an existing object nothing is deleted. */
export const moveObjects = defineRequest<CopyObjectsParams, ObjectsOutcome>("cloudvolume/objects/move");

export interface DownloadObjectsParams extends Job {
  readonly places: readonly PlacedObjects[];
  /** Local folder; each place becomes a file or folder of its name in it. */
  readonly folder: string;
  readonly existing: "keep" | "replace";
}
/** Writes objects to local files as they are stored, with the suffix of their compression. A large file that was cut short is resumed. */
export const downloadObjects = defineRequest<DownloadObjectsParams, ObjectsOutcome>("cloudvolume/objects/download");

export interface UploadFilesParams extends Job {
  /** Local files and folders. */
  readonly paths: readonly string[];
  /** The folder that they become objects of. */
  readonly location: string;
  readonly existing: "keep" | "replace";
}
/** Writes local files as objects: a file as it is, those of a folder with their compression suffix as content encoding. */
export const uploadFiles = defineRequest<UploadFilesParams, ObjectsOutcome>("cloudvolume/objects/upload");
