/** What a single chunk is, the codec for it, and scratch memory for the time of a call. */
import type { DataType } from "../base/dtype.ts";
import type { Registry } from "../base/registry.ts";
import { product, type Vec3 } from "../base/vec3.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../codecs/codec.ts";
import { voxelPattern } from "../codecs/target.ts";
import type { Workspace } from "../codecs/workspace.ts";
import { InvalidArgumentError, TooLargeError, withErrorFields } from "../errors.ts";
import { translateTrap } from "./chunkReader.ts";
import { decodedBytes, decodeScratchBytes } from "./scratch.ts";

/** What a chunk is: its encoding, and what it holds. */
export interface ChunkForm {
  /** As in the metadata: "raw", "jpeg", "compressed_segmentation" … */
  readonly encoding: string;
  readonly size: Vec3;
  /** Default 1. */
  readonly channels?: number;
  readonly dtype: DataType;
  /** Settings of the encoding, named as in the metadata. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Value of every voxel of an empty chunk. Default 0. */
  readonly background?: number | bigint;
}

/** What the tools need of the engine. */
export interface ChunkToolsHost {
  readonly codecs: Registry<CodecDescriptor>;
  loadCodec(name: string): Promise<ChunkCodec>;
  /** Scratch memory for the time of a call. */
  borrowWorkspace(arenaBytes: number): { readonly workspace: Workspace; release(): void };
}

/** A codec with what it was asked to read or write. */
export interface OpenedForm {
  readonly codec: ChunkCodec;
  readonly descriptor: CodecDescriptor;
  readonly chunk: ChunkDescription;
  readonly backgroundPattern: bigint;
}

/**
 * The codec of a form. Throws UnsupportedError for an unknown encoding, InvalidArgumentError for what it cannot hold, TooLargeError for what
 * no memory can.
 */
export async function openForm(host: ChunkToolsHost, form: ChunkForm): Promise<OpenedForm> {
  const { encoding, size, channels = 1, dtype, parameters = {}, background = 0 } = form;
  const descriptor = host.codecs.get(encoding);
  if (!descriptor.dtypes.includes(dtype) || descriptor.channels?.includes(channels) === false) {
    throw new InvalidArgumentError(`encoding "${encoding}" cannot hold ${dtype} in ${channels} channels`);
  }
  if (!size.every((side) => Number.isSafeInteger(side) && side > 0) || !(channels >= 1)) {
    throw new InvalidArgumentError(`not a size of a chunk: ${size.join("x")}, ${channels} channels`);
  }
  const chunk = { size, channels, dtype, parameters };
  checkFits(form, decodedBytes(chunk));
  const codec = await host.loadCodec(encoding);
  return { codec, descriptor, chunk, backgroundPattern: voxelPattern(dtype, background) };
}

/** A chunk and its scratch lie in one wasm memory. */
const mostArenaBytes = 3.8 * 2 ** 30;

function checkFits({ encoding, size, dtype }: ChunkForm, arenaBytes: number): void {
  if (!(arenaBytes <= mostArenaBytes)) {
    throw new TooLargeError(`a chunk of ${dtype} does not fit into one memory with its scratch: ${size.join("x")}`, {
      codec: encoding,
    });
  }
}

/**
 * Runs `work` with scratch memory, and names the codec in its errors. Throws TooLargeError, before anything is allocated, for a chunk that no
 * memory can hold.
 */
export function using<T>(
  host: ChunkToolsHost,
  form: ChunkForm,
  arenaBytes: number,
  work: (workspace: Workspace) => T,
): T {
  checkFits(form, arenaBytes);
  const { workspace, release } = host.borrowWorkspace(arenaBytes);
  try {
    return work(workspace);
  } catch (error) {
    throw withErrorFields(error, { codec: form.encoding });
  } finally {
    release();
  }
}

/** `using`, for work that reads the encoded bytes: a kernel that traps has met damage. */
export function usingToRead<T>(
  host: ChunkToolsHost,
  form: ChunkForm,
  arenaBytes: number,
  work: (workspace: Workspace) => T,
): T {
  return using(host, form, arenaBytes, (workspace) => {
    try {
      return work(workspace);
    } catch (error) {
      throw translateTrap(error, workspace);
    }
  });
}

/** Scratch for decoding: a copy of the input, the decoded chunk, and what the codec takes. */
export function decodeArenaBytes({ codec, chunk }: OpenedForm, encoded: Uint8Array): number {
  return encoded.byteLength + decodedBytes(chunk) + decodeScratchBytes(codec, chunk) + 2 ** 20;
}

/** Scratch for questions: what `LabelQueries` take beyond decoding. */
export function queryArenaBytes(opened: OpenedForm, encoded: Uint8Array): number {
  const { size, channels } = opened.chunk;
  return decodeArenaBytes(opened, encoded) + 40 * product(size) * channels + 20 * 2 ** 20;
}
