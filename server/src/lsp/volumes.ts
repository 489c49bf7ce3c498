/** Handlers of schemas/protocol/volume.ts: open volumes by handle, tiles, probes. */
import type {
  OpenVolumeParams,
  ProbeVoxelParams,
  ProbeVoxelResult,
  ReadTileParams,
  TileDescription,
  VolumeDescription,
  VolumeHandleParams,
} from "../../../schemas/protocol/volume.ts";
import type { Cancellable } from "../base/abort.ts";
import type { Engine } from "../engine/createEngine.ts";
import { NotFoundError, TooLargeError } from "../errors.ts";
import { cutTile, probe, type TileSource } from "../volume/tiles.ts";
import type { CloudVolume } from "../volume/volume.ts";
import type { BulkServer } from "./bulkServer.ts";

export interface VolumeHandlers {
  open(params: OpenVolumeParams, options: Cancellable): Promise<VolumeDescription>;
  close(params: VolumeHandleParams): void;
  readTile(params: ReadTileParams, options: Cancellable): Promise<TileDescription>;
  probeVoxel(params: ProbeVoxelParams, options: Cancellable): Promise<ProbeVoxelResult>;
  readonly openCount: number;
  dispose(): void;
}

interface OpenHandle {
  readonly volume: CloudVolume;
  /** Aborted when the handle is closed: its reads stop. */
  readonly closed: AbortController;
}

/** Volumes that one client may have open at once. */
const maxHandles = 1000;

export function createVolumeHandlers(engine: Engine, bulk: BulkServer): VolumeHandlers {
  const handles = new Map<number, OpenHandle>();
  let nextHandle = 1;

  function handleOf(handle: number): OpenHandle {
    const open = handles.get(handle);
    if (open === undefined) {
      throw new NotFoundError(`no open volume with this handle: ${handle}`, { hint: "open the volume again" });
    }
    return open;
  }

  function signalOf(open: OpenHandle, ...signals: (AbortSignal | undefined)[]): AbortSignal {
    return AbortSignal.any([open.closed.signal, ...signals.filter((signal) => signal !== undefined)]);
  }

  return {
    get openCount() {
      return handles.size;
    },
    async open({ location }, { signal }) {
      if (handles.size >= maxHandles) {
        throw new TooLargeError(`too many open volumes: ${handles.size}`, { hint: "close some panels" });
      }
      const volume = await engine.openVolume(location, { signal });
      const handle = nextHandle++;
      handles.set(handle, { volume, closed: new AbortController() });
      return describeVolume(handle, volume);
    },
    close({ handle }) {
      const open = handles.get(handle);
      handles.delete(handle);
      open?.closed.abort();
      open?.volume.close();
    },
    async readTile(params, { signal }) {
      const open = handleOf(params.handle);
      const stream = bulk.signalOf(params.stream);
      const wanted = signalOf(open, signal, stream);
      try {
        const tile = await cutTile(tileSource(engine, open.volume, params.mip), params, wanted);
        await bulk.send(params.stream, tile.bytes, wanted);
        return tile.description;
      } catch (error) {
        bulk.fail(params.stream, error);
        throw error;
      }
    },
    async probeVoxel({ handle, mip, position }, { signal }) {
      const open = handleOf(handle);
      const values = await probe(tileSource(engine, open.volume, mip), position, signalOf(open, signal));
      return values === undefined ? {} : { values };
    },
    dispose() {
      for (const { volume, closed } of handles.values()) {
        closed.abort();
        volume.close();
      }
      handles.clear();
    },
  };
}

function tileSource(engine: Engine, volume: CloudVolume, mip: number): TileSource {
  const spec = volume.source(mip);
  return { chunks: engine.chunks, spec, grid: volume.grid(spec.mip) };
}

function describeVolume(handle: number, volume: CloudVolume): VolumeDescription {
  return {
    handle,
    location: volume.location,
    name: volume.location.split("/").filter(Boolean).at(-1) ?? volume.location,
    layerType: volume.layerType,
    dtype: volume.dtype,
    channels: volume.channels,
    scales: volume.scales.map(({ key, resolutionNm, bounds, chunkSize, encoding, isSharded }) => ({
      key,
      resolutionNm,
      min: bounds.min,
      max: bounds.max,
      chunkSize,
      encoding,
      isSharded,
    })),
  };
}
