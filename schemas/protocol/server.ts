/** Requests about the server itself. */
import { defineRequest } from "./rpc.ts";

export interface ServerStatus {
  readonly version: string;
  readonly pid: number;
  readonly openVolumes: number;
  /** Bytes of chunks held in memory. */
  readonly cachedBytes: number;
  /** Chunk reads under way or waiting. */
  readonly activeReads: number;
  /** Chunk reads begun since the start. */
  readonly chunkReads: number;
}
export const readStatus = defineRequest<Record<string, never>, ServerStatus>("cloudvolume/server/status");

/** Sent by the client as `initializationOptions`. All optional; other editors need none. */
export interface InitializationOptions {
  /** Severity by rule id: "off", "error", "warning", "information", "hint". */
  readonly rules?: Readonly<Record<string, string>>;
  /** Readers that the linter thinks of: neuroglancer, cloudvolume, tensorstore, igneous, spec. */
  readonly targets?: readonly string[];
  /** Memory for decoded chunks. */
  readonly cacheBytes?: number;
}
