/** The composition root: stores, formats, codecs, threads and caches of one engine. */
import { availableParallelism, totalmem } from "node:os";
import { type Cancellable, throwIfAborted } from "../base/abort.ts";
import { createWorkspace } from "../codecs/workspace.ts";
import { ConflictError, ReadOnlyError, UnsupportedError } from "../errors.ts";
import type { Files } from "../files/files.ts";
import type { OpenContext, OpenedVolume, VolumeFormat } from "../formats/format.ts";
import type { CredentialSources } from "../storage/credential.ts";
import type { Location } from "../storage/location.ts";
import { createTextReader, readTextObject, type TextObject } from "../storage/readText.ts";
import { resolveLocation } from "../storage/resolveLocation.ts";
import { defaultStoreOptions, type Store, type StoreOptions } from "../storage/store.ts";
import { type ChunkCache, createChunkCache } from "../volume/chunkCache.ts";
import { type ChunkTools, createChunkTools } from "../volume/chunkTools.ts";
import { encodeScratchBytes } from "../volume/scratch.ts";
import { type CloudVolume, createVolume, type ReadPolicy, type VolumeHost } from "../volume/volume.ts";
import type { ChunkWriter } from "../volume/write.ts";
import type { SourceSpec } from "../workers/contract.ts";
import { createSlabPool } from "../workers/slab.ts";
import { createKernelModules } from "./assets.ts";
import { createEngineFiles } from "./engineFiles.ts";
import { createParser } from "./parseHere.ts";
import { createReadExecutor, type EngineExecutor } from "./readExecutor.ts";
import { createReader, createToolbox, kernelsOf, storeKey, stuckError, type Toolbox } from "./readers.ts";

export interface EngineOptions {
  /** Threads that decode; default: one per core. */
  readonly workers?: number;
  /** Memory for decoded chunks of tiles and probes, in bytes; default 512 MiB. */
  readonly cacheBytes?: number;
  /** Limits of stores. */
  readonly storeOptions?: Partial<StoreOptions>;
  /** Time without work after which the threads end; default 30 s. */
  readonly idleMs?: number;
}

export interface OpenOptions extends ReadPolicy, Cancellable {
  readonly mip?: number | undefined;
  /** Redirects that are followed; 0 = none. Default 10. */
  readonly maxRedirects?: number | undefined;
}

export interface CreateOptions extends Cancellable {
  /** Replace the metadata of a layer that is there; its chunks stay. Default false: ConflictError. */
  readonly overwrite?: boolean | undefined;
  readonly provenance?: Readonly<Record<string, unknown>> | undefined;
}

export interface Engine {
  /** Opens a volume: one read of its metadata for each redirect. */
  openVolume(location: string, options?: OpenOptions): Promise<CloudVolume>;
  /** Writes the metadata of a new layer and opens it. */
  createVolume(location: string, info: unknown, options?: CreateOptions): Promise<CloudVolume>;
  /** The store of a location; stores of one location are the same. */
  openStore(location: string): Store;
  /** A small text object of a store, decompressed; `undefined` when it is absent. */
  readText(store: Store, key: string, options?: Cancellable): Promise<string | undefined>;
  /** The same with the etag of what was read. */
  readTextObject(store: Store, key: string, options?: Cancellable): Promise<TextObject | undefined>;
  /** Stores and volumes opened from here on use these credentials, each kind instead of its like; what is open keeps those that it has. */
  useCredentials(sources: CredentialSources): void;
  /** Listing, reading, writing, copying and deleting objects by location. */
  readonly files: Files;
  readonly chunks: ChunkCache;
  /** Single chunks, without a volume: encode, decode, ask, translate. */
  readonly chunkTools: ChunkTools;
  readonly executor: EngineExecutor;
  /** Ends threads and connections. Idempotent. */
  dispose(): Promise<void>;
}

/** Scratch memory of encoders that is kept for the next upload. */
const idleEncoderBytes = 64 * 2 ** 20;

