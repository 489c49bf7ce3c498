/**
 * Resumable uploads: a session is begun, takes the bytes in steps (308 = go on), and makes the object with the last one.
 *
 * After a failure the session is asked how far it came. Who gives up ends it, so that nothing is left behind. The session's address is a secret.
 */
import { isAbort } from "../../base/abort.ts";
import { UnreachableError } from "../../errors.ts";
import { TransientFault } from "../retry.ts";
import type { Reply } from "../web/exchange.ts";
import { type ApiRequest, jsonBody, type Send } from "./api.ts";
import { uploadPath, withQuery } from "./place.ts";
import type { Upload, WritableBucket } from "./upload.ts";

/** Uploads the bytes. Throws as writes do; the session is ended then. */
export async function uploadInSteps(target: WritableBucket, upload: Upload): Promise<void> {
  const session = new UploadSession(target, upload);
  try {
    while (!session.isDone) {
      await target.api.run((send) => session.advance(send), { signal: upload.signal });
    }
  } catch (error) {
    await session.cancel();
    throw error;
  }
}

const cancelTimeoutMs = 5000;
const grainBytes = 256 * 1024;

class UploadSession {
  readonly #target: WritableBucket;
  readonly #upload: Upload;
  readonly #stepBytes: number;
  /** Path and query. */
  #path: string | undefined;
  #sessions = 0;
  /** Bytes that the service has. */
  #offset = 0;
  /** The last step failed: how far did it come? */
  #isUnsure = false;
  #isDone = false;

  constructor(target: WritableBucket, upload: Upload) {
    this.#target = target;
    this.#upload = upload;
    this.#stepBytes = Math.max(grainBytes, target.stepBytes - (target.stepBytes % grainBytes));
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** One step; where the one before failed, first the question what became of it. */
  async advance(send: Send): Promise<void> {
    const { bytes, guarded } = this.#upload;
    const size = bytes.byteLength;
    this.#path ??= await this.#begin(send);
    if (this.#isUnsure) {
      await this.#note(send, { "content-range": `bytes */${size}` }, undefined);
      this.#isUnsure = false;
    }
    if (!this.#isDone) {
      const end = Math.min(size, this.#offset + this.#stepBytes);
      const headers = { "content-range": `bytes ${this.#offset}-${end - 1}/${size}` };
      const before = this.#offset;
      const reply = await guarded(send, () => this.#note(send, headers, bytes.subarray(this.#offset, end)));
      if (reply === undefined) {
        this.#isDone = true;
      } else if (!this.#isDone && this.#offset === before) {
        throw new TransientFault("the service keeps nothing of the upload", { hint: "try again later" });
      }
    }
  }

  /** Ends the session on the service. Never throws. */
  async cancel(): Promise<void> {
    if (this.#path !== undefined && !this.#isDone) {
      const request: ApiRequest = { method: "DELETE", path: this.#path, accepts: [404, 410, 499] };
      // a session that cannot be ended ends by itself within a week, and shows nothing meanwhile
      await this.#target.api.sendOnce(request, cancelTimeoutMs).catch(() => undefined);
      this.#path = undefined;
    }
  }

  async #begin(send: Send): Promise<string> {
    const { metadata, bytes, precondition, guarded } = this.#upload;
    if (this.#sessions++ >= this.#target.attempts) {
      throw new UnreachableError("the service ends each upload before its end", { hint: "try again later" });
    }
    const path = withQuery(uploadPath(this.#target.bucket), {
      uploadType: "resumable",
      name: metadata.name,
      ifGenerationMatch: precondition,
    });
    const headers = {
      "content-type": "application/json; charset=UTF-8",
      "x-upload-content-type": metadata.contentType,
      "x-upload-content-length": String(bytes.byteLength),
    };
    const reply = await guarded(send, () => send({ method: "POST", path, headers, body: jsonBody(metadata) }));
    if (reply === undefined) {
      this.#isDone = true;
      return path;
    }
    return this.#target.api.pathOf(reply.headers.location);
  }

  /** Sends to the session, and notes what it says it has. */
  async #note(send: Send, headers: ApiRequest["headers"], body: Uint8Array | undefined): Promise<Reply> {
    const path = this.#path ?? "";
    const accepts = [308, 404, 410];
    let reply: Reply;
    try {
      reply = await send({
        method: "PUT",
        path,
        accepts,
        ...(headers && { headers }),
        body: body ?? new Uint8Array(0),
      });
    } catch (error) {
      this.#isUnsure = !isAbort(error);
      throw error;
    }
    if (reply.status === 404 || reply.status === 410) {
      this.#path = undefined;
      this.#offset = 0;
      this.#isUnsure = false;
      throw new TransientFault("the upload session is gone", { hint: "try again later" });
    }
    if (reply.status === 308) {
      this.#offset = offsetOf(reply, this.#upload.bytes.byteLength);
    } else {
      this.#isDone = true;
    }
    return reply;
  }
}

/** `Range: bytes=0-N`, absent where there is nothing yet. Throws UnreachableError for an answer that makes no sense. */
function offsetOf({ headers }: Reply, size: number): number {
  if (headers.range === undefined) {
    return 0;
  }
  const [, last] = /^bytes=0-(\d+)$/.exec(headers.range) ?? [];
  if (last === undefined || Number(last) >= size) {
    throw new UnreachableError("the service does not say how much of the upload it has");
  }
  return Number(last) + 1;
}
