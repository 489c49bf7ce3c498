/** Requests about what is stored: list a folder, read a small text, write the sample. */
import { defineRequest } from "./rpc.ts";
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
  /** Set on a folder that has an `info`. */
  readonly layer?: LayerSummary;
}

export interface ListFolderParams {
  readonly location: string;
  /** From an earlier answer, to get the next page. */
  readonly pageToken?: string;
  readonly pageSize?: number;
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

export interface WriteSampleParams {
  /** Local folder; made if absent. Kept as it is when it holds a complete sample already. */
  readonly directory: string;
}
export interface WriteSampleResult {
  readonly location: string;
}
/** Writes the built-in sample. */
export const writeSample = defineRequest<WriteSampleParams, WriteSampleResult>("cloudvolume/storage/writeSample");