export function createEngine(options: EngineOptions = {}): Engine {
  const toolbox = createToolbox();
  let storeOptions: StoreOptions = { ...defaultStoreOptions, ...options.storeOptions };
  let storeEpoch = 0;
  const kernels = createKernelModules();
  const readText = createTextReader(toolbox.decompress);
  const stores = new Map<string, Store>();
  /** Stores with credentials that changed since: still in use by what was opened with them. */
  const retired: Store[] = [];
  const sources = new Map<number, { readonly spec: SourceSpec; readonly opened: OpenedVolume }>();
  const scratch = createSlabPool(idleEncoderBytes);
  let nextSource = 1;

  const executor = createReadExecutor({
    kernels,
    kernelsOf: (spec) => kernelsOf(toolbox, kernels, spec),
    stuckError: (spec, position) => stuckError(toolbox, spec, position),
    workers: Math.max(1, options.workers ?? availableParallelism()),
    slabBudgetBytes: Math.min(totalmem() / 4, 2 * 2 ** 30),
    idleMs: options.idleMs ?? 30_000,
    reader: (spec) => {
      const { opened } = sources.get(spec.id) as { opened: OpenedVolume };
      return createReader(toolbox, opened.store, spec.metadata, spec.mip);
    },
  });
  const chunks = createChunkCache(executor, options.cacheBytes ?? 512 * 2 ** 20);

  const parse = createParser(() => storeOptions.credentials);

  function openStore(text: string, from?: Store): Store {
    const location = from === undefined ? parse(text) : resolveLocation(text, from.location);
    return openStoreAt(location);
  }

  function openStoreAt(location: Location): Store {
    const key = storeKey(location);
    const store = stores.get(key) ?? toolbox.openStore(location, storeOptions);
    stores.set(key, store);
    return store;
  }

  /** Scratch for an encoder, until it is released. */
  function borrowWorkspace(arenaBytes: number): Pick<ChunkWriter, "workspace" | "release"> {
    const slab = scratch.acquire({ resultBytes: 0, arenaBytes, arenaCount: 1 });
    const [start, end] = slab.arenas[0] as readonly [number, number];
    return { workspace: createWorkspace(slab.memory, kernels, start, end), release: () => scratch.release(slab) };
  }

  const contextOf = (signal: AbortSignal | undefined, maxRedirects = 10): OpenContext => ({
    codecs: toolbox.codecs,
    readText,
    openStore: (location, from) => openStore(location, from),
    maxRedirects,
    signal,
  });

  const host: VolumeHost = {
    executor,
    sourceOf(opened, mip) {
      for (const { spec, opened: other } of sources.values()) {
        if (other === opened && spec.mip === mip) {
          return spec;
        }
      }
      const spec: SourceSpec = {
        id: nextSource++,
        location: opened.store.location,
        storeOptions,
        storeEpoch,
        metadata: opened.metadata,
        mip,
      };
      sources.set(spec.id, { spec, opened });
      return spec;
    },
    gridOf: (opened, mip) => toolbox.formats.get(opened.metadata.format).chunkSource(opened.metadata, mip),
    writerOf: (opened, mip) => createWriter(toolbox, opened, mip, borrowWorkspace),
    async readProvenance(opened, { signal }) {
      const format = toolbox.formats.get(opened.metadata.format);
      if (format.readProvenance === undefined) {
        throw new UnsupportedError(`format "${format.name}" keeps no provenance`);
      }
      return format.readProvenance(opened.store, contextOf(signal));
    },
    closed(opened) {
      for (const [id, { opened: other }] of sources) {
        if (other === opened) {
          sources.delete(id);
          executor.forget(id);
          chunks.forget(id);
        }
      }
    },
  };

  return {
    chunks,
    chunkTools: createChunkTools({ ...toolbox, borrowWorkspace }),
    executor,
    files: createEngineFiles(toolbox, { parse, openStore: openStoreAt }),
    openStore: (location) => openStore(location),
    readText,
    readTextObject: (store, key, options) => readTextObject(store, key, toolbox.decompress, options),
    useCredentials(sources) {
      storeOptions = { ...storeOptions, credentials: { ...storeOptions.credentials, ...sources } };
      storeEpoch++;
      retired.push(...stores.values());
      stores.clear();
    },
    async openVolume(location, { signal, maxRedirects, ...policy } = {}) {
      throwIfAborted(signal);
      const store = openStore(location);
      const opened = await formatOf(toolbox, store).open(store, contextOf(signal, maxRedirects));
      return createVolume(host, opened, policy);
    },
    async createVolume(location, info, { signal, overwrite = false, provenance } = {}) {
      throwIfAborted(signal);
      const store = openStore(location);
      const opened = await createLayer(toolbox, store, info, { signal, overwrite, provenance });
      return createVolume(host, opened, {});
    },
    async dispose() {
      await executor.close();
      scratch.dropIdle();
      await Promise.all([...stores.values(), ...retired.splice(0)].map((store) => store.dispose?.()));
      stores.clear();
      sources.clear();
    },
  };
}

/** The format that the location names; Precomputed where it names none. */
function formatOf(toolbox: Toolbox, store: Store): VolumeFormat {
  return toolbox.formats.get(store.location.format ?? "precomputed");
}

/** Writes a layer's metadata; `info` last, so that a failed write leaves no layer behind. */
async function createLayer(
  toolbox: Toolbox,
  store: Store,
  info: unknown,
  { signal, overwrite, provenance }: CreateOptions,
): Promise<OpenedVolume> {
  const format = formatOf(toolbox, store);
  const { text } = store.location;
  if (format.create === undefined || store.put === undefined) {
    throw new ReadOnlyError(`no layer can be written here: ${text}`, { location: text });
  }
  const { metadata, objects } = format.create(info, { codecs: toolbox.codecs, provenance });
  for (const [key, content] of objects) {
    const isInfo = key === "info";
    try {
      await store.put(key, new TextEncoder().encode(content), {
        contentType: "application/json",
        cacheControl: "no-cache",
        signal,
        ...(isInfo && !overwrite ? { onlyIf: "absent" as const } : {}),
      });
    } catch (error) {
      throw error instanceof ConflictError
        ? new ConflictError(
            `there is a layer already: ${text}`,
            { location: text, hint: "choose another folder, or overwrite" },
            { cause: error },
          )
        : error;
    }
  }
  return { metadata, store, redirectedFrom: [] };
}

async function createWriter(
  toolbox: Toolbox,
  opened: OpenedVolume,
  mip: number,
  borrow: (arenaBytes: number) => Pick<ChunkWriter, "workspace" | "release">,
): Promise<ChunkWriter> {
  const { source, codec } = await createReader(toolbox, opened.store, opened.metadata, mip);
  return {
    store: opened.store,
    source,
    codec,
    descriptor: toolbox.codecs.get(source.codec),
    // The chunk at the corner is the largest.
    ...borrow(encodeScratchBytes(codec, source.describe([0, 0, 0]))),
    async compress(bytes, encoding, level) {
      const compressor = await toolbox.loadByteCodec(encoding);
      if (compressor.compress === undefined) {
        throw new UnsupportedError(`compression "${encoding}" can only be read`);
      }
      return compressor.compress(bytes, level === undefined ? {} : { level });
    },
  };
}
