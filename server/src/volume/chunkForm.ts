/** What a single chunk is, the codec for it, and scratch memory for the time of a call. */
import type { DataType } from "../base/dtype.ts";
import type { Registry } from "../base/registry.ts";
import { product, type Vec3 } from "../base/vec3.ts";
import type { ChunkCodec, ChunkDescription, CodecDescriptor } from "../codecs/codec.ts";
import { voxelPattern } from "../codecs/target.ts";
import type { Workspace } from "../codecs/workspace.ts";
import { InvalidArgumentError, withErrorFields } from "../errors.ts";

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

/** The codec of a form. Throws UnsupportedError for an unknown encoding, InvalidArgumentError for what it cannot hold. */
export async function openForm(host: ChunkToolsHost, form: ChunkForm): Promise<OpenedForm> {
  const { encoding, size, channels = 1, dtype, parameters = {}, background = 0 } = form;
  const descriptor = host.codecs.get(encoding);
  if (!descriptor.dtypes.includes(dtype) || descriptor.channels?.includes(channels) === false) {
    throw new InvalidArgumentError(`encoding "${encoding}" cannot hold ${dtype} in ${channels} channels`);
  }
  if (!size.every((side) => Number.isSafeInteger(side) && side > 0) || !(channels >= 1)) {
    throw new InvalidArgumentError(`not a size of a chunk: ${size.join("x")}, ${channels} channels`);
  }
  const codec = await host.loadCodec(encoding);
  const chunk = { size, channels, dtype, parameters };
  return { codec, descriptor, chunk, backgroundPattern: voxelPattern(dtype, background) };
}

/** Runs `work` with scratch memory, and names the codec in its errors. */
export function using<T>(
  host: ChunkToolsHost,
  arenaBytes: number,
  codec: string,
  work: (workspace: Workspace) => T,
): T {
  const { workspace, release } = host.borrowWorkspace(arenaBytes);
  try {
    return work(workspace);
  } catch (error) {
    throw withErrorFields(error, { codec });
  } finally {
    release();
  }
}

/** Scratch for a copy of the input, the decoded chunk, and what the codec and its queries say that they take. */
export function arenaBytesOf({ codec, chunk }: OpenedForm, encoded: Uint8Array): number {
  const voxels = product(chunk.size) * chunk.channels;
  return encoded.byteLength + 40 * voxels + (codec.decodeScratchBytes?.(chunk) ?? 8 * voxels) + 24 * 2 ** 20;
}
