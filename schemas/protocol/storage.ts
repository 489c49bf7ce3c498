/** Requests about places: what a location means, who asks there, the pages of a folder, small texts, the sample. */
import { defineNotification, defineRequest } from "./rpc.ts";
import type { DataTypeName, Triple } from "./volume.ts";

/** What a folder turned out to be by its `info`. */
export interface LayerSummary {
  readonly kind: "image" | "segmentation" | "mesh" | "skeletons" | "annotations" | "segment_properties" | "unknown";
  readonly dtype?: DataTypeName;
  readonly channels?: number;
  readonly scales?: readonly ScaleSummary[];
  /** Folders that the info names: mesh, skeletons, segment_properties. */
  readonly references?: Readonly<Record<string, string>>;
  /** Why the info cannot be used, when it cannot. */
  readonly problem?: string;
}
export interface ScaleSummary {
  readonly key: string;
  readonly size: Triple;
  readonly resolutionNm: Triple;
  readonly encoding: string;
  readonly isSharded: boolean;
  /** Chunks that the grid of the scale has. */
  readonly chunkCount: number;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: "folder" | "file";
  /** Full location of the entry; can be listed or opened. */
  readonly location: string;
  readonly sizeBytes?: number;
  /** When a file was last written, in ms since 1970, where the listing says it. */
  readonly modifiedMs?: number;
  /** Set on a folder that has an `info`. */
  readonly layer?: LayerSummary;
}

export interface ListFolderParams {
  readonly location: string;
  /** From an earlier answer, to get the next page. */
  readonly pageToken?: string;
  readonly pageSize?: number;
  /** Only names that begin with this text, asked of the service: nothing else is listed. The same for every page. */
  readonly prefixFilter?: string;
}
export interface ListFolderResult {
  /** The folder itself, when it is a layer. Its scale folders are then left out of `entries`. */
  readonly layer?: LayerSummary;
  readonly entries: readonly FolderEntry[];
  readonly nextPageToken?: string;
  /** The entries are chunk files: none is listed, this many were seen (a lower bound when `isLowerBound`). */
  readonly chunks?: { readonly count: number; readonly isLowerBound: boolean };
  /** The store cannot list (http without an index): only what the info names is known. */
  readonly cannotList?: boolean;
  /** With `cannotList`: the store could, but does not let this caller. Single objects may be readable. */
  readonly isDenied?: boolean;
  /** With `isDenied`: what the store said, and what to do about it. */
  readonly deniedReason?: string;
}
/** One page of a folder: sub-folders recognised as layers by their `info`, chunk folders summarised. */
export const listFolder = defineRequest<ListFolderParams, ListFolderResult>("cloudvolume/storage/listFolder");

export interface ReadTextParams {
  readonly location: string;
}
export interface ReadTextResult {
  readonly text: string;
  readonly etag?: string;
}
/** A small text object (info, provenance), decompressed; not_found when it is absent. */
export const readText = defineRequest<ReadTextParams, ReadTextResult>("cloudvolume/storage/readText");

export interface WriteTextParams {
  /** The object. */
  readonly location: string;
  readonly text: string;
  /** Only where nothing is, or only over the content with this etag; without it, over whatever there is. */
  readonly onlyIf?: "absent" | { readonly etag: string };
}
export interface WriteTextResult {
  /** Of the text as stored; absent where somebody else wrote in the meantime. */
  readonly etag?: string;
}
/**
 * Replaces a small text object as a whole, uncompressed; it keeps its type and cache control. `conflict` carries the stored object's etag in
 * `data.etag`, where there is one.
 */
export const writeText = defineRequest<WriteTextParams, WriteTextResult>("cloudvolume/storage/writeText");

export interface DescribePlaceParams {
  /** Anything that a person typed or pasted. */
  readonly text: string;
}
export interface PlaceDescription {
  /** Canonical text with the query, if there was one: to be opened, not to be shown or kept. */
  readonly location: string;
  /** Last part of the path, or the bucket or host. */
  readonly name: string;
  readonly scheme: string;
  readonly bucket?: string;
  /** `https://host[:port]` that credentials for this place are sent to; absent for files and memory. */
  readonly origin?: string;
  readonly canWrite: boolean;
  readonly canList: boolean;
  /** The same place in other words, without query. */
  readonly links: PlaceLinks;
}
export interface PlaceLinks {
  /** `gs://bucket/path`, `s3://…`, `https://…`: without a format. */
  readonly url: string;
  /** Where a browser or curl finds the object; absent for files and memory. */
  readonly https?: string;
  /** Source of a layer for Neuroglancer; absent for files and memory. */
  readonly neuroglancer?: string;
}
/** What a text means as a location. No I/O. Fails with `invalid_location`, or `unsupported` for what cannot be opened. */
export const describePlace = defineRequest<DescribePlaceParams, PlaceDescription>("cloudvolume/storage/describePlace");

/** Who asks at a place: never a secret. */
export interface PlaceIdentity {
  readonly kind: "anonymous" | "file" | "environment" | "chain" | "signed in" | "option";
  /** An account's address, a key's public id, a profile, a file's name. */
  readonly name?: string;
}
export interface ReadIdentityParams {
  readonly location: string;
}
export interface ReadIdentityResult {
  /** Absent where nobody is asked (files, memory). */
  readonly identity?: PlaceIdentity;
}
/** Who this server is for the store of a location. May look for credentials. */
export const readIdentity = defineRequest<ReadIdentityParams, ReadIdentityResult>("cloudvolume/storage/readIdentity");

/** A credential that a person entered, bound to one origin and perhaps one bucket. */
export interface HeldCredentialMessage {
  readonly origin: string;
  readonly bucket?: string;
  readonly credential:
    | { readonly kind: "google"; readonly json: Readonly<Record<string, unknown>> }
    | {
        readonly kind: "aws";
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string;
        readonly region?: string;
      }
    | { readonly kind: "bearer"; readonly token: string }
    | { readonly kind: "basic"; readonly user: string; readonly password: string };
  readonly identity: PlaceIdentity;
}
export interface UseCredentialsParams {
  readonly held: readonly HeldCredentialMessage[];
}
/** All credentials that the client holds; replaces those sent before. Sent at each start, and never traced or logged. */
export const useCredentials = defineNotification<UseCredentialsParams>("cloudvolume/storage/useCredentials");

export interface WriteSampleParams {
  /** Local folder; made if absent. Kept as it is when it holds a complete sample already. */
  readonly directory: string;
}
export interface WriteSampleResult {
  readonly location: string;
}
/** Writes the built-in sample. */
export const writeSample = defineRequest<WriteSampleParams, WriteSampleResult>("cloudvolume/storage/writeSample");
