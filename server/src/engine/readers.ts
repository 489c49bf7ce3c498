/** From a plain source description to what reads its chunks: store, format, codec, decompressors. The same in every thread. */

import { createLoader, createRegistry } from "../base/registry.ts";
import type { Vec3 } from "../base/vec3.ts";
import type { ByteCodec, ByteCodecDescriptor } from "../codecs/bytes/byteCodec.ts";
import { createDecompressor, type Decompress } from "../codecs/bytes/decompress.ts";
import type { ChunkCodec, CodecDescriptor } from "../codecs/codec.ts";
import { scatterKernel } from "../codecs/target.ts";
import type { KernelModules } from "../codecs/workspace.ts";
import { InternalError, InvalidChunkError, InvalidMetadataError } from "../errors.ts";
import type { ChunkSource, VolumeMetadata } from "../formats/format.ts";
import { addressOf, type Location } from "../storage/location.ts";
import { createStoreOpener } from "../storage/registry.ts";
import type { Store, StoreDriver } from "../storage/store.ts";
import type { ChunkReader } from "../volume/chunkReader.ts";
import type { Pulse, SourceSpec } from "../workers/contract.ts";
import { byteCodecs, chunkCodecs, createStoreDrivers, volumeFormats } from "./builtins.ts";

/** The registries of one thread. */
export interface Toolbox {
  readonly codecs: ReturnType<typeof createRegistry<CodecDescriptor>>;
  readonly formats: ReturnType<typeof createRegistry<(typeof volumeFormats)[number]>>;
  readonly loadCodec: (name: string) => Promise<ChunkCodec>;
  readonly loadByteCodec: (name: string) => Promise<ByteCodec>;
  readonly decompress: Decompress;
  readonly openStore: ReturnType<typeof createStoreOpener>;
  readonly byteCodecs: readonly ByteCodecDescriptor[];
}

export function createToolbox(drivers: readonly StoreDriver[] = createStoreDrivers()): Toolbox {
  const codecs = createRegistry("encoding", chunkCodecs);
  const compressions = createRegistry("compression", byteCodecs);
  return {
    codecs,
    formats: createRegistry("format", volumeFormats),
    loadCodec: createLoader<ChunkCodec>(codecs),
    loadByteCodec: createLoader<ByteCodec>(compressions),
    decompress: createDecompressor(compressions),
    openStore: createStoreOpener(drivers),
    byteCodecs,
  };
}

/** Compiled kernels that the chunks of a source want, whatever compressor they were stored with. */
export function kernelsOf(toolbox: Toolbox, modules: KernelModules, spec: SourceSpec): Map<string, WebAssembly.Module> {
  const codec = toolbox.codecs.get(chunkSourceOf(toolbox, spec).codec);
  const names = [codec, ...toolbox.byteCodecs].flatMap(({ kernels = [] }) => kernels);
  const wanted = new Map<string, WebAssembly.Module>();
  for (const name of [scatterKernel, ...names]) {
    const module = modules.get(name);
    if (module === undefined) {
      throw new InternalError(`kernel is missing: "out/kernels/${name}.wasm"`, { hint: "run `npm run build`" });
    }
    wanted.set(name, module);
  }
  return wanted;
}

/** What a read fails of whose decoder had to be ended with its thread. */
export function stuckError(toolbox: Toolbox, spec: SourceSpec, position: Vec3): InvalidChunkError {
  const source = chunkSourceOf(toolbox, spec);
  return new InvalidChunkError("the decoder did not end, and was stopped", {
    location: spec.location.text,
    mip: spec.mip,
    chunk: source.keyOf(position),
    codec: source.codec,
  });
}

function chunkSourceOf({ formats }: Toolbox, { metadata, mip }: SourceSpec): ChunkSource {
  return formats.get(metadata.format).chunkSource(metadata, mip);
}

/** The reader of a scale. Throws UnsupportedError for an unknown encoding, InvalidMetadataError where the encoding cannot hold the data. */
export async function createReader(
  toolbox: Toolbox,
  store: Store,
  metadata: VolumeMetadata,
  mip: number,
): Promise<ChunkReader> {
  const source = toolbox.formats.get(metadata.format).chunkSource(metadata, mip);
  checkCodec(toolbox.codecs.get(source.codec), metadata, source, mip);
  const codec = await toolbox.loadCodec(source.codec);
  return { store, source, codec, decompress: toolbox.decompress };
}

function checkCodec(codec: CodecDescriptor, metadata: VolumeMetadata, source: ChunkSource, mip: number): void {
  if (!codec.dtypes.includes(metadata.dtype)) {
    throw new InvalidMetadataError(
      `encoding "${codec.name}" cannot hold ${metadata.dtype} (it can: ${codec.dtypes.join(", ")})`,
      {
        mip,
        path: `/scales/${mip}/encoding`,
      },
    );
  }
  if (codec.channels !== undefined && !codec.channels.includes(metadata.channels)) {
    throw new InvalidMetadataError(`encoding "${source.codec}" cannot hold ${metadata.channels} channels`, {
      mip,
      path: "/num_channels",
    });
  }
}

/** Names a store: what a remote document referred to is a store of its own, for more is refused there. */
export function storeKey(location: Location): string {
  return `${location.isReferred ? "referred " : ""}${addressOf(location)}`;
}

/** For worker threads: readers from plain specs, which tell `pulse` what they decode; stores are shared by the sources of one location. */
export function createReaderFactory(pulse: Pulse): (spec: SourceSpec) => Promise<ChunkReader> {
  const toolbox = createToolbox();
  const stores = new Map<string, Store>();
  return async (spec) => {
    const key = `${spec.storeEpoch ?? 0} ${storeKey(spec.location)}`;
    const store = stores.get(key) ?? toolbox.openStore(spec.location, spec.storeOptions);
    stores.set(key, store);
    if (!store.capabilities.anyThread) {
      throw new InternalError(`this store cannot be read from another thread: "${store.location.scheme}"`);
    }
    return { ...(await createReader(toolbox, store, spec.metadata, spec.mip)), pulse };
  };
}
