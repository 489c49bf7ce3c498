/** What writes are made of. */
import type { Cancellable } from "../../base/abort.ts";
import type { Api, Send } from "./api.ts";

export interface WritableBucket {
  readonly bucket: string;
  readonly api: Api;
  readonly resumableBytes: number;
  readonly stepBytes: number;
  /** Times that an upload session is begun, at most. */
  readonly attempts: number;
}

/** An object resource, as far as it is written. */
export interface UploadMetadata {
  readonly name: string;
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  readonly storageClass?: string;
  readonly md5Hash: string;
}

/** What an upload in steps needs. */
export interface Upload extends Cancellable {
  readonly metadata: UploadMetadata;
  readonly bytes: Uint8Array;
  readonly precondition: string | undefined;
  /** Runs what may end the upload; `undefined` = it turned out to have ended before. */
  guarded<T>(send: Send, task: () => Promise<T>): Promise<T | undefined>;
}
